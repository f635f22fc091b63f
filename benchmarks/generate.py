"""Invented directories and caseloads of any size, made from the sample town: the same seed gives the same files.

``python benchmarks/generate.py services 10000 services.jsonl`` and ``... consultations 100000 people.jsonl``.

Services lie in 400 towns over Great Britain whose sizes follow Zipf's law, as does how often each kind of service and
each sentence comes up; descriptions have about 80 words. Consultations have notes of 30 to 80 words, five weighted
needs or interests and the limits that the sample's people have.
"""

from __future__ import annotations

import argparse
import json
import random
import re
from collections.abc import Iterator, Sequence
from itertools import accumulate
from pathlib import Path
from typing import Any

from matcher.data_files import data_path

TOWNS = 400
SEED = 20261101
WORDS = 80
LANGUAGES = ("Polish", "Urdu", "Bengali", "Romanian", "Punjabi", "Arabic", "Somali", "Cantonese")
_SENTENCE = re.compile(r"(?<=[.!?])\s+")
Place = tuple[str, float, float]


def services(count: int, seed: int = SEED) -> Iterator[dict[str, Any]]:
    """Open Referral services, one a record."""
    chance = random.Random(seed)
    base = json.loads(data_path("sample", "services.json").read_text(encoding="utf-8"))["contents"]
    told = sorted({s for record in base for s in _sentences(record.get("description") or "")})
    chance.shuffle(told)
    towns, sizes, kinds, common = _towns(), _zipf(TOWNS), _zipf(len(base)), _zipf(len(told))
    for number in range(count):
        record = json.loads(json.dumps(chance.choices(base, cum_weights=kinds)[0]))
        town = chance.choices(towns, cum_weights=sizes)[0]
        record["id"] = f"svc-{number:07d}"
        record["name"] = f"{record['name']} ({town[0]} {number})"
        record["organization"] = {"id": f"org-{number // 3}", "name": f"{town[0]} Community {number // 3}"}
        record["description"] = _description(record.get("description") or "", told, common, chance)
        record["last_modified"] = f"2026-{chance.randint(1, 10):02d}-{chance.randint(1, 28):02d}T09:00:00Z"
        if chance.random() < 0.15:
            record["languages"] = [{"id": f"lang-{number}", "name": chance.choice(LANGUAGES)}]
        _move(record, town, chance)
        yield record


def consultations(count: int, seed: int = SEED) -> Iterator[dict[str, Any]]:
    """Consultations as in a caseload."""
    chance = random.Random(seed + 1)
    lines = data_path("sample", "consultations.jsonl").read_text(encoding="utf-8").splitlines()
    base = [json.loads(line) for line in lines]
    said = [sentence for record in base for sentence in _sentences(record["note"])]
    wanted = sorted(
        {n["label"] for record in base for n in record["needs"]} | {i for r in base for i in r["interests"]}
    )
    chance.shuffle(wanted)
    towns, sizes, common = _towns(), _zipf(TOWNS), _zipf(len(wanted))
    for number in range(count):
        record = dict(chance.choice(base))
        lat, lon = _near(chance.choices(towns, cum_weights=sizes)[0], chance)
        labels = list(dict.fromkeys(chance.choices(wanted, cum_weights=common, k=12)))[:5]
        record |= {
            "id": f"con-{number:07d}",
            "note": _note(record["note"], said, chance),
            "needs": [{"label": label, "importance": chance.randint(1, 3)} for label in labels[:3]],
            "interests": labels[3:],
            "age": chance.randint(16, 95),
            "location": {"lat": lat, "lon": lon},
        }
        yield record


def write(records: Iterator[dict[str, Any]], path: Path) -> None:
    """Records as lines of JSON."""
    with path.open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(record, ensure_ascii=False) + "\n" for record in records)


def _towns() -> list[Place]:
    chance = random.Random(SEED + 2)
    return [(f"Town{i}", chance.uniform(50.8, 56.0), chance.uniform(-4.0, 0.5)) for i in range(TOWNS)]


def _zipf(count: int) -> list[float]:
    """Cumulative weights 1, 1/2, 1/3 and so on."""
    return list(accumulate(1 / rank for rank in range(1, count + 1)))


def _sentences(text: str) -> list[str]:
    return [sentence for sentence in _SENTENCE.split(text.strip()) if len(sentence.split()) > 2]


def _description(own: str, told: Sequence[str], common: Sequence[float], chance: random.Random) -> str:
    pieces = [own]
    while sum(len(piece.split()) for piece in pieces) < WORDS:
        pieces += [s for s in chance.choices(told, cum_weights=common, k=2) if s not in pieces]
    return " ".join(pieces)


def _note(own: str, said: Sequence[str], chance: random.Random) -> str:
    length, pieces = chance.randint(30, 80), _sentences(own)[:2]
    while sum(len(piece.split()) for piece in pieces) < length:
        pieces.append(chance.choice(said))
    return " ".join(pieces)


def _near(town: Place, chance: random.Random) -> tuple[float, float]:
    """A point some 3 km from the middle of a town."""
    return round(town[1] + chance.gauss(0, 0.02), 5), round(town[2] + chance.gauss(0, 0.03), 5)


def _move(record: dict[str, Any], town: Place, chance: random.Random) -> None:
    """Put every place of a service into a town."""
    for at in record.get("service_at_locations") or []:
        location = at.get("location") or {}
        if location.get("latitude") is not None:
            location["latitude"], location["longitude"] = _near(town, chance)
        for address in location.get("addresses") or []:
            address |= {"city": town[0], "postal_code": ""}


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
