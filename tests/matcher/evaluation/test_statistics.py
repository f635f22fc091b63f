from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from matcher.evaluation.statistics import difference_figure, figure, gini, holm, permutation_p, whole_figure

RNG = np.random.default_rng(7)


def test_the_permutation_test_is_exact_for_few_pairs() -> None:
    differences = [0.5, -0.1, 0.3, 0.2, 0.4, -0.2, 0.1, 0.6, 0.05, 0.25]
    observed = abs(sum(differences))
    flipped = [
        abs(sum(s * d for s, d in zip(signs, differences, strict=True))) for signs in product((1, -1), repeat=10)
    ]
    expected = sum(value >= observed - 1e-12 for value in flipped) / len(flipped)
    assert permutation_p(differences) == pytest.approx(expected, abs=1e-12)


def test_three_gains_out_of_three_are_no_proof() -> None:
    assert permutation_p([1.0, 2.0, 3.0]) == pytest.approx(2 / 2**3)


def test_no_difference_at_all_has_p_1() -> None:
    assert permutation_p([0.0] * 72) == 1
    assert permutation_p([]) == 1
    assert permutation_p([0.5]) == 1, "one pair: either sign is as far from nothing"


def test_a_large_clear_difference_has_the_smallest_p_that_the_resamples_allow() -> None:
    assert permutation_p(RNG.normal(1, 0.1, 72)) == pytest.approx(2 / (9999 + 1))


def test_p_values_are_spread_evenly_where_nothing_is_different() -> None:
    found = [permutation_p(RNG.normal(0, 1, 12)) for _ in range(200)]
    assert np.mean(np.array(found) < 0.5) == pytest.approx(0.5, abs=0.12)


def test_holm_multiplies_the_smallest_by_three_and_never_goes_down() -> None:
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([3 * 0.01, 2 * 0.03, 2 * 0.03])
    assert holm([0.5, 0.9, 0.01]) == pytest.approx([1.0, 1.0, 3 * 0.01])


def test_the_interval_of_a_large_normal_sample_is_the_textbook_one() -> None:
    values = RNG.normal(0.5, 0.2, 400)
    half = 1.96 * values.std(ddof=1) / np.sqrt(len(values))
    found = figure(values)
    assert found.mean == pytest.approx(values.mean())
    assert found.low == pytest.approx(values.mean() - half, abs=0.1 * half)
    assert found.high == pytest.approx(values.mean() + half, abs=0.1 * half)


def test_the_interval_is_the_same_every_time() -> None:
    values = RNG.random(50)
    assert figure(values) == figure(values)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([], (None, None, None, 0)),
        ([float("nan")], (None, None, None, 0)),
        ([0.5], (0.5, None, None, 1)),
        ([0.5, 0.5, 0.5], (0.5, 0.5, 0.5, 3)),
        ([1.0, float("nan"), 1.0], (1.0, 1.0, 1.0, 2)),
    ],
)
def test_what_has_no_spread_has_no_made_up_interval(values: list[float], expected: tuple[float | None, ...]) -> None:
    found = figure(values)
    assert (found.mean, found.low, found.high, found.n) == expected


def test_very_few_lopsided_values_still_have_an_interval() -> None:
    for values in ([0.0, 1.0], [0.0, 0.0, 0.0, 3.0], [0.0] * 71 + [1.0]):
        found = figure(values)
        assert found.low is not None
        assert found.high is not None
        assert found.low <= np.mean(values) <= found.high


def test_the_difference_of_two_groups_is_that_of_their_means() -> None:
    first, second = RNG.normal(0.7, 0.1, 40), RNG.normal(0.5, 0.1, 30)
    found = difference_figure(first, second)
    half = 1.96 * np.sqrt(first.var() / 40 + second.var() / 30)
    assert found.mean == pytest.approx(first.mean() - second.mean())
    assert found.high == pytest.approx(found.mean + half, abs=0.15 * half)
    assert found.n == 30


def test_gini_is_0_for_equal_shares_and_near_1_for_one_hand() -> None:
    assert gini([2, 2, 2, 2]) == pytest.approx(0)
    assert gini([0, 0, 0, 5]) == pytest.approx((4 - 1) / 4)
    assert gini([1, 3]) == pytest.approx((abs(1 - 3) + abs(3 - 1)) / (2 * 2**2 * 2))
    assert np.isnan(gini([0, 0]))


def test_a_figure_of_nothing_is_none_and_not_nan() -> None:
    assert whole_figure(float("nan"), 3).mean is None
