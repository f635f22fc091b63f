"""Ticked needs, interests and units of the note become one weighted request.

A facet is one thing that a list should cover: a ticked need, an interest, or a topic of the note (concepts that are
close to one another share a facet).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from matcher.domain import ConceptId, Consultation, Polarity
from matcher.taxonomy import Taxonomy
from matcher.text import content_words, normalise, roots, stem, words_of
from matcher.understanding import Understanding, Unit


class ProfileConfig(BaseModel):
    """How units become one request."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    same_facet_link: float = 0.6
    """Two concepts of a note share a facet from this link weight on, or when one is broader than the other."""
    implied: float = 0.12
    """What a person's age, gender or language implies without being said (groups for people like them)."""
    older_age: float = 65.0
    young_age: float = 25.0
    note_words: float = 0.5
    """What a word of the note is worth beside one of a ticked need of importance 3."""
    note_text: float = 1.5
    """What the note as a whole is worth for the semantic scorer, beside a ticked need of importance 3."""
    repeat: float = 0.35
    """How much a second mention of a concept adds of what is left to certainty."""


class Want(NamedTuple):
    """One concept of the request, with its weight, its facet, and the words it came from."""

    concept: ConceptId
    weight: float
    facet: int
    quote: str
    source: str


class Facet(NamedTuple):
    """One thing to cover: its weight and how it is called, in the person's words and by concept label."""

    weight: float
    quote: str
    label: str
    source: str


@dataclass(frozen=True, eq=False)
class Profile:
    """The request of one person.

    Attributes:
        wants: wanted concepts, each in one facet.
        facets: what a list should cover; index = ``Want.facet``.
        implied: concepts that hold of the person without being a want, with weights.
        settings: how the person likes things done (small groups, evenings, drop-in), with weights.
        declined: concept -> the words it was declined with.
        queries: texts for the text scorers with a weight each (each need, each interest, the note).
        words: the stems of those texts, each with the weight of the strongest text that has it.
        spoken: each stem of the texts as it was said.
        membership: how surely each concept holds of the person. Shape (concepts,), values in [0, 1].
        languages: the person's languages other than English.
    """

    wants: tuple[Want, ...]
    facets: tuple[Facet, ...]
    implied: Mapping[ConceptId, float]
    settings: Mapping[ConceptId, float]
    declined: Mapping[ConceptId, str]
    queries: tuple[tuple[str, float], ...]
    words: Mapping[str, float]
    spoken: Mapping[str, str]
    membership: NDArray[np.float32]
    languages: tuple[str, ...]


def build_profile(
    consultation: Consultation,
    understanding: Understanding,
    gender: str | None,
    has_child: bool,
    taxonomy: Taxonomy,
    config: ProfileConfig,
) -> Profile:
    """One weighted request of a consultation and what was understood of it.

    Declined, settled and somebody else's things never become wants. A concept that is both wanted and declined is
    declined when the form says so (``avoid``), else wanted.
    """
    declined = _declined(understanding.units, taxonomy)
    declined |= _harmful(understanding.units, taxonomy)
    settled = {u.concept for u in understanding.units if u.polarity in (Polarity.already_has, Polarity.somebody_else)}
    wanted = [
        u
        for u in understanding.units
        if u.polarity is Polarity.wanted
        and u.concept not in declined
        and (u.concept not in settled or u.source != "note")
    ]
    settings = {u.concept: u.weight for u in wanted if taxonomy.by_id[u.concept].kind == "setting"}
    wants = _grouped(_merged([u for u in wanted if u.concept not in settings], config), taxonomy, config)
    queries = _queries(consultation, config.note_text)
    said = [words_of(normalise(text)) for text, _ in queries]
    holds = _implied(consultation, gender, {want.concept for want in wants}, has_child, config)
    implied = {concept: weight for concept, weight in holds.items() if concept in taxonomy.index}
    return Profile(
        wants=wants,
        facets=_facet_records(wants, taxonomy),
        implied=implied,
        settings=settings,
        declined=declined,
        queries=queries,
        words=_words(said, _queries(consultation, config.note_words), declined, wants),
        spoken={stem(word): word for words in said for word in words},
        membership=_membership(wants, understanding.units, implied, taxonomy),
        languages=tuple(x for x in consultation.languages if normalise(x) not in ("english", "en")),
    )


