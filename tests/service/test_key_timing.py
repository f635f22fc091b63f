"""How long a refused key takes says nothing about why it was refused."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from statistics import median

import pytest
from scipy.stats import mannwhitneyu

from service.keys import LONGEST_KEY, KeyFile, KeyRing

SOME, MANY = 2_000, 20_000
ALIKE, SAME = 0.1, 0.03
"""Medians differ by at most this share, of some and of many: far less than the digest that every look-up costs."""
P, ROUNDS = 0.01, 3
"""By chance alone one round in a hundred is below this; a real difference would be in every round."""


def wrong_keys(good: str) -> dict[str, str]:
    """A key with another first letter in its secret, one with another last letter, and one that nobody has."""
    prefix, key_id, secret = good.split("_", 2)
    first, last = ("a" if letter != "a" else "b" for letter in (secret[0], secret[-1]))
    texts = (f"{first}{secret[1:]}", f"{secret[:-1]}{last}")
    return {
        "first": f"{prefix}_{key_id}_{texts[0]}",
        "last": f"{prefix}_{key_id}_{texts[1]}",
        "unknown": f"{prefix}_{'0' * len(key_id)}_{texts[0]}",
    }


def timings(look_up: Callable[[str], object], keys: dict[str, str], count: int) -> dict[str, list[int]]:
    """So many nanoseconds of each, taken in a random order so that nothing else differs between them."""
    dice = random.Random(count)  # noqa: S311
    order = [name for name in keys for _ in range(count)]
    dice.shuffle(order)
    taken: dict[str, list[int]] = {name: [] for name in keys}
    for name in order:
        started = time.perf_counter_ns()
        look_up(keys[name])
        taken[name].append(time.perf_counter_ns() - started)
    return taken


def difference(taken: dict[str, list[int]], name: str, other: str) -> float:
    """By what share the medians differ."""
    return abs(median(taken[name]) / median(taken[other]) - 1)


@pytest.fixture
def file(tmp_path) -> KeyFile:
    return KeyFile(tmp_path / "keys.json")


def refused(file: KeyFile) -> tuple[KeyRing, dict[str, str]]:
    """A ring of keys, and three texts that it refuses."""
    _, good = file.make("ward 3", ["suggest"])
    ring, keys = KeyRing(file), wrong_keys(good)
    assert [ring.holder(text) for text in keys.values()] == [None] * 3
    return ring, keys


def test_a_wrong_key_takes_as_long_wherever_it_is_wrong(file: KeyFile) -> None:
    ring, keys = refused(file)
    taken = timings(ring.holder, keys, SOME)
    assert difference(taken, "first", "last") <= ALIKE
    assert difference(taken, "unknown", "last") <= ALIKE


@pytest.mark.reliability
def test_twenty_thousand_wrong_keys_take_as_long_wherever_they_are_wrong(file: KeyFile) -> None:
    ring, keys = refused(file)
    found = []
    for _ in range(ROUNDS):
        taken = timings(ring.holder, keys, MANY)
        found.append(mannwhitneyu(taken["first"], taken["last"]).pvalue)
        print({name: median(times) for name, times in taken.items()}, f"p {found[-1]:.3f}")  # noqa: T201
        assert difference(taken, "first", "last") <= SAME
        assert difference(taken, "unknown", "last") <= SAME
    assert max(found) > P


def test_giving_up_early_on_an_unknown_key_would_be_seen(file: KeyFile) -> None:
    """The negative control: who nobody knows is sent away before the digest is made."""
    ring, keys = refused(file)

    def hasty(text: str) -> object:
        known = ring.by_id(text[:LONGEST_KEY].split("_")[1])
        return ring.holder(text) if known else None

    assert difference(timings(hasty, keys, SOME), "unknown", "last") > ALIKE
