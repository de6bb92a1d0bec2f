"""Worlds for tests of the API."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from api_world import World, build_world
from django.conf import LazySettings


@pytest.fixture(autouse=True)
def _no_static_files(settings: LazySettings, tmp_path: Path) -> None:
    """No test here needs collected static files."""
    settings.STATIC_ROOT = tmp_path


@pytest.fixture
def new_world(db: None) -> Callable[[str], World]:
    """Makes a world whose consultation is `open` or `invite`."""
    return build_world


@pytest.fixture
def world(db: None) -> World:
    """An open consultation."""
    return build_world("open")


@pytest.fixture
def private(db: None) -> World:
    """A consultation by invitation."""
    return build_world("invite")
