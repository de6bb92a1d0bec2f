"""A log of the test's own, with a key of its own."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import LazySettings

from civic.audit.models import Entry
from civic.audit.services import commitment

AddEntries = Callable[[int], None]


@pytest.fixture(autouse=True)
def key_file(settings: LazySettings, tmp_path: Path) -> Path:
    """Where the log's key lies; made when first asked for."""
    file = tmp_path / "log-key"
    settings.LOG_KEY, settings.LOG_KEY_FILE, settings.MAKES_LOG_KEY = "", str(file), True
    settings.LOG_ORIGIN = "example.org/log"
    return file


@pytest.fixture
def add_entries(db: None) -> AddEntries:
    """Adds so many entries, each another."""

    def add(count: int) -> None:
        Entry.objects.bulk_create(
            Entry(
                action="statement.submitted",
                subject_type="statements.statement",
                subject_id=(identity := str(uuid.uuid4())),
                public_id=identity,
                consultation=uuid.UUID(int=7),
                commitment=commitment(b"k" * 32, {"text": identity}),
                row_key=b"k" * 32,
            )
            for _ in range(count)
        )

    return add
