"""How a phrase in a note was meant, from the words around it: wanted, declined, already there, over, somebody else's.

Plain cue words (``cues.py``) before and after the phrase in its clause, no grammar.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from matcher import cues
from matcher.domain import Polarity
from matcher.text import Cue

NEEDS = ("need", "circumstance")


class Said(NamedTuple):
    """A sentence's heading, and the cues that may be in either."""

    head: str
    cues: frozenset[Cue]

    def holds(self, cue: Cue, text: str) -> bool:
        """Whether a cue is in some part of the sentence."""
        return cue in self.cues and cue.pattern.search(text) is not None


def said(head: str, words: Iterable[str]) -> Said:
    """What a sentence of these words, under this heading, may hold."""
    return Said(head, cues.CUES.among([*head.split(), *words]))


class Surroundings(NamedTuple):
    """The words around one phrase: its clause before and after it, the next clause, the sentence's rest.

    ``carried``: the clause before was a declining that reaches into this one ("no counselling, groups or apps").
    """

    said: Said
    before: str
    after: str
    following: str
    rest: str
    carried: bool

    @property
    def wanted(self) -> bool:
        """Whether the words before the phrase, or its heading, say that it is wanted, missed or loved."""
        head = self.said.head
        return self.said.holds(cues.WANTED, f"{head} {self.before}") or "wants" in head or "matters" in head


def reaches(said: Said, piece: str) -> bool:
    """Whether a declining in the clause before may reach into this one: not when it says what they want or do."""
    return not said.holds(cues.WANTED, piece) and not said.holds(cues.DOES, piece)


def carries(said: Said, piece: str, reached: bool) -> bool:
    """Whether a clause's declining reaches into a short clause after it."""
    return said.holds(cues.DECLINED, piece) or said.holds(cues.LEADING_NO, piece) or reached


def polarity_of(kind: str, around: Surroundings) -> Polarity:
    """How a phrase of a concept of this kind was meant."""
    said, before = around.said, around.before
    if not (said.cues or said.head or around.carried):
        return Polarity.wanted
    if cues.NOT_A_NO in said.cues:
        before = cues.NOT_A_NO.pattern.sub(" ", before)
    if kind == "interest" and cues.LONG_AGO in said.cues:
        before = cues.LONG_AGO.pattern.sub(" ", before)
    if said.holds(cues.NOT_AN_ISSUE, said.head) or said.holds(cues.NOT_AN_ISSUE, before):
        return Polarity.over
    if _is_declined(kind, before, around):
        return Polarity.declined
    if kind in NEEDS and _is_not_wanted(before, around.said):
        return Polarity.over
    if cues.NO in said.cues and _is_denied(before, around):
        return Polarity.over if kind in NEEDS else Polarity.declined
    if _is_somebody_elses(kind, before, around):
        return Polarity.somebody_else
    return _settled(kind, before, around)


def _settled(kind: str, before: str, around: Surroundings) -> Polarity:
    """Whether something that concerns the person is in place already, over, or still wanted."""
    holds = around.said.holds
    if holds(cues.FINE_AFTER, around.after):
        return Polarity.over if kind == "need" else Polarity.already_has
    if kind in ("need", "offer") and cues.OVER in around.said.cues and holds(cues.OVER, _near(before)):
        return Polarity.over
    if kind == "offer" and (holds(cues.ALREADY, before + around.after) or holds(cues.HAS_ONE, around.after)):
        return Polarity.already_has
    if kind == "offer" and not around.wanted and holds(cues.GOING_ON, around.after):
        return Polarity.already_has
    if kind == "need" and holds(cues.HAS_HELP, before):
        return Polarity.already_has
    if kind in NEEDS and not around.wanted and holds(cues.FINE_NEXT, around.following):
        return Polarity.over
    return Polarity.wanted


def _near(before: str) -> str:
    return " ".join(before.rsplit(maxsplit=3)[-3:])


def _is_declined(kind: str, before: str, around: Surroundings) -> bool:
    said = around.said
    if kind in NEEDS:
        told = said.holds(cues.KEEPS_IT, around.after) or said.holds(cues.KEEPS_IT, around.following)
        return told and not around.wanted
    if "says no" in said.head or "avoid" in said.head:
        return True
    if said.holds(cues.DECLINED, before) and not cues.TOO_MUCH.search(before):
        return True
    if around.carried and not said.holds(cues.WANTED, before):
        return True
    return said.holds(cues.DECLINED_AFTER, around.after) or said.holds(cues.DECLINED_AFTER, around.following)


def _is_not_wanted(before: str, said: Said) -> bool:
    """Whether help with a need is not asked for, and what was said is not the complaint itself."""
    refused = "says no" in said.head or "avoid" in said.head or said.holds(cues.DECLINED, before)
    return refused and not cues.SUFFERED.search(before)


def _is_denied(before: str, around: Surroundings) -> bool:
    if around.after.strip().startswith("yet"):
        return False
    return around.said.holds(cues.NO, _near(before)) or around.said.holds(cues.NO_LIST, before.strip())


def _is_somebody_elses(kind: str, before: str, around: Surroundings) -> bool:
    holds = around.said.holds
    if holds(cues.SOMEBODY, before + around.after):
        return True
    if kind not in NEEDS or around.wanted:
        return False
    return holds(cues.SOMEBODY, around.rest) or (
        holds(cues.SOMEBODY_HAS, before) and holds(cues.PERSON_FINE, around.rest)
    )
