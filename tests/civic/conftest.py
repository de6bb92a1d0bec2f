"""People and consultations for tests of the platform: Alice organizes, Bob takes part, Charlie is
a stranger. Tasks run at once, files go to a folder of the test's own."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.conf import LazySettings
from django.core.cache import cache

from civic.accounts.models import User
from civic.accounts.services import ensure_user
from civic.celery import app
from civic.consultations.models import Consultation, Membership
from civic.consultations.phases import Phase
from civic.consultations.services import create_consultation, grant_role, join, open_phase
from civic.reactions import routing
from civic.statements.models import Claim, Segment, Statement

pytest.register_assert_rewrite("tests.civic.both_sides")  # so that a failure tells both sides


@pytest.fixture(autouse=True)
def _own_world(settings: LazySettings, tmp_path: Path) -> Iterator[None]:
    """No test writes into the demo's folder, needs collected static files, or sends a message."""
    settings.MEDIA_ROOT = tmp_path / "files"
    settings.EMBEDDER = "hashing"  # sentences are compared by their words: tests know what is near
    settings.STATIC_ROOT = tmp_path / "static"
    settings.STATIC_ROOT.mkdir()
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    }
    routing._tallies.clear()
    cache.clear()  # where allauth counts attempts
    app.conf.task_always_eager = True
    app.conf.task_eager_propagates = True
    yield
    app.conf.task_always_eager = False


@pytest.fixture
def alice(db: None) -> User:
    """The organizer."""
    return ensure_user("alice@example.org", display_name="Alice", is_host=True)


@pytest.fixture
def bob(db: None) -> User:
    """A participant."""
    return ensure_user("bob@example.org", display_name="Bob")


@pytest.fixture
def charlie(db: None) -> User:
    """Somebody with an account and no part in any consultation."""
    return ensure_user("charlie@example.org", display_name="Charlie")


@pytest.fixture
def consultation(alice: User) -> Consultation:
    """Open to everybody, collecting statements, read by a moderator before they are shown."""
    made = create_consultation(title="How should AI behave?", slug="ai", by=alice)
    return open_phase(made, phase=Phase.COLLECT, by=alice)


@pytest.fixture
def member(consultation: Consultation, bob: User) -> Membership:
    """Bob's part in it."""
    return join(consultation, user=bob)


@pytest.fixture
def new_member(consultation: Consultation) -> Callable[[str], Membership]:
    """Makes further participants by name: let in, and agreed to it."""

    def make(name: str) -> Membership:
        user = ensure_user(f"{name}@example.org", display_name=name)
        grant_role(consultation, user=user, role=Membership.Role.PARTICIPANT)
        return join(consultation, user=user)

    return make


@pytest.fixture
def new_claim(consultation: Consultation) -> Callable[..., Claim]:
    """Makes accepted one-sentence statements with their claim, without any language model."""

    def make(text: str, *, author: Membership | None = None, polarity: int = 1) -> Claim:
        statement = Statement.objects.create(
            consultation=consultation,
            text=text,
            author=author,
            language="en",
            moderation=Statement.Moderation.ACCEPTED,
        )
        Statement.objects.filter(pk=statement.pk).update(prepared_at=statement.created_at)
        statement.refresh_from_db()
        span = {"statement": statement, "start": 0, "end": len(text), "polarity": polarity}
        claim = Claim.objects.create(consultation=consultation, language="en", **span)
        Segment.objects.create(claim=claim, is_norm=True, **span)
        return claim

    return make


@pytest.fixture(scope="session")
def services_url() -> tuple[str, str]:
    """Addresses of a PostgreSQL server and a Redis server; skips where there are none.

    TEST_DATABASE_URL is a server whose user may create databases, TEST_REDIS_URL a database that
    tests may empty.
    """
    server = os.environ.get("TEST_DATABASE_URL", "postgres://postgres@127.0.0.1:5432").rstrip("/")
    redis = os.environ.get("TEST_REDIS_URL", "redis://127.0.0.1:6379/9")
    for name, url, usual in (("PostgreSQL", server, 5432), ("Redis", redis, 6379)):
        parts = urlsplit(url)
        host, port = parts.hostname or "127.0.0.1", parts.port or usual
        try:
            socket.create_connection((host, port), timeout=1).close()
        except OSError:
            message = f"no {name} at {host}:{port}"
            if os.environ.get("CI"):
                pytest.fail(f"CI requires the services: {message}")
            pytest.skip(message)
    return server, redis
