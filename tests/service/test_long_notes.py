"""The work for one note grows with its length and not faster, whatever the note is made of, and has a bound."""

from __future__ import annotations

import random
import time

from matcher import Engine
from matcher.data_files import SAMPLE_DATE
from matcher.domain import Consultation
from service.config import ServiceConfig

LONGEST = 20_000
"""Characters in a note at most; longer ones are refused (``test_hostile.py``)."""
GROWTH = 4.0
"""Twice the note may take so many times as long: twice for the length, and as much again for noise."""
TOO_SHORT_S = 0.02
"""Times below are noise."""


def repeated(text: str, length: int) -> str:
    return (text * length)[:length]


def drawn(words: list[str], between: str, length: int) -> str:
    dice = random.Random(1)  # noqa: S311
    return between.join(dice.choice(words) for _ in range(length))[:length]


def notes(engine: Engine, length: int) -> dict[str, str]:
    """Notes of a length that are hard to read each in its own way."""
    labels = [label.text for label in engine.taxonomy.labels]
    letters = ["".join(random.Random(n).choices("abcdefghiklmnoprstuvw", k=9)) for n in range(500)]  # noqa: S311
    return {
        "one word": "a" * length,
        "labels without an end": drawn(labels, " ", length),
        "labels": drawn(labels, ". ", length),
        "typing errors": drawn(["lonelyness", "berevement", "gardning", "debtz", "anxeity", "swiming"], " ", length),
        "words of no language": drawn(letters, " ", length),
        "negations": repeated("no not never ", length),
        "clauses": repeated("a,", length),
        "sentences": repeated("a. ", length),
        "lines": repeated("a\n", length),
        "numbers": repeated("1 ", length),
        "times": repeated("mon 9-5 tue 10am ", length),
        "accents": repeated("e\u0301", length),
        "red flags": repeated("kill himself ", length),
    }


def seconds(engine: Engine, note: str) -> float:
    """Processor time of one answer, the better of two."""

    def once() -> float:
        started = time.process_time()
        engine.suggest(Consultation(id="x", note=note), as_of=SAMPLE_DATE)
        return time.process_time() - started

    return min(once(), once())


def test_no_kind_of_note_takes_more_than_its_length_explains_or_longer_than_anybody_waits(engine: Engine) -> None:
    half, whole = notes(engine, LONGEST // 2), notes(engine, LONGEST)
    seconds(engine, "Lonely since she moved.")
    taken = {name: (seconds(engine, half[name]), seconds(engine, whole[name])) for name in whole}
    print({name: f"{long * 1000:.0f} ms" for name, (_, long) in taken.items()})  # noqa: T201
    assert not {n: t for n, t in taken.items() if t[1] > GROWTH * max(t[0], TOO_SHORT_S)}
    assert max(long for _, long in taken.values()) < ServiceConfig.model_fields["deadline_s"].default


def test_work_that_grows_with_the_cube_would_be_seen() -> None:
    """The negative control: a reader that compares every three pieces of a note."""

    def slow(length: int) -> float:
        started, pieces = time.process_time(), range(length)
        sum(a ^ b ^ c for a in pieces for b in pieces for c in pieces)
        return time.process_time() - started

    assert slow(300) > GROWTH * max(slow(150), TOO_SHORT_S)
