"""The vote table: what goes in, what is refused, and what never depends on order."""

from __future__ import annotations

import hashlib
import random
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tables import rows_of, two_camps

from aggregation.errors import AggregationInputError
from aggregation.votes import VoteTable, natural_key


def _table(**columns):
    given = {"participant": ["a", "a", "b"], "statement": ["1", "2", "1"], "value": [1, 0, -1]}
    return VoteTable.from_arrays(**(given | columns))


def test_numbers_in_ids_sort_as_numbers():
    """Claim 9 comes before claim 10, and "c2" before "c10"."""
    ids = ["10", "9", "c10", "c2", "007", "7", "", "c"]
    assert sorted(ids, key=natural_key) == ["", "007", "7", "9", "10", "c", "c2", "c10"]


@given(st.lists(st.text(max_size=8), unique=True))
def test_natural_order_tells_every_two_ids_apart(ids):
    """No two different ids are equal in order, so sorting never falls back on input order."""
    shuffled = random.Random(0).sample(ids, len(ids))
    assert sorted(ids, key=natural_key) == sorted(shuffled, key=natural_key)


@given(st.lists(st.text("0123456789", max_size=4), unique=True))
def test_the_short_way_to_natural_order_leads_there(ids):
    """Ids that are plain numbers are sorted faster, and into the same order."""
    table = VoteTable.from_arrays([], [], []).reindex(ids)
    assert list(table.statements) == sorted(ids, key=natural_key)


def test_a_number_of_any_length_is_an_id():
    """An id of 10,000 digits is longer than the integers Python will parse."""
    assert natural_key("9" * 10_000) > natural_key("9" * 9_999)


def test_unsure_is_stored_and_unanswered_is_not():
    """Unsure is an answer: it is in the table although its value is zero."""
    table = _table()
    assert table.count == 3
    assert table.indicator().toarray().tolist() == [[1, 1], [1, 0]]
    assert table.indicator(0).toarray().tolist() == [[0, 1], [0, 0]]
    assert table.values.dtype == np.int8


def test_the_latest_of_repeated_votes_counts():
    """A person who changed her mind counts once, with her latest vote."""
    table = _table(
        participant=["a", "a", "a"], statement=["1"] * 3, value=[-1, 1, 0], timestamp=[5, 9, 7]
    )
    assert table.values.toarray().tolist() == [[1]]
    assert table.dropped == 2


def test_position_settles_votes_of_the_same_moment():
    """Without times the later row is the later vote."""
    table = _table(participant=["a", "a"], statement=["1", "1"], value=[1, -1])
    assert table.values.toarray().tolist() == [[-1]]


def test_repeated_votes_can_be_refused():
    """A source that promises one row per vote is held to it, and the repeated row is named."""
    with pytest.raises(AggregationInputError, match="vote 3"):
        _table(
            participant=["a", "b", "a"], statement=["1"] * 3, value=[1, 1, -1], duplicates="error"
        )


@pytest.mark.parametrize(
    "numbers", [[9, 10, 9, 2], [-3, 10, -3, 2], [10**30, 7, 10**30, 8], [10**12, 7, 10**12, 8]]
)
@pytest.mark.parametrize("kind", [list, np.array, lambda x: np.array([str(i) for i in x])])
def test_ids_are_the_same_however_they_are_given(numbers, kind):
    """Whole numbers, text, lists and arrays make one and the same table."""
    expected = _table(participant=[str(i) for i in numbers], statement=list("abca"), value=[1] * 4)
    table = _table(participant=kind(numbers), statement=list("abca"), value=[1] * 4)
    assert table.participants == tuple(sorted({str(i) for i in numbers}, key=natural_key))
    assert table.digest() == expected.digest()


def test_a_number_and_its_text_are_one_id():
    """7 and "7" are the same claim, in whatever mixture a list holds them."""
    table = _table(participant=[7, "7", 8], statement=["1", "2", "1"])
    assert table.participants == ("7", "8")
    assert table.values.toarray().tolist() == [[1, 0], [-1, 0]]


@given(
    st.lists(st.text(st.characters(exclude_characters="\0"), min_size=1, max_size=9), min_size=1)
)
def test_any_text_is_an_id(ids):
    """Arrays of text are told apart as the texts are, whatever letters they hold."""
    table = VoteTable.from_arrays(np.array(ids), np.arange(len(ids)), np.ones(len(ids)))
    assert [table.participants[i] for i in table.rows[np.argsort(table.columns)]] == ids


