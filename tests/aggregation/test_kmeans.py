"""Clusters of points and how clear they are, against definitions and known optima."""

from __future__ import annotations

import numpy as np
import pytest
from tables import clumps

from aggregation.kmeans import base_points, kmeans, silhouettes


def test_base_points_stand_for_everybody():
    """Each is the mean of its people, and their weights add up to the crowd."""
    points = clumps(np.random.default_rng(1), people=2000)
    labels, centres, mass = base_points(points, seed=0)
    assert 80 < len(mass) <= 100
    np.testing.assert_array_equal(np.bincount(labels), mass)
    for place in range(len(mass)):
        np.testing.assert_allclose(centres[place], points[labels == place].mean(axis=0))


def test_kmeans_finds_the_best_split_of_a_line():
    """On a line the optimum is known: every contiguous split is tried."""
    points = np.sort(np.random.default_rng(2).normal(size=(30, 1)), axis=0)
    labels, _ = kmeans(points, 2, rng=np.random.default_rng(0))

    def spread(cut):
        return points[:cut].var() * cut + points[cut:].var() * (30 - cut)

    best = min(range(1, 30), key=spread)
    assert set(np.flatnonzero(labels != labels[0])) == set(range(best, 30))


@pytest.mark.parametrize("people", [60, 900])
def test_mirrored_points_have_mirrored_clusters(people):
    """To the last bit, in small crowds and in those that are summarised first."""
    points = clumps(np.random.default_rng(3), people=people)
    for k in (2, 3, 5):
        labels, centres = kmeans(points, k, rng=np.random.default_rng(0))
        mirrored, opposite = kmeans(-points, k, rng=np.random.default_rng(0))
        np.testing.assert_array_equal(mirrored, labels)
        np.testing.assert_array_equal(opposite, -centres)


def test_a_summarised_crowd_is_clustered_as_well_as_the_whole():
    """The starts are compared on a summary, yet the result is as tight as the best of many."""
    points = np.random.default_rng(4).normal(size=(3000, 2)) * [3.0, 1.0]

    def spread(labels):
        return sum(points[labels == k].var(axis=0).sum() * (labels == k).sum() for k in range(3))

    found = [spread(kmeans(points, 3, rng=np.random.default_rng(s))[0]) for s in range(6)]
    assert max(found) < min(found) * 1.002


def test_clusters_are_where_their_people_are():
    """Every person is nearest to her own centre, and every centre is the mean of its people."""
    points = np.random.default_rng(5).normal(size=(1200, 3))
    labels, centres = kmeans(points, 4, rng=np.random.default_rng(0))
    distances = ((points[:, None] - centres) ** 2).sum(axis=2)
    np.testing.assert_array_equal(labels, distances.argmin(axis=1))
    for k in range(4):
        np.testing.assert_allclose(centres[k], points[labels == k].mean(axis=0))


def test_more_clusters_than_places_leave_some_empty():
    """Three different places asked for five clusters give three."""
    points = np.repeat([[0.0, 0.0], [1.0, 0.0], [0.0, 5.0]], [9, 9, 9], axis=0)
    labels, centres = kmeans(points, 5, rng=np.random.default_rng(0))
    assert len(set(labels.tolist())) == 3
    assert np.isfinite(centres).all()


def test_weighted_points_are_clustered_like_the_crowd():
    """Lloyd's step from weights is the step from people: the same centres in the end."""
    rng = np.random.default_rng(8)
    points, weights = clumps(rng, people=60), rng.integers(1, 5, 60)
    labels, centres = kmeans(points, 3, rng=np.random.default_rng(0), weights=weights.astype(float))
    crowd = np.repeat(points, weights, axis=0)
    for k in range(3):
        np.testing.assert_allclose(centres[k], crowd[np.repeat(labels, weights) == k].mean(axis=0))


# --- Silhouettes


def _silhouette_by_definition(points: np.ndarray, labels: np.ndarray) -> float:
    """Person by person, as Rousseeuw (1987) writes it."""
    scores = []
    for i, own in enumerate(labels):
        apart = np.linalg.norm(points - points[i], axis=1)
        same = labels == own
        if same.sum() == 1:
            scores.append(0.0)
            continue
        inside = apart[same].sum() / (same.sum() - 1)
        outside = min(apart[labels == other].mean() for other in set(labels.tolist()) - {own})
        scores.append((outside - inside) / max(inside, outside))
    return float(np.mean(scores))


def test_silhouettes_are_those_of_the_definition():
    """In blocks and single precision the mean silhouette is right to six digits."""
    points = clumps(np.random.default_rng(6), people=400)
    partitions = [kmeans(points, k, rng=np.random.default_rng(0))[0] for k in (2, 3, 4)]
    partitions.append(np.where(np.arange(400) == 7, 1, 0))
    expected = [_silhouette_by_definition(points, labels) for labels in partitions]
    np.testing.assert_allclose(silhouettes(points, partitions, seed=0), expected, atol=1e-6)


def test_the_silhouette_of_weighted_points_is_that_of_the_crowd():
    """A point of weight 3 counts like three people who stand there."""
    rng = np.random.default_rng(7)
    points, weights = rng.normal(size=(30, 2)), rng.integers(1, 5, 30)
    labels = (points[:, 0] > 0).astype(np.int64)
    expected = _silhouette_by_definition(
        np.repeat(points, weights, axis=0), np.repeat(labels, weights)
    )
    found = silhouettes(points, [labels], seed=0, weights=weights.astype(float))
    np.testing.assert_allclose(found, [expected], atol=1e-6)
