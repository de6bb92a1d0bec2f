"""A receiver of webhooks on this machine, and a consultation that may send to it."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from django.conf import LazySettings

from civic.accounts.models import User
from civic.consultations.models import Consultation
from civic.specs.webhooks import services
from civic.specs.webhooks.models import Webhook


@dataclass
class Receiver:
    """Where messages arrive. `answers` are the statuses given, the last one from then on."""

    url: str
    answers: list[int] = field(default_factory=lambda: [204])
    headers: dict[str, str] = field(default_factory=dict)  # of its answers
    messages: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    @property
    def events(self) -> list[str]:
        return [json.loads(body)["type"] for _, body in self.messages]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A program that listens on a free port."""
    found = Receiver("")

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            found.messages.append(({k.lower(): v for k, v in self.headers.items()}, body))
            self.send_response(found.answers.pop(0) if len(found.answers) > 1 else found.answers[0])
            for name, value in found.headers.items():
                self.send_header(name, value)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    found.url = f"http://127.0.0.1:{server.server_port}/hooks?for=us"
    yield found
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def may_be_private(settings: LazySettings) -> None:
    """The setting of a house that sends to its own machines."""
    settings.WEBHOOKS_PRIVATE = True


@pytest.fixture
def webhook(
    consultation: Consultation, alice: User, receiver: Receiver, may_be_private: None
) -> Webhook:
    """What Alice registered."""
    return services.register(consultation, url=receiver.url, by=alice)
