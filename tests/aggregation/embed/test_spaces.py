"""Languages go to the backend that knows them, and models never meet in one cosine."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregation import embed
from aggregation.errors import AggregationInputError
from aggregation.run import aggregate
from aggregation.spec import validate
from aggregation.types import Claim, Corpus, Settings, Span, Statement
from aggregation.votes import VoteTable

TEXTS = [
    "AI should be honest.",
    "KI soll ehrlich sein.",
    "एआई को ईमानदार होना चाहिए।",
    "AI iwe ya kweli.",
]
CODES = ["en", "de", "hi", "sw"]


def test_one_space_is_the_backends_own_table() -> None:
    """With one model for all, nothing is added to what it gives."""
    table = embed.embed_all(TEXTS[:2], CODES[:2], embed.Router())
    np.testing.assert_array_equal(table.vectors, embed.load("use3").embed(TEXTS[:2], CODES[:2]))
    assert table.specs == (embed.load("use3").spec(),)
    assert table.known.all()


def test_a_language_nobody_knows_is_marked_and_near_nothing() -> None:
    """Hindi and Swahili are outside the default's sixteen: no vector is better than a wrong one."""
    table = embed.embed_all(TEXTS, CODES, embed.Router())
    np.testing.assert_array_equal(table.known, [True, True, False, False])
    np.testing.assert_array_equal(table.space, [0, 0, -1, -1])
    assert not table.vectors[2:].any()


def test_models_have_columns_of_their_own() -> None:
    """A cosine across two models is exactly 0, within one it is what it was."""
    router = embed.Router(routes={"hi": "hashing", "sw": "hashing"})
    table = embed.embed_all(TEXTS, CODES, router)
    assert table.known.all()
    assert [spec.name for spec in table.specs] == ["hashing", "use3"]
    cosines = table.vectors @ table.vectors.T
    assert not cosines[:2, 2:].any()
    own = embed.load("use3").embed(TEXTS[:2], CODES[:2])
    np.testing.assert_array_equal(cosines[:2, :2], own @ own.T)
    np.testing.assert_array_equal(
        table.own(0)[2:], embed.load("hashing").embed(TEXTS[2:], CODES[2:])
    )


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("zh-Hant", "use3"),  # "zh" with its script
        ("zh", "use3"),
        ("und", "use3"),  # too short to tell: rather the default than nothing
        ("", "use3"),
        ("sw", "hashing"),
        ("sw-KE", "hashing"),
        ("pt-BR", "hashing"),  # a route for the variant alone
        ("pt", "use3"),
        ("hi", None),
    ],
)
def test_a_code_goes_where_its_route_points(code: str, name: str | None) -> None:
    """The exact code first, then the language, then the default if it knows the language."""
    router = embed.Router(routes={"sw": "hashing", "pt-BR": "hashing"})
    backend = router.backend(code)
    assert (backend.spec().name if backend else None) == name


def test_what_nobody_knows_keeps_its_width() -> None:
    """A table of unknown texts has the default's columns, so that it fits beside others."""
    table = embed.embed_all(["कखग"], ["hi"], embed.Router())
    assert table.vectors.shape == (1, 256)
    assert embed.embed_all([], [], embed.Router()).vectors.shape == (0, 256)


@given(
    st.lists(st.tuples(st.sampled_from(TEXTS), st.sampled_from([*CODES, "und"])), max_size=8),
    st.data(),
)
def test_shards_join_to_the_whole_table(rows: list[tuple[str, str]], data: st.DataObject) -> None:
    """However a corpus is cut, the joined parts are the table of all of it."""
    router = embed.Router(default="hashing", routes={"hi": "use3", "de": "use3"})
    cut = data.draw(st.integers(0, len(rows)))
    texts, codes = [text for text, _ in rows], [code for _, code in rows]
    whole = embed.embed_all(texts, codes, router)
    parts = [embed.embed_all(texts[s], codes[s], router) for s in (slice(cut), slice(cut, None))]
    joined = embed.join(parts)
    assert joined.specs == whole.specs
    for name in ("vectors", "known", "space"):
        np.testing.assert_array_equal(getattr(joined, name), getattr(whole, name))


def test_a_route_to_nowhere_is_named() -> None:
    """The refusal names the setting and lists what there is."""
    with pytest.raises(AggregationInputError, match=r"routes\['hi'\].*'e5'.*hashing, use3"):
        embed.embed_all(TEXTS, CODES, embed.Router(routes={"hi": "e5"}))
    with pytest.raises(AggregationInputError, match=r"embedder: .*'bert'"):
        embed.embed_all(TEXTS, CODES, embed.Router(default="bert"))
    with pytest.raises(AggregationInputError, match="4 texts do not fit 1 languages"):
        embed.embed_all(TEXTS, ["en"], embed.Router())


def test_a_run_says_in_which_spaces_it_compared() -> None:
    """The method of a spec names every model, every route and how many claims none could read."""
    statements = tuple(
        Statement(id=f"s{i}", text=text, language=code)
        for i, (text, code) in enumerate(zip(TEXTS, CODES, strict=True))
    )
    claims = tuple(
        Claim(id=f"c{i}", span=Span(s.id, 0, len(s.text))) for i, s in enumerate(statements)
    )
    corpus = Corpus(title="Languages", statements=statements, claims=claims)
    cells = [(f"p{i}", claim.id) for i in range(6) for claim in claims]
    votes = VoteTable.from_arrays(*map(list, zip(*cells, strict=True)), [1] * len(cells))
    document = aggregate(corpus, votes, Settings(bootstrap=5, routes={"sw": "hashing"})).document
    validate(document)
    method = document["method"]["embedding"]
    assert method["name"] == "use3"
    assert method["routes"] == {"sw": "hashing"}
    assert [spec["name"] for spec in method["other_spaces"]] == ["hashing"]
    assert method["claims_unknown"] == 1
