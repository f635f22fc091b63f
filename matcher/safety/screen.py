"""Reads a note sentence by sentence and says which categories of red flag it holds.

A finding stands unless its own clause denies it, or its sentence speaks of the past, of something over, or of
somewhere else (a film, a job, a far country). What is said to go on still is never past.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import reduce
from operator import or_

from matcher.safety.elements import COMMA
from matcher.safety.index import PhraseIndex, RuleIndex, numbers_of
from matcher.safety.language import Phrase, Span
from matcher.safety.patterns import ANY, CATEGORIES, FINDS, WEIGHTS, Patterns, Rule, packaged_patterns
from matcher.safety.tokens import Speller
from matcher.text import sentences

PARTS_WITHIN = 2
"""Sentences between the parts of one pattern, at most."""
HINTS_WITHIN = 4
"""Sentences between the first and the last of the hints and clues that make a finding together, at most."""
NEAR_WORDS = 6
"""How far a plain "no" or "not" reaches forward in its clause."""
LONGEST = 48
OVERLAP = 10
"""A sentence without a full stop is read in stretches of this many words, each beginning with the end of the last."""

_TURNS = re.compile(
    r" (?:but|though|although|however|yet|except|because|until|till|instead|only|so|and he|and she|says) "
)
_ANSWER = re.compile(r"^(?:no|nil|not|none|never|denies|denied|nope)\b", re.IGNORECASE)
_MASK = "xx"


class Screen:
    """The patterns, ready to be found in notes.

    Attributes:
        rules: the rules that each phrase may complete, by its source.
        phrases: all phrases; sets of them are kept as the bits of a number, by their place here.
        guards: the phrases of each kind that guard against findings of a category.
        denying, setting_aside: the phrases of all guards that may deny a finding, or set it in another time or place.
        lookalikes: the phrases that only sound like others.
    """

    def __init__(self, patterns: Patterns) -> None:
        self._speller = Speller(patterns.spellings)
        by_phrase: dict[str, list[Rule]] = defaultdict(list)
        for rule in patterns.rules:
            for phrase in rule.phrases:
                by_phrase[phrase].append(rule)
        self.rules = {source: [rule for rule in rules if rule.kind in FINDS] for source, rules in by_phrase.items()}
        self.phrases = [patterns.phrases[source] for source in by_phrase]
        self.index = PhraseIndex(self.phrases)
        self.lookalikes = 0
        self.guards: dict[tuple[str, str], int] = defaultdict(int)
        for number, rules in enumerate(by_phrase.values()):
            for rule in rules:
                if rule.kind == "lookalike":
                    self.lookalikes |= 1 << number
                elif rule.kind not in FINDS:
                    for category in CATEGORIES if rule.category == ANY else (rule.category,):
                        self.guards[rule.kind, category] |= 1 << number
        self.denying = self._guards("negation", "denial", "afterwards")
        self.setting_aside = self._guards("past", "over", "elsewhere")
        self._finds = RuleIndex([rule for rule in patterns.rules if rule.kind in FINDS], self.phrases)

    def _guards(self, *kinds: str) -> int:
        return reduce(or_, (phrases for (kind, _), phrases in self.guards.items() if kind in kinds), 0)

    def read(self, note: str) -> frozenset[str]:
        """The categories of red flag in a note."""
        evidence = _Evidence()
        read = [_Sentence(words, self) for words in self._stretches(note)]
        tried = self._finds.within_reach(reduce(or_, (sentence.possible for sentence in read), 0))
        for place, sentence in enumerate(read):
            for phrase in sentence.standing(tried):
                self._weigh(phrase, sentence, place, evidence)
        return frozenset(evidence.found)

    def _weigh(self, phrase: Phrase, sentence: _Sentence, place: int, evidence: _Evidence) -> None:
        """Look at where one phrase stands in one sentence."""
        spans = sentence.spans(phrase)
        for rule in self.rules[phrase.source]:
            if rule.category in evidence.found:
                continue
            for span in spans:
                if sentence.stands(rule, span):
                    evidence.add(rule, phrase.source, place, span)
                    break

    def _stretches(self, note: str) -> Iterator[list[str]]:
        for words in self._speller.words(_with_answers(sentences(note))):
            yield words if len(words) <= LONGEST else words[:LONGEST]
            for start in range(LONGEST, len(words), LONGEST - OVERLAP):
                yield words[start - OVERLAP : start - OVERLAP + LONGEST]


class _Sentence:
    """One stretch of words with what guards it; guards are looked for only once something was found."""

    def __init__(self, words: list[str], screen: Screen) -> None:
        self.words = words
        self.possible = screen.index.possible(words)
        self._screen = screen
        self._found: dict[str, list[Span]] = {}
        self._seen = self._masked() if self.possible & screen.lookalikes else words

    def phrases(self, among: int) -> list[Phrase]:
        """Those of some phrases that may stand here."""
        here = self.possible & among
        return [self._screen.phrases[number] for number in numbers_of(here)] if here else []

    def standing(self, among: int) -> list[Phrase]:
        """Those of them that do, in the order of their rarest words."""
        found = [phrase for phrase in self.phrases(among) if self.spans(phrase)]
        return sorted(found, key=self._place) if len(found) > 1 else found

    def _place(self, phrase: Phrase) -> tuple[bool, int, int]:
        """Where the first of a phrase's anchors stands; beginnings of words come after whole words."""
        for place, word in enumerate(self.words):
            if word in phrase.anchors:
                return False, place, 0
        begun = [anchor[:-1] for anchor in phrase.anchors if anchor.endswith("*")]
        places = [(n, len(b)) for b in begun for n, word in enumerate(self.words) if word.startswith(b)]
        return True, *min(places, default=(len(self.words), 0))

    def _masked(self) -> list[str]:
        """The words with look-alikes blanked out, so that "dying for a brew" neither flags nor denies."""
        words = self.words
        for phrase in sorted(self.phrases(self._screen.lookalikes), key=self._place):
            for first, last in phrase.spans(words):
                words = [*words[:first], *[_MASK] * (last - first), *words[last:]]
        return words

    def spans(self, phrase: Phrase) -> list[Span]:
        """Where a phrase stands in the sentence; looked for once."""
        if phrase.source not in self._found:
            self._found[phrase.source] = phrase.spans(self._seen)
        return self._found[phrase.source]

    def stands(self, rule: Rule, span: Span) -> bool:
        """Whether a finding is neither denied nor set in another time or place."""
        if self.possible & self._screen.denying and self._denied(rule.category, span):
            return False
        if rule.kind == "firm" or not self.possible & self._screen.setting_aside:
            return True
        return not self._set_aside(rule.category)

    def _spans(self, kind: str, category: str) -> list[Span]:
        """Where guards of a kind stand that hold for a category."""
        guards = self.phrases(self._screen.guards[kind, category])
        return [span for phrase in guards for span in self.spans(phrase)]

    def _set_aside(self, category: str) -> bool:
        if self._spans("elsewhere", category):
            return True
        if self._spans("ongoing", category):
            return False
        past = self._spans("past", category) and not self._spans("present", category)
        return bool(past or self._spans("over", category))

    def _denied(self, category: str, span: Span) -> bool:
        start, end = span
        for kind in ("negation", "denial"):
            for first, last in self._spans(kind, category):
                reaches = last <= start and self._reaches(kind, last, start)
                if reaches and not _inside((first, last), self._spans("neutral", category)):
                    return True
        afterwards = self._spans("afterwards", category)
        return any(first >= end and set(self._seen[end:first]) <= {COMMA} for first, _ in afterwards)

    def _reaches(self, kind: str, last: int, start: int) -> bool:
        between = self._seen[last:start]
        if _TURNS.search(f" {' '.join(between)} "):
            return False
        return kind == "denial" or (COMMA not in between and len(between) <= NEAR_WORDS)


