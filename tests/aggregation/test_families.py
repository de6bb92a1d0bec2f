"""What is merged into one claim: measured on pairs judged by hand, and what never is."""

from __future__ import annotations

import csv
import hashlib
import json
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregation import cluster, embed
from aggregation.errors import AggregationInputError
from aggregation.text import gist, side

GOLD = Path(__file__).parent / "gold"
EUROPEAN = ("en", "de", "es", "fr", "pt")

# Written beside the code, to be kept apart: each pair's contents are near, its norms opposed.
OPPOSED = [
    ("The AI should never refuse a request", "The AI should refuse harmful requests"),
    ("Raise the minimum wage to $15", "Raise the minimum wage to $12"),
    ("AI may give legal advice", "AI should give legal advice"),
    ("AI should give legal advice", "AI should give legal advice only when asked"),
    ("AI should only answer in English", "AI should answer in English"),
    ("All AI should be banned", "No AI should be banned"),
    ("The AI should put safety before honesty", "The AI should put honesty before safety"),
    ("AI should protect children from parents", "AI should protect parents from children"),
    ("AI should be more honest than kind", "AI should be more kind than honest"),
    ("AI should be free", "AI should not be free"),
    ("AI should be less honest", "AI should be honest"),
    ("AI shouldn't be too honest", "AI should be honest"),
    ("AI should rarely lie", "AI should never lie"),
    ("AI should stop being polite", "AI should be polite"),
    ("AI should not have to be honest", "AI should be honest"),
    ("AI should lie", "AI should be honest"),
    ("AI should ignore privacy", "AI should protect privacy"),
    ("AI should control humans", "Humans should control AI"),
    ("AI should tell people the truth", "People should tell AI the truth"),
    ("We need to be understanding", "The AI needs to be understanding"),
    ("AI should not only be honest", "AI should not be honest"),
    ("AI should tell lies", "AI should tell no lies"),
    ("AI should be on by default", "AI should be off by default"),
    ("AI must be opt-in", "AI must be opt-out"),
    ("There should be limits on AI", "There should be no limits on AI"),
    ("Everyone should have access to AI", "Not everyone should have access to AI"),
    ("AI should tell people the truth", "AI should tell people half the truth"),
    ("AI should put users before companies", "AI should put companies before users"),
]


def _whole(name: str) -> Any:
    return json.loads((GOLD / name).read_text("utf-8"))


def _families(texts: list[str], codes: list[str]) -> cluster.Families:
    vectors = embed.load("use3").embed(texts, codes)
    pairs = list(zip(texts, codes, strict=True))
    gists = [gist(text, code) for text, code in pairs]
    return cluster.families(vectors, [one.side for one in gists], gists=gists, keys=texts)


@cache
def _judged(folder: Path, name: str) -> list[tuple[str, float, bool]]:
    """(label, how many pairs it stands for, whether the rule merges it) per judged pair."""
    gold = _whole(name)
    with (folder / "ccai" / "comments.csv").open(encoding="utf-8", newline="") as file:
        texts = {row["comment-id"]: row["comment-body"] for row in csv.DictReader(file)}
    names = sorted({name for pair in gold["pairs"] for name in pair[:2]})
    vectors = embed.load("use3").embed([texts[n] for n in names], ["en"] * len(names))
    vector = dict(zip(names, vectors, strict=True))
    about = {name: gist(texts[name], "en") for name in names}
    found = []
    for one, other, digest, *band, label in gold["pairs"]:
        both = f"{texts[one]}\n{texts[other]}".encode()
        assert hashlib.sha256(both).hexdigest().startswith(digest)
        drawn = gold["bands"][band[0]] if band else {"pairs": 1, "drawn": 1}
        cosine = float(vector[one] @ vector[other])
        merged = cluster.agree(about[one], about[other], cosine)
        found.append((label, drawn["pairs"] / drawn["drawn"], merged))
    return found


