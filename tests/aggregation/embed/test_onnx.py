"""Any ONNX encoder: run for real, checked against the same network in numpy."""

from __future__ import annotations

import json
from pathlib import Path

import encoders
import numpy as np
import onnx
import pytest
from tokenizers import Tokenizer

from aggregation import embed
from aggregation.__main__ import main
from aggregation.embed.backend import GRID
from aggregation.errors import AggregationInputError, EmbedderUnavailable
from aggregation.prepare import preparation
from aggregation.types import Corpus, Settings, Statement

TEXTS = [
    "Be honest and kind",
    "tell the truth",
    "protect the privacy of people",
    "explain the reasons to people and children " * 3,
    "zebra",
    "be honest and kind",
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    encoders.write_model(tmp_path / "model.onnx")
    encoders.write_tokenizer(tmp_path / "tokenizer.json", limit=4)
    return tmp_path


def loaded(folder: Path, **options: object) -> embed.Embedder:
    """The encoder in this folder, configured as an installation would."""
    told = {"kind": "onnx", "model": "model.onnx", "tokenizer": "tokenizer.json"} | options
    (folder / "embedders.json").write_text(json.dumps({"small": told}))
    embed.configure_from(folder / "embedders.json")
    return embed.load("small")


@pytest.mark.parametrize("pooling", ["mean", "cls"])
def test_vectors_are_those_of_the_network(folder: Path, pooling: str) -> None:
    """To within the grid: without the tokenizer's stored padding and cut, which are ours to set."""
    embedder = loaded(folder, pooling=pooling, strip_frame=False)
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    vectors = embedder.embed(TEXTS)
    for text, vector in zip(TEXTS, vectors, strict=True):
        exact = encoders.expected(tokenizer.encode(text).ids, pooling=pooling)
        np.testing.assert_allclose(vector, exact, atol=0.51 / GRID)
    np.testing.assert_array_equal(np.rint(vectors * GRID), vectors * GRID)


def test_a_model_may_pool_by_itself(folder: Path) -> None:
    """One vector per text from the file is taken as it is: here, the first token's."""
    encoders.write_model(folder / "pooled.onnx", pooled=True)
    ours = loaded(folder, pooling="cls").embed(TEXTS)
    theirs = loaded(folder, model="pooled.onnx", pooling="none").embed(TEXTS)
    np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize("threads", [1, 3])
def test_a_vector_depends_on_its_own_text_alone(folder: Path, threads: int) -> None:
    """Neither company nor order nor threads change a byte of it."""
    embedder = loaded(folder, threads=threads)
    together = embedder.embed(TEXTS)
    for row, text in enumerate(TEXTS):
        np.testing.assert_array_equal(embedder.embed([text])[0], together[row])
    np.testing.assert_array_equal(embedder.embed(TEXTS[::-1]), together[::-1])
    np.testing.assert_array_equal(loaded(folder, threads=1).embed(TEXTS), together)


def test_frame_prefix_and_cut_are_what_the_options_say(folder: Path) -> None:
    """Each option changes what it names, and the space says so."""
    plain = loaded(folder, strip_frame=False)
    framed = ["The AI should tell the truth.", "tell the truth"]
    assert (plain.embed(framed, ["en"] * 2)[0] != plain.embed(framed, ["en"] * 2)[1]).any()
    stripped = loaded(folder)
    np.testing.assert_array_equal(*stripped.embed(framed, ["en"] * 2))
    prefixed = loaded(folder, prefix="query: ", strip_frame=False)
    np.testing.assert_array_equal(prefixed.embed(["honest"]), plain.embed(["query: honest"]))
    cut = loaded(folder, max_tokens=4)  # [CLS], two words, [SEP]
    np.testing.assert_array_equal(*cut.embed(["be honest and kind", "be honest to people"]))
    spaces = {e.spec().space for e in (plain, stripped, prefixed, cut)}
    assert len(spaces) == 4


def test_whitening_follows_the_model(folder: Path) -> None:
    """y = A (x - m) of the unit vector x, to unit length; its width is that of the space."""
    rng = np.random.default_rng(1)
    axes, mean = rng.normal(size=(8, encoders.WIDTH)), rng.normal(size=encoders.WIDTH) / 9
    np.savez(folder / "w.npz", axes=axes.astype(np.float32), mean=mean.astype(np.float32))
    embedder = loaded(folder, whitening="w.npz", strip_frame=False, pooling="mean")
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    ids = tokenizer.encode("tell the truth").ids
    w = {n: a.astype(np.float64) for n, a in encoders.weights().items()}
    x = w["words"][ids] + w["kinds"][0]
    scores = np.exp((x @ w["query"]) @ (x @ w["key"]).T)
    raw = (x + scores / scores.sum(axis=1, keepdims=True) @ x @ w["out"]).mean(axis=0)
    moved = axes @ (raw / np.linalg.norm(raw) - mean)
    found = embedder.embed(["tell the truth"])[0]
    assert embedder.spec().dim == 8
    assert "whitening-file:" in embedder.spec().transform
    np.testing.assert_allclose(found, moved / np.linalg.norm(moved), atol=0.51 / GRID)


def test_the_spec_holds_the_digests_of_both_files(folder: Path) -> None:
    """Other weights or another tokenizer are another space; where the files lie is not."""
    first = loaded(folder).spec()
    assert len(first.digest) == 64
    elsewhere = folder / "elsewhere"
    elsewhere.mkdir()
    for name in ("model.onnx", "tokenizer.json"):
        (elsewhere / name).write_bytes((folder / name).read_bytes())
    assert loaded(elsewhere).spec() == first
    encoders.write_model(elsewhere / "model.onnx", seed=1)
    assert loaded(elsewhere).spec().space != first.space
    encoders.write_tokenizer(folder / "tokenizer.json", limit=9)
    assert loaded(folder).spec().space != first.space


def test_weights_beside_the_model_count(folder: Path) -> None:
    """Large models keep their weights in a second file: its content is part of the digest."""
    model = onnx.load(str(folder / "model.onnx"))
    onnx.save(
        model,
        str(folder / "big.onnx"),
        save_as_external_data=True,
        location="w.bin",
        size_threshold=0,
    )
    first = loaded(folder, model="big.onnx")
    np.testing.assert_array_equal(first.embed(TEXTS), loaded(folder).embed(TEXTS))
    content = bytearray((folder / "w.bin").read_bytes())
    content[1] ^= 1
    (folder / "w.bin").write_bytes(content)
    assert loaded(folder, model="big.onnx").spec().space != first.spec().space


def test_a_file_that_is_no_model_is_named(folder: Path) -> None:
    """Missing, broken or of another shape: the message names embedder, key and file."""
    with pytest.raises(
        AggregationInputError, match=r"'small': key 'model' names .*none.onnx, which"
    ):
        loaded(folder, model="none.onnx")
    (folder / "broken.onnx").write_bytes(b"no model")
    with pytest.raises(AggregationInputError, match=r"broken\.onnx, which cannot be read"):
        loaded(folder, model="broken.onnx")
    (folder / "broken.json").write_text("{}")
    with pytest.raises(AggregationInputError, match=r"'tokenizer' names .*which cannot be read"):
        loaded(folder, tokenizer="broken.json")
    encoders.write_model(folder / "strange.onnx", extra="pixel_values")
    with pytest.raises(AggregationInputError, match=r"takes .*pixel_values"):
        loaded(folder, model="strange.onnx")
    with pytest.raises(AggregationInputError, match="rank 2 for key 'pooling' 'none'"):
        loaded(folder, pooling="none")
    np.savez(folder / "narrow.npz", axes=np.eye(3), mean=np.zeros(3))
    with pytest.raises(AggregationInputError, match="3 numbers, and this model gives 24"):
        loaded(folder, whitening="narrow.npz")


def test_without_its_packages_it_says_what_to_install(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A plain installation names the extra instead of failing somewhere inside."""
    monkeypatch.setitem(__import__("sys").modules, "onnxruntime", None)
    with pytest.raises(EmbedderUnavailable, match=r"concordance\[onnx\]"):
        loaded(folder)


def test_numbers_that_are_not_finite_are_refused(folder: Path) -> None:
    """A model that overflows must not put its rows anywhere."""
    model = onnx.load(str(folder / "model.onnx"))
    words = next(w for w in model.graph.initializer if w.name == "words")
    array = onnx.numpy_helper.to_array(words).copy()
    array[4 + encoders.WORDS.index("lie")] = np.inf
    words.CopyFrom(onnx.numpy_helper.from_array(array, "words"))
    onnx.save(model, str(folder / "model.onnx"))
    embedder = loaded(folder)
    with pytest.raises(EmbedderUnavailable, match="not finite"):
        embedder.embed(["tell a lie"])


def test_processes_of_a_preparation_know_what_is_configured(folder: Path) -> None:
    """Swahili goes to the configured encoder in every process, with the same vectors."""
    loaded(folder, pooling="cls")
    statements = tuple(
        Statement(id=f"s{i}", text=text, language="sw") for i, text in enumerate(TEXTS)
    )
    corpus = Corpus(title="Sw", statements=statements, claims=())
    settings = Settings(embedder="hashing", routes={"sw": "small"})
    alone, together = (preparation(corpus, settings, workers=n, size=2) for n in (1, 2))
    assert [spec.name for spec in alone.embedded.specs][-1] == "onnx"
    np.testing.assert_array_equal(alone.embedded.vectors, together.embedded.vectors)


def test_the_command_line_takes_encoders_by_name(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Named in the installation's file, chosen for a language; an unknown name is told."""
    loaded(folder)
    statements = folder / "statements.csv"
    statements.write_text("author,text\na,AI should tell the truth.\nb,AI should be kind.\n")
    call = ["prepare", "--statements", str(statements), "--out", str(folder / "out")]
    call += ["--language", "sw", "--workers", "1", "--embedder", "hashing"]
    assert main([*call, "--route", "sw=small"]) == 0
    spaces = json.loads((folder / "out" / "claims.json").read_text())
    assert "onnx" in [one["name"] for one in spaces["method"]["embedding"]]
    assert main([*call, "--route", "sw=large"]) == 1
    assert "routes['sw']: There is no embedder named 'large'" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        main([*call, "--route", "sw"])
