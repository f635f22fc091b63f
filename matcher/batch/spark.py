"""Whole caseloads on Spark (extra ``spark``): executors call :func:`matcher.batch.answer`, as a local run does.

In a notebook of a shared platform, with its own session::

    from matcher import load_engine
    from matcher.batch.spark import answered_frame, numbered, suggestions_of

    engine = load_engine("services.json")
    answers = answered_frame(numbered(spark.table("caseload")), engine, as_of=date(2026, 11, 1))
    suggestions_of(answers).write.saveAsTable("suggestions")
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import pyarrow as pa

from matcher.batch.answering import answer, repeated_reason
from matcher.batch.outputs import Totals
from matcher.batch.rows import CONSULTATION_SCHEMA, REJECT_SCHEMA, SUGGESTION_SCHEMA
from matcher.batch.shipping import Parcel
from matcher.batch.tables import beside
from matcher.caseload import record_of_cells
from matcher.consultations import parse_json
from matcher.domain import InputError, MatcherError
from matcher.engine import Engine

if TYPE_CHECKING:
    from pyspark import Broadcast
    from pyspark.sql import DataFrame, SparkSession

LOCAL = "local[*]"
_ANSWERS = "row long, consultation_id string, answer string"


def start_session(master: str | None = None) -> SparkSession:
    """A session of our own: on this computer's cores, or at the master's address.

    Raises:
        MatcherError: the extra ``spark`` or a Java is missing.
    """
    try:
        from pyspark.sql import SparkSession
    except ImportError:
        raise MatcherError("--on spark needs the extra: pip install 'service-matcher[spark]'") from None
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    master = master or LOCAL
    builder = SparkSession.builder.appName("matcher rescore").master(master).config("spark.ui.enabled", "false")
    if master.startswith("local"):
        builder = builder.config("spark.driver.host", "127.0.0.1").config("spark.driver.bindAddress", "127.0.0.1")
    try:
        return builder.getOrCreate()
    except (OSError, RuntimeError):
        raise MatcherError("Spark does not start; it needs Java 17 (Debian: openjdk-17-jre-headless)") from None


def read_caseload_frame(spark: SparkSession, caseload: Path | str) -> DataFrame:
    """A caseload as numbered records: .jsonl, .parquet (files or folders), or the name of a table."""
    text = str(caseload)
    if text.endswith(".jsonl"):
        lines = spark.read.text(text).filter(r"value rlike '\\S'")
        return _with_rows(lines.selectExpr("value AS record", "false AS cells"))
    return numbered(spark.read.parquet(text) if text.endswith(".parquet") else spark.table(text))


def numbered(frame: DataFrame) -> DataFrame:
    """A table with the caseload's columns as numbered records, each a JSON text."""
    from pyspark.sql import functions as f

    floating = [name for name, kind in frame.dtypes if kind in ("double", "float")]
    plain = frame.withColumns({name: f.when(~f.isnan(name), f.col(name)) for name in floating})
    record = f.to_json(f.struct(*(f.col(f"`{name}`") for name in plain.columns)))
    return _with_rows(plain.select(record.alias("record"), f.lit(True).alias("cells")))


def _with_rows(records: DataFrame) -> DataFrame:
    """Records with their places in the caseload, from 1."""
    pairs = records.rdd.zipWithIndex().map(lambda pair: (pair[1] + 1, pair[0]["record"], pair[0]["cells"]))
    return records.sparkSession.createDataFrame(pairs, "row long, record string, cells boolean")


def answered_frame(records: DataFrame, engine: Engine, *, as_of: date, top: int | None = None) -> DataFrame:
    """One row a record: its place, its id, and its answer as JSON (see :class:`matcher.batch.rows.Answered`).

    The engine is sent once to each executor. Give ``records`` as many partitions as there are cores, or more.
    """
    shipped = records.sparkSession.sparkContext.broadcast(Parcel(engine))

    def answers(frames: Iterator[pd.DataFrame]) -> Iterator[pd.DataFrame]:
        for frame in frames:
            yield _answers(frame, shipped, as_of, top)

    return _first_of_each(records.mapInPandas(answers, _ANSWERS))


