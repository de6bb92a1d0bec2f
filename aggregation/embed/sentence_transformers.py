"""Any encoder of the sentence-transformers library, on all GPUs there are, or on the processor."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aggregation.embed.backend import EmbedderSpec, Float32Array, extra, to_grid
from aggregation.embed.device import (
    Device,
    Precision,
    devices,
    length_batches,
    precision_on,
    shared_out,
)
from aggregation.embed.options import TextOptions, bounded
from aggregation.embed.transform import distinct_rows
from aggregation.errors import AggregationInputError, EmbedderUnavailable
from aggregation.types import IntArray

# Tokens and texts in a batch. On a processor a text goes alone, so that its vector depends on
# nothing else, though batches of 8 are twice as fast; a GPU would idle.
ON_CPU, ON_GPU = (1, 1), (16_384, 256)
NO_PART_OF_IT = {".md", ".png"}  # tells about a model, and changes no vector


@dataclass(frozen=True, kw_only=True)
class EncoderOptions(TextOptions):
    """model : the folder of the model, with weights in safetensors

    device : "auto" takes all GPUs, or else the processor, when the encoder is loaded
    precision : "auto" is float16 on CUDA, float32 elsewhere
    max_tokens : what is longer is cut; None leaves it to the model
    batch_tokens, batch_texts : at most in one batch, padding included; None by device: many on a
        GPU, one text at a time on a processor
    """

    model: Path
    device: Device = "auto"
    precision: Precision = "auto"
    max_tokens: int | None = bounded(2, 1_000_000, None)
    batch_tokens: int | None = bounded(1, 10_000_000, None)
    batch_texts: int | None = bounded(1, 100_000, None)


class Encoder:
    """One copy of the model on each device; texts of similar length go together.

    The space does not name the device. On a processor and on a GPU vectors differ by rounding,
    by less than `device.SAME_NEIGHBOURS` allows; a cache keeps the first.
    """

    def __init__(self, name: str, options: EncoderOptions) -> None:
        self._name, self._options = name, options
        if not options.model.is_dir():
            raise AggregationInputError(
                f"embedder {name!r}: key 'model' names {options.model}, which is no folder. Put "
                "the model's files there: nothing is fetched from elsewhere."
            )
        library = extra("sentence_transformers", name, "gpu")
        torch = extra("torch", name, "gpu")
        try:
            self.devices = devices(options.device, torch)
        except ValueError as error:
            raise EmbedderUnavailable(
                f"embedder {name!r}: {error}. Set 'device' to 'auto' or 'cpu'."
            ) from error
        self._models = [self._loaded(library, torch, device) for device in self.devices]
        self.languages = options.languages
        raw = int(self._models[0].encode(["a"], show_progress_bar=False).shape[1])
        self._transform = options.transform(inputs=raw)
        cut = f"max-{self._models[0].max_seq_length}-tokens"
        self._spec = EmbedderSpec(
            name="sentence-transformers",
            revision=f"sentence-transformers {library.__version__.partition('.')[0]}",
            digest=_digest(options.model),
            dim=self._transform.width(raw),
            transform=f"{cut}+{self._transform}",
        )

    def embed(self, texts: Sequence[str], languages: Sequence[str] | None = None) -> Float32Array:
        """Unit vectors (texts, dim) in the order given; equal contents are encoded once."""
        contents = self._transform.contents(texts, languages)
        return distinct_rows(contents, self._spec.dim, self._encode)

    def spec(self) -> EmbedderSpec:
        """The library's version, the digest of the model's folder, and the transform."""
        return self._spec

    def _loaded(self, library: Any, torch: Any, device: str) -> Any:
        precision = precision_on(device, self._options.precision)
        try:
            model = library.SentenceTransformer(
                str(self._options.model),
                device=device,
                local_files_only=True,
                trust_remote_code=False,
                model_kwargs={"dtype": getattr(torch, precision), "use_safetensors": True},
            )
        # Whatever a broken folder makes the library raise: its errors have no common root.
        except Exception as error:
            raise AggregationInputError(
                f"embedder {self._name!r}: key 'model' names {self._options.model}, which cannot "
                f"be read: {error}."
            ) from error
        model.eval()
        if self._options.max_tokens is not None:
            model.max_seq_length = self._options.max_tokens
        return model

    def _encode(self, contents: list[str]) -> Float32Array:
        prefixed = [f"{self._options.prefix}{content}" for content in contents]
        lengths = self._lengths(prefixed)
        tokens, texts = ON_CPU if self.devices == ("cpu",) else ON_GPU
        batches = length_batches(
            lengths,
            tokens=self._options.batch_tokens or tokens,
            texts=self._options.batch_texts or texts,
        )
        shares = shared_out(batches, lengths, len(self._models))
        raw = np.empty((len(contents), self._transform_inputs()), dtype=np.float64)

        def work(hand: int) -> None:
            for batch in shares[hand]:
                raw[batches[batch]] = self._batch(hand, prefixed, batches[batch])

        with ThreadPoolExecutor(len(self._models)) as pool:
            list(pool.map(work, range(len(self._models))))
        if not np.isfinite(raw).all():
            raise EmbedderUnavailable(
                f"embedder {self._name!r}: the model gave numbers that are not finite. "
                "Set 'precision' to 'float32'."
            )
        return to_grid(self._transform.finished(raw))

    def _transform_inputs(self) -> int:
        whitening = self._transform.whitening
        return whitening.mean.size if whitening else self._spec.dim

    def _lengths(self, texts: list[str]) -> list[int]:
        """How many tokens the model reads of each text."""
        model = self._models[0]
        found = model.tokenizer(texts, truncation=True, max_length=model.max_seq_length)
        return [len(tokens) for tokens in found["input_ids"]]

    def _batch(self, hand: int, texts: list[str], rows: IntArray) -> NDArray[np.floating[Any]]:
        found: NDArray[np.floating[Any]] = self._models[hand].encode(
            [texts[row] for row in rows.tolist()],
            batch_size=len(rows),
            show_progress_bar=False,
            convert_to_numpy=True,
        )
        return found


def _digest(folder: Path) -> str:
    """sha256 over the names and contents of the files that make the model."""
    together = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder)
        hidden = any(part.startswith(".") for part in inside.parts)
        if path.is_file() and not hidden and path.suffix not in NO_PART_OF_IT:
            with path.open("rb") as file:
                content = hashlib.file_digest(file, "sha256").hexdigest()
            together.update(f"{inside.as_posix()}\n{content}\n".encode())
    return together.hexdigest()
