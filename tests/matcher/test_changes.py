"""What changed since an earlier run: new, gone and why, what matters to whom, and a page that a manager can read."""

from __future__ import annotations

import csv
import json
import math
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from matcher.batch import rescore
from matcher.batch.changes import how_much_it_matters
from matcher.batch.tables import read_table
from matcher.domain import InputError, Service
from tests.caseloads import CHOIR, DAY, SECOND_CHOIR, TOWN, WALK, an_engine, write_caseload
from tests.factories import a_service

SINGER = {"id": "singer", "interests": ["singing"], "age": 70}
WALKER = {"id": "walker", "interests": ["walking"], "age": 30}


def two_runs(folder: Path, before: tuple[Service, ...], after: tuple[Service, ...], ending: str = ".jsonl") -> Path:
    """The output of a second run over the same people after the directory changed."""
    people = write_caseload(folder / "people.jsonl", [SINGER, WALKER])
    old, new = folder / f"old{ending}", folder / f"new{ending}"
    rescore(an_engine(folder / "t1", *before), people, old, as_of=DAY, workers=1)
    rescore(an_engine(folder / "t2", *after), people, new, as_of=DAY, workers=1, previous=old)
    return new


def changes(output: Path) -> list[tuple[str, str, str, str]]:
    rows = read_table(output.with_name(f"{output.stem}.changes{output.suffix}"))
    return [(r["consultation_id"], r["change"], r["service_id"], r["why"]) for r in rows]


