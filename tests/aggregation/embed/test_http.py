"""An encoder behind HTTP, against a real server that answers well, badly, late or not at all."""

from __future__ import annotations

import logging
import socket
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import endpoint
import numpy as np
import pytest

from aggregation import embed
from aggregation.embed.backend import GRID
from aggregation.embed.http import Endpoint, EndpointOptions
from aggregation.embed.json_endpoint import _retry_after
from aggregation.errors import AggregationInputError, EmbedderUnavailable

TEXTS = ["honest", "ehrlich", "诚实", "صادق", "👍🏽 emoji", "a" * 500, "honest"]
KEY = "sk-secret-0123456789"


@pytest.fixture
def server() -> Iterator[endpoint.Server]:
    with endpoint.serving() as running:
        yield running


def client(server: endpoint.Server, *, path: str = "/v1/embeddings", **options: Any) -> Endpoint:
    told: dict[str, Any] = {
        "url": server.url(path),
        "model": "small",
        "revision": "r1",
        "dim": endpoint.DIM,
        "protocol": "tei" if path == "/embed" else "openai",
        "strip_frame": False,
        "wait_s": 0.001,
        "timeout_s": 5.0,
        "parallel": 1,
    }
    return Endpoint("far", EndpointOptions(**(told | options)))


def expected(texts: list[str]) -> np.ndarray:
    rows = np.array([endpoint.vector(text) for text in texts])
    return np.rint(rows / np.linalg.norm(rows, axis=1, keepdims=True) * GRID) / GRID


@pytest.mark.parametrize("path", ["/v1/embeddings", "/embed"])
@pytest.mark.parametrize("parallel", [1, 4])
def test_both_protocols_give_each_text_its_vector(
    server: endpoint.Server, path: str, parallel: int
) -> None:
    """In the order given, in any script, a repeated text asked for once."""
    far = client(server, path=path, parallel=parallel, batch_texts=2)
    np.testing.assert_array_equal(far.embed(TEXTS), expected(TEXTS))
    assert sorted(text for batch in server.texts() for text in batch) == sorted(set(TEXTS))
    assert max(map(len, server.texts())) <= 2


def test_batches_keep_both_limits(server: endpoint.Server) -> None:
    """By count and by bytes; a text that is too long for any batch goes alone."""
    texts = [f"{i}" * 10 for i in range(10)] + ["x" * 100, "last"]
    client(server, batch_texts=4, batch_bytes=30).embed(texts)
    sizes = [[len(text) for text in batch] for batch in server.texts()]
    assert sizes == [[10] * 3] * 3 + [[10], [100], [4]]


def test_prefix_model_and_truncation_are_asked_for(server: endpoint.Server) -> None:
    """What the protocols need besides the texts."""
    client(server, prefix="query: ").embed(["honest"])
    client(server, path="/embed").embed(["honest"])
    assert server.seen[0]["question"] == {
        "model": "small",
        "input": ["query: honest"],
        "encoding_format": "float",
    }
    assert server.seen[1]["question"] == {"inputs": ["honest"], "truncate": True}


def test_vectors_follow_their_index_not_their_place(server: endpoint.Server) -> None:
    """The protocol allows any order: `index` says which text a vector belongs to."""

    def shuffled(answer: Any) -> Any:
        return answer | {"data": answer["data"][::-1]}

    server.faults = [endpoint.altered(shuffled)]
    np.testing.assert_array_equal(client(server).embed(TEXTS), expected(TEXTS))


PASSING = {
    "busy": endpoint.status(429, Retry_After="0"),
    "broken": endpoint.status(500),
    "bad gateway": endpoint.status(502, b"<html>"),
    "unavailable": endpoint.status(503),
    "late gateway": endpoint.status(504),
    "closed": endpoint.closed,
    "cut short": endpoint.cut,
}


@pytest.mark.parametrize("fault", PASSING.values(), ids=PASSING)
def test_what_passes_is_tried_again(
    server: endpoint.Server, fault: Callable[[endpoint.Handler, Any], None]
) -> None:
    """Two failures of a kind that passes, then the right vectors."""
    server.faults = [fault, fault]
    np.testing.assert_array_equal(client(server).embed(TEXTS), expected(TEXTS))
    assert len(server.seen) == 3


@pytest.mark.parametrize("fault", PASSING.values(), ids=PASSING)
def test_what_does_not_pass_is_told_after_all_tries(
    server: endpoint.Server, fault: Callable[[endpoint.Handler, Any], None]
) -> None:
    """The message names the embedder, the host, what happened and how often it was tried."""
    server.faults = [fault] * 9
    with pytest.raises(EmbedderUnavailable, match=r"'far' at 127\.0\.0\.1: .* \(3 tries\)"):
        client(server, retries=2).embed(["honest"])
    assert len(server.seen) == 3