def test_texts_that_share_a_code_stay_apart(monkeypatch):
    """Should two ids ever be hashed alike, the slow way tells them apart."""
    monkeypatch.setattr("aggregation.votes.ids.MIXER", np.uint64(0))
    table = _table(participant=np.array(["ac", "bc", "ac"]))
    assert table.participants == ("ac", "bc")


@given(st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(rnd):
    """The same votes in another order are the same table, to the byte."""
    participants, statements, values = rows_of(two_camps(np.random.default_rng(1), people=12))
    order = rnd.sample(range(len(values)), len(values))
    first = VoteTable.from_arrays(participants, statements, values)
    other = VoteTable.from_arrays(
        [participants[i] for i in order], [statements[i] for i in order], values[order]
    )
    assert other.digest() == first.digest()


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"value": [1, 7, -1]}, r"vote 2 .*value: 7"),
        ({"value": [1, 0.5, -1]}, r"vote 2 .*value: 0\.5"),
        ({"value": [1, float("nan"), 9]}, r"vote 2 .*value: nan"),
        ({"value": [1, None, 9]}, r"vote 2 .*value: None"),
        ({"value": ["agree", 1, 1]}, r"vote 1 .*value: 'agree'"),
        ({"value": [True, False, True]}, r"vote 1 .*value"),
        ({"value": [1, 1]}, r"vote 3 .*value: .*unequal lengths"),
        ({"statement": ["1"]}, r"vote 2 .*statement: .*unequal lengths"),
        ({"participant": ["a", "", "b"]}, r"vote 2 .*participant"),
        ({"participant": ["a", None, "b"]}, r"vote 2 .*participant"),
        ({"participant": ["a", 1.5, "b"]}, r"vote 2 .*participant"),
        ({"participant": np.array(["a", "", "b"])}, r"vote 2 .*participant"),
        ({"participant": ["a", "b", ""]}, r"vote 3 .*participant"),
        ({"participant": np.array([1.0, 2.0, 3.0])}, r"vote 1 .*participant"),
        ({"participant": [True, 2, 3]}, r"vote 1 .*participant"),
        ({"value": np.array([1.0, np.nan, 9.0])}, r"vote 2 .*value: nan"),
        ({"value": np.array([1, 7, -1], dtype=np.int8)}, r"vote 2 .*value: 7"),
        ({"importance": [None, float("nan"), 2]}, r"vote 2 .*importance: nan"),
        ({"importance": [1, 6, 2]}, r"vote 2 .*importance: 6"),
        ({"importance": [1, 2.5, 2]}, r"vote 2 .*importance: 2\.5"),
        ({"importance": [1, 0, 2]}, r"vote 2 .*importance: 0"),
        ({"probability": [0.5, 1.0, 0.0]}, r"vote 3 .*probability: 0"),
        ({"probability": [0.5, 1.5, 1.0]}, r"vote 2 .*probability: 1\.5"),
        ({"served": [1, 0, 1]}, r"vote 1 .*served"),
        ({"timestamp": [1.0, float("inf"), 2.0]}, r"vote 2 .*timestamp"),
        ({"timestamp": ["x", "y", "z"]}, r"vote 1 .*timestamp"),
    ],
)
def test_bad_input_is_refused_by_row_and_field(columns, message):
    """The first offending row is named, so that it can be found in the file."""
    with pytest.raises(AggregationInputError, match=message):
        _table(**columns)


def test_importance_and_probability_may_be_unknown():
    """A vote without importance is not a vote of importance zero."""
    table = _table(importance=[5, None, 1], probability=[None, 0.25, 1.0])
    np.testing.assert_array_equal(table.importance_data, [5, np.nan, 1])
    np.testing.assert_array_equal(table.probability_data, [np.nan, 0.25, 1.0])


def test_no_votes_make_an_empty_table():
    """Nobody having voted yet is no error."""
    table = VoteTable.from_arrays([], [], [], served=[], timestamp=[])
    assert table.shape == (0, 0)
    assert table.reindex(["2", "10", "1"]).statements == ("1", "2", "10")


def test_tables_cannot_be_changed():
    """What one stage counted stays as it was when the next one reads it."""
    table = _table()
    for array in (table.values.data, table.values.indices, table.served_data):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1