def _overlap(one: Span, other: Span) -> bool:
    return one[0] < other[1] and other[0] < one[1]


def _inside(span: Span, spans: Iterable[Span]) -> bool:
    return any(first <= span[0] and span[1] <= last for first, last in spans)


@dataclass(frozen=True, slots=True)
class _Hint:
    place: int
    span: Span
    weight: float


@dataclass
class _Evidence:
    """What was found so far, and where."""

    found: set[str] = field(default_factory=set)
    _parts: dict[int, dict[str, int]] = field(default_factory=lambda: defaultdict(dict))
    _hints: dict[str, dict[int, _Hint]] = field(default_factory=lambda: defaultdict(dict))

    def add(self, rule: Rule, source: str, place: int, span: Span) -> None:
        """Note one phrase of a rule; the category is found when the rule, or a pair of hints, is complete."""
        parts = self._parts[rule.number]
        parts[source] = place
        if len(parts) < len(rule.phrases) or max(parts.values()) - min(parts.values()) > PARTS_WITHIN:
            return
        if self._weight(rule, place, span) >= 1:
            self.found.add(rule.category)

    def _weight(self, rule: Rule, place: int, span: Span) -> float:
        """What the rule and the hints near it are worth together; words that several rows share count once."""
        near = {n: hint for n, hint in self._hints[rule.category].items() if place - hint.place <= HINTS_WITHIN}
        overlapping = [n for n, hint in near.items() if hint.place == place and _overlap(hint.span, span)]
        if all(near[n].weight < WEIGHTS[rule.kind] for n in overlapping):
            near = {n: hint for n, hint in near.items() if n not in overlapping}
            near[rule.number] = _Hint(place, span, WEIGHTS[rule.kind])
        self._hints[rule.category] = near
        return sum(hint.weight for hint in near.values())


def _with_answers(pieces: Iterable[str]) -> Iterator[str]:
    """Join a question and the short answer after it: "Hoarding? No, just a keen collector"."""
    held = ""
    for piece in pieces:
        if held and _ANSWER.match(piece):
            piece, held = f"{held} {piece}", ""
        if held:
            yield held
        held = piece if piece.endswith("?") else ""
        if not held:
            yield piece
    if held:
        yield held


def packaged_screen() -> Screen:
    """The screen with the patterns shipped with the matcher."""
    return Screen(packaged_patterns())
