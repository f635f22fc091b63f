"""Spark gives the rows of a local run: any format, any number of partitions, also when an executor is killed."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from matcher.batch import rescore
from matcher.batch.rows import Row
from matcher.batch.spark import answered_frame, numbered, rejects_of, rescore_on_spark, suggestions_of
from matcher.domain import InputError
from matcher.engine import Engine
from tests.caseloads import DAY, an_engine, digests, records, rows_digest, write_caseload

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

pytestmark = [
    pytest.mark.spark,
    # only integers and texts cross the border as pandas frames
    pytest.mark.filterwarnings("ignore:PySpark does not yet fully support pandas:FutureWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]

PEOPLE = [*records(40), {"id": "bad", "age": -1, "note": "x"}, {"note": "no id"}, *records(2)]
KINDS = ("suggestions", "consultations", "rejects")


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    return an_engine(tmp_path_factory.mktemp("taxonomy"))


@pytest.fixture(scope="module")
def caseload(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_caseload(tmp_path_factory.mktemp("people") / "people.jsonl", [*PEOPLE, "{not json", "  "])


@pytest.fixture(scope="module")
def local(engine: Engine, caseload: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    output = tmp_path_factory.mktemp("local") / "cases.parquet"
    totals = rescore(engine, caseload, output, as_of=DAY, workers=1)
    assert (totals.answered, totals.rejected) == (40, 5)
    return digests(output)


def spark_digests(output: Path) -> dict[str, str]:
    paths = (output, output.with_name("cases.consultations.parquet"), output.with_name("cases.rejects.parquet"))
    return {kind: rows_digest(rows_of(path)) for kind, path in zip(KINDS, paths, strict=True)}


def rows_of(path: Path) -> Iterator[Row]:
    yield from pq.read_table(path).to_pylist()


@pytest.mark.parametrize("partitions", [1, 2, 8])
def test_any_number_of_partitions_gives_the_rows_of_a_local_run(
    spark: SparkSession, engine: Engine, caseload: Path, local: dict[str, str], tmp_path: Path, partitions: int
):
    output = tmp_path / "cases.parquet"
    totals = rescore_on_spark(spark, engine, caseload, output, as_of=DAY, partitions=partitions)
    assert (totals.answered, totals.rejected) == (40, 5)
    assert spark_digests(output) == local
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(path.name for path in totals.files)


def test_a_parquet_caseload_and_a_table_give_the_same_rows(spark: SparkSession, engine: Engine, tmp_path: Path):
    names = sorted({name for record in records(20) for name in record})
    table = pa.Table.from_pylist([dict.fromkeys(names) | record for record in records(20)])
    table = table.append_column("max_cost", pa.array([float("nan")] * 20))
    pq.write_table(table, tmp_path / "people.parquet")
    rescore(engine, tmp_path / "people.parquet", tmp_path / "local.jsonl", as_of=DAY, workers=1)
    spark.read.parquet(str(tmp_path / "people.parquet")).createOrReplaceTempView("caseload")
    rescore_on_spark(spark, engine, tmp_path / "people.parquet", tmp_path / "cases.parquet", as_of=DAY)
    expected = digests(tmp_path / "local.jsonl")
    assert spark_digests(tmp_path / "cases.parquet") == expected
    answers = answered_frame(numbered(spark.table("caseload")), engine, as_of=DAY)
    assert (
        rows_digest(row.asDict(recursive=True) for row in suggestions_of(answers).collect()) == expected["suggestions"]
    )
    assert rejects_of(answers).count() == 0


def test_an_executor_that_is_killed_costs_no_row(
    spark: SparkSession, engine: Engine, caseload: Path, local: dict[str, str], tmp_path: Path
):
    killed: list[int] = []
    killer = threading.Thread(target=kill_an_executor, args=(spark, killed))
    killer.start()
    output = tmp_path / "cases.parquet"
    rescore_on_spark(spark, engine, caseload, output, as_of=DAY, partitions=16)
    killer.join()
    assert len(killed) == 1, "validity floor: the executor must die during the job"
    assert spark_digests(output) == local


def kill_an_executor(spark: SparkSession, killed: list[int]) -> None:
    """Kill -9 one executor of this application when some of a stage's 16 tasks are done and others are not."""
    tracker, deadline = spark.sparkContext.statusTracker(), time.monotonic() + 120
    while not killed and time.monotonic() < deadline:
        stages = [tracker.getStageInfo(number) for number in tracker.getActiveStageIds()]
        if any(stage and stage.numTasks == 16 and 2 <= stage.numCompletedTasks < 14 for stage in stages):
            for executor in executors(str(spark.sparkContext.applicationId))[:1]:
                os.kill(executor, signal.SIGKILL)
                killed.append(executor)
        time.sleep(0.02)


def executors(application: str) -> list[int]:
    """The executors of an application, found by their command lines; there are always two of them in this cluster."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            command = (entry / "cmdline").read_bytes().decode(errors="replace").split("\0")
            if application in command and any(part.endswith("CoarseGrainedExecutorBackend") for part in command):
                found.append(int(entry.name))
    return found


def test_an_output_that_is_no_parquet_is_refused(spark: SparkSession, engine: Engine, caseload: Path, tmp_path: Path):
    with pytest.raises(InputError, match=r"cases\.csv: on Spark the output is Parquet"):
        rescore_on_spark(spark, engine, caseload, tmp_path / "cases.csv", as_of=DAY)
