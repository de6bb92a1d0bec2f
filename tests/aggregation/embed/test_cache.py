"""What was embedded once is found again, and never as anything else."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregation import embed
from aggregation.embed.backend import GRID, EmbedderSpec, Float32Array, to_grid

SPEC = EmbedderSpec("model", "1", "ab", 256, "grid-256")
TEXTS = ["AI should be honest.", "KI soll ehrlich sein.", "AI should be kind."]
CODES = ["en", "de", "en"]


def test_half_precision_holds_a_vector_exactly() -> None:
    """Components are multiples of 1/256 between -1 and 1; float16 has eleven bits for them."""
    grid = np.arange(-GRID, GRID + 1) / GRID
    np.testing.assert_array_equal(grid.astype("<f2").astype(np.float64), grid)
    vectors = embed.load("use3").embed(TEXTS, CODES)
    np.testing.assert_array_equal(vectors.astype("<f2").astype(np.float32), vectors)


@given(st.text(), st.text(), st.text(max_size=3), st.text(max_size=3))
def test_a_key_names_space_language_and_text(one: str, other: str, a: str, b: str) -> None:
    """Equal only where all three are equal, whatever characters stand in them."""
    same = (one, a) == (other, b)
    assert (embed.cache_key(SPEC, one, a) == embed.cache_key(SPEC, other, b)) == same
    newer = EmbedderSpec("model", "2", "ab", 256, "grid-256")
    assert embed.cache_key(SPEC, one, a) != embed.cache_key(newer, one, a)


def test_a_lone_surrogate_has_a_key() -> None:
    """Even what is no valid text does not stop a run here."""
    assert len(embed.cache_key(SPEC, "\ud800", "en")) == 64


class Counting:
    """The hashing embedder, and how many texts it was asked for."""

    languages = None

    def __init__(self) -> None:
        self.asked = 0

    def embed(self, texts: Sequence[str], languages: Sequence[str] | None = None) -> Float32Array:
        self.asked += len(texts)
        return embed.load("hashing").embed(texts, languages)

    def spec(self) -> EmbedderSpec:
        return embed.load("hashing").spec()


@pytest.fixture
def counting(monkeypatch: pytest.MonkeyPatch) -> Counting:
    found = Counting()
    monkeypatch.setattr("aggregation.embed.spaces.load", lambda name: found)
    return found


def test_the_second_run_embeds_nothing(tmp_path: Path, counting: Counting) -> None:
    """Same bytes, no work; a repeated text is asked for once in the first run already."""
    texts, codes = [*TEXTS, TEXTS[0]], [*CODES, CODES[0]]
    cache = embed.FolderCache(tmp_path)
    first = embed.embed_all(texts, codes, embed.Router(), cache)
    assert counting.asked == 3
    second = embed.embed_all(texts, codes, embed.Router(), embed.FolderCache(tmp_path))
    assert counting.asked == 3
    np.testing.assert_array_equal(first.vectors, second.vectors)
    np.testing.assert_array_equal(first.vectors, embed.load("hashing").embed(texts, codes))


def files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


@pytest.mark.parametrize("damage", ["cut", "flip", "empty", "longer", "another's"])
def test_a_damaged_file_is_a_miss_and_is_mended(
    tmp_path: Path, counting: Counting, damage: str
) -> None:
    """Whatever happened to a file, the vector is the right one, and the file is whole again."""
    cache = embed.FolderCache(tmp_path)
    right = embed.embed_all(TEXTS, CODES, embed.Router(), cache).vectors
    before = {path: path.read_bytes() for path in files(tmp_path)}
    victim, other = list(before)[:2]
    content = before[victim]
    victim.write_bytes(
        {
            "cut": content[:100],
            "flip": bytes([content[0] ^ 1]) + content[1:],
            "empty": b"",
            "longer": content + b"\0",
            "another's": before[other],
        }[damage]
    )
    again = embed.embed_all(TEXTS, CODES, embed.Router(), cache).vectors
    np.testing.assert_array_equal(again, right)
    assert counting.asked == 4
    assert {path: path.read_bytes() for path in files(tmp_path)} == before


def test_many_writers_leave_whole_files_and_nothing_else(tmp_path: Path) -> None:
    """Threads that write the same vectors at once neither fail nor leave pieces behind."""
    vectors = to_grid(np.random.default_rng(0).normal(size=(40, 256)) / 16)
    keyed = {embed.cache_key(SPEC, str(i), "en"): vector for i, vector in enumerate(vectors)}
    cache = embed.FolderCache(tmp_path)
    threads = [threading.Thread(target=cache.write, args=(keyed, SPEC)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {path.name for path in files(tmp_path)} == set(keyed)
    found = cache.read(list(keyed), SPEC)
    for key, vector in keyed.items():
        np.testing.assert_array_equal(found[key], vector)


def test_a_failed_write_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk is told, and no half a file stays."""

    def full(self: Path, target: Path) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    vector = embed.load("hashing").embed(["honest"])[0]
    with pytest.raises(OSError, match="No space"):
        embed.FolderCache(tmp_path).write({embed.cache_key(SPEC, "honest", "en"): vector}, SPEC)
    assert not files(tmp_path)
