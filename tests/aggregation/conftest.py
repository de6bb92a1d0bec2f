"""Votes that several files of tests read."""

from __future__ import annotations

import numpy as np
import pytest
from tables import two_camps

from aggregation.votes import VoteTable


@pytest.fixture
def camps() -> VoteTable:
    """Eighty people in two camps that dispute two claims of three."""
    return two_camps(np.random.default_rng(3))
