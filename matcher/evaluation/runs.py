"""A run: what one matcher showed for each consultation, best first. Read from the rows or files of the batch path."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from matcher.domain import InputError, ServiceId
from matcher.evaluation.trec import read_trec_run

ENDINGS = (".jsonl", ".csv", ".parquet", ".run", ".trec")
COLUMNS = ("consultation_id", "rank", "service_id", "score")


@dataclass(frozen=True, slots=True)
class Shown:
    """One service as it was shown. Standing, distance and reasons are empty in a run that carries none (TREC)."""

    service_id: ServiceId
    score: float = 0.0
    standing: str = ""
    distance_km: float | None = None
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True)
class Run:
    """The lists of one matcher by consultation, best first; none or an empty one where nothing was suggested."""

    name: str
    lists: Mapping[str, tuple[Shown, ...]]
    stamp: str = field(default="")

    def top(self, consultation_id: str, n: int) -> tuple[Shown, ...]:
        """The first ``n`` services shown for a consultation."""
        return self.lists.get(consultation_id, ())[:n]


def run_of_rows(name: str, rows: Iterable[Mapping[str, Any]]) -> Run:
    """A run from rows as ``batch.suggestion_rows`` makes them.

    Raises:
        InputError: a service is shown twice to one person, or two services share a rank.
    """
    ranked: dict[str, dict[int, Shown]] = {}
    stamp = ""
    for row in rows:
        consultation_id, rank = str(row["consultation_id"]), int(row["rank"])
        places = ranked.setdefault(consultation_id, {})
        if rank in places:
            raise InputError(f"run {name}: rank {rank} is given twice for one consultation")
        places[rank] = _shown(row)
        stamp = stamp or str(row.get("stamp") or "")
    lists = {key: tuple(shown for _, shown in sorted(places.items())) for key, places in ranked.items()}
    for listed in lists.values():
        if len({shown.service_id for shown in listed}) < len(listed):
            raise InputError(f"run {name}: a service is listed twice for one consultation")
    return Run(name, lists, stamp)


def read_run(path: Path | str, name: str | None = None) -> Run:
    """A run from a file that ``matcher rescore`` wrote (.jsonl, .csv, .parquet) or a TREC run file (.run, .trec).

    Raises:
        InputError: naming the file and what is wrong with it.
    """
    path = Path(path)
    ending = path.suffix.casefold()
    if ending not in ENDINGS:
        raise InputError(f"{path.name}: a run must end in {', '.join(ENDINGS)}")
    if not path.is_file():
        raise InputError(f"{path.name}: no such file")
    name = name or path.stem
    if ending in (".run", ".trec"):
        ranked = read_trec_run(path)
        return Run(name, {key: tuple(Shown(s, score) for s, score in listed) for key, listed in ranked.items()})
    frame = _frame(path)
    missing = [column for column in COLUMNS if column not in frame.columns]
    if missing and len(frame):
        raise InputError(f"{path.name}: has no column {', '.join(missing)}; is it an output of `matcher rescore`?")
    try:
        return run_of_rows(name, ({str(key): value for key, value in row.items()} for row in frame.to_dict("records")))
    except ValueError:
        raise InputError(f"{path.name}: rank and score must be numbers") from None


def _frame(path: Path) -> pd.DataFrame:
    text = {"consultation_id": str, "service_id": str}
    try:
        if path.suffix.casefold() == ".parquet":
            return pd.read_parquet(path)
        if path.suffix.casefold() == ".jsonl":
            if not path.stat().st_size:
                return pd.DataFrame(columns=list(COLUMNS))
            return pd.read_json(path, lines=True, dtype=text)
        return pd.read_csv(path, dtype=text, encoding="utf-8-sig", keep_default_na=False)
    except (ValueError, OSError) as error:
        raise InputError(f"{path.name}: cannot be read as a run ({type(error).__name__})") from None


def _shown(row: Mapping[str, Any]) -> Shown:
    return Shown(
        service_id=str(row["service_id"]),
        score=float(row["score"]),
        standing=str(row.get("standing") or ""),
        distance_km=_number(row.get("distance_km")),
        reasons=_listed(row.get("reasons")),
    )


def _number(value: Any) -> float | None:
    if value is None or value == "":
        return None
    number = float(value)
    return None if math.isnan(number) else number


def _listed(value: Any) -> tuple[str, ...]:
    """Reasons as a list, or as the text of a CSV cell that joins them by ``; ``."""
    if value is None or isinstance(value, float):
        return ()
    return tuple(piece for piece in value.split("; ") if piece) if isinstance(value, str) else tuple(map(str, value))
