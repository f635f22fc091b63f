"""Reads a note sentence by sentence and says which categories of red flag it holds.

A finding stands unless its own clause denies it, or its sentence speaks of the past, of something over, or of
somewhere else (a film, a job, a far country). What is said to go on still is never past.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from matcher.safety.language import Phrase
from matcher.safety.patterns import ANY, FINDS, WEIGHTS, Patterns, Rule, packaged_patterns
from matcher.safety.tokens import tokens
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
LONGEST_BEGINNING = 20
"""Letters of a word that are compared with the beginnings in the patterns: none is longer."""
Span = tuple[int, int]


@dataclass(frozen=True)
class Findings:
    """The categories found, and how many phrases were tried: the measure of the work done."""

    categories: frozenset[str]
    trials: int


class Screen:
    """The patterns, indexed by their rarest words."""

    def __init__(self, patterns: Patterns) -> None:
        self.spellings = patterns.spellings
        self.rules: dict[str, list[Rule]] = defaultdict(list)
        for rule in patterns.rules:
            for phrase in rule.phrases:
                self.rules[phrase].append(rule)
        kinds = {source: {rule.kind for rule in rules} for source, rules in self.rules.items()}
        self.finds = _Index(patterns.phrases[s] for s, kind in kinds.items() if kind & set(FINDS))
        self.guards = _Index(patterns.phrases[s] for s, kind in kinds.items() if not kind <= {*FINDS, "lookalike"})
        self.lookalikes = _Index(patterns.phrases[s] for s, kind in kinds.items() if "lookalike" in kind)

    def read(self, note: str) -> Findings:
        """The categories of red flag in a note."""
        evidence = _Evidence()
        read = [_Sentence(words, self) for words in self._stretches(note)]
        tried = [self.finds.candidates(sentence) for sentence in read]
        there = {phrase.source for phrases in tried for phrase in phrases}
        for place, (sentence, phrases) in enumerate(zip(read, tried, strict=True)):
            for phrase in phrases:
                self._weigh(phrase, sentence, place, there, evidence)
        return Findings(frozenset(evidence.found), sum(sentence.trials for sentence in read))

    def _weigh(self, phrase: Phrase, sentence: _Sentence, place: int, there: set[str], evidence: _Evidence) -> None:
        """Look for one phrase in one sentence, for those of its rules whose other parts may be in the note."""
        for rule in self.rules[phrase.source]:
            if rule.kind not in FINDS or rule.category in evidence.found or not there.issuperset(rule.phrases):
                continue
            standing = next((span for span in sentence.spans(phrase) if sentence.stands(rule, span)), None)
            if standing:
                evidence.add(rule, phrase.source, place, standing)

    def _stretches(self, note: str) -> Iterator[list[str]]:
        for sentence in _with_answers(sentences(note)):
            words = tokens(sentence, self.spellings)
            yield words[:LONGEST]
            for start in range(LONGEST, len(words), LONGEST - OVERLAP):
                yield words[start - OVERLAP : start - OVERLAP + LONGEST]


class _Index:
    """Which phrases are worth trying on a sentence: those with an anchor among its words."""

    def __init__(self, phrases: Iterable[Phrase]) -> None:
        self.exact: dict[str, list[Phrase]] = defaultdict(list)
        self.beginning: dict[str, list[Phrase]] = defaultdict(list)
        for phrase in phrases:
            for anchor in phrase.anchors:
                (self.beginning if anchor.endswith("*") else self.exact)[anchor.rstrip("*")].append(phrase)

    def candidates(self, sentence: _Sentence) -> list[Phrase]:
        """Each phrase that the words of a sentence allow, once."""
        found: dict[str, Phrase] = {}
        for word in sentence.words:
            for phrase in self.exact.get(word, ()):
                found[phrase.source] = phrase
        for beginning in sentence.beginnings:
            if beginning in self.beginning:
                for phrase in self.beginning[beginning]:
                    found[phrase.source] = phrase
        words, beginnings = frozenset(sentence.words), frozenset(sentence.beginnings)
        return [phrase for phrase in found.values() if phrase.possible(words, beginnings)]


class _Sentence:
    """One stretch of words with what guards it; guards are looked for only once something was found."""

    def __init__(self, words: Sequence[str], screen: Screen) -> None:
        self.words = dict.fromkeys(words)
        self.beginnings = dict.fromkeys(
            word[:length] for word in self.words for length in range(1, min(len(word), LONGEST_BEGINNING) + 1)
        )
        self.trials = 0
        self._screen = screen
        self._found: dict[str, list[Span]] = {}
        self.text = self._masked(f" {' '.join(words)} ")

    def _masked(self, text: str) -> str:
        """The text with look-alikes blanked out, so that "dying for a brew" neither flags nor denies."""
        for phrase in self._screen.lookalikes.candidates(self):
            self.trials += 1
            text = phrase.regex.sub(lambda match: "xx " * match.group().count(" "), text)
        return text

    def spans(self, phrase: Phrase) -> list[Span]:
        """Where a phrase stands in the sentence; looked for once."""
        if phrase.source not in self._found:
            self.trials += 1
            self._found[phrase.source] = [match.span() for match in phrase.regex.finditer(self.text)]
        return self._found[phrase.source]

    def stands(self, rule: Rule, span: Span) -> bool:
        """Whether a finding is neither denied nor set in another time or place."""
        if self._denied(rule.category, span):
            return False
        return rule.kind == "firm" or not self._set_aside(rule.category)

    @cached_property
    def _guards(self) -> dict[tuple[str, str], list[Span]]:
        guards: dict[tuple[str, str], list[Span]] = defaultdict(list)
        for phrase in self._screen.guards.candidates(self):
            self.trials += 1
            spans = [match.span() for match in phrase.regex.finditer(self.text)]
            for rule in self._screen.rules[phrase.source] if spans else ():
                guards[rule.kind, rule.category] += spans
        return guards

    def _spans(self, kind: str, category: str) -> list[Span]:
        return self._guards.get((kind, ANY), []) + self._guards.get((kind, category), [])

    def _set_aside(self, category: str) -> bool:
        if self._spans("elsewhere", category):
            return True
        if self._spans("ongoing", category):
            return False
        past = self._spans("past", category) and not self._spans("present", category)
        return bool(past or self._spans("over", category))

    def _denied(self, category: str, span: Span) -> bool:
        start, end = span
        neutral = self._spans("neutral", category)
        for kind in ("negation", "denial"):
            for first, last in self._spans(kind, category):
                if last <= start and not _inside((first, last), neutral) and self._reaches(kind, last, start):
                    return True
        after = self.text[end:]
        return any(
            first >= end and not after[: first - end].strip(" ,") for first, _ in self._spans("afterwards", category)
        )

    def _reaches(self, kind: str, last: int, start: int) -> bool:
        between = f" {self.text[last:start]}"
        if _TURNS.search(between):
            return False
        return kind == "denial" or ("," not in between and between.count(" ") - 1 <= NEAR_WORDS)


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
