"""docs/organizer-guide.md: whatever it calls by name stands on a page under that name."""

from __future__ import annotations

import re

import pytest
from django.core.management import get_commands

from civic.pages.management.commands.messages import CATALOGUES, read
from tests.conftest import ROOT

GUIDE = (ROOT / "docs" / "organizer-guide.md").read_text("utf-8")
NAMES = sorted({" ".join(name.split()) for name in re.findall(r"\*\*(.+?)\*\*", GUIDE, re.DOTALL)})


@pytest.fixture(scope="module")
def texts() -> set[str]:
    """Every text of the interface, in English."""
    messages = (message.id for message in read(CATALOGUES / "de" / "LC_MESSAGES" / "django.po"))
    return {text for one in messages for text in (one if isinstance(one, tuple) else (one,))}


@pytest.mark.parametrize("name", NAMES)
def test_names_stand_on_pages(name: str, texts: set[str]) -> None:
    """An organizer finds what the guide sends her to."""
    assert name in texts


def test_its_links_lead_somewhere() -> None:
    """Other pages of the documentation exist; commands that it names can be run."""
    links = re.findall(r"\]\(([^)#]+)\)", GUIDE)
    assert links
    assert [link for link in links if not (ROOT / "docs" / link).is_file()] == []
    commands = re.findall(r"manage\.py (\w+)", GUIDE)
    assert {"create_host"} <= set(commands) <= set(get_commands())
