"""An HTTP endpoint that is asked in JSON and not trusted: patience, limits, and what went wrong.

The key goes nowhere but into the request; it stands in no message.
"""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cached_property
from typing import cast

import urllib3

from aggregation.errors import AggregationError

AGAIN = {408, 425, 429, 500, 502, 503, 504}  # worth another try
CHUNK = 64 * 1024
TOLD = 200  # characters of an error's body that are shown


@dataclass(frozen=True, kw_only=True)
class Patience:
    """timeout_s : for one try, from the first byte sent to the last received

    retries : further tries after one that failed for a while; wait_s : before the first of them,
        doubled each time; longest_wait_s : at most, whatever the endpoint asks for
    most_response_bytes : of one answer; parallel : connections that are kept
    """

    timeout_s: float
    retries: int
    wait_s: float
    longest_wait_s: float
    most_response_bytes: int
    parallel: int = 1


class _Passing(Exception):
    """A try failed in a way that may pass; `wait` is what the endpoint asked for, in seconds."""

    def __init__(self, message: str, wait: float | None = None) -> None:
        super().__init__(message)
        self.wait = wait


def is_plain_address(address: str) -> bool:
    """Whether it is http:// or https:// with a host, and without a user or a fragment."""
    try:
        url = urllib3.util.parse_url(address)
    except urllib3.exceptions.LocationParseError:
        return False
    return url.scheme in ("http", "https") and bool(url.host) and not url.auth and not url.fragment


class JsonEndpoint:
    """Posts a question, again where that may help, and gives the bytes of a good answer.

    failure : makes the error that is raised of what went wrong, with the host before it; the
        second argument says whether it may pass by itself
    shorter : what to do where an answer is too long
    """

    def __init__(
        self,
        url: str,
        patience: Patience,
        *,
        failure: Callable[[str, bool], AggregationError],
        shorter: str,
    ) -> None:
        self._url, self._patience = url, patience
        self._fail, self._shorter = failure, shorter

    def ask(
        self, question: Mapping[str, object], *, key: str = "", headers: Mapping[str, str]
    ) -> bytes:
        """The body of a good answer, after as many tries as are allowed.

        key : is in the question or in the headers, and kept out of every message
        """
        body = json.dumps(question).encode()  # ASCII: lone surrogates are escaped.
        for tried in range(self._patience.retries + 1):
            try:
                return self._posted(body, key, headers)
            except _Passing as failure:
                if tried == self._patience.retries:
                    told = f"{failure} ({tried + 1} tries)"
                    raise self._failure(told, may_pass=True) from failure
                self._wait(failure, tried)
        raise AssertionError("unreachable: the last try returns or raises")

    def refused(self, what: str) -> AggregationError:
        """The error for an answer that is no use; asking again would not help."""
        return self._failure(what)

    def _wait(self, failure: _Passing, tried: int) -> None:
        # Spread, so that workers that failed together do not come back together.
        doubled = self._patience.wait_s * 2**tried * random.uniform(0.5, 1)  # noqa: S311
        asked = doubled if failure.wait is None else failure.wait
        time.sleep(min(asked, self._patience.longest_wait_s))

    @cached_property
    def _pool(self) -> urllib3.PoolManager:
        return urllib3.PoolManager(maxsize=self._patience.parallel, retries=False)

    def _posted(self, body: bytes, key: str, headers: Mapping[str, str]) -> bytes:
        """The body of a good answer; _Passing where another try may bring one."""
        deadline = time.monotonic() + self._patience.timeout_s
        try:
            response = self._pool.request(
                "POST",
                self._url,
                body=body,
                headers={
                    "Content-Type": "application/json",
                    "Accept-Encoding": "identity",
                    **headers,
                },
                redirect=False,
                preload_content=False,
                timeout=urllib3.Timeout(total=self._patience.timeout_s),
            )
            try:
                content = self._content(response, deadline)
            finally:
                response.close()
        except (urllib3.exceptions.HTTPError, OSError) as error:
            raise _Passing(f"no answer: {_shown(str(error), key)}") from None
        self._check_status(response, content, key)
        return content

    def _content(self, response: urllib3.BaseHTTPResponse, deadline: float) -> bytes:
        """The body, as far as size and time allow."""
        content, most = bytearray(), self._patience.most_response_bytes
        while chunk := cast(urllib3.HTTPResponse, response).read1(CHUNK):
            content += chunk
            if len(content) > most:
                raise self._failure(f"the answer is longer than {most:,} bytes. {self._shorter}")
            if time.monotonic() > deadline:
                raise _Passing(f"the answer took longer than {self._patience.timeout_s:g} s")
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

    def _failure(self, what: str, *, may_pass: bool = False) -> AggregationError:
        host = urllib3.util.parse_url(self._url).host
        return self._fail(f"at {host}: {what}.", may_pass)


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