@pytest.mark.parametrize("fault", [endpoint.silent, endpoint.dripping])
def test_a_slow_answer_is_given_up(
    server: endpoint.Server, fault: Callable[[endpoint.Handler, Any], None]
) -> None:
    """A try lasts no longer than allowed, even if a byte arrives now and then."""
    server.faults = [fault]
    start = time.monotonic()
    with pytest.raises(EmbedderUnavailable, match="1 tries"):
        client(server, timeout_s=0.3, retries=0).embed(["honest"])
    assert time.monotonic() - start < 1.4


def test_nobody_listening_is_told() -> None:
    """A closed port is a refusal with a name, too."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = EndpointOptions(
        url=f"http://127.0.0.1:{port}/", model="m", revision="1", dim=8, retries=1, wait_s=0.001
    )
    with pytest.raises(EmbedderUnavailable, match="no answer"):
        Endpoint("far", options).embed(["honest"])


def test_it_waits_as_long_as_it_is_asked_to_and_no_longer_than_allowed(
    server: endpoint.Server,
) -> None:
    """Retry-After is obeyed, up to `longest_wait_s`."""
    server.faults = [endpoint.status(429, Retry_After="1")]
    start = time.monotonic()
    client(server).embed(["honest"])
    assert time.monotonic() - start >= 1
    server.faults = [endpoint.status(503, Retry_After="86400")]
    start = time.monotonic()
    client(server, longest_wait_s=0.05).embed(["kind"])
    assert time.monotonic() - start < 5


def test_retry_after_is_seconds_or_a_date() -> None:
    """Both forms of the header; what is neither is as if it were not there."""
    assert _retry_after("3") == 3
    soon = format_datetime(datetime.now(UTC) + timedelta(seconds=60), usegmt=True)
    assert 50 < (_retry_after(soon) or 0) <= 60
    assert _retry_after("Wed, 21 Oct 2015 07:28:00 GMT") == 0
    assert _retry_after("Wed, 21 Oct 2015 07:28:00 -0000") == 0
    assert _retry_after("later") is None
    assert _retry_after("-3") is None
    assert _retry_after(None) is None


def replaced(**changes: Any) -> Callable[[Any], Any]:
    """The right answer with other fields in its first vector's item."""
    return lambda answer: answer | {"data": [answer["data"][0] | changes, *answer["data"][1:]]}


WRONG = {
    "too short": (replaced(embedding=[0.5] * 7), "has 7 numbers, and key 'dim' says 8"),
    "too long": (replaced(embedding=[0.5] * 9), "has 9 numbers"),
    "not a number": (replaced(embedding=[float("nan"), *[0.5] * 7]), "not finite"),
    "infinite": (replaced(embedding=[float("-inf"), *[0.5] * 7]), "not finite"),
    "huge": (replaced(embedding=[10**400, *[0.5] * 7]), "not what openai says"),
    "text": (replaced(embedding=["0.5"] * 8), "not what openai says"),
    "truth": (replaced(embedding=[True] * 8), "not what openai says"),
    "base64": (replaced(embedding="AAAA"), "not what openai says"),
    "nothing": (replaced(embedding=None), "not what openai says"),
    "index twice": (replaced(index=1), "not what openai says"),
    "index outside": (replaced(index=7), "not what openai says"),
    "index true": (replaced(index=True), "not what openai says"),
    "index missing": (lambda answer: {"data": [{"embedding": [0.5] * 8}] * 2}, "not what openai"),
    "one missing": (lambda answer: {"data": answer["data"][:1]}, "not what openai says"),
    "one more": (lambda answer: {"data": [*answer["data"], answer["data"][0]]}, "not what openai"),
    "no data": (lambda answer: {"error": "none"}, "not what openai says"),
    "a list": (lambda answer: [], "not what openai says"),
    "no json": (lambda answer: b"<html>", "not what openai says"),
    "no text": (lambda answer: b"\xff\xfe", "not what openai says"),
    "deep": (lambda answer: b"[" * 100_000, "not what openai says"),
}


@pytest.mark.parametrize(("change", "told"), WRONG.values(), ids=WRONG)
def test_an_answer_that_is_wrong_anywhere_is_refused_whole(
    server: endpoint.Server, change: Callable[[Any], Any], told: str
) -> None:
    """Wrong size, count, order or numbers: told at once, nothing is guessed or tried again."""
    server.faults = [endpoint.altered(change)]
    with pytest.raises(EmbedderUnavailable, match=told):
        client(server).embed(["honest", "kind"])
    assert len(server.seen) == 1


@pytest.mark.parametrize(
    "change",
    [lambda a: a[:1], lambda a: {"error": "x"}, lambda a: [a[0], "x"], lambda a: [a[0][:3], a[1]]],
)
def test_the_other_protocol_is_checked_as_well(
    server: endpoint.Server, change: Callable[[Any], Any]
) -> None:
    """A bare list of lists: as many as texts, each as long as said."""
    server.faults = [endpoint.altered(change)]
    with pytest.raises(EmbedderUnavailable, match=r"not what tei says|has 3 numbers"):
        client(server, path="/embed").embed(["honest", "kind"])


