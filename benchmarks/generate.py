"""Invented directories and caseloads of any size: the same seed gives the same files.

``python benchmarks/generate.py services 10000 services.jsonl`` and ``... consultations 100000 people.jsonl``.

A service is an entry of the sample town in its form (contacts, access, ways to attend) with all else drawn anew:
about five of the taxonomy's concepts in providers' words, a description of about 80 words whose frequencies follow
Zipf's law, a place, ages, a price, languages and times. Consultations have notes of 30 to 80 words (sentences of the
sample's notes and labels in people's words), five weighted needs and limits. How often a concept comes up follows
Zipf's law too, as do the sizes of the 400 towns; ``places.py`` says where they lie.
"""

from __future__ import annotations

import argparse
import json
import random
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from itertools import accumulate, product
from pathlib import Path
from typing import Any

from places import Town, point_in, postcode_in, towns

from matcher import data_path, read_taxonomy
from matcher.taxonomy import Label, Taxonomy

SEED = 20261101
WORDS = 80
"""About so many words has a description, and at most so many a note."""
SENTENCE = 10
SHORTEST_NOTE = 30
NEEDS = 5
STRENGTH = 0.7
"""Labels of less strength are words that mean their concept only in company."""
CONCEPT_RANK = 10
"""Added to the rank of a concept (Mandelbrot's form of Zipf's law): the commonest is in a tenth of all services."""
NO_DISTANCE, NO_PRICE = 0.05, 0.3
"""Shares of people who set no limit on distance or cost."""
DISTANCES_KM = (2, 3, 5, 5, 8, 8, 10, 10, 15, 20, 30)
LANGUAGES = ("Polish", "Urdu", "Bengali", "Romanian", "Punjabi", "Arabic", "Somali", "Cantonese")
OTHER_LANGUAGE = 0.15
DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
AGES = (
    *((None, None),) * 48,
    *((18, None),) * 24,
    *((16, None),) * 8,
    *((50, None), (55, None), (60, None), (65, None)) * 3,
    *((18, 64), (16, 25), (11, 19), (5, 12), (None, 5)) * 2,
)
"""From and to which age a service is; in these shares."""
PRICES = (None,) * 10 + (0,) * 60 + (1, 2, 2, 2.5, 3, 3, 3, 3.5, 4, 4, 5, 5, 5, 6, 7.5, 8, 10, 12, 15, 20)
OPENINGS = (
    "This service offers {0} and {1}.",
    "Come along for {0}, or ask about {1}.",
    "Run by {2}, with {0} and {1}.",
    "{0} and {1} in {2}.",
)
LATER = ("Also {0}.", "There is {0} too.", "Ask about {0} as well.", "On some days {0}.")
SAYINGS = (
    "Says {0}.",
    "Talked about {0} again.",
    "Would like {0}.",
    "Mentioned {0} to {1}.",
    "It is {0} that matters.",
)
SYLLABLES = [consonant + vowel for consonant in "bdfghklmnr" for vowel in "aeio"]

_SENTENCE = re.compile(r"(?<=[.!?])\s+")
_WORD = re.compile(r"[a-z]+")


def services(count: int, seed: int = SEED) -> Iterator[dict[str, Any]]:
    """Open Referral services, one a record."""
    chance = random.Random(seed)
    base = json.loads(data_path("sample", "services.json").read_text(encoding="utf-8"))["contents"]
    forms = [json.dumps(record) for record in base]
    labels = Labels("provider")
    words = Vocabulary((record.get("description") or "" for record in base), labels.single_words)
    places, sizes = towns(words.invented)
    for number in range(count):
        record = json.loads(chance.choice(forms))
        town = chance.choices(places, cum_weights=sizes)[0]
        _say(record, number, town, labels.draw(4, chance), words, chance)
        _limit(record, number, chance)
        _move(record, town, chance)
        yield record


