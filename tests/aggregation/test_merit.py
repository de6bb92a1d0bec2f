"""What a chosen set means to people, by the writing of the certificates."""

from __future__ import annotations

import numpy as np

from aggregation.certify.recompute.choices import merit


def test_a_group_without_anybody_here_is_not_the_one_served_worst() -> None:
    """Where nobody of group 0 approves of any candidate, only group 1 can be served worst."""
    values = np.array([[1.0, 0.0], [1.0, 1.0]])
    found = merit(values, values > 0.5, np.array([1, 1]), [0], default=[0])
    assert found.least_group == 1.0
    assert merit(values, values > 0.5, np.array([-1, -1]), [0], default=[0]).least_group is None
