"""Unmet need by area, age band and need, without small numbers: a table for analysts and a picture for managers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

import pyarrow as pa

from matcher.batch.pages import environment
from matcher.batch.rows import AGE_BANDS, NOT_SAID, OLDEST, Answered, Row
from matcher.batch.tables import write_table

SMALLEST_SHOWN = 5
ALL = "all"
MOST_NEEDS, MOST_AREAS = 15, 10
"""How much of the table is drawn."""
OTHER_AREAS, OTHER_AGES = "other areas", "other ages"
NOTE = "fewer than 5"

UNMET_SCHEMA = pa.schema(
    [
        ("need", pa.string()),
        ("area", pa.string()),
        ("age_band", pa.string()),
        ("people", pa.int64()),
        ("note", pa.string()),
    ]
)
_BANDS = (*(name for _, name in AGE_BANDS), OLDEST, NOT_SAID)


class UnmetNeeds:
    """Counts people, by need that no suggestion meets, area and age band."""

    def __init__(self) -> None:
        self._counts: Counter[tuple[str, str, str]] = Counter()

    def add(self, answered: Answered) -> None:
        """Count one person, once a need."""
        row = answered.consultation
        if row is not None:
            self._counts.update((need, row["area"], row["age_band"]) for need in set(row["unmet_needs"]))

    def rows(self) -> list[Row]:
        """A total a need, then its areas, then the age bands of each area; the most common first.

        Nobody can be found in it: what counts fewer than five people is not listed on its own (see :func:`listed`).
        """
        rows = []
        needs = self._summed(0)
        for need in _most_common(needs):
            few = needs[need] < SMALLEST_SHOWN
            rows.append(_row(need, ALL, ALL, None if few else needs[need]))
            if not few:
                rows += self._area_rows(need)
        return rows

    def _area_rows(self, need: str) -> Iterator[Row]:
        for area, people in listed(self._summed(1, need), OTHER_AREAS).items():
            yield _row(need, area, ALL, people)
            bands = listed(self._summed(2, need, area), OTHER_AGES)
            yield from (_row(need, area, band, bands[band]) for band in (*_BANDS, OTHER_AGES) if band in bands)

    def _summed(self, level: int, *fixed: str) -> Counter[str]:
        sums: Counter[str] = Counter()
        for key, count in self._counts.items():
            if key[: len(fixed)] == fixed:
                sums[key[level]] += count
        return sums

    def picture(self, title: str) -> str:
        """The commonest unmet needs in the areas that have most of them, as SVG; the darker, the more people."""
        people = {(r["need"], r["area"]): r["people"] for r in self.rows() if r["age_band"] == ALL and r["people"]}
        needs = list(dict.fromkeys(need for need, _ in people))[:MOST_NEEDS]
        areas = [a for a in (*_most_common(self._summed(1)), OTHER_AREAS) if any((n, a) in people for n in needs)]
        drawn = [*areas[:MOST_AREAS], *areas[MOST_AREAS:][-1:]]
        largest = max((people.get((n, a), 0) for n in needs for a in drawn), default=0)
        cells = {n: {a: _cell(people.get((n, a), 0), largest) for a in (ALL, *drawn)} for n in needs}
        template = environment().get_template("unmet.svg.j2")
        return template.render(title=title, needs=cells, areas=(ALL, *drawn), most_needs=MOST_NEEDS)


def listed(counts: Mapping[str, int], other: str) -> dict[str, int]:
    """The counts that may stand beside their shown total, the most common first; the rest are one count, ``other``.

    Those under five are put together. Where even together they are fewer than five, the smallest of the others join
    them: else the total would give them away. Where nothing can stand alone, nothing is listed.
    """
    names = _most_common(counts)
    alone = [name for name in names if counts[name] >= SMALLEST_SHOWN]
    while alone and 0 < sum(counts[name] for name in names if name not in alone) < SMALLEST_SHOWN:
        alone.pop()
    together = sum(counts[name] for name in names if name not in alone)
    shown = {name: counts[name] for name in alone}
    return {**shown, other: together} if alone and together else shown


def write_unmet(unmet: UnmetNeeds, table: Path, picture: Path, title: str) -> None:
    """Write the table (CSV) and the picture (SVG)."""
    write_table(unmet.rows(), UNMET_SCHEMA, table, encoding="utf-8-sig")
    picture.write_text(unmet.picture(title), encoding="utf-8")


def _most_common(counts: Mapping[str, int]) -> list[str]:
    return sorted(counts, key=lambda name: (-counts[name], name))


def _row(need: str, area: str, band: str, people: int | None) -> Row:
    return {"need": need, "area": area, "age_band": band, "people": people, "note": NOTE if people is None else ""}


def _cell(people: int, largest: int) -> dict[str, object]:
    """How one cell is drawn: its number on a grey from light to dark by the share of the largest."""
    grey = round(245 - 165 * people / max(largest, people)) if people else 255
    return {"people": people, "fill": f"#{grey:02x}{grey:02x}{grey:02x}", "light": grey < 140}
