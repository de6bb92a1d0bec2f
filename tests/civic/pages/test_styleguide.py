"""The page of all components is there for developers only."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client


@pytest.mark.django_db
def test_style_guide_is_for_developers_only(client: Client, settings: Any) -> None:
    """In production there is no such page; in debug it shows the components."""
    assert client.get("/styleguide/").status_code == 404
    settings.DEBUG = True
    page = client.get("/styleguide/")
    assert page.status_code == 200
    for component in ("error-summary", 'class="answers"', 'class="phases"', 'class="empty"'):
        assert component in page.content.decode()
