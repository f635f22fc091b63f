"""A stopped run goes on where it was: same bytes as a run that was never stopped (short; the long form is beside)."""

from __future__ import annotations

import json
import os
import signal
import time
from pathlib import Path

import pytest

from matcher.batch import rescore
from matcher.batch.failpoints import FAILPOINTS
from matcher.batch.rows import Answered
from matcher.domain import MatcherError
from matcher.engine import Engine
from tests.caseloads import DAY, SECOND_CHOIR, an_engine, file_bytes, records, write_caseload
from tests.reliability.rescore_kills import Case, a_case

PEOPLE, CHUNK = 120, 20


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    return an_engine(tmp_path_factory.mktemp("taxonomy"))


@pytest.fixture(scope="module")
def whole(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    case = a_case(engine, tmp_path_factory.mktemp("whole") / "case", PEOPLE, CHUNK)
    assert case.finish() == {"answered": PEOPLE, "rejected": 2, "resumed": 0}
    return case.outputs()


@pytest.fixture
def case(engine: Engine, tmp_path: Path) -> Case:
    return a_case(engine, tmp_path / "case", PEOPLE, CHUNK)


@pytest.mark.parametrize("point", FAILPOINTS)
def test_a_run_killed_at_a_named_point_ends_with_the_same_bytes_when_resumed(
    case: Case, whole: dict[str, bytes], point: str
):
    nth = ":3" if point in ("part_written", "part_renamed", "chunk_committed") else ""
    code, _ = case.start(MATCHER_FAILPOINT=f"{point}{nth}").end()
    assert code == -signal.SIGKILL
    assert {name for name in file_bytes(case.out) if not name.startswith(".")} <= set(whole)
    assert case.finish(resume=True)["answered"] == PEOPLE
    assert case.outputs() == whole


def test_what_was_safe_is_not_done_again(case: Case, whole: dict[str, bytes]):
    case.start(MATCHER_FAILPOINT="chunk_committed:4").end()
    assert case.finish(resume=True)["resumed"] == 4 * CHUNK
    assert case.outputs() == whole


def test_a_resume_that_skips_a_chunk_would_be_noticed(case: Case, whole: dict[str, bytes]):
    case.start(MATCHER_FAILPOINT="chunk_committed:3").end()
    case.finish(resume=True, MATCHER_TEST_BREAK="resume_skips_chunk")
    assert case.outputs() != whole


def test_six_kills_at_any_time_end_with_the_same_bytes(case: Case, whole: dict[str, bytes]):
    for chunks in (1, 7, 19, 40, 77, 101):
        run = case.start(resume=True, chunk_size=1)
        run.wait_for_chunks(chunks)
        run.kill()
    assert case.finish(resume=True)["resumed"] >= 101
    assert case.outputs() == whole


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_stop_that_is_asked_for_says_how_to_go_on(case: Case, whole: dict[str, bytes], number: signal.Signals):
    run = case.start(chunk_size=1)
    run.wait_for_chunks(5)
    run.signal(number)
    code, said = run.end()
    assert (code, said) == (1, "stopped; what is answered is safe: run the same command with --resume to go on")
    assert [name for name in file_bytes(case.out) if not name.startswith(".")] == []
    case.finish(resume=True)
    assert case.outputs() == whole


def test_workers_end_when_their_parent_is_killed(case: Case):
    run = case.start(chunk_size=1)
    run.wait_for_chunks(3)
    assert len(run.processes()) == 3  # the parent and two workers
    run.kill()
    deadline = time.monotonic() + 30
    while run.processes() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert run.processes() == []


def test_a_second_run_on_the_same_output_is_refused_while_the_first_lives_and_not_after(case: Case):
    first = case.start(chunk_size=1)
    first.wait_for_chunks(3)
    first.signal(signal.SIGSTOP)
    refusal = f"another run (process {first.process.pid}) is writing this output; wait or choose another"
    assert case.start(resume=True).end() == (1, refusal)
    first.kill()
    assert case.finish(resume=True)["answered"] == PEOPLE


# In one process: what a resume refuses


def interrupted(folder: Path, engine: Engine) -> Path:
    """An output whose run stopped after its first chunk."""
    people = write_caseload(folder / "people.jsonl", records(40))
    output = folder / "cases.csv"

    def stop(done: int, total: int) -> None:
        if done >= 20:
            raise MatcherError("stop here")

    with pytest.raises(MatcherError, match="stop here"):
        rescore(engine, people, output, as_of=DAY, workers=1, chunk_size=20, progress=stop)
    return output


def test_an_unfinished_run_is_never_overwritten_by_a_new_one(tmp_path: Path, engine: Engine):
    output = interrupted(tmp_path, engine)
    with pytest.raises(MatcherError, match="an unfinished run for this output exists: add --resume"):
        rescore(engine, tmp_path / "people.jsonl", output, as_of=DAY)


@pytest.mark.parametrize("change", ["catalogue", "input", "day", "top", "spread"])
def test_a_resume_over_something_else_is_refused_and_says_what_changed(tmp_path: Path, engine: Engine, change: str):
    output = interrupted(tmp_path, engine)
    if change == "catalogue":
        engine = an_engine(tmp_path / "t2", SECOND_CHOIR)
    if change == "input":
        write_caseload(tmp_path / "people.jsonl", records(41))
    day = DAY.replace(day=2) if change == "day" else DAY
    top = 3 if change == "top" else None
    spread = 2 if change == "spread" else None
    said = {
        "catalogue": "the catalogue",
        "input": "the caseload",
        "day": r"the day \(--as-of\); it was 2026-11-01",
        "top": r"the length of the lists \(--top\)",
        "spread": "--spread",
    }
    with pytest.raises(MatcherError, match=f"cannot resume, changed since the run began: {said[change]};"):
        rescore(engine, tmp_path / "people.jsonl", output, as_of=day, top=top, spread=spread, resume=True)
    assert not output.exists()


def test_a_damaged_part_and_all_after_it_are_done_again(tmp_path: Path, engine: Engine):
    output = interrupted(tmp_path, engine)
    part = next((tmp_path / ".cases.csv.run").glob("*.part"))
    part.write_bytes(part.read_bytes()[:-20])
    totals = rescore(engine, tmp_path / "people.jsonl", output, as_of=DAY, resume=True)
    assert (totals.answered, totals.resumed) == (40, 0)


def test_resuming_where_nothing_was_begun_is_a_whole_run(tmp_path: Path, engine: Engine):
    people = write_caseload(tmp_path / "people.jsonl", records(5))
    totals = rescore(engine, people, tmp_path / "cases.csv", as_of=DAY, resume=True)
    assert (totals.answered, totals.resumed) == (5, 0)


def test_an_answer_survives_the_journey_through_a_part():
    answer = Answered(1, "a", [{"score": 0.1 + 0.2, "reasons": ["x\u2028y"], "distance_km": None}])
    assert Answered(**json.loads(json.dumps(answer.__dict__, ensure_ascii=False))) == answer


def test_a_dead_worker_ends_the_run_with_one_line_and_no_process_is_left(case: Case, whole: dict[str, bytes]):
    run = case.start(chunk_size=1)
    run.wait_for_chunks(3)
    worker = next(pid for pid in run.processes() if pid != run.process.pid)
    os.kill(worker, signal.SIGKILL)
    assert run.end() == (1, "a worker process died (out of memory?); run again with --resume")
    assert run.processes() == []
    case.finish(resume=True)
    assert case.outputs() == whole
