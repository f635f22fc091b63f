"""The files of an evaluation: a directory, the consultations to answer, what judges said of the answers."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from matcher.batch import read_caseload
from matcher.consultations import read_consultation
from matcher.data_files import data_path, sample_catalogue
from matcher.domain import Consultation, InputError


@dataclass(frozen=True)
class Inputs:
    """Files that belong together. One left out is looked for beside the one before it; else it is the sample town's."""

    catalogue: tuple[Path, ...] = ()
    consultations: Path | None = None
    judgements: Path | None = None

    def catalogue_paths(self) -> tuple[Path, ...]:
        """The directories given, or the sample town's."""
        return self.catalogue or (sample_catalogue(),)

    def consultations_path(self) -> Path:
        """The consultations given, or those beside the catalogue."""
        return self.consultations or self._beside("consultations.jsonl", "--consultations")

    def judgements_path(self) -> Path:
        """The judgements given, or those beside the consultations."""
        if self.judgements:
            return self.judgements
        if self.consultations:
            return _existing(self.consultations.with_name("judgements.csv"), "--judgements")
        return self._beside("judgements.csv", "--judgements")

    def _beside(self, name: str, option: str) -> Path:
        if not self.catalogue:
            return data_path("sample", name)
        return _existing(self.catalogue[0].with_name(name), option)


def read_consultations(path: Path) -> list[Consultation]:
    """All consultations of a caseload file.

    Raises:
        InputError: naming the first record that cannot be read; an evaluation leaves nobody out in silence.
    """
    found: list[Consultation] = []
    for row, record in enumerate(read_caseload(path), start=1):
        try:
            consultation = read_consultation(record)
        except InputError as error:
            raise InputError(f"{path.name} record {row}: {error}") from None
        if not consultation.id:
            raise InputError(f"{path.name} record {row}: needs an id")
        found.append(consultation)
    if len({consultation.id for consultation in found}) < len(found):
        raise InputError(f"{path.name}: two consultations have the same id")
    return found


def _existing(path: Path, option: str) -> Path:
    if not path.is_file():
        raise InputError(f"{path.name}: not found beside the other files; name it with {option}")
    return path