def test_only_served_votes_can_be_kept():
    """A vote on a claim that the voter chose herself leaves; she and the claim stay."""
    table = _table(served=[True, False, True]).served_only()
    assert table.shape == (2, 2)
    assert table.values.toarray().tolist() == [[1, 0], [-1, 0]]
    assert table.count == 2


def test_restricting_and_dropping_keep_natural_order():
    """Parts of a table stand in the same order as the whole."""
    table = _table(participant=["10", "9", "2"])
    assert table.participants == ("2", "9", "10")
    assert table.restrict(participants=["10", "2"]).participants == ("2", "10")
    assert table.drop(participants={"9", "unknown"}).participants == ("2", "10")
    with pytest.raises(AggregationInputError, match="'77'"):
        table.restrict(statements=["77"])
    with pytest.raises(AggregationInputError, match="twice"):
        table.reindex(["1", "1"])


def test_the_digest_sees_every_part():
    """Two tables that differ in anything have different digests."""
    tables = [
        _table(),
        _table(value=[1, 0, 1]),
        _table(participant=["a", "a", "c"]),
        _table(served=[True, True, False]),
        _table(importance=[1, 2, 3]),
        _table(probability=[1.0, 1.0, 0.5]),
        _table().reindex(["1", "2", "3"]),
    ]
    assert len({table.digest() for table in tables}) == len(tables)


def test_what_nobody_gave_takes_no_memory():
    """A column in which all votes are alike is one number, also in every part of the table."""
    table = _table(importance=[None] * 3, served=[True] * 3)
    for part in (table, table.drop(participants={"b"})):
        for column in (part.importance_data, part.probability_data, part.served_data):
            assert column.strides == (0,)
            assert len(column) == part.count
    assert table.served.toarray().tolist() == [[1, 1], [1, 0]]
    assert np.isnan(table.probability.data).all()


def test_the_content_digest_is_made_as_told():
    """The recipe, followed by hand for two people, one of whom answered nothing that is left."""
    table = _table(
        participant=["a", "a", "b"],
        statement=["10", "9", "8"],
        served=[True, False, True],
        importance=[None, 4, None],
        probability=[0.25, None, None],
    ).drop(statements={"8"})
    ballot = struct.pack("<IbBBd", 0, 1, 1, 0, 0.25) + struct.pack("<IbBBd", 1, 0, 0, 4, 0.0)
    told = b"concordance ballots 1" + struct.pack("<Q", 2)
    told += struct.pack("<Q", 2) + b"10" + struct.pack("<Q", 1) + b"9" + struct.pack("<Q", 2)
    told += b"".join(sorted(hashlib.sha256(one).digest() for one in (ballot, b"")))
    assert table.content_digest() == hashlib.sha256(told).hexdigest()


@given(st.randoms(use_true_random=False))
def test_the_content_digest_knows_no_names(rnd):
    """Renaming people, reordering rows and adding claims that nobody answered change nothing."""
    participants, statements, values = rows_of(two_camps(np.random.default_rng(1), people=12))
    order = rnd.sample(range(len(values)), len(values))
    names = rnd.sample(range(1000), 12)
    first = VoteTable.from_arrays(participants, statements, values)
    other = VoteTable.from_arrays(
        [f"x{names[int(participants[i])]}" for i in order],
        [statements[i] for i in order],
        values[order],
    )
    assert other.content_digest() == first.content_digest()
    wider = first.reindex([*first.statements, "3a", "zzz"])
    assert wider.content_digest() == first.content_digest()


def test_the_content_digest_sees_every_answer():
    """Any other answer, claim or person is another content; so is an answer fewer or more."""
    tables = [
        _table(),
        _table(value=[1, 0, 1]),
        _table(statement=["1", "3", "1"]),
        _table(participant=["a", "b", "b"]),
        _table(served=[True, True, False]),
        _table(importance=[1, 2, 3]),
        _table(probability=[1.0, 1.0, 0.5]),
        _table().drop(statements={"2"}),
        _table().drop(participants={"b"}),
        _table().select(np.array([True, True, False])),
        VoteTable.from_arrays([], [], []),
    ]
    assert len({table.content_digest() for table in tables}) == len(tables)


def test_the_content_digest_of_many_people_is_that_of_all_blocks(monkeypatch):
    """However many ballots are hashed at once, the digest is the same."""
    table = two_camps(np.random.default_rng(0))
    expected = table.content_digest()
    for block in (1, 7, 100):
        monkeypatch.setattr("aggregation.votes.digests.VOTES_AT_ONCE", block)
        assert table.content_digest() == expected
