"""sentence-transformers, run for real on a small encoder built here; on a GPU where there is one.

Skipped where the library is not installed: `pip install concordance[gpu]`. What needs no model is
in test_device.py.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import encoders
import numpy as np
import pytest

from aggregation import embed
from aggregation.embed.backend import GRID
from aggregation.embed.device import SAME_NEIGHBOURS, rank_correlation
from aggregation.errors import AggregationInputError, EmbedderUnavailable

library = pytest.importorskip(
    "sentence_transformers", reason="needs concordance[gpu]: sentence-transformers"
)
torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")

TEXTS = [" ".join(encoders.WORDS[i : i + 1 + i % 9]) for i in range(len(encoders.WORDS))]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A two-layer BERT with weights from a fixed seed, saved as the library saves models."""
    home = tmp_path_factory.mktemp("encoder")
    encoders.write_tokenizer(home / "tokenizer.json")
    tokenizer = transformers.PreTrainedTokenizerFast(
        tokenizer_file=str(home / "tokenizer.json"),
        pad_token="[PAD]",
        unk_token="[UNK]",
        cls_token="[CLS]",
        sep_token="[SEP]",
    )
    torch.manual_seed(0)
    bert = transformers.BertModel(
        transformers.BertConfig(
            vocab_size=len(encoders.WORDS) + 4,
            hidden_size=64,
            num_hidden_layers=2,
            num_attention_heads=4,
            intermediate_size=128,
            max_position_embeddings=64,
        )
    )
    bert.save_pretrained(home / "bert")
    tokenizer.save_pretrained(home / "bert")
    modules = library.sentence_transformer.modules
    words = modules.Transformer(str(home / "bert"), max_seq_length=32)
    whole = library.SentenceTransformer(modules=[words, modules.Pooling(64)], device="cpu")
    whole.save(str(home / "model"))
    return home / "model"


def loaded(folder: Path, **options: Any) -> Any:
    told = {"kind": "sentence-transformers", "model": str(folder), "strip_frame": False}
    embed.configure({"st": told | options})
    return embed.load("st")


def test_vectors_are_the_librarys_own_in_the_order_given(folder: Path) -> None:
    """However the texts are cut into batches, to within the grid."""
    plain = library.SentenceTransformer(str(folder), device="cpu")
    exact = plain.encode(TEXTS, normalize_embeddings=True, show_progress_bar=False)
    for batch in ({}, {"batch_texts": 3}, {"batch_tokens": 20}):
        vectors = loaded(folder, device="cpu", **batch).embed(TEXTS)
        np.testing.assert_allclose(vectors, exact, atol=0.52 / GRID)
        np.testing.assert_array_equal(np.rint(vectors * GRID), vectors * GRID)


def test_on_a_processor_a_vector_depends_on_its_own_text_alone(folder: Path) -> None:
    """One text at a time: neither company nor order change a byte of it."""
    embedder = loaded(folder, device="cpu")
    together = embedder.embed(TEXTS)
    np.testing.assert_array_equal(embedder.embed(TEXTS[::-1]), together[::-1])
    for row in (0, 7, 20):
        np.testing.assert_array_equal(embedder.embed([TEXTS[row]])[0], together[row])


def test_the_device_changes_no_interface_and_no_space(folder: Path) -> None:
    """Whatever "auto" finds here, the space is the same as on the processor."""
    found, cpu = loaded(folder), loaded(folder, device="cpu")
    assert found.spec() == cpu.spec()
    assert found.embed(TEXTS).shape == cpu.embed(TEXTS).shape == (len(TEXTS), 64)
    assert cpu.devices == ("cpu",)


def test_several_devices_share_the_work(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two copies of the model, here both on the processor, give what one gives, in order."""
    one = loaded(folder, device="cpu").embed(TEXTS)
    place = "aggregation.embed.sentence_transformers.devices"
    monkeypatch.setattr(place, lambda wanted, torch: ("cpu", "cpu"))
    two = loaded(folder, batch_texts=4)
    assert len(two.devices) == 2
    np.testing.assert_allclose(two.embed(TEXTS), one, atol=1.01 / GRID)


def test_the_spec_follows_what_the_folder_holds(folder: Path, tmp_path: Path) -> None:
    """A file that changes vectors changes the space; a README does not, nor does the place."""
    copy = tmp_path / "copy"
    for path in folder.rglob("*"):
        if path.is_file():
            target = copy / path.relative_to(folder)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(path.read_bytes())
    spec = loaded(folder, device="cpu").spec()
    (copy / "README.md").write_text("new")
    assert loaded(copy, device="cpu").spec() == spec
    settings = copy / "config.json"
    settings.write_text(settings.read_text() + "\n")
    assert loaded(copy, device="cpu").spec().space != spec.space


def test_half_precision_keeps_the_neighbours(folder: Path) -> None:
    """What a GPU rounds, rounded on the processor: the same neighbours in nearly the same order."""
    full = loaded(folder, device="cpu").embed(TEXTS)
    half = loaded(folder, device="cpu", precision="float16").embed(TEXTS)
    assert rank_correlation(full, half) >= SAME_NEIGHBOURS


def test_a_gpu_keeps_the_neighbours(folder: Path) -> None:
    """The processor's neighbours, in half precision on every GPU there is."""
    if not torch.cuda.is_available():
        pytest.skip("needs a CUDA device")
    cpu = loaded(folder, device="cpu").embed(TEXTS)
    gpu = loaded(folder, device="cuda")
    assert all(device.startswith("cuda:") for device in gpu.devices)
    assert rank_correlation(cpu, gpu.embed(TEXTS)) >= SAME_NEIGHBOURS


def test_what_cannot_be_loaded_is_named(folder: Path, tmp_path: Path) -> None:
    """No folder, no model in it, or no such device: the key and what to do."""
    with pytest.raises(AggregationInputError, match=r"'model' names .* which is no folder"):
        loaded(tmp_path / "none")
    with pytest.raises(AggregationInputError, match="which cannot be read"):
        loaded(tmp_path)
    if not torch.cuda.is_available():
        with pytest.raises(EmbedderUnavailable, match="no cuda device on this machine"):
            loaded(folder, device="cuda")