def test_what_is_merged_on_real_statements_says_the_same(data_dir: Path) -> None:
    """Precision .95 or more on pairs of ccai that were judged after the rule was made."""
    judged = _judged(data_dir, "duplicates_ccai_again.json")
    merged = Counter(label for label, _, is_merged in judged if is_merged)
    assert merged["same"] >= 0.95 * merged.total()
    assert merged.total() > 80


def test_a_good_part_of_what_says_the_same_is_merged(data_dir: Path) -> None:
    """Estimated over all pairs with cosine .3 and more, from pairs judged before the rule."""
    judged = _judged(data_dir, "duplicates_ccai.json")
    assert not any(is_merged for label, _, is_merged in judged if label in ("opposed", "different"))
    same = [(weight, is_merged) for label, weight, is_merged in judged if label == "same"]
    assert sum(w for w, is_merged in same if is_merged) > 0.3 * sum(w for w, _ in same)
    unweighted = [is_merged for _, is_merged in same]
    assert sum(unweighted) > 0.6 * len(unweighted)


def test_paraphrases_in_five_languages_are_one_family_each() -> None:
    """Thirty or more demands, each put in five languages, and no two of them mixed up."""
    gold = _whole("paraphrases.json")
    meanings = gold["meanings"]
    rows = [(m["id"], code, m[code]) for m in meanings for code in EUROPEAN]
    label = _families([text for *_, text in rows], [code for _, code, _ in rows]).label
    holders: dict[str, set[int]] = {meaning["id"]: set() for meaning in meanings}
    for k, (meaning, *_) in zip(label.tolist(), rows, strict=True):
        holders[meaning].add(k)
    assert sum(len(found) == 1 for found in holders.values()) >= 30


def test_no_two_meanings_are_merged_in_any_language() -> None:
    """All the demands of all seven languages at once: no family holds two of them."""
    gold = _whole("paraphrases.json")
    rows = [(m["id"], code, m[code]) for m in gold["meanings"] for code in gold["languages"]]
    label = _families([text for *_, text in rows], [code for _, code, _ in rows]).label
    held: dict[int, set[str]] = {}
    for k, row in zip(label.tolist(), rows, strict=True):
        held.setdefault(k, set()).add(row[0])
    assert all(len(meanings) == 1 for meanings in held.values())


@pytest.mark.parametrize(("one", "other"), OPPOSED)
def test_opposed_paraphrases_are_never_merged(one: str, other: str) -> None:
    """Neither negation nor a number, limit, permission or order is lost between near sentences."""
    assert len(_families([one, other], ["en", "en"]).medoid) == 2


def test_no_written_pair_of_opposites_is_merged_in_any_language() -> None:
    """A hundred pairs and more in six languages, written to be near in words and opposed."""
    lines = (GOLD.parent / "text" / "gold" / "sides.jsonl").read_text("utf-8").splitlines()
    pairs = [row for row in map(json.loads, lines) if row["opposed"]]
    codes = [row["language"] for row in pairs]
    first, second = [row["one"] for row in pairs], [row["other"] for row in pairs]
    use3 = embed.load("use3")
    cosines = (use3.embed(first, codes) * use3.embed(second, codes)).sum(axis=1)
    about = zip(map(gist, first, codes), map(gist, second, codes), cosines.tolist(), strict=True)
    assert len(pairs) > 100
    assert not any(cluster.agree(one, other, cosine) for one, other, cosine in about)


def test_what_takes_away_is_never_merged_with_what_gives_in_another_language() -> None:
    """More and fewer cars are two families, each in two languages; so are rules and no rules."""
    assert (
        len(_families(["AI should tell no lies.", "Die KI soll lügen."], ["en", "de"]).medoid) == 2
    )
    texts = [
        "Mehr Autos in der Stadt.",
        "Más coches en la ciudad.",
        "Menos coches en la ciudad.",
        "AI should be deregulated.",
        "La IA debe ser regulada.",
        "La IA debe ser desregulada.",
    ]
    found = _families(texts, ["de", "es", "es", "en", "es", "es"]).label.tolist()
    assert found[0] == found[1] != found[2]
    assert found[3] == found[5] != found[4]