def worklist(output: Path) -> list[dict[str, str]]:
    with output.with_name(f"{output.stem}.worklist.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("ending", [".jsonl", ".csv", ".parquet"])
@pytest.mark.parametrize(
    ("became", "why"),
    [
        (replace(CHOIR, status="defunct"), "closed"),  # the directory says that it closed
        (None, "not_in_directory"),  # the directory does not have it any more
        (replace(CHOIR, max_age=50.0), "not_eligible"),  # it now sets a limit that the person does not meet
    ],
)
def test_a_service_that_is_gone_has_its_reason(tmp_path: Path, ending: str, became: Service | None, why: str):
    after = tuple(s for s in (became, SECOND_CHOIR, WALK) if s)
    found = changes(two_runs(tmp_path, TOWN, after, ending))
    assert ("singer", "gone", "svc-choir", why) in found
    assert [row for row in found if row[:2] == ("singer", "gone")] == [("singer", "gone", "svc-choir", why)]


def test_a_service_that_is_new_in_the_list_is_named(tmp_path: Path):
    found = changes(two_runs(tmp_path, (CHOIR, WALK), TOWN))
    assert [row for row in found if row[:2] == ("singer", "new")] == [("singer", "new", "svc-choir-2", "new")]


def test_a_service_that_others_out_rank_is_told_from_one_that_is_lost(tmp_path: Path):
    people = write_caseload(tmp_path / "people.jsonl", [SINGER])
    old, new = tmp_path / "old.jsonl", tmp_path / "new.jsonl"
    weak = replace(CHOIR, name="Mill Hall", description="Lunch, cards and now and then singing.", categories=())
    rescore(an_engine(tmp_path / "t1", weak, WALK), people, old, as_of=DAY, top=1, workers=1)
    rescore(
        an_engine(tmp_path / "t2", weak, SECOND_CHOIR, WALK), people, new, as_of=DAY, top=1, workers=1, previous=old
    )
    assert changes(new) == [("singer", "gone", "svc-choir", "out_ranked"), ("singer", "new", "svc-choir-2", "new")]


def test_a_service_with_a_new_condition_says_so_and_which_part_of_its_score_fell(tmp_path: Path):
    output = two_runs(tmp_path, TOWN, (replace(CHOIR, eligibility="Council tenants"), SECOND_CHOIR, WALK))
    rows = list(read_table(output.with_name("new.changes.jsonl")))
    (row,) = [r for r in rows if r["service_id"] == "svc-choir" and r["consultation_id"] == "singer"]
    assert (row["change"], row["reason"]) == (
        "rescored",
        "only for tenants of a landlord: check whose tenant the person is",
    )
    assert any(part.startswith("unsure -") for part in row["parts"])
    fall = sum(float(part.split()[-1]) for part in row["parts"])
    assert row["score_now"] - row["score_before"] == pytest.approx(fall, abs=0.005)


def test_a_service_that_became_full_is_lost_and_says_so(tmp_path: Path):
    people = write_caseload(tmp_path / "people.jsonl", [SINGER])
    old, new = tmp_path / "old.jsonl", tmp_path / "new.jsonl"
    rescore(an_engine(tmp_path / "t1", CHOIR, WALK), people, old, as_of=DAY, top=1, workers=1)
    after = an_engine(tmp_path / "t2", replace(CHOIR, capacity="full"), SECOND_CHOIR, WALK)
    rescore(after, people, new, as_of=DAY, top=1, workers=1, previous=old)
    rows = list(read_table(new.with_name("new.changes.jsonl")))
    assert (rows[0]["service_id"], rows[0]["why"]) == ("svc-choir", "full")
    assert rows[0]["reason"] == "the directory says it is full"
    assert worklist(new)[0]["lost"] == "Mill Hall Singers (was number 1): the directory says it is full"


def test_nothing_changed_gives_an_empty_worklist(tmp_path: Path):
    output = two_runs(tmp_path, TOWN, TOWN)
    assert changes(output) == []
    assert worklist(output) == []
    assert "None." in output.with_name("new.changes.html").read_text(encoding="utf-8")


def test_what_matters_is_what_was_lost_and_by_how_much_the_list_is_better():
    def shown(score: float, rank: int) -> dict[str, float]:
        return {"score": score, "rank": rank}

    lost = {"change": "gone", "why": "closed", "score_before": 0.8, "rank_before": 1}
    passed = {"change": "gone", "why": "out_ranked", "score_before": 0.5, "rank_before": 2}
    before = [shown(0.8, 1), shown(0.5, 2)]
    # the list got worse: only the loss counts, at full worth in first place
    assert how_much_it_matters([lost], before, [shown(0.5, 1)]) == pytest.approx(0.8 / math.log2(2))
    # the list got better and nothing was lost: the gain alone
    better = [shown(0.9, 1), shown(0.8, 2)]
    gain = (0.9 - 0.8) / math.log2(2) + (0.8 - 0.5) / math.log2(3)
    assert how_much_it_matters([passed], before, better) == pytest.approx(gain, abs=1e-6)


def test_the_worklist_begins_with_those_to_whom_it_matters_most(tmp_path: Path):
    before = (*TOWN, a_service(id="svc-x", name="Crib Night", description="Cards and a little singing.", categories=()))
    output = two_runs(tmp_path, before, (CHOIR, SECOND_CHOIR))
    rows = worklist(output)
    assert rows[0]["consultation_id"] == "walker"
    assert [float(row["matters"]) for row in rows] == sorted((float(row["matters"]) for row in rows), reverse=True)
    assert rows[0]["lost"].startswith("Wending Wanderers (was number 1): is no longer in the directory")
    assert "Wending Wanderers" not in rows[0]["first_now"]


def test_people_who_joined_or_left_are_counted_and_not_compared(tmp_path: Path):
    old_people = write_caseload(tmp_path / "a.jsonl", [SINGER, {**WALKER, "id": "left"}])
    new_people = write_caseload(tmp_path / "b.jsonl", [SINGER, {**WALKER, "id": "joined"}])
    old, new = tmp_path / "old.jsonl", tmp_path / "new.jsonl"
    engine = an_engine(tmp_path / "t")
    rescore(engine, old_people, old, as_of=DAY, workers=1)
    rescore(engine, new_people, new, as_of=DAY, workers=1, previous=old)
    assert changes(new) == []
    assert "1 person joined the caseload since, and 1 person left it" in new.with_name("new.changes.html").read_text()


class Links(HTMLParser):
    """Collects whatever a page would load."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [tag] if tag in ("script", "link", "img", "iframe") else []
        self.found += [value or "" for name, value in attrs if name in ("href", "src")]


def test_the_managers_page_loads_nothing_and_escapes_names(tmp_path: Path):
    hostile = replace(CHOIR, name='<script>alert("x")</script> Singers & co')
    page = two_runs(tmp_path, (hostile, SECOND_CHOIR, WALK), (SECOND_CHOIR, WALK)).with_name("new.changes.html")
    text = page.read_text(encoding="utf-8")
    links = Links()
    links.feed(text)
    assert links.found == []
    assert "&lt;script&gt;alert(&#34;x&#34;)&lt;/script&gt; Singers &amp; co" in text
    assert "no longer in the directory" in text
    assert "Changed since the earlier run: the catalogue." in text


def test_a_worklist_in_a_spreadsheet_starts_no_formula(tmp_path: Path):
    hostile = replace(CHOIR, name="=cmd|'/c calc'!A1")
    output = two_runs(tmp_path, (hostile, SECOND_CHOIR, WALK), (SECOND_CHOIR, WALK))
    assert all(not cell.startswith("=") for row in worklist(output) for cell in row.values())
    assert "'=cmd" in output.with_name("new.worklist.csv").read_text(encoding="utf-8-sig")


@pytest.mark.parametrize(
    "content",
    [
        "",
        '{"consultation_id": "a"}\n',
        '{"consultation_id": "a", "rank": "x", "service_id": "s", "service_name": "n", "score": 1}\n',
        "[1]\n",
        "{\n",
    ],
)
def test_an_earlier_run_that_is_none_is_refused_and_nothing_is_left(tmp_path: Path, content: str):
    people = write_caseload(tmp_path / "people.jsonl", [SINGER])
    old = tmp_path / "old.jsonl"
    old.write_text(content, encoding="utf-8")
    if not content:
        rescore(an_engine(tmp_path / "t"), people, tmp_path / "new.jsonl", as_of=DAY, workers=1, previous=old)
        return
    with pytest.raises(InputError, match=r"^old\.jsonl: "):
        rescore(an_engine(tmp_path / "t"), people, tmp_path / "new.jsonl", as_of=DAY, workers=1, previous=old)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["old.jsonl", "people.jsonl", "t"]


def test_the_earlier_run_is_never_overwritten_by_the_one_that_is_compared_with_it(tmp_path: Path):
    people = write_caseload(tmp_path / "people.jsonl", [SINGER])
    old = tmp_path / "old.jsonl"
    rescore(an_engine(tmp_path / "t"), people, old, as_of=DAY, workers=1)
    with pytest.raises(InputError, match="is the earlier run itself"):
        rescore(an_engine(tmp_path / "t2"), people, old, as_of=DAY, previous=old)


def test_changes_are_the_same_with_two_workers(tmp_path: Path):
    people = write_caseload(tmp_path / "people.jsonl", [{**SINGER, "id": f"p{i}"} for i in range(12)])
    old = tmp_path / "old.jsonl"
    rescore(an_engine(tmp_path / "t1"), people, old, as_of=DAY, workers=1)
    engine = an_engine(tmp_path / "t2", SECOND_CHOIR, WALK)
    for name, workers in (("one", 1), ("two", 2)):
        output = tmp_path / f"{name}.jsonl"
        rescore(engine, people, output, as_of=DAY, workers=workers, chunk_size=3, previous=old)
    texts = [(tmp_path / f"{name}.changes.jsonl").read_text() for name in ("one", "two")]
    assert texts[0] == texts[1]
    assert len({json.loads(line)["consultation_id"] for line in texts[0].splitlines()}) == 12
