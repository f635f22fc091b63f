from __future__ import annotations

from pathlib import Path

import pytest

from matcher.data_files import data_path
from matcher.domain import InputError
from matcher.evaluation.judgements import UNLISTED, read_judgements

HEAD = "consultation_id,service_id,grade,facets,barred\n"
FACETS = "consultation_id,facet,label\nann,a,company\nann,d,crib\n"


def files(folder: Path, judgements: str, facets: str | None = FACETS) -> Path:
    if facets is not None:
        (folder / "facets.csv").write_text(facets, encoding="utf-8")
    path = folder / "judgements.csv"
    path.write_text(judgements, encoding="utf-8")
    return path


def test_grades_facets_and_reasons_are_read(tmp_path: Path) -> None:
    found = read_judgements(files(tmp_path, f'{HEAD}ann,s1,3,ad,\nann,s2,0,,"men only, full"\n'))
    assert found.of("ann", "s1").grade == 3
    assert found.of("ann", "s1").facets == {"a", "d"}
    assert found.of("ann", "s2").barred == "men only, full"
    assert found.facets["ann"] == {"a": "company", "d": "crib"}


def test_a_pair_that_is_not_listed_is_grade_0(tmp_path: Path) -> None:
    found = read_judgements(files(tmp_path, f"{HEAD}ann,s1,3,a,\n"))
    assert found.of("ann", "s9") == UNLISTED
    assert found.of("bob", "s1") == UNLISTED
    assert not found.listed("ann", "s9")


def test_without_a_facets_file_the_letters_used_are_the_facets(tmp_path: Path) -> None:
    found = read_judgements(files(tmp_path, f"{HEAD}ann,s1,3,a,\nann,s2,2,b,\nbob,s1,1,,\n", facets=None))
    assert found.facets == {"ann": {"a": "a", "b": "b"}, "bob": {}}


def test_a_byte_order_mark_and_letters_with_separators_do_no_harm(tmp_path: Path) -> None:
    path = files(tmp_path, f'\ufeff{HEAD}ann,s1,3,"a; D",\n')
    assert read_judgements(path).of("ann", "s1").facets == {"a", "d"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("consultation_id,service_id\nann,s1\n", "no column grade"),
        (f"{HEAD}ann,s1,4,,\n", "line 2: grade must be 0, 1, 2 or 3"),
        (f"{HEAD}ann,s1,good,,\n", "line 2: grade"),
        (f"{HEAD}ann,s1,3,a,\nann,s1,2,a,\n", "line 3: .* judged twice"),
        (f"{HEAD}ann,s1,3,z,\n", "line 2: facets names a letter"),
        (f"{HEAD}ann,,3,a,\n", "line 2: service_id is empty"),
        (HEAD, "holds no judgement"),
        ("", "no column"),
    ],
)
def test_a_fault_is_named_with_file_and_line(text: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=rf"judgements\.csv.*{message}"):
        read_judgements(files(tmp_path, text))


def test_a_file_that_is_missing_or_not_text_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        read_judgements(tmp_path / "none.csv")
    (tmp_path / "binary.csv").write_bytes(b"\xff\xfe\x00\x00")
    with pytest.raises(InputError, match="cannot be read"):
        read_judgements(tmp_path / "binary.csv")


def test_a_facet_of_two_letters_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"facets\.csv line 2: facet must be one letter"):
        read_judgements(files(tmp_path, f"{HEAD}ann,s1,1,,\n", "consultation_id,facet,label\nann,ab,x\n"))


def test_the_sample_town_has_72_judged_consultations() -> None:
    found = read_judgements(data_path("sample", "judgements.csv"))
    assert len(found.pairs) == len(found.facets) == 72
    assert sum(map(found.has_best, found.pairs)) == 66
