"""An encoder behind HTTP: any OpenAI-compatible `/v1/embeddings`, or `/embed` of TEI.

Nothing that comes back is trusted: its size, its shape, every number and its order are checked. The
key lies in an environment variable and goes nowhere but into the request's header.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from aggregation.embed.backend import EmbedderSpec, Float32Array, to_grid
from aggregation.embed.json_endpoint import JsonEndpoint, Patience, is_plain_address
from aggregation.embed.options import TextOptions, bounded
from aggregation.embed.transform import distinct_rows
from aggregation.errors import AggregationInputError, EmbedderUnavailable


@dataclass(frozen=True, kw_only=True)
class EndpointOptions(TextOptions):
    """url, protocol, model : where, in which form, and the name the endpoint knows the model by

    revision : names the weights that are served; change it when they change, since no protocol
        tells them. dim : numbers in a vector as served
    api_key_env : the environment variable that holds the key, None for none
    timeout_s : for one try, from the first byte sent to the last received
    retries : further tries after one that failed for a while; wait_s : before the first of them,
        doubled each time; longest_wait_s : at most, whatever the endpoint asks for
    batch_texts, batch_bytes : in one request; parallel : requests at a time
    """

    url: str
    revision: str
    dim: int = bounded(1, 8192)
    protocol: Literal["openai", "tei"] = "openai"
    model: str = ""
    api_key_env: str | None = None
    timeout_s: float = bounded(0.1, 3600, 60.0)
    retries: int = bounded(0, 20, 5)
    wait_s: float = bounded(0.001, 60, 0.5)
    longest_wait_s: float = bounded(0.001, 3600, 60.0)
    batch_texts: int = bounded(1, 4096, 32)
    batch_bytes: int = bounded(1, 100_000_000, 200_000)
    parallel: int = bounded(1, 64, 4)
    most_response_bytes: int = bounded(1, 1_000_000_000, 32_000_000)


class Endpoint:
    """Asks in batches, again where that may help, and checks every answer."""

    def __init__(self, name: str, options: EndpointOptions) -> None:
        self._name, self._options = name, options
        if not is_plain_address(options.url):
            raise AggregationInputError(
                f"embedder {name!r}: key 'url' must be http:// or https:// with a host and "
                "without a user or a fragment. A key belongs into the variable of 'api_key_env'."
            )
        if options.protocol == "openai" and not options.model:
            raise AggregationInputError(
                f"embedder {name!r}: key 'model' is missing. Add the name the endpoint knows it by."
            )
        self.languages = options.languages
        self._transform = options.transform(inputs=options.dim)
        self._spec = EmbedderSpec(
            name="http",
            revision=f"{options.model} {options.revision}".strip(),
            digest="",  # Only the endpoint has the weights: `revision` stands for them.
            dim=self._transform.width(options.dim),
            transform=str(self._transform),
        )

    def embed(self, texts: Sequence[str], languages: Sequence[str] | None = None) -> Float32Array:
        """Unit vectors (texts, dim) in the order given; equal contents are asked for once.

        What the endpoint computes may differ in its last digits with the batch; a cache keeps the
        first answer. Raises EmbedderUnavailable naming the embedder and what went wrong.
        """
        contents = self._transform.contents(texts, languages)
        return distinct_rows(contents, self._spec.dim, self._encode)

    def spec(self) -> EmbedderSpec:
        """The model's name and the revision it was said to have; neither address nor key."""
        return self._spec

    def _encode(self, contents: list[str]) -> Float32Array:
        prefixed = [f"{self._options.prefix}{content}" for content in contents]
        batches = list(self._batches(prefixed))
        with ThreadPoolExecutor(self._options.parallel) as pool:
            raw = np.concatenate(list(pool.map(self._asked, batches)))
        return to_grid(self._transform.finished(raw))

    def _batches(self, texts: Sequence[str]) -> Iterator[list[str]]:
        """Neighbouring texts within both limits; one that is over the limit alone goes alone."""
        batch: list[str] = []
        size = 0
        for text in texts:
            bytes_ = len(text.encode("utf-8", "surrogatepass"))
            full = len(batch) == self._options.batch_texts
            if batch and (full or size + bytes_ > self._options.batch_bytes):
                yield batch
                batch, size = [], 0
            batch.append(text)
            size += bytes_
        yield batch

    def _asked(self, batch: list[str]) -> NDArray[np.float64]:
        """The vectors (batch, dim) for these texts, after as many tries as are allowed."""
        key = self._key()
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        content = self._endpoint.ask(self._question(batch), key=key, headers=headers)
        return self._vectors(content, len(batch))

    def _question(self, batch: list[str]) -> dict[str, object]:
        if self._options.protocol == "tei":
            return {"inputs": batch, "truncate": True}
        return {"model": self._options.model, "input": batch, "encoding_format": "float"}

    @cached_property
    def _endpoint(self) -> JsonEndpoint:
        options = self._options
        return JsonEndpoint(
            options.url,
            Patience(
                timeout_s=options.timeout_s,
                retries=options.retries,
                wait_s=options.wait_s,
                longest_wait_s=options.longest_wait_s,
                most_response_bytes=options.most_response_bytes,
                parallel=options.parallel,
            ),
            failure=lambda what, _: EmbedderUnavailable(f"embedder {self._name!r} {what}"),
            shorter="Ask for fewer texts at once (batch_texts), or allow more "
            "(most_response_bytes)",
        )

    def _key(self) -> str:
        variable = self._options.api_key_env
        if variable is None:
            return ""
        key = os.environ.get(variable, "").strip()
        # Checked here, since the client would quote a key that it cannot send.
        if not key or not key.isascii() or not key.isprintable():
            raise EmbedderUnavailable(
                f"embedder {self._name!r}: the environment variable {variable}, named by "
                "'api_key_env', holds no usable key. Set it for this process."
            )
        return key

    def _vectors(self, content: bytes, count: int) -> NDArray[np.float64]:
        """The vectors of an answer, in the order of the texts; an answer that is wrong in any way
        is refused whole."""
        try:
            rows = self._rows(json.loads(content), count)
        except (ValueError, KeyError, TypeError, OverflowError, RecursionError) as error:
            raise self._endpoint.refused(
                f"the answer is not what {self._options.protocol} says"
            ) from error
        for row in rows:
            if len(row) != self._options.dim:
                raise self._endpoint.refused(
                    f"a vector has {len(row):,} numbers, and key 'dim' says {self._options.dim:,}"
                )
        vectors = np.array(rows, dtype=np.float64)
        if not np.isfinite(vectors).all():
            raise self._endpoint.refused("a vector holds a number that is not finite")
        return vectors

    def _rows(self, answer: Any, count: int) -> list[list[float]]:
        """Lists of numbers, one per text; ValueError, KeyError or TypeError where it has others."""
        if self._options.protocol == "openai":
            by_index = {_number(item["index"], int): item["embedding"] for item in answer["data"]}
            if len(answer["data"]) != count or sorted(by_index) != list(range(count)):
                raise ValueError("indices do not name each text once")
            answer = [by_index[index] for index in range(count)]
        if not isinstance(answer, list) or len(answer) != count:
            raise ValueError("not one vector per text")
        return [[float(_number(x, int, float)) for x in row] for row in answer]


def _number(value: Any, *kinds: type) -> Any:
    """The value, if it is a number of one of these kinds; true is none."""
    if type(value) not in kinds:
        raise TypeError(f"{value!r} is no number")
    return value