def consultations(count: int, seed: int = SEED) -> Iterator[dict[str, Any]]:
    """Consultations as in a caseload."""
    chance = random.Random(seed + 1)
    lines = data_path("sample", "consultations.jsonl").read_text(encoding="utf-8").splitlines()
    base = [json.loads(line) for line in lines]
    said = [sentence for record in base for sentence in _SENTENCE.split(record["note"])]
    labels = Labels("person")
    words = Vocabulary((record["note"] for record in base), labels.single_words)
    places, sizes = towns(words.invented)
    for number in range(count):
        lat, lon = point_in(chance.choices(places, cum_weights=sizes)[0], chance)
        wanted = labels.draw(NEEDS + 2, chance)
        yield chance.choice(base) | {
            "id": f"con-{number:07d}",
            "note": _note(wanted[NEEDS:], said, words, chance),
            "needs": [{"label": label, "importance": chance.randint(1, 3)} for label in wanted[:NEEDS]],
            "interests": labels.draw(chance.randint(0, 2), chance),
            "age": chance.randint(16, 95),
            "location": {"lat": lat, "lon": lon},
            "max_distance_km": None if chance.random() < NO_DISTANCE else chance.choice(DISTANCES_KM),
            "max_cost": None if chance.random() < NO_PRICE else chance.choice((0, 0, 2, 3, 5, 5, 10)),
        }


def write(records: Iterable[dict[str, Any]], path: Path) -> None:
    """Records as lines of JSON, one in memory at a time."""
    with path.open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(record, ensure_ascii=False) + "\n" for record in records)


class Labels:
    """The taxonomy's labels in one voice; each drawn one is of a concept chosen by Zipf's law."""

    def __init__(self, voice: str) -> None:
        taxonomy = _taxonomy()
        kinds = ("need", "interest", "offer", "circumstance") if voice == "provider" else ("need", "interest")
        wanted = taxonomy.ids_of_kind(*kinds)
        by_concept: dict[str, list[str]] = {}
        for label in sorted(taxonomy.labels, key=lambda label: (label.concept, label.text)):
            if label.concept in wanted and _plain(label, voice):
                by_concept.setdefault(label.concept, []).append(label.text)
        self.single_words = {label.text for label in taxonomy.labels if " " not in label.text}
        self._labels = list(by_concept.values())
        random.Random(SEED).shuffle(self._labels)
        self._common = _zipf(len(self._labels), CONCEPT_RANK)

    def draw(self, count: int, chance: random.Random) -> list[str]:
        """So many labels."""
        return [chance.choice(labels) for labels in chance.choices(self._labels, cum_weights=self._common, k=count)]


@cache
def _taxonomy() -> Taxonomy:
    return read_taxonomy(data_path("taxonomy"))


def _plain(label: Label, voice: str) -> bool:
    """Whether a label means its concept by itself, in this voice."""
    return label.voice in (voice, "both") and label.strength >= STRENGTH and not label.lookalike


class Vocabulary:
    """Words with Zipf's frequencies: those of given texts, the commonest first, then invented ones that nobody shares.

    Words that mean a concept by themselves are left out, so that only labels put concepts into a text.
    """

    def __init__(self, texts: Iterable[str], left_out: set[str]) -> None:
        counts = Counter(word for text in texts for word in _WORD.findall(text.lower()))
        known = [word for word, _ in sorted(counts.items(), key=lambda item: (-item[1], item[0]))]
        self.invented = ["".join(syllables) for syllables in product(SYLLABLES, repeat=3)]
        random.Random(SEED).shuffle(self.invented)
        self._words = [word for word in known if not {word, word.removesuffix("s")} & left_out] + self.invented
        self._common = _zipf(len(self._words))

    def tell(self, count: int, chance: random.Random) -> str:
        """So many words, in sentences."""
        words = chance.choices(self._words, cum_weights=self._common, k=count)
        starts = range(0, count, SENTENCE)
        return " ".join(f"{' '.join(words[start : start + SENTENCE]).capitalize()}." for start in starts)


