"""The engine once more, as plainly as it can be written: every service looked at, one after another, in plain numbers.

It shares with the engine what was read (the request, the verdicts of the rules, the strengths of offers, the impacts of
words) and works out by itself what is fast there: who is near, affinities, sums, mark-downs, the order.
"""

from __future__ import annotations

import math
from collections import Counter
from datetime import date

import numpy as np

from matcher import Engine
from matcher.domain import Consultation, Standing
from matcher.eligibility import Case, screen
from matcher.geography import distances_km
from tests.factories import declining

PHONE_OR_ONLINE = {"phone", "online"}
ALL_MODES = ("in_person", "online", "phone", "home_visit")


class PlainEngine:
    """The list that an engine should give, without a semantic scorer."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.index = engine.taxonomy.index
        self.concepts = engine.taxonomy.concepts
        rows = range(len(engine.catalogue))
        self.services = [engine.catalogue[row] for row in rows]
        self.strengths = [engine.offers.of(row) for row in rows]
        self.groups = [engine.offers.groups(row) for row in rows]
        self.impacts = self._impacts()

    def _impacts(self) -> list[dict[str, float]]:
        postings = self.engine.index.fusion.texts[0].postings
        impacts: list[dict[str, float]] = [{} for _ in self.services]
        for place, word in enumerate(postings.words.tobytes().decode().split("\n")):
            for at in range(postings.starts[place], postings.starts[place + 1]):
                impacts[postings.rows[at]][word] = float(postings.impacts[at])
        return impacts

    def suggest(self, consultation: Consultation, as_of: date) -> list[tuple[str, float]]:
        """Service ids and scores, best first."""
        request = self.engine.understand(consultation, as_of)
        profile, person = request.profile, request.person
        km = [math.nan] * len(self.services)
        if person.place is not None:
            km = distances_km(person.place, self.engine.catalogue.lat, self.engine.catalogue.lon).tolist()
        declined = [self._declined(profile, row) for row in range(len(self.services))]
        config = self.engine.settings.eligibility.model_copy(update={"off": ("distance", "declined")})
        everybody = np.arange(len(self.services))
        screened = screen(Case(person, self.engine.columns, config, everybody, declining(declined)))
        standings = [self._by_distance(person, row, km[row]) for row in everybody.tolist()]
        left = [
            row
            for row in np.flatnonzero(screened.usable).tolist()
            if standings[row] is not Standing.ruled_out and declined[row] < config.declined_strength
        ]
        parts = {row: self._parts(profile, row, km[row]) for row in left}
        marks = {
            row: self._marks(
                profile,
                person,
                row,
                km[row],
                bool(screened.near_miss[row]) or standings[row] is Standing.near_miss,
                declined[row],
            )
            for row in left
        }
        return self._ordered(profile, parts, marks)

    def _by_distance(self, person, row: int, km: float) -> Standing:
        """How the rule on distance should judge: a far place is no use to those who would have to go there."""
        config, service, limit = self.engine.settings.eligibility, self.services[row], person.max_distance_km
        accepted = set(person.modes or ALL_MODES)
        accepted |= {"home_visit"} if "in_person" in accepted else set()
        remote = PHONE_OR_ONLINE & set(service.modes)
        if remote & accepted or (service.place and service.place.precision_km > 0):
            return Standing.fits
        furthest = config.reach_km if limit is None else limit * (1 + config.near_miss_margin)
        if service.modes and not remote and km > max(config.reach_km, furthest):
            return Standing.ruled_out
        must_go = service.modes == ("in_person",) or accepted & set(service.modes or ALL_MODES) == {"in_person"}
        if limit is None or not must_go or not km > limit:
            return Standing.fits
        return Standing.ruled_out if km > furthest else Standing.near_miss

    def _affinity(self, concept: str, row: int) -> float:
        links, power = self.engine.taxonomy.link_matrix[self.index[concept]], self.engine.settings.tags.link_power
        found = (
            np.float32(links[self.index[offer]] ** power) * np.float32(s) for offer, s in self.strengths[row].items()
        )
        return float(np.rint(max(found, default=np.float32(0)) * 255)) / 255

    def _declined(self, profile, row: int) -> float:
        worst = 0.0
        for concept in profile.declined:
            for offer, strength in self.strengths[row].items():
                if offer == concept:
                    worst = max(worst, strength)
                elif concept in self.engine.taxonomy.ancestors(offer) and offer not in profile.declined:
                    worst = max(worst, float(np.float32(0.8)) * strength)
        return worst

    def _weights(self, profile) -> dict[str, float]:
        config = self.engine.settings.ranking
        weights = {
            "tags": config.tags if profile.wants else 0.0,
            "lexical": config.lexical if profile.queries else 0.0,
            "implied": config.implied,
            "near": config.near,
        }
        return {name: weight / sum(weights.values()) for name, weight in weights.items()}

    def _parts(self, profile, row: int, km: float) -> tuple[list[float], float, list[float]]:
        """What each facet gives, what all else gives, and how far each facet is met."""
        weights, tags = self._weights(profile), self.engine.settings.tags
        values = []
        for number in range(len(profile.facets)):
            found = [w.weight * self._affinity(w.concept, row) for w in profile.wants if w.facet == number]
            best = max(found)
            values.append(min(1.0, best + tags.support * (sum(found) - best) * (1 - best)))
        scale = min(tags.full_marks, max(sum(f.weight for f in profile.facets), 1e-9))
        words = sum(w * self.impacts[row].get(word, 0.0) for word, w in profile.words.items())
        rest = weights["lexical"] * words / (words + self.engine.settings.lexical.half_score)
        rest += weights["implied"] * self._implied(profile, row) + weights["near"] * self._near(row, km)
        met = [min(1.0, value / f.weight) for value, f in zip(values, profile.facets, strict=True)]
        return [value * weights["tags"] / scale for value in values], rest, met

    def _implied(self, profile, row: int) -> float:
        found = [self._affinity(concept, row) for concept in profile.implied]
        found += [weight * self._affinity(concept, row) for concept, weight in profile.settings.items()]
        spoken = {language.casefold() for language in self.services[row].languages}
        found += [1.0 for language in profile.languages if language.casefold() in spoken]
        return max(found, default=0.0)

    def _near(self, row: int, km: float) -> float:
        if math.isnan(km) or self.services[row].modes not in ((), ("in_person",)):
            return 0.5
        return float(0.5 ** (km / self.engine.settings.ranking.near_half_km))

    def _marks(self, profile, person, row: int, km: float, near_miss: bool, declined: float) -> float:
        config, service = self.engine.settings.ranking, self.services[row]
        reach = 1.5 * person.max_distance_km if person.max_distance_km else config.far_km
        precision = service.place.precision_km if service.place else math.nan
        visited = not service.modes or "in_person" in service.modes
        factor = config.far if visited and km - precision > reach else 1.0
        factor *= config.near_miss if near_miss else 1.0
        factor *= 1 - (1 - config.not_for_them) * self._stranger(profile, row)
        shop = max((s for c, s in self.strengths[row].items() if self._kind(c) == "decoy"), default=0.0)
        factor *= 1 - (1 - config.not_support) * float(np.float32(min(1.0, max(0.0, (shop - 0.6) / 0.4))))
        factor *= config.unsure if self.engine.index.limits.restriction[row] > 0 else 1.0
        return factor * (1 - (1 - config.disliked) * min(1.0, declined))

    def _kind(self, concept: str) -> str:
        return self.engine.taxonomy.by_id[concept].kind

    def _stranger(self, profile, row: int) -> float:
        """How surely the service is only for people of another kind."""
        named = {c: s for c, s in self.groups[row].items() if self.engine.taxonomy.by_id[c].dedicated}
        surest = max(named.values(), default=0.0)
        if surest < 0.5:
            return 0.0
        deciding = [c for c, s in named.items() if s >= 0.5 and s >= surest / 2]
        held = max(float(profile.membership[self.index[c]]) for c in deciding)
        return surest * (1 - held)

    def _total(self, part: tuple[list[float], float, list[float]], left: list[float]) -> float:
        return sum(facet * rest for facet, rest in zip(part[0], left, strict=True)) + part[1]

    def _main(self, row: int) -> str:
        """The concept that a service mainly is, or nothing; of equals the first of the taxonomy."""
        found = {c: s for c, s in self.strengths[row].items() if self._kind(c) not in ("setting", "decoy") and s >= 0.8}
        return min(found, key=lambda c: (-found[c], self.index[c]), default="")

    def _ordered(self, profile, parts, marks) -> list[tuple[str, float]]:
        left, seen = [1.0] * len(profile.facets), Counter[str]()
        chosen: list[tuple[str, float]] = []
        pool = set(parts)
        while pool and len(chosen) < self.engine.settings.top:
            alike = {row: self.engine.settings.ranking.alike ** seen[self._main(row)] for row in pool}
            scores = {row: round(self._total(parts[row], left) * marks[row] * alike[row], 6) for row in pool}
            best = min(pool, key=lambda row: (-scores[row], self.services[row].id))
            if scores[best] <= 0:
                break
            chosen.append((self.services[best].id, scores[best]))
            pool.remove(best)
            seen.update([self._main(best)] if self._main(best) else [])
            lost = 1 - self.engine.settings.ranking.coverage
            left = [x * (1 - lost * met) for x, met in zip(left, parts[best][2], strict=True)]
        return chosen
