"""The files of a finished run: written in the run's folder, then put in their places together."""

from __future__ import annotations

from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from pathlib import Path

from matcher.batch.change_report import ChangeReport
from matcher.batch.changes import CHANGE_SCHEMA
from matcher.batch.failpoints import reach
from matcher.batch.fair_shares import EXPOSURE_SCHEMA, Exposure
from matcher.batch.ledger import RunFolder
from matcher.batch.previous import EarlierRun
from matcher.batch.rows import CONSULTATION_SCHEMA, REJECT_SCHEMA, SUGGESTION_SCHEMA, Answered
from matcher.batch.spread import SWAP_SCHEMA, plan_swaps, with_swap
from matcher.batch.tables import TableWriter, beside, sync, write_table
from matcher.batch.unmet import UnmetNeeds, write_unmet
from matcher.engine import Engine


@dataclass(frozen=True, slots=True)
class Totals:
    """What a run came to.

    Attributes:
        answered: consultations.
        suggestions: over all of them.
        nothing_fits: consultations without a suggestion.
        rejected: records that could not be read.
        resumed: records that an earlier process had answered.
        files: what was written, the suggestions first.
    """

    answered: int = 0
    suggestions: int = 0
    nothing_fits: int = 0
    rejected: int = 0
    resumed: int = 0
    files: tuple[Path, ...] = ()

    def with_(self, answered: Answered) -> Totals:
        """These totals and one more record."""
        return replace(
            self,
            answered=self.answered + (answered.consultation is not None),
            suggestions=self.suggestions + len(answered.suggestions),
            nothing_fits=self.nothing_fits + (answered.consultation is not None and not answered.suggestions),
            rejected=self.rejected + (answered.reject is not None),
        )


def write_outputs(
    folder: RunFolder, engine: Engine, output: Path, index: Path | None, *, reports: bool, spread: int | None
) -> Totals:
    """Write every output in the run's folder, then put all of them in their places, the suggestions last."""
    names = _Names(output, folder.finished)
    totals, unmet, exposure, changes = Totals(), UnmetNeeds(), Exposure(), ChangeReport()
    swaps = plan_swaps(folder.answers(), spread) if spread else {}
    with _Tables(names, changes=index is not None) as tables:
        for found in folder.answers():
            answered = with_swap(found, swaps.get(found.row))
            tables.write(answered)
            totals = totals.with_(answered)
            for gatherer in (unmet, exposure, changes):
                gatherer.add(answered)
    if reports:
        write_unmet(unmet, names.unmet, names.picture, f"Unmet needs of {totals.answered} people")
        write_table(exposure.rows(engine.catalogue), EXPOSURE_SCHEMA, names.exposure, encoding="utf-8-sig")
    if spread:
        write_table([swap.as_row() for swap in swaps.values()], SWAP_SCHEMA, names.swaps, encoding="utf-8-sig")
    if index:
        with closing(EarlierRun(index)) as earlier:
            changes.write(names.worklist, names.summary, earlier, engine.stamp)
    return replace(totals, files=_put_in_place(folder, output))


def _put_in_place(folder: RunFolder, output: Path) -> tuple[Path, ...]:
    reach("outputs_written")
    written = sorted(folder.finished.iterdir(), key=lambda path: (path.name == output.name, path.name))
    for path in written:
        sync(path)
        path.replace(output.with_name(path.name))
        reach("between_renames")
    sync(output.parent)
    reach("outputs_renamed")
    folder.remove()
    return tuple(output.with_name(path.name) for path in reversed(written))


class _Names:
    """Where a run's files are written before they are put in their places."""

    def __init__(self, output: Path, folder: Path) -> None:
        self.suggestions = folder / output.name
        self.consultations = beside(self.suggestions, "consultations")
        self.rejects = beside(self.suggestions, "rejects")
        self.changes = beside(self.suggestions, "changes")
        self.worklist = beside(self.suggestions, "worklist", ".csv")
        self.summary = beside(self.suggestions, "changes", ".html")
        self.unmet = beside(self.suggestions, "unmet", ".csv")
        self.picture = beside(self.suggestions, "unmet", ".svg")
        self.exposure = beside(self.suggestions, "exposure", ".csv")
        self.swaps = beside(self.suggestions, "spread", ".csv")


class _Tables(ExitStack):
    """The tables that are written row by row."""

    def __init__(self, names: _Names, *, changes: bool) -> None:
        super().__init__()
        self._suggestions = self.enter_context(TableWriter(names.suggestions, SUGGESTION_SCHEMA))
        self._consultations = self.enter_context(TableWriter(names.consultations, CONSULTATION_SCHEMA))
        self._rejects = self.enter_context(TableWriter(names.rejects, REJECT_SCHEMA))
        self._changes = self.enter_context(TableWriter(names.changes, CHANGE_SCHEMA)) if changes else None

    def write(self, answered: Answered) -> None:
        """Add what one record became."""
        self._suggestions.write(answered.suggestions)
        self._consultations.write([answered.consultation] if answered.consultation else [])
        self._rejects.write([answered.reject] if answered.reject else [])
        if self._changes:
            self._changes.write(answered.changes)