def _zipf(count: int, offset: int = 0) -> list[float]:
    """Cumulative weights 1 / (offset + 1), 1 / (offset + 2) and so on."""
    return list(accumulate(1 / (offset + rank) for rank in range(1, count + 1)))


def _say(
    record: dict[str, Any],
    number: int,
    town: Town,
    labels: Sequence[str],
    words: Vocabulary,
    chance: random.Random,
) -> None:
    """What the service is, in words; entries of three services in a row are one organisation's."""
    name = chance.choice(words.invented).capitalize()
    record["id"] = f"svc-{number:07d}"
    record["name"] = f"{labels[0].capitalize()} {f'at {name}' if chance.random() < 0.5 else f'in {town.name}'}"
    record["organization"] = {"id": f"org-{number // 3}", "name": f"{town.name} Community {number // 3}"}
    opening = chance.choice(OPENINGS).format(labels[1], labels[2], name)
    told = words.tell(WORDS + chance.randint(-15, 0) - opening.count(" "), chance)
    record["description"] = f"{opening} {told} {chance.choice(LATER).format(labels[3])}"
    for attribute in record.get("attributes") or []:
        attribute["taxonomy_term"] |= {"code": "", "name": chance.choice(labels)}
    record["phones"] = [{"id": f"phone-{number}", "number": f"01632 {960000 + number // 3 % 1000}"}]
    record["last_modified"] = f"2026-{chance.randint(1, 10):02d}-{chance.randint(1, 28):02d}T09:00:00Z"


def _limit(record: dict[str, Any], number: int, chance: random.Random) -> None:
    """For whom it is, what it costs, in which languages and when."""
    record["minimum_age"], record["maximum_age"] = chance.choice(AGES)
    price = chance.choice(PRICES)
    record["fees"] = record["fees_description"] = "" if price is None else f"£{price:g} a session" if price else "Free"
    record["cost_options"] = [] if price is None else [{"id": f"cost-{number}", "amount": price, "currency": "GBP"}]
    spoken = [chance.choice(LANGUAGES)] if chance.random() < OTHER_LANGUAGE else []
    record["languages"] = [{"id": f"language-{number}", "name": name} for name in spoken]
    for schedule in record["schedules"]:
        opens, minutes = chance.randint(18, 38) * 30, chance.choice((60, 90, 120, 120, 180, 240))
        schedule |= {"byday": chance.choice(DAYS), "opens_at": _clock(opens), "closes_at": _clock(opens + minutes)}


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def _move(record: dict[str, Any], town: Town, chance: random.Random) -> None:
    """Put every place of a service into a town."""
    for at in record["service_at_locations"]:
        location = at["location"]
        location["name"] = f"{town.name} hall"
        if location.get("latitude") is not None:
            location["latitude"], location["longitude"] = point_in(town, chance)
        for address in location.get("addresses") or []:
            address |= {"address_1": f"{town.name} hall", "city": town.name, "postal_code": postcode_in(town, chance)}


def _note(labels: Sequence[str], said: Sequence[str], words: Vocabulary, chance: random.Random) -> str:
    """Sentences of any notes with two labels among them, cut to the length of a note."""
    sentences = [chance.choice(SAYINGS).format(label, chance.choice(words.invented).capitalize()) for label in labels]
    length = chance.randint(SHORTEST_NOTE, WORDS)
    while sum(len(sentence.split()) for sentence in sentences) < length:
        sentences.append(chance.choice(said))
    chance.shuffle(sentences)
    return " ".join(" ".join(sentences).split()[:length])


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("kind", choices=("services", "consultations"))
    parser.add_argument("count", type=int)
    parser.add_argument("output", type=Path)
    parser.add_argument("--seed", type=int, default=SEED)
    asked = parser.parse_args()
    write((services if asked.kind == "services" else consultations)(asked.count, asked.seed), asked.output)


if __name__ == "__main__":
    main()
