"""Where people stand: the plane that spreads their opinions most."""

from __future__ import annotations

import numpy as np
import pytest
from tables import rows_of, two_camps

from aggregation import opinion
from aggregation.opinion.lanczos import lanczos
from aggregation.votes import VoteTable


def test_the_order_of_rows_changes_no_position(camps):
    """The same votes read backwards give the same bytes."""
    participants, statements, values = rows_of(camps)
    again = VoteTable.from_arrays(participants[::-1], statements[::-1], values[::-1])
    expected = opinion.project(camps)
    np.testing.assert_array_equal(opinion.project(again).positions, expected.positions)


def test_the_projection_is_that_of_the_mean_imputed_matrix(camps):
    """The sparse residual gives the same plane as filling gaps with column means and centring."""
    seen, values = camps.indicator().toarray(), camps.values.toarray().astype(float)
    means = values.sum(axis=0) / seen.sum(axis=0)
    filled = np.where(seen > 0, values, means)
    _, _, directions = np.linalg.svd(filled - filled.mean(axis=0), full_matrices=False)
    loadings = opinion.project(camps).loadings
    np.testing.assert_allclose(np.abs(directions[:2] @ loadings), np.eye(2), atol=1e-8)


def test_many_claims_give_the_same_plane_as_few(camps):
    """The iterative route for wide tables spans the plane of the dense one."""
    padding = [f"x{number}" for number in range(700)]
    wide = opinion.project(camps.reindex([*camps.statements, *padding]))
    narrow = opinion.project(camps)
    np.testing.assert_allclose(wide.loadings[: len(camps.statements)], narrow.loadings, atol=1e-7)


@pytest.mark.parametrize("claims", [80, 700])
def test_the_plane_is_that_of_a_dense_decomposition(claims):
    """The iteration over sparse votes finds what LAPACK finds in the whole matrix."""
    table = two_camps(np.random.default_rng(4), people=120, claims=claims)
    projection = opinion.project(table)
    seen, values = table.indicator().toarray(), table.values.toarray().astype(float)
    residual = np.where(seen > 0, values - projection.means, 0.0)
    _, _, directions = np.linalg.svd(residual, full_matrices=False)
    cosines = np.abs(np.sum(directions[:2] * projection.loadings.T, axis=1))
    np.testing.assert_allclose(cosines, 1.0, atol=1e-8)


def test_leading_eigenvectors_of_a_known_matrix():
    """A matrix built from its eigenvectors gives them back, largest eigenvalue first."""
    rng = np.random.default_rng(0)
    basis, _ = np.linalg.qr(rng.normal(size=(200, 200)))
    spectrum = np.sort(rng.random(200))[::-1]
    spectrum[:2] = 3.0, 2.0
    values, vectors = lanczos(lambda x: basis @ (spectrum * (basis.T @ x)), 200, seed=1)
    np.testing.assert_allclose(values, [3.0, 2.0])
    np.testing.assert_allclose(np.abs(vectors @ basis[:, :2]), np.eye(2), atol=1e-8)


@pytest.mark.parametrize("rank", [1, 2, 3])
def test_leading_eigenvectors_of_a_matrix_of_low_rank(rank):
    """The iteration goes on beside an exhausted subspace instead of dividing by nothing."""
    basis, _ = np.linalg.qr(np.random.default_rng(0).normal(size=(90, rank)))
    spectrum = np.arange(rank, 0, -1.0)
    values, vectors = lanczos(lambda x: basis @ (spectrum * (basis.T @ x)), 90, seed=0)
    np.testing.assert_allclose(values, [*spectrum, 0.0][:2], atol=1e-12)
    np.testing.assert_allclose(vectors @ vectors.T, np.eye(2), atol=1e-12)
    np.testing.assert_allclose(np.abs(vectors[0] @ basis[:, 0]), 1.0)


def test_the_most_active_top_up_to_fifteen():
    """Where few gave seven votes, the most active of the others are placed too."""
    table = two_camps(np.random.default_rng(0), people=30)
    short = table.select(table.columns < 3)
    assert int(opinion.project(short).eligible.sum()) == 15
