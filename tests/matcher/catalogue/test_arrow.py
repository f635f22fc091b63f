"""Records become the table that Arrow itself would make of them; what takes long to import stays unimported."""

import subprocess
import sys
from datetime import date
from random import Random

import numpy as np
import pyarrow as pa
import pytest

from matcher.catalogue.arrow import array_of, digest_of, in_batches, numbers_of, texts_at

SESSION = pa.struct([("day", pa.int8()), ("freq", pa.string()), ("modes", pa.list_(pa.string()))])
SCHEMA = pa.schema(
    [
        ("id", pa.string()),
        ("cost", pa.float64()),
        ("ends_on", pa.date32()),
        ("areas", pa.list_(pa.string())),
        ("sessions", pa.list_(SESSION)),
    ]
)


def a_record(random):
    """A record with anything missing now and then."""
    text = random.choice([None, "", "Café £5 🙂", "a\0b"])
    session = {"day": random.choice([None, -1, 6]), "freq": text, "modes": random.choice([None, (), ("phone", "")])}
    return {
        "id": text,
        "cost": random.choice([None, 0, 2.5, float("inf")]),
        "ends_on": random.choice([None, date(1969, 12, 31), date(2026, 11, 1), date.min]),
        "areas": random.choice([None, [], ["Leeds", None, "Ely"]]),
        "sessions": random.choice([None, [], [session], [session, None, session]]),
    }


def a_batch(records):
    return pa.RecordBatch.from_arrays([array_of([r[f.name] for r in records], f.type) for f in SCHEMA], schema=SCHEMA)


@pytest.mark.parametrize("rows", [0, 1, 9, 200])
def test_a_batch_is_what_arrow_makes_of_the_same_records(rows):
    random = Random(rows)  # noqa: S311  no secret
    records = [a_record(random) for _ in range(rows)]
    batch = a_batch(records)
    batch.validate(full=True)
    assert batch.equals(pa.RecordBatch.from_pylist(records, schema=SCHEMA))


@pytest.mark.parametrize("size", [1, 7, 64])
def test_rows_of_many_batches_are_those_of_one_table(size):
    random = Random(size)  # noqa: S311  no secret
    batches = [a_batch([a_record(random) for _ in range(rows)]) for rows in (5, 1, 0, 30)]
    rows = np.array([*random.sample(range(36), 36), 3, 3])
    table = in_batches(batches, rows, size)
    table.validate(full=True)
    assert table.equals(pa.Table.from_batches(batches).take(pa.array(rows)))
    assert {batch.num_rows for batch in table.to_batches()[:-1]} <= {size}


@pytest.mark.parametrize("cut", [slice(None), slice(3, 90), slice(0, 0)])
def test_a_text_is_read_as_arrow_gives_it_and_is_empty_where_it_is_missing(cut):
    random = Random(7)  # noqa: S311  no secret
    texts = a_batch([a_record(random) for _ in range(100)]).column("id")[cut]
    read = texts_at(texts)
    assert [read(place).decode() for place in range(len(texts))] == [text or "" for text in texts.to_pylist()]


@pytest.mark.parametrize("rows", [0, 1, 9, 20])
def test_numbers_are_those_of_the_column_with_the_unknown_filled_in(rows):
    numbers = [None if n % 3 == 1 else n / 4 for n in range(rows)]
    column = pa.chunked_array([pa.array(numbers, pa.float64()), pa.array([8.0, 9.0]).slice(1)])
    assert numbers_of(column.chunks, np.float64, -1).tolist() == [*(-1 if n is None else n for n in numbers), 9.0]
    days = pa.array([date(1970, 1, 2), None], pa.date32())
    assert numbers_of([days, days.slice(1)], np.int32, -7).tolist() == [1, -7, -7]


@pytest.mark.parametrize("rows", [1, 9, 20])
def test_a_digest_tells_contents_apart_and_not_how_they_are_cut(rows):
    random = Random(rows)  # noqa: S311  no secret
    records = [a_record(random) for _ in range(rows)]
    table = pa.Table.from_batches([a_batch(records)])
    cut = in_batches([a_batch(records[:5]), a_batch(records[5:])], np.arange(rows), 4)
    assert digest_of(table) == digest_of(cut) == digest_of(table.slice(0))
    assert digest_of(table.slice(1)) == digest_of(pa.Table.from_batches([a_batch(records[1:])]))
    changed = [{**record, name: None} for record in records[:1] for name in record if record[name] is not None]
    digests = {digest_of(pa.Table.from_batches([a_batch([record, *records[1:]])])) for record in changed}
    assert len(digests) == len(changed)
    assert digest_of(table) not in digests


def test_what_is_not_a_number_stays_so():
    (cost,) = array_of([float("nan")], pa.float64()).to_pylist()
    assert cost != cost


def test_an_answer_from_the_sample_town_imports_neither_pandas_nor_scipy():
    code = """
import sys
from matcher import Consultation, SAMPLE_DATE, load_engine
load_engine(semantic=False).suggest(Consultation(note="lonely"), as_of=SAMPLE_DATE)
sys.exit(not {"pandas", "scipy"}.isdisjoint(sys.modules))
"""
    done = subprocess.run([sys.executable, "-c", code], check=False)
    assert done.returncode == 0
