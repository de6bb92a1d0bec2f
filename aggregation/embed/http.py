"""An encoder behind HTTP: any OpenAI-compatible `/v1/embeddings`, or `/embed` of TEI.

Nothing that comes back is trusted: its size, its shape, every number and its order are checked. The
key lies in an environment variable and goes nowhere but into the request's header.
"""

from __future__ import annotations

import json
import os
import random
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cached_property
from typing import Any, Literal, cast

import numpy as np
import urllib3
from numpy.typing import NDArray

from aggregation.embed.backend import EmbedderSpec, Float32Array, to_grid
from aggregation.embed.options import TextOptions, bounded
from aggregation.embed.transform import distinct_rows
from aggregation.errors import AggregationInputError, EmbedderUnavailable

AGAIN = {408, 425, 429, 500, 502, 503, 504}  # worth another try
CHUNK = 64 * 1024
TOLD = 200  # characters of an error's body that are shown


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


class _Passing(Exception):
    """A try failed in a way that may pass; `wait` is what the endpoint asked for, in seconds."""

    def __init__(self, message: str, wait: float | None = None) -> None:
        super().__init__(message)
        self.wait = wait


class Endpoint:
    """Asks in batches, again where that may help, and checks every answer."""

    def __init__(self, name: str, options: EndpointOptions) -> None:
        self._name, self._options = name, options
        self._check_url()
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

    def _check_url(self) -> None:
        try:
            url = urllib3.util.parse_url(self._options.url)
        except urllib3.exceptions.LocationParseError:
            url = urllib3.util.Url()
        if url.scheme not in ("http", "https") or not url.host or url.auth or url.fragment:
            raise AggregationInputError(
                f"embedder {self._name!r}: key 'url' must be http:// or https:// with a host and "
                "without a user or a fragment. A key belongs into the variable of 'api_key_env'."
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
        body = json.dumps(self._question(batch)).encode()  # ASCII: lone surrogates are escaped.
        for tried in range(self._options.retries + 1):
            try:
                return self._vectors(self._posted(body), len(batch))
            except _Passing as failure:
                if tried == self._options.retries:
                    raise self._failure(f"{failure} ({tried + 1} tries)") from failure
                self._wait(failure, tried)
        raise AssertionError("unreachable: the last try returns or raises")

    def _wait(self, failure: _Passing, tried: int) -> None:
        # Spread, so that workers that failed together do not come back together.
        doubled = self._options.wait_s * 2**tried * random.uniform(0.5, 1)  # noqa: S311
        asked = doubled if failure.wait is None else failure.wait
        time.sleep(min(asked, self._options.longest_wait_s))

    def _question(self, batch: list[str]) -> dict[str, object]:
        if self._options.protocol == "tei":
            return {"inputs": batch, "truncate": True}
        return {"model": self._options.model, "input": batch, "encoding_format": "float"}

    @cached_property
    def _pool(self) -> urllib3.PoolManager:
        return urllib3.PoolManager(maxsize=self._options.parallel, retries=False)

    def _posted(self, body: bytes) -> bytes:
        """The body of a good answer; _Passing where another try may bring one."""
        headers = {"Content-Type": "application/json", "Accept-Encoding": "identity"}
        key = self._key()
        if key:
            headers["Authorization"] = f"Bearer {key}"
        deadline = time.monotonic() + self._options.timeout_s
        try:
            response = self._pool.request(
                "POST",
                self._options.url,
                body=body,
                headers=headers,
                redirect=False,
                preload_content=False,
                timeout=urllib3.Timeout(total=self._options.timeout_s),
            )
            try:
                content = self._content(response, deadline)
            finally:
                response.close()
        except (urllib3.exceptions.HTTPError, OSError) as error:
            raise _Passing(f"no answer: {_shown(str(error), key)}") from None
        self._check_status(response, content, key)
        return content

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

    def _content(self, response: urllib3.BaseHTTPResponse, deadline: float) -> bytes:
        """The body, as far as size and time allow."""
        content = bytearray()
        while chunk := cast(urllib3.HTTPResponse, response).read1(CHUNK):
            content += chunk
            if len(content) > self._options.most_response_bytes:
                raise self._failure(
                    f"the answer is longer than {self._options.most_response_bytes:,} bytes. Ask "
                    "for fewer texts at once (batch_texts), or allow more (most_response_bytes)"
                )
            if time.monotonic() > deadline:
                raise _Passing(f"the answer took longer than {self._options.timeout_s:g} s")
        return bytes(content)

    def _check_status(self, response: urllib3.BaseHTTPResponse, content: bytes, key: str) -> None:
        status = response.status
        if 200 <= status < 300:
            return
        if 300 <= status < 400:
            host = urllib3.util.parse_url(response.headers.get("Location", "")).host
            raise self._failure(
                f"it redirects to host {host!r}, and citizens' words go nowhere that was not "
                "configured. Set 'url' to the final address"
            )
        told = f"status {status}: {_shown(content.decode('utf-8', 'replace'), key)}"
        if status in AGAIN:
            raise _Passing(told, wait=_retry_after(response.headers.get("Retry-After")))
        raise self._failure(told)

    def _vectors(self, content: bytes, count: int) -> NDArray[np.float64]:
        """The vectors of an answer, in the order of the texts; an answer that is wrong in any way
        is refused whole."""
        try:
            rows = self._rows(json.loads(content), count)
        except (ValueError, KeyError, TypeError, OverflowError, RecursionError) as error:
            raise self._failure(f"the answer is not what {self._options.protocol} says") from error
        for row in rows:
            if len(row) != self._options.dim:
                raise self._failure(
                    f"a vector has {len(row):,} numbers, and key 'dim' says {self._options.dim:,}"
                )
        vectors = np.array(rows, dtype=np.float64)
        if not np.isfinite(vectors).all():
            raise self._failure("a vector holds a number that is not finite")
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

    def _failure(self, what: str) -> EmbedderUnavailable:
        url = urllib3.util.parse_url(self._options.url)
        return EmbedderUnavailable(f"embedder {self._name!r} at {url.host}: {what}.")


def _number(value: Any, *kinds: type) -> Any:
    """The value, if it is a number of one of these kinds; true is none."""
    if type(value) not in kinds:
        raise TypeError(f"{value!r} is no number")
    return value


def _shown(text: str, key: str) -> str:
    """The beginning of a text on one line, without the key."""
    told = text.replace(key, "[key]") if key else text
    return " ".join("".join(c if c.isprintable() else " " for c in told[:TOLD]).split())


def _retry_after(value: str | None) -> float | None:
    """Seconds to wait by a Retry-After header (RFC 9110, 10.2.3): a number, or a date."""
    if value is None:
        return None
    if value.strip().isdecimal():
        return float(value)
    try:
        moment = parsedate_to_datetime(value)
    except (TypeError, ValueError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())
