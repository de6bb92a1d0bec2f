"""A real embedding server on this machine, that can be told to fail in the ways servers do."""

from __future__ import annotations

import hashlib
import json
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import numpy as np

DIM = 8


def vector(text: str) -> list[float]:
    """Eight numbers that depend on the text alone."""
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
    return (np.frombuffer(digest[:DIM], dtype=np.uint8) / 128 - 1).tolist()


class Server(ThreadingHTTPServer):
    """Speaks both protocols; `faults` are what happens to the next requests instead, in order."""

    daemon_threads = True

    def __init__(self, answers: Callable[[str, Any], Any]) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answers = answers
        self.faults: list[Callable[[Handler, Any], None]] = []
        self.seen: list[dict[str, Any]] = []  # path, headers and question of each request
        self.lock = threading.Lock()

    def url(self, path: str = "/v1/embeddings") -> str:
        return f"http://127.0.0.1:{self.server_address[1]}{path}"

    def texts(self) -> list[list[str]]:
        return [one["question"].get("input", one["question"].get("inputs")) for one in self.seen]

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hung up is what some tests are about."""


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Server

    def do_POST(self) -> None:
        question = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        with self.server.lock:
            self.server.seen.append(
                {"path": self.path, "headers": dict(self.headers), "question": question}
            )
            fault = self.server.faults.pop(0) if self.server.faults else None
        if fault:
            fault(self, question)
        else:
            self.answer(self.server.answers(self.path, question))

    def answer(self, content: Any, status: int = 200, **headers: str) -> None:
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments: object) -> None:
        pass


def good(path: str, question: Any) -> Any:
    """The right answer of either protocol."""
    if path == "/embed":
        return [vector(text) for text in question["inputs"]]
    rows = [vector(text) for text in question["input"]]
    data = [{"object": "embedding", "index": i, "embedding": row} for i, row in enumerate(rows)]
    return {"object": "list", "data": data, "model": question["model"]}


def status(code: int, body: Any = b"{}", **headers: str) -> Callable[[Handler, Any], None]:
    """Answer with this status."""
    return lambda handler, question: handler.answer(body, code, **headers)


def altered(change: Callable[[Any], Any]) -> Callable[[Handler, Any], None]:
    """Answer with the right answer after a change."""
    return lambda handler, question: handler.answer(change(good(handler.path, question)))


def closed(handler: Handler, question: Any) -> None:
    """Hang up without a word, with a reset."""
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    handler.close_connection = True
    handler.connection.close()


def cut(handler: Handler, question: Any) -> None:
    """Promise more than is sent."""
    handler.send_response(200)
    handler.send_header("Content-Length", "100000")
    handler.end_headers()
    handler.wfile.write(b'{"data": [')
    handler.close_connection = True


def dripping(handler: Handler, question: Any) -> None:
    """A byte every now and then: each arrives in time, the whole never does."""
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    for _ in range(60):
        handler.wfile.write(b" ")
        handler.wfile.flush()
        time.sleep(0.05)
    handler.close_connection = True


def silent(handler: Handler, question: Any) -> None:
    """No answer within any test's patience."""
    time.sleep(1.5)
    handler.close_connection = True


@contextmanager
def serving(answers: Callable[[str, Any], Any] = good) -> Iterator[Server]:
    """A server that runs until the block ends; `answers` is what it says when nothing is wrong."""
    server = Server(answers)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