def _answers(frame: pd.DataFrame, shipped: Broadcast[Parcel], as_of: date, top: int | None) -> pd.DataFrame:
    engine = shipped.value.engine
    records = zip(frame["row"].tolist(), frame["record"].tolist(), frame["cells"].tolist(), strict=True)
    answered = [
        answer(engine, row, record_of_cells(parse_json(record)) if cells else record, as_of=as_of, top=top)
        for row, record, cells in records
    ]
    return pd.DataFrame(
        {
            "row": [a.row for a in answered],
            "consultation_id": [None if a.consultation is None else a.consultation_id for a in answered],
            "answer": [json.dumps(a.__dict__, ensure_ascii=False) for a in answered],
        }
    )


def _first_of_each(answers: DataFrame) -> DataFrame:
    """Of answers with the same id the first is kept; the others become rejects, as in a local run."""
    from pyspark.sql import functions as f

    first = answers.groupBy("consultation_id").agg(f.min("row").alias("first"), f.count("row").alias("times"))
    repeated = first.filter("times > 1 AND consultation_id IS NOT NULL").drop("times")
    return answers.join(repeated, "consultation_id", "left").select(
        "row", "consultation_id", "answer", f.when(f.col("first") < f.col("row"), f.col("first")).alias("first")
    )


def suggestions_of(answers: DataFrame) -> DataFrame:
    """One row a suggestion, columns as in a local run."""
    return _part(answers.filter("first IS NULL"), "suggestions", SUGGESTION_SCHEMA, listed=True)


def consultations_of(answers: DataFrame) -> DataFrame:
    """One row a consultation, columns as in a local run."""
    return _part(answers.filter("first IS NULL"), "consultation", CONSULTATION_SCHEMA)


def rejects_of(answers: DataFrame) -> DataFrame:
    """One row a record that could not be read, columns as in a local run."""
    from pyspark.sql import functions as f

    unread = _part(answers.filter("first IS NULL"), "reject", REJECT_SCHEMA)
    reason = f.format_string(repeated_reason("%d"), "first")
    repeated = answers.filter("first IS NOT NULL").select(
        "row", "consultation_id", f.lit("id").alias("field"), reason.alias("reason")
    )
    return unread.unionByName(repeated)


def _part(answers: DataFrame, name: str, schema: pa.Schema, *, listed: bool = False) -> DataFrame:
    from pyspark.sql import functions as f
    from pyspark.sql.pandas.types import from_arrow_schema
    from pyspark.sql.types import ArrayType, StructField, StructType

    row = from_arrow_schema(schema)
    kind = StructType([StructField(name, ArrayType(row) if listed else row)])
    parsed = answers.select(f.from_json("answer", kind).getField(name).alias("part")).filter("part IS NOT NULL")
    return parsed.select(f.explode("part").alias("part")).select("part.*") if listed else parsed.select("part.*")


def rescore_on_spark(
    spark: SparkSession,
    engine: Engine,
    caseload: Path | str,
    output: Path,
    *,
    as_of: date,
    top: int | None = None,
    partitions: int | None = None,
) -> Totals:
    """Answer a whole caseload and write the three outputs, each a folder of Parquet files.

    Args:
        spark: any session.
        engine: a fitted engine.
        caseload: .jsonl, .parquet or the name of a table.
        output: a name that ends in .parquet.
        as_of: the day to answer for.
        top: how many suggestions at most.
        partitions: into how many tasks the work is cut; as Spark read it when left out.

    Raises:
        InputError: the output's name does not end in .parquet.
    """
    from pyspark import StorageLevel

    if output.suffix.casefold() != ".parquet":
        raise InputError(f"{output.name}: on Spark the output is Parquet; choose a name that ends in .parquet")
    records = read_caseload_frame(spark, caseload)
    records = records.repartition(partitions) if partitions else records
    answers = answered_frame(records, engine, as_of=as_of, top=top).persist(StorageLevel.DISK_ONLY)
    files = (output, beside(output, "consultations"), beside(output, "rejects"))
    frames = (suggestions_of(answers), consultations_of(answers), rejects_of(answers))
    for path, frame in zip(files, frames, strict=True):
        frame.write.mode("overwrite").parquet(str(path))
    answers.unpersist()
    suggested, answered, rejected = (spark.read.parquet(str(path)).count() for path in files)
    nothing = spark.read.parquet(str(files[1])).filter("suggested = 0").count()
    return Totals(answered, suggested, nothing, rejected, files=files)
