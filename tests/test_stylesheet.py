"""Facts about the one stylesheet: it holds nothing that no page uses, and its contents are true."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from tests.conftest import ROOT

SHEET = ROOT / "frontend" / "static" / "concordance" / "concordance.css"
SOURCES = {
    "frontend/templates": ".html",
    "frontend/src": ".ts",
    "civic": ".py",
}
PICO = {"dropdown"}  # a class of the framework's own
FILLED_IN = re.compile(r"([a-z]+)-\{")  # class="is-{{ status }}", f"move-{kind}"
CHOSEN = {"for", "against"}  # a page computes these with their number


def sheet() -> str:
    return SHEET.read_text()


def rules() -> str:
    """The stylesheet without its comments."""
    return re.sub(r"/\*.*?\*/", "", sheet(), flags=re.S)


@cache
def sources() -> str:
    """Everything that writes classes into pages."""
    found: list[Path] = []
    for folder, ending in SOURCES.items():
        found += (ROOT / folder).rglob(f"*{ending}")
    return "\n".join(file.read_text() for file in sorted(found))


def test_every_class_is_one_that_pages_use() -> None:
    """A rule for nothing is a rule that nobody dares to touch."""
    selectors = " ".join(re.findall(r"([^{};]+)\{", rules()))
    words = set(re.findall(r"[\w-]+", sources()))
    stems = set(FILLED_IN.findall(sources())) | CHOSEN
    named = set(re.findall(r"\.([a-zA-Z][\w-]*)", selectors)) - PICO
    assert {one for one in named - words if one.split("-")[0] not in stems} == set()


def test_every_token_is_used() -> None:
    """A colour or length that is set and read nowhere goes; Pico reads its own."""
    tokens = set(re.findall(r"(--[\w-]+):", rules()))
    read = set(re.findall(r"var\((--[\w-]+)", rules()))
    assert {one for one in tokens - read if not one.startswith("--pico-")} == set()


def test_the_contents_name_every_part_in_order() -> None:
    """The list on top is the list of headings."""
    [listed] = re.findall(r"Contents: (.*?)\. \*/", sheet(), flags=re.S)
    parts = re.findall(r"^/\* --- (.+?) -+ \*/", sheet(), flags=re.M)
    assert [" ".join(one.split()) for one in listed.split(";")] == parts