def test_equal_ideas_are_merged_whatever_the_words() -> None:
    """Honesty asked for in five ways is one claim, in whose shortest words does not matter."""
    texts = ["Be honest", "AI should be truthful", "The AI should never lie", "AI should be honest"]
    assert len(_families(texts, ["en"] * 4).medoid) == 1


def test_a_language_nobody_reads_merges_equal_words_only() -> None:
    """Where no rule can tell "should" from "should not", nearness is not enough."""
    texts = ["L'IA dovrebbe dare consigli medici", "L'IA non dovrebbe dare consigli medici"]
    assert len(_families(texts, ["it", "it"]).medoid) == 2


def _plane(*degrees: float) -> np.ndarray:
    angles = np.radians(degrees)
    return np.column_stack([np.cos(angles), np.sin(angles)]).astype(np.float32)


def test_what_people_joined_is_one_in_the_words_they_kept() -> None:
    """A decision wins over any distance; whoever is near the kept row comes along."""
    found = cluster.families(_plane(0, 90, 10), [1, 1, 1], together=[(0, 1)])
    assert found.label.tolist() == [0, 0, 0]
    assert found.medoid.tolist() == [0]


def test_what_people_set_apart_is_never_one() -> None:
    """Two equal sentences stay two, and a third one goes with only one of them."""
    found = cluster.families(_plane(0, 0, 1), [1, 1, 1], apart=[(0, 1)])
    assert found.label[0] != found.label[1]
    assert found.label[2] in found.label[:2]


def test_set_apart_holds_for_what_was_folded_too() -> None:
    """A row apart from one that was folded is apart from the row that stands for it."""
    found = cluster.families(_plane(0, 90, 0), [1, 1, 1], together=[(0, 1)], apart=[(1, 2)])
    assert found.label[0] == found.label[1] != found.label[2]


@pytest.mark.parametrize("together", [[(0, 1)], [(0, 2), (2, 1)], [(2, 0), (2, 1)]])
def test_a_pair_cannot_be_one_and_apart(together: list[tuple[int, int]]) -> None:
    """Both decisions on one pair, directly or through a third row, are refused by name."""
    with pytest.raises(AggregationInputError, match="Rows 0 and 1"):
        cluster.families(_plane(0, 0, 0), [1, 1, 1], together=together, apart=[(0, 1)])


@given(st.data())
def test_decisions_hold_for_any_rows(data: st.DataObject) -> None:
    """Joined rows share a family and parted rows do not, in every order of the rows."""
    n = data.draw(st.integers(2, 12))
    rows = st.integers(0, n - 1)
    pairs = st.lists(st.tuples(rows, rows).filter(lambda pair: pair[0] != pair[1]), max_size=4)
    vectors = _plane(*(10.0 * data.draw(st.integers(0, 9)) for _ in range(n)))
    together, apart = data.draw(pairs), data.draw(pairs)
    try:
        label = cluster.families(vectors, [1] * n, together=together, apart=apart).label
    except AggregationInputError:
        return
    assert all(label[i] == label[j] for i, j in together)
    assert all(label[i] != label[j] for i, j in apart)


def test_shards_find_the_pairs_of_all_rows() -> None:
    """Pairs to judge, searched in parts, are those searched at once."""
    gold = _whole("paraphrases.json")
    rows = [(code, m[code]) for m in gold["meanings"][:12] for code in EUROPEAN]
    texts, codes = [text for _, text in rows], [code for code, _ in rows]
    vectors = embed.load("use3").embed(texts, codes)
    sides = [side(text, code) for code, text in rows]
    topics = [gist(text, code).topic for code, text in rows]
    whole = cluster.mergeable_pairs(vectors, sides, codes, topics)
    cuts = [range(start, min(start + 17, len(rows))) for start in range(0, len(rows), 17)]
    parts = [cluster.mergeable_pairs(vectors, sides, codes, topics, rows=cut) for cut in cuts]
    assert np.concatenate([part.i for part in parts]).tolist() == whole.i.tolist()
    assert np.concatenate([part.j for part in parts]).tolist() == whole.j.tolist()