_MODES_OF_DELIVERY = frozenset({"phone_delivery", "online_delivery", "home_visits", "daytime_only", "evening_weekend"})
"""Said of times and ways of meeting, which the rules on modes and availability test."""


_AVOIDABLE = ("offer", "interest", "setting", "circumstance")
_A_SERVICE = re.compile(
    r"\b(?:services?|programmes?|groups?|clinics?|clubs?|courses?|advice|advisers?|counsell\w+|classes|meetings?|"
    r"referrals?|support|circles?|sessions?|workers?)\b"
)
"""Only with one of these does a need among the things to avoid ("drug services") name a service and not a dread."""


def _declined(units: Sequence[Unit], taxonomy: Taxonomy) -> dict[ConceptId, str]:
    """What the person does not want: ways of help, activities, settings and (when listed to avoid) groups.

    A need listed to avoid is declined only as a service ("drug services"); in a note, when they ask to be left alone
    with it. What is wanted in so many words elsewhere stays wanted.
    """
    refused = [unit for unit in units if unit.polarity is Polarity.declined]
    if not refused:
        return {}
    ticked = {u.concept for u in units if u.polarity is Polarity.wanted and u.source in ("need", "interest")}
    said = {u.concept for u in units if u.polarity is Polarity.wanted}
    found = {}
    for unit in refused:
        listed = unit.source == "avoid"
        kinds: tuple[str, ...] = _AVOIDABLE if listed else ("offer", "interest", "need")
        if listed and _A_SERVICE.search(normalise(unit.quote)):
            kinds = (*_AVOIDABLE, "need")
        kind = taxonomy.by_id[unit.concept].kind
        if kind not in kinds or unit.concept in _MODES_OF_DELIVERY:
            continue
        if unit.concept not in (ticked if listed else said):
            found[unit.concept] = unit.quote
    return found


def _harmful(units: Sequence[Unit], taxonomy: Taxonomy) -> dict[ConceptId, str]:
    """Offers that would harm because of something said of the person, now or in the past, unless they ask for it."""
    said = {unit.concept: unit.quote for unit in units if unit.polarity is not Polarity.somebody_else}
    harms = sorted(conflict for conflict in taxonomy.conflicts if conflict[0] in said)
    if not harms:
        return {}
    ticked = {u.concept for u in units if u.polarity is Polarity.wanted and u.source in ("need", "interest")}
    return {offer: said[need] for need, offer in harms if offer not in ticked}


def _merged(units: Iterable[Unit], config: ProfileConfig) -> list[Want]:
    """One want a concept, in the words of its strongest mention; each repeated one raises the weight."""
    found: dict[ConceptId, Want] = {}
    for unit in sorted(units, key=lambda u: (-u.weight, u.facet, u.concept)):
        said: Unit | Want = unit
        weight = unit.weight
        if best := found.get(unit.concept):
            said, weight = best, min(1.0, best.weight + (1 - best.weight) * config.repeat * unit.weight)
        found[unit.concept] = Want(unit.concept, weight, said.facet, said.quote, said.source)
    return sorted(found.values(), key=lambda want: (want.facet, -want.weight, want.concept))


def _grouped(wants: list[Want], taxonomy: Taxonomy, config: ProfileConfig) -> tuple[Want, ...]:
    """Wants by facet: those of one ticked entry belong together, those of a note by closeness of concept."""
    near = taxonomy.near(config.same_facet_link)
    entries: dict[int, int] = {}
    facets: dict[ConceptId, int] = {}
    for want in wants:
        facet = entries.get(want.facet, len(entries))
        if want.source == "note":
            close = near[want.concept]
            for other, of_other in facets.items():
                if of_other < facet and other in close:
                    facet = of_other
        if facet == len(entries):
            entries[want.facet] = facet
        facets[want.concept] = facet
    return tuple([Want(w.concept, w.weight, facets[w.concept], w.quote, w.source) for w in wants])


