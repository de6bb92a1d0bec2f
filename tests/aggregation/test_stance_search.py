"""Where possible contradictions are found: on real pairs judged by hand, and on written ones."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

from aggregation import embed, intake, stance, wording
from aggregation.run import answered
from aggregation.stance import reactions
from aggregation.text import direction

GOLD = Path(__file__).parent / "gold" / "contradictions.json"
FOLDERS = {"ccai": "ccai", "american-assembly.bowling-green": "polis"}
OPPOSED = [
    ("en", "The AI should give medical advice.", "The AI should not give medical advice."),
    ("en", "The AI should be biased.", "The AI should be unbiased."),
    ("en", "The AI should be honest.", "The AI should never be honest."),
    ("en", "Build more roads downtown.", "Build less roads downtown."),
    ("de", "Die KI soll Gespräche speichern.", "Die KI soll keine Gespräche speichern."),
    ("es", "La IA debe dar consejos médicos.", "La IA no debe dar consejos médicos."),
    (
        "fr",
        "L'IA doit donner des conseils médicaux.",
        "L'IA ne doit pas donner de conseils médicaux.",
    ),
]


def taken(data_dir: Path, name: str) -> intake.Intake:
    if name != "ccai":
        return intake.read_polis_folder(data_dir / "polis" / name)
    folder = data_dir / "ccai"
    return intake.read_polis(
        folder / "comments.csv",
        None,
        folder / "participants-votes.csv",
        exclude=folder / "ids-to-toss.csv",
        title="CCAI",
        id="ccai",
    )


@pytest.fixture(scope="module")
def judged(data_dir: Path):
    """Per consultation: what is found there, and the labels of the pairs that were read."""
    whole = json.loads(GOLD.read_text("utf-8"))
    gold = whole["pairs"] + whole["pairs_again"]
    result = {}
    for name in FOLDERS:
        read = taken(data_dir, name)
        corpus, claims = wording.analysed(read.corpus, read.table())
        served = answered(read.table(), (claim.id for claim in claims)).served_only()
        texts = {c.id: wording.read_claim(corpus, c) for c in claims}
        labels = {}
        for pair in gold:
            if pair["data"] != name:
                continue
            both = f"{texts[pair['first']].text}\n{texts[pair['second']].text}"
            assert hashlib.sha256(both.encode()).hexdigest() == pair["sha256"]
            labels[pair["first"], pair["second"]] = pair["label"]
        ids = [claim.id for claim in claims]
        readings = list(texts.values())
        vectors = embed.load("use3").embed(
            [r.text for r in readings], [r.language for r in readings]
        )
        signs = [r.side - 2 * r.polarity for r in readings]
        result[name] = stance.gather(vectors, signs, served.values, ids=ids), labels
    return result


def counts(judged, chosen) -> Counter[str]:
    """Labels of the judged ones among the candidates of all consultations that are chosen."""
    found = Counter()
    for evidence, labels in judged.values():
        pairs = [(one.first, one.second) for one in evidence if chosen(one)]
        found.update(labels[pair] for pair in pairs if pair in labels)
    return found


def test_telling_candidates_are_contradictions_nearly_every_second_time(judged):
    """Of the judged pairs at or above the bar four in ten are contradictions, or more."""
    found = counts(judged, lambda one: one.score >= stance.TELLING)
    assert found.total() >= 40
    assert found["contradiction"] >= 0.40 * found.total()


def test_the_order_puts_contradictions_first(judged):
    """The better half of the candidates holds more than half of what there is to find."""
    for evidence, labels in judged.values():
        read = [
            labels[one.first, one.second] for one in evidence if (one.first, one.second) in labels
        ]
        half = len(read) // 2
        above, below = (part.count("contradiction") for part in (read[:half], read[half:]))
        assert above > below


def test_reactions_find_what_words_do_not(judged):
    """On a consultation with many answers, words alone miss most contradictions."""
    by_words = counts(judged, lambda one: one.source == "text")
    by_reactions = counts(judged, lambda one: one.source != "text")
    assert by_reactions["contradiction"] > by_words["contradiction"]


@pytest.mark.parametrize(("code", "one", "other"), OPPOSED)
def test_opposed_paraphrases_surface_as_candidates(code, one, other):
    """What is never merged is asked about: opposite words, whatever the language."""
    vectors = embed.load("use3").embed([one, other], [code, code])
    signs = [direction(one, code), direction(other, code)]
    nobody = sparse.csr_array((0, 2), dtype=np.int8)
    (found,) = stance.gather(vectors, signs, nobody, ids=["1", "2"])
    assert (found.first, found.second, found.source) == ("1", "2", "text")
    assert found.both == 0


def table(rows: list[list[int]]) -> reactions.Answers8:
    votes = np.array(rows, dtype=np.int8)
    row, column = np.nonzero(votes != 9)
    return sparse.csr_array((votes[row, column], (row, column)), shape=votes.shape)


def test_rivals_in_opinion_are_no_contradictions():
    """Unlike contents never are; a trace of likeness needs a much clearer split than nearness."""
    unlike = np.eye(2, dtype=np.float32)
    trace = np.array([[1, 0], [0.2, 0.98]], dtype=np.float32)
    near = np.array([[1, 0], [0.6, 0.8]], dtype=np.float32)
    mild = table([[1, -1]] * 30 + [[-1, 1]] * 20 + [[1, 1]] * 8 + [[-1, -1]] * 8)
    far = table([[1, -1]] * 60 + [[-1, 1]] * 60 + [[1, 1]] * 4 + [[-1, -1]] * 4)
    assert stance.gather(unlike, [1, 1], far, ids=["1", "2"]) == ()
    assert stance.gather(trace, [1, 1], mild, ids=["1", "2"]) == ()
    (found,) = stance.gather(near, [1, 1], mild, ids=["1", "2"])
    assert (found.source, found.both, found.agree_both) == ("reactions", 66, 8)
    assert found.hi < 0
    (found,) = stance.gather(trace, [1, 1], far, ids=["1", "2"])
    assert found.hi < -2


def test_who_agrees_with_both_sees_no_contradiction():
    """Opposed words that go together in reactions are no candidate, at any nearness."""
    same = np.array([[1, 0], [1, 0]], dtype=np.float32)
    together = table([[1, 1]] * 40 + [[-1, -1]] * 30 + [[1, -1]] * 3)
    assert stance.gather(same, [1, -1], together, ids=["1", "2"]) == ()
    silent = table([[9, 9]])
    assert len(stance.gather(same, [1, -1], silent, ids=["1", "2"])) == 1


def test_what_was_judged_is_asked_no_more_and_the_rest_can_be_cut():
    """Settled pairs are left out, and the most telling ones are kept."""
    same = np.ones((3, 1), dtype=np.float32)
    silent, ids = table([[9, 9, 9]]), ["1", "2", "3"]
    every = stance.gather(same, [1, -1, -1], silent, ids=ids)
    assert [(one.first, one.second) for one in every] == [("1", "2"), ("1", "3")]
    settled = [frozenset(("2", "1"))]
    left = stance.gather(same, [1, -1, -1], silent, ids=ids, settled=settled)
    assert left == every[1:]
    assert stance.gather(same, [1, -1, -1], silent, ids=ids, most=1) == every[:1]


@given(st.integers(0, 2**32 - 1))
def test_people_in_another_order_and_negated_votes_find_the_same(seed):
    """Neither who answers first nor the sign of all answers decides what is a candidate."""
    rng = np.random.default_rng(seed)
    votes = rng.choice([-1, 0, 1, 9], size=(60, 6), p=[0.3, 0.1, 0.3, 0.3])
    votes[:, 1] = np.where(votes[:, 0] == 9, 9, -votes[:, 0])
    vectors = rng.normal(size=(6, 3))
    unit = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    signs, ids = rng.choice([-1, 1], size=6), [str(j) for j in range(6)]

    def found(rows):
        return stance.gather(unit, signs, table(rows.tolist()), ids=ids)

    told = found(votes)
    assert found(votes[rng.permutation(60)]) == told
    turned = found(np.where(votes == 9, 9, -votes))
    assert [(o.first, o.second, o.score) for o in turned] == [
        (o.first, o.second, o.score) for o in told
    ]


def test_arrays_must_fit():
    """Another number of ids than of columns is an error, never a silent misnaming."""
    with pytest.raises(ValueError, match="do not fit"):
        stance.gather(np.eye(2, dtype=np.float32), [1, -1], table([[1, 1, 1]]), ids=["1", "2"])
