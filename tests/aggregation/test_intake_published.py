"""The table of votes that an auditor recomputes a spec from."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregation.errors import IntakeError
from aggregation.intake import read_votes, write_votes
from aggregation.votes import VoteTable

HEAD = "participant,claim,vote,served,importance,probability\n"


@st.composite
def tables(draw) -> VoteTable:
    """Any small table, with what may be unknown known, unknown or known in part."""
    cells = draw(
        st.lists(
            st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=1, max_size=30, unique=True
        )
    )
    size = len(cells)
    importance = st.one_of(st.none(), st.integers(1, 5))
    chance = st.one_of(st.none(), st.floats(1e-9, 1.0))
    return VoteTable.from_arrays(
        [f"p {person}" for person, _ in cells],
        [f"c,{claim}" for _, claim in cells],
        draw(st.lists(st.sampled_from((-1, 0, 1)), min_size=size, max_size=size)),
        served=np.array(draw(st.lists(st.booleans(), min_size=size, max_size=size))),
        importance=draw(st.lists(importance, min_size=size, max_size=size)),
        probability=draw(st.lists(chance, min_size=size, max_size=size)),
    )


@given(table=tables())
def test_what_is_written_is_read_back_to_the_bit(tmp_path_factory, table):
    """Votes, flags and numbers survive, so the digest of the ballots does too."""
    path = tmp_path_factory.mktemp("votes") / "votes.csv"
    path.write_bytes(write_votes(table))
    again = read_votes(path)
    assert again.digest() == table.digest()
    assert write_votes(again) == path.read_bytes()


@pytest.mark.parametrize(
    ("row", "field", "rule"),
    [
        ("1,a,7,1,,", "vote", "'7' is no vote"),
        (",a,1,1,,", "participant", "id is empty"),
        ("1,,1,1,,", "claim", "id is empty"),
        ("1,a,1,yes,,", "served", "neither 1"),
        ("1,a,1,1,6,", "importance", "from 1 to 5"),
        ("1,a,1,1,2.5,", "importance", "from 1 to 5"),
        ("1,a,1,1,,0", "probability", "above 0"),
        ("1,a,1,1,,nan", "probability", "at most 1"),
        ("1,b,0,1,,", "claim", "already voted"),
    ],
)
def test_a_bad_row_is_named_with_its_rule(tmp_path, row, field, rule):
    """Row 3 as a spreadsheet counts, the column, and what is wrong."""
    path = tmp_path / "votes.csv"
    path.write_text(f"{HEAD}1,b,1,1,,\n{row}\n")
    with pytest.raises(IntakeError, match=rule) as caught:
        read_votes(path)
    assert (caught.value.problems[0].row, caught.value.problems[0].field) == (3, field)


def test_flags_and_numbers_may_be_left_out(tmp_path):
    """Three columns are enough; then every vote counts as served."""
    path = tmp_path / "votes.csv"
    path.write_text("participant,claim,vote\n1,a,1\n2,a,-1\n")
    votes = read_votes(path)
    assert votes.served_data.all()
    assert np.isnan(votes.importance_data).all()
