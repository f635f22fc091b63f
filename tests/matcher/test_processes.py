"""Work shared out over processes gives what one process gives; whatever ends it, no worker is left."""

import multiprocessing
import os
import threading
import time
from dataclasses import fields

import numpy as np
import pytest

from matcher import Settings, data_path
from matcher.catalogue import read_with_findings
from matcher.domain import CatalogueError, MatcherError
from matcher.eligibility import read_limits
from matcher.offers import fit_offers
from matcher.processes import Spread, cores, in_order, side_by_side, threads
from matcher.scorers.counting import count_postings
from matcher.sparse import SparseRows
from matcher.taxonomy import packaged_taxonomy
from tests.factories import a_feed_service, at_location

ALONE = Spread(workers=1)
SPREADS = [Spread(workers=2, chunk=7, fewest=7), Spread(workers=3, chunk=50, fewest=1)]


def arrays_of(record):
    """The arrays of a record, those of matrices in it too."""
    for field in fields(record):
        value = getattr(record, field.name)
        if isinstance(value, SparseRows):
            yield from arrays_of(value)
        elif isinstance(value, np.ndarray):
            yield value


def are_the_same(one, other):
    pairs = zip(arrays_of(one), arrays_of(other), strict=True)
    return all(a.dtype == b.dtype and a.tobytes() == b.tobytes() for a, b in pairs)


@pytest.fixture(scope="module")
def directories(tmp_path_factory):
    """The sample town a line a service with all that may be wrong in between; and once more in other forms."""
    import json

    folder = tmp_path_factory.mktemp("directories")
    records = json.loads(data_path("sample", "services.json").read_text(encoding="utf-8"))["contents"]
    odd = [
        "junk",
        {"id": "no-name"},
        records[3] | {"description": "Fuller. " * 100},
        records[5] | {"name": "Another name"},
        {"term": "a taxonomy term"},
        a_feed_service(id="odd", minimum_age=200, url="none", last_modified="31 Feb"),
        a_feed_service(id="refuge", description="A refuge for women fleeing abuse.", **at_location()),
    ]
    texts = [json.dumps(record) for record in [*records[:60], *odd, *records[60:], *odd]]
    texts[20:20] = ["", '{"torn": ', "[" + texts[1] + "," + texts[2] + "]"]
    lines, document, table = folder / "lines.jsonl", folder / "pages.json", folder / "table.csv"
    lines.write_text("\n".join(texts), encoding="utf-8")
    document.write_text(json.dumps({"contents": [*records[:40], *odd], "total_items": 99}), encoding="utf-8")
    rows = [f"{number},Group {number % 9},{'x,' * (number % 7 == 0)}" for number in range(60)]
    table.write_text("\n".join(["id,name,description", *rows, '60,Torn,"']), encoding="utf-8")
    return lines, document, table


@pytest.mark.parametrize("spread", SPREADS)
def test_a_directory_is_read_alike_by_any_number_of_processes(directories, spread):
    one, many = (read_with_findings(*directories, spread=how) for how in (ALONE, spread))
    assert one.findings == many.findings
    assert len({finding.code for finding in one.findings}) > 6
    assert one.catalogue.version == many.catalogue.version
    assert one.catalogue.table.equals(many.catalogue.table)
    assert are_the_same(one.catalogue, many.catalogue)


@pytest.mark.parametrize("spread", SPREADS)
def test_a_catalogue_is_worked_out_alike_by_any_number_of_processes(directories, spread):
    catalogue, taxonomy, settings = read_with_findings(*directories).catalogue, packaged_taxonomy(), Settings()
    for work in (
        lambda how: fit_offers(catalogue, taxonomy, settings.offers, None, how),
        lambda how: read_limits(catalogue, how),
        lambda how: count_postings(catalogue, settings.lexical, how),
    ):
        assert are_the_same(work(ALONE), work(spread))


def test_an_error_in_a_file_is_the_same_error_from_many_processes(tmp_path):
    (tmp_path / "none.jsonl").write_text('{"id": ""}\n' * 20, encoding="utf-8")
    said = []
    for how in (ALONE, *SPREADS):
        with pytest.raises(CatalogueError) as refused:
            read_with_findings(tmp_path / "none.jsonl", spread=how)
        said.append(str(refused.value))
    assert set(said) == {"none.jsonl: no service could be read (20 records: has no id and no name)"}


def process_of(_chunk):
    return os.getpid()


def test_little_work_is_done_in_this_process():
    assert set(in_order(process_of, range(9), Spread(workers=2, chunk=10, fewest=100))) == {os.getpid()}
    assert os.getpid() not in set(in_order(process_of, range(10), Spread(workers=2, chunk=10, fewest=100)))
    assert list(in_order(process_of, [], SPREADS[0])) == []


def test_results_come_in_order_although_some_take_longer():
    def slow_first(chunk):
        time.sleep(0.05 * (chunk == 0))
        return chunk

    assert list(in_order(slow_first, range(20), SPREADS[0])) == list(range(20))


def no_worker_is_left():
    """Soon: two threads may wait for the same process to end, and one of them is told a moment later."""
    soon = time.monotonic() + 5
    while multiprocessing.active_children() and time.monotonic() < soon:
        time.sleep(0.01)
    return not multiprocessing.active_children()


def test_an_error_ends_the_work_and_the_workers():
    def fails(chunk):
        if chunk == 3:
            raise CatalogueError("this one")
        return chunk

    with pytest.raises(CatalogueError, match="this one"):
        list(in_order(fails, range(1000), SPREADS[0]))
    assert no_worker_is_left()


def test_a_worker_that_dies_is_told_in_one_line_and_leaves_none_behind():
    def dies(chunk):
        if chunk == 3:
            os._exit(9)
        return chunk

    with pytest.raises(MatcherError, match="a worker process died"):
        list(in_order(dies, range(1000), SPREADS[0]))
    assert no_worker_is_left()


def test_work_left_off_leaves_no_worker_behind():
    results = in_order(process_of, range(1000), SPREADS[0])
    next(results)
    results.close()
    assert no_worker_is_left()


def test_pieces_are_worked_on_in_threads_and_come_in_order():
    assert side_by_side(lambda piece: piece + 1, [1]) == [2]
    started = threading.Barrier(2, timeout=30)
    found = side_by_side(lambda piece: (started.wait() >= 0, piece, threading.get_ident()), [1, 2])
    assert [piece for _, piece, _ in found] == [1, 2]
    assert found[0][2] == threading.get_ident() != found[1][2]


def test_what_fails_in_a_thread_fails_where_it_was_asked_for():
    with pytest.raises(ZeroDivisionError):
        side_by_side(lambda piece: 1 // piece, [1, 0])


def test_a_forked_process_has_threads_of_its_own():
    assert side_by_side(str, [1, 2]) == ["1", "2"]
    with multiprocessing.get_context("fork").Pool(1) as pool:
        assert pool.apply_async(side_by_side, (str, [1, 2])).get(timeout=60) == ["1", "2"]


def test_a_worker_process_takes_no_second_core():
    spread = Spread(workers=2, chunk=1, fewest=1)
    assert list(in_order(threads, [5, 5], spread)) == [1, 1]
    assert threads(0) == 1
    assert threads(1_000) == cores()
