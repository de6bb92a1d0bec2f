"""Languages are called by names that people know."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings

from aggregation.text import LANGUAGES
from civic.statements.languages import CHOICES, english_name, own_name


def test_every_language_that_can_be_found_has_both_names():
    """Nobody is shown a bare code for a language that the platform itself recognised."""
    assert [
        code for code in LANGUAGES if english_name(code) == code or own_name(code) == code
    ] == []
    assert {code for code, _ in CHOICES} == set(LANGUAGES)


def test_regions_go_by_their_language_and_strangers_by_their_code():
    """German in Austria is German; a code without a name stays what it is."""
    assert (english_name("de-AT"), own_name("fr"), english_name("sw")) == (
        "German",
        "Français",
        "Swahili",
    )
    assert english_name("qx") == "qx"


def test_no_template_names_languages_by_djangos_filter() -> None:
    """Django's own `language_name` fails on languages that it has no names for."""
    templates = (Path(settings.BASE_DIR) / "frontend" / "templates").rglob("*.html")
    assert [str(one) for one in templates if "|language_name" in one.read_text()] == []
