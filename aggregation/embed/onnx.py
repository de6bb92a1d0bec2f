"""Any BERT-like encoder in an ONNX file, with its tokenizer.json, on the CPU."""

from __future__ import annotations

import hashlib
import mmap
import os
import re
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from aggregation.embed.backend import EmbedderSpec, Float32Array, extra, to_grid
from aggregation.embed.options import TextOptions, bounded
from aggregation.embed.transform import distinct_rows
from aggregation.errors import AggregationInputError, EmbedderUnavailable

INPUTS = {"input_ids", "attention_mask", "token_type_ids"}
# A tensor's entry {"location": file}, as protobuf writes it: key, then length and name of the file.
_WEIGHTS_ELSEWHERE = re.compile(rb"\n\x08location\x12([\x01-\x7f])([^\0]{1,127})", re.DOTALL)


@dataclass(frozen=True, kw_only=True)
class OnnxOptions(TextOptions):
    """model, tokenizer : the two files

    pooling : from the tokens' vectors to the text's: their mean, the first ("cls"), or "none" where
        the model gives one vector already
    max_tokens : what is longer is cut
    threads : texts at a time
    """

    model: Path
    tokenizer: Path
    pooling: Literal["mean", "cls", "none"] = "mean"
    max_tokens: int = bounded(2, 32_768, 512)
    threads: int = bounded(1, 256, 1)


class Onnx:
    """One text at a time, in as many threads as set.

    In a batch a vector would depend on its company: by padding, by the order of sums and, in a
    model quantised as it runs, by the largest number of all. Alone it depends on its text.
    """

    def __init__(self, name: str, options: OnnxOptions) -> None:
        self._name, self._options = name, options
        self._tokenizer = self._read_tokenizer()
        self._session = self._read_model()
        self._inputs = [one.name for one in self._session.get_inputs()]
        self._output = self._choose_output()
        self.languages = options.languages
        raw = self._encode_one("a").size
        self._transform = options.transform(inputs=raw)
        self._spec = EmbedderSpec(
            name="onnx",
            revision=f"tokenizer {_digest(options.tokenizer)}",
            digest=_digest(options.model),
            dim=self._transform.width(raw),
            transform=(
                f"{options.pooling}-pooling+max-{options.max_tokens}-tokens+{self._transform}"
            ),
        )

    def embed(self, texts: Sequence[str], languages: Sequence[str] | None = None) -> Float32Array:
        """Unit vectors (texts, dim) in the order given; equal contents are encoded once."""
        contents = self._transform.contents(texts, languages)
        return distinct_rows(contents, self._spec.dim, self._encode)

    def spec(self) -> EmbedderSpec:
        """The digests of both files, and how tokens and vectors are made."""
        return self._spec

    def _encode(self, contents: list[str]) -> Float32Array:
        prefixed = [f"{self._options.prefix}{content}" for content in contents]
        with ThreadPoolExecutor(self._options.threads) as pool:
            raw = np.stack(list(pool.map(self._encode_one, prefixed)))
        return to_grid(self._transform.finished(raw))

    def _encode_one(self, text: str) -> NDArray[np.float64]:
        encoding = self._tokenizer.encode(text)
        told = {
            "input_ids": encoding.ids,
            "attention_mask": encoding.attention_mask,
            "token_type_ids": encoding.type_ids,
        }
        feed = {name: np.array([told[name]], dtype=np.int64) for name in self._inputs}
        found = self._session.run([self._output], feed)[0][0].astype(np.float64)
        pooled = {"mean": lambda: found.mean(axis=0), "cls": lambda: found[0]}.get(
            self._options.pooling, lambda: found
        )()
        if not np.isfinite(pooled).all():
            raise EmbedderUnavailable(
                f"embedder {self._name!r}: the model gave numbers that are not finite. "
                "Check the file, or use one of a higher precision."
            )
        return np.asarray(pooled)

    def _read_tokenizer(self) -> Any:
        from_file: Callable[[str], Any] = extra(
            "tokenizers", self._name, "onnx"
        ).Tokenizer.from_file
        tokenizer = self._opened("tokenizer", from_file)
        tokenizer.no_padding()
        tokenizer.enable_truncation(self._options.max_tokens)
        return tokenizer

    def _read_model(self) -> Any:
        runtime = extra("onnxruntime", self._name, "onnx")
        settings = runtime.SessionOptions()
        settings.intra_op_num_threads = settings.inter_op_num_threads = 1
        settings.use_deterministic_compute = True
        settings.log_severity_level = 3
        providers = ["CPUExecutionProvider"]
        return self._opened(
            "model", lambda path: runtime.InferenceSession(path, settings, providers=providers)
        )

    def _opened(self, key: str, read: Callable[[str], Any]) -> Any:
        path: Path = getattr(self._options, key)
        if not path.is_file():
            raise AggregationInputError(
                f"embedder {self._name!r}: key {key!r} names {path}, which is no file."
            )
        try:
            return read(str(path))
        # Both libraries raise whatever their native code names, with no common root.
        except Exception as error:
            raise AggregationInputError(
                f"embedder {self._name!r}: key {key!r} names {path}, which cannot be read: {error}."
            ) from error

    def _choose_output(self) -> str:
        """The first output of the rank that the pooling needs."""
        strangers = set(self._inputs) - INPUTS
        rank = 2 if self._options.pooling == "none" else 3
        fitting = [one.name for one in self._session.get_outputs() if len(one.shape) == rank]
        if strangers or "input_ids" not in self._inputs or not fitting:
            outputs = ", ".join(f"{one.name}{one.shape}" for one in self._session.get_outputs())
            raise AggregationInputError(
                f"embedder {self._name!r}: the model takes {', '.join(self._inputs)} and gives "
                f"{outputs}. It must take no more than {', '.join(sorted(INPUTS))}, and give rank "
                f"{rank} for key 'pooling' {self._options.pooling!r}."
            )
        return str(fitting[0])


def _digest(path: Path) -> str:
    """sha256 of a file, and of those beside it in which a large model keeps its weights."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        named = {found[2][: found[1][0]] for found in _WEIGHTS_ELSEWHERE.finditer(content)}
    parts = [path, *(path.parent / os.fsdecode(name) for name in sorted(named))]
    digests = []
    for part in parts:
        if part.is_file():
            with part.open("rb") as file:
                digests.append(hashlib.file_digest(file, "sha256").hexdigest())
    together = hashlib.sha256("".join(digests).encode()).hexdigest()
    return digests[0] if len(digests) == 1 else together