def test_an_answer_that_is_too_long_is_not_read(server: endpoint.Server) -> None:
    """Reading stops at the limit, whatever the server sends."""
    server.faults = [endpoint.status(200, b" " * 3_000_000)]
    with pytest.raises(EmbedderUnavailable, match="longer than 100,000 bytes"):
        client(server, most_response_bytes=100_000).embed(["honest"])
    assert len(server.seen) == 1


@pytest.mark.parametrize("code", [301, 302, 307, 308])
def test_a_redirect_is_refused(server: endpoint.Server, code: int) -> None:
    """Neither words nor key follow to where nobody configured them to go."""
    with endpoint.serving() as other:
        server.faults = [
            endpoint.status(code, Location=other.url().replace("127.0.0.1", "localhost"))
        ]
        with pytest.raises(EmbedderUnavailable, match="redirects to host 'localhost'"):
            client(server).embed(["honest"])
        assert not other.seen


@pytest.mark.parametrize("code", [400, 401, 404, 413, 422])
def test_a_refusal_is_told_with_what_the_server_said(server: endpoint.Server, code: int) -> None:
    """No second try: the same question would be refused again."""
    server.faults = [endpoint.status(code, {"error": {"message": "No such\nmodel"}})]
    with pytest.raises(EmbedderUnavailable, match=rf"status {code}: .*No such"):
        client(server).embed(["honest"])
    assert len(server.seen) == 1


def test_the_key_goes_into_the_header_and_nowhere_else(
    server: endpoint.Server, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Not into the spec, a log or an error, even if the server repeats it."""
    caplog.set_level(logging.DEBUG)
    monkeypatch.setenv("EMBEDDING_KEY", f"{KEY}\n")
    far = client(server, api_key_env="EMBEDDING_KEY")
    far.embed(["honest"])
    assert server.seen[0]["headers"]["Authorization"] == f"Bearer {KEY}"
    server.faults = [endpoint.status(401, {"error": f"{KEY} is no key"})]
    with pytest.raises(EmbedderUnavailable) as refused:
        far.embed(["kind"])
    assert "[key] is no key" in str(refused.value)
    for told in (caplog.text, str(refused.value), repr(refused.value), str(far.spec())):
        assert KEY not in told


@pytest.mark.parametrize("value", [None, "", "  ", "two\nlines", "ключ"])
def test_a_key_that_cannot_be_sent_is_refused_by_its_variable(
    server: endpoint.Server, monkeypatch: pytest.MonkeyPatch, value: str | None
) -> None:
    """The message names the variable, not what it holds; nothing is sent."""
    monkeypatch.delenv("EMBEDDING_KEY", raising=False)
    if value is not None:
        monkeypatch.setenv("EMBEDDING_KEY", value)
    with pytest.raises(EmbedderUnavailable, match="variable EMBEDDING_KEY") as refused:
        client(server, api_key_env="EMBEDDING_KEY").embed(["honest"])
    assert not value or not value.strip() or value not in str(refused.value)
    assert not server.seen


@pytest.mark.parametrize(
    "url",
    [
        "ftp://host/",
        "host:80",
        "",
        "http://",
        "http://user:pw@host/",
        "http://host/#x",
        "http://[1",
    ],
)
def test_a_url_that_leads_nowhere_is_refused_when_it_is_loaded(url: str) -> None:
    """The message names the key, and does not repeat a password."""
    with pytest.raises(AggregationInputError, match="key 'url' must be") as refused:
        Endpoint("far", EndpointOptions(url=url, model="m", revision="1", dim=8))
    assert "pw" not in str(refused.value)


def test_the_openai_protocol_needs_a_model() -> None:
    """Without one the endpoint could not know what to run."""
    with pytest.raises(AggregationInputError, match="key 'model' is missing"):
        Endpoint("far", EndpointOptions(url="http://h/", revision="1", dim=8))


def test_the_space_is_the_model_not_the_address(server: endpoint.Server) -> None:
    """Endpoints with one model share a space; another revision, prefix or dimension is another."""
    spec = client(server).spec()
    assert client(server, url="https://elsewhere.example/v1/embeddings").spec() == spec
    assert "127.0.0.1" not in str(spec)
    for change in ({"revision": "r2"}, {"model": "large"}, {"prefix": "query: "}, {"dim": 16}):
        assert client(server, **change).spec().space != spec.space


def test_a_second_run_asks_the_endpoint_nothing(server: endpoint.Server, tmp_path: Path) -> None:
    """With a cache an endpoint is paid once for each text."""
    told = {"kind": "http", "url": server.url(), "model": "m", "revision": "1", "dim": 8}
    embed.configure({"far": told})
    router, cache = embed.Router("far"), embed.FolderCache(tmp_path)
    first = embed.embed_all(TEXTS, ["en"] * len(TEXTS), router, cache)
    asked = len(server.seen)
    second = embed.embed_all(TEXTS, ["en"] * len(TEXTS), router, cache)
    assert len(server.seen) == asked
    np.testing.assert_array_equal(first.vectors, second.vectors)
    embed.configure({})