def _facet_records(wants: tuple[Want, ...], taxonomy: Taxonomy) -> tuple[Facet, ...]:
    facets: dict[int, Facet] = {}
    for want in sorted(wants, key=lambda w: (w.facet, -w.weight, w.concept)):
        if want.facet not in facets:
            label = taxonomy.by_id[want.concept].pref_label
            facets[want.facet] = Facet(want.weight, want.quote, label, want.source)
    return tuple(facets.values())


BABY_UNTIL = 2.0
_CHILD_NEEDS = frozenset(
    ["autism", "adhd", "learning_disability", "special_educational_needs", "physical_disability", "school_problems"]
)


def _implied(
    consultation: Consultation, gender: str | None, wanted: set[ConceptId], has_child: bool, config: ProfileConfig
) -> dict[ConceptId, float]:
    """Groups that the person belongs to without saying so."""
    age, foreign = consultation.age, any(normalise(x) not in ("english", "en") for x in consultation.languages)
    has_baby = any(other.age is not None and other.age < BABY_UNTIL for other in consultation.others)
    holds = {
        "womens_group": gender == "woman",
        "mens_group": gender == "man",
        "older_peoples_club": age is not None and age >= config.older_age,
        "youth_club": age is not None and age <= config.young_age,
        "minority_ethnic": foreign,
        "interpreting": foreign,
        "parent_carers": has_child and bool(wanted & _CHILD_NEEDS),
        "family_support": has_child,
        "perinatal_mental_health": has_baby and bool(wanted & {"low_mood", "anxiety"}),
        "dads": has_child and gender == "man",
    }
    return {concept: config.implied for concept, true in holds.items() if true}


def _membership(
    wants: Iterable[Want], units: Iterable[Unit], implied: Mapping[ConceptId, float], taxonomy: Taxonomy
) -> NDArray[np.float32]:
    """How surely each concept holds of the person: said, implied, or linked to what was said."""
    index = taxonomy.index
    held = {index[concept]: 1.0 for concept in (*implied, *(want.concept for want in wants))}
    for unit in units:
        if unit.polarity in (Polarity.already_has, Polarity.over):
            held.setdefault(index[unit.concept], 0.5)
    holding = taxonomy.holding.take(np.array(list(held), dtype=np.intp), axis=0)
    for place, surely in enumerate(held.values()):
        if surely < 1.0:
            holding[place] *= surely
    return np.asarray(np.maximum.reduce(holding, axis=0, initial=0.0))


def _queries(consultation: Consultation, note: float) -> tuple[tuple[str, float], ...]:
    """Texts for the text scorers: each ticked entry by importance, then the note (all there is counts in full)."""
    texts = [(need.label, need.importance / 3) for need in consultation.needs]
    texts += [(interest, 0.6) for interest in consultation.interests]
    if consultation.note:
        texts.append((consultation.note, note if texts else max(note, 1.0)))
    return tuple(texts)


def _words(
    said: Iterable[Sequence[str]],
    queries: Iterable[tuple[str, float]],
    declined: Mapping[ConceptId, str],
    wants: Iterable[Want],
) -> dict[str, float]:
    """Stems to look for. The words of "no counselling" must not speak for counselling."""
    weights: dict[str, float] = {}
    for weight, words in sorted(zip((weight for _, weight in queries), said, strict=True), key=itemgetter(0)):
        weights.update(dict.fromkeys(roots(words), weight))
    if declined:
        wanted = content_words(" ; ".join(want.quote for want in wants))
        for word in set(content_words(" ; ".join(declined.values()))).difference(wanted):
            weights.pop(word, None)
    return {word: weights[word] for word in sorted(weights)}
