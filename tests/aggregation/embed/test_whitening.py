"""The whitening that ships follows from public data, and any encoder may have one of its own."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path

import encoders
import numpy as np
import pytest

from aggregation import embed
from aggregation.embed import fit_whitening
from aggregation.embed.whitening import FILE
from aggregation.errors import AggregationInputError


def test_the_shipped_file_follows_from_the_data_it_names(data_dir: Path, tmp_path: Path) -> None:
    """Fitted anew on the six conversations of WHITENING.md, mean and spread are the same, but for
    the few comments whose frame is told otherwise since."""
    fit_whitening.main([str(data_dir / "polis"), str(tmp_path / "new.npz")])
    shipped = np.load(str(files("aggregation.embed").joinpath(FILE)))
    new = np.load(tmp_path / "new.npz")
    np.testing.assert_allclose(new["mean"], shipped["mean"], atol=2e-3)
    lengths = [np.linalg.norm(x["axes"].astype(np.float64), axis=1) for x in (new, shipped)]
    np.testing.assert_allclose(*lengths, rtol=0.03)


def test_an_encoder_of_ones_own_can_be_whitened(tmp_path: Path) -> None:
    """Fitted without, configured with: vectors spread evenly over the axes, in a space of their
    own, and a second whitening on top is refused."""
    comments = "comment-body\n" + "\n".join(
        f"{one} {other}" for one in encoders.WORDS for other in encoders.WORDS[::3]
    )
    (tmp_path / "talk").mkdir()
    (tmp_path / "talk" / "comments.csv").write_text(comments)
    encoders.write_model(tmp_path / "m.onnx")
    encoders.write_tokenizer(tmp_path / "t.json")
    plain = {"kind": "onnx", "model": "m.onnx", "tokenizer": "t.json"}
    (tmp_path / "e.json").write_text(
        json.dumps({"plain": plain, "white": plain | {"whitening": "w.npz"}})
    )
    embed.configure_from(tmp_path / "e.json")
    fit_whitening.main([str(tmp_path), str(tmp_path / "w.npz"), "--embedder", "plain"])
    texts = comments.splitlines()[1:]

    def shares(name: str) -> float:
        """The part of all spread that lies on the first axis."""
        vectors = embed.load(name).embed(texts).astype(np.float64)
        singular = np.linalg.svd(vectors - vectors.mean(axis=0), compute_uv=False)
        return float(singular[0] / singular.sum())

    assert shares("white") < shares("plain")
    assert abs(embed.load("white").embed(texts).mean(axis=0)).max() < 0.1
    assert embed.load("white").spec().space != embed.load("plain").spec().space
    with pytest.raises(AggregationInputError, match="'white' whitens already"):
        fit_whitening.main([str(tmp_path), str(tmp_path / "v.npz"), "--embedder", "white"])
    embed.configure({})
