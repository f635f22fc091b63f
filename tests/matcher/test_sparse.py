"""Maxima of some rows of a sparse matrix, against the dense one."""

import numpy as np
import pytest

from matcher.sparse import among, joined
from tests.factories import sparse_rows

DENSE = np.array([[0.5, 0, 2.0], [0, 0, 0], [0, 1.0, 0.25], [4.0, 0, 0]])
WEIGHTS = np.array([2.0, 0.5, 1.0], dtype=np.float32)
ROWS = [np.array([0, 1, 2, 3]), np.array([3, 0]), np.array([1]), np.array([2, 2]), np.arange(0)]


@pytest.fixture
def sparse():
    return sparse_rows(DENSE)


@pytest.mark.parametrize("rows", ROWS, ids=str)
def test_maxima_are_those_of_the_dense_matrix(sparse, rows):
    assert sparse.weighted_max(rows, WEIGHTS).tolist() == (DENSE[rows] * WEIGHTS).max(axis=1, initial=0).tolist()


def test_a_matrix_without_entries_has_nothing():
    empty = sparse_rows(np.zeros((2, 3)))
    assert empty.weighted_max(np.array([0, 1]), WEIGHTS).tolist() == [0, 0]


def test_columns_rows_and_the_whole_agree(sparse):
    by_column = sparse.by_column(3)
    for column in range(3):
        rows, values = by_column(column)
        assert rows.tolist() == np.flatnonzero(DENSE[:, column]).tolist()
        assert values.tolist() == DENSE[rows, column].tolist()
    assert sparse.toarray(3).tolist() == DENSE.tolist()
    assert [part.tolist() for part in sparse.row(0)] == [[0, 2], [0.5, 2.0]]


@pytest.mark.parametrize("ascending", [[], [3], [0, 3, 7], [9]])
def test_membership_is_that_of_sets(ascending):
    rows = np.array([7, 0, 8, 3, 3])
    found = among(rows, np.array(ascending, dtype=np.int64))
    assert found.tolist() == [row in set(ascending) for row in rows.tolist()]


def test_matrices_one_after_another_are_one(sparse):
    whole = joined([sparse, sparse_rows(np.zeros((2, 3))), sparse])
    assert whole.toarray(3).tolist() == [*DENSE.tolist(), [0, 0, 0], [0, 0, 0], *DENSE.tolist()]
