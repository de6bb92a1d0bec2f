"""Rules that every template keeps, read from the files; and the pages for errors."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client, RequestFactory
from django.urls import path

from civic import urls as civic_urls
from civic.pages import errors

ROOT = Path(__file__).resolve().parents[3] / "frontend"
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
STYLES = (ROOT / "static" / "concordance" / "concordance.css").read_text()


def broken(request: object) -> None:
    raise ZeroDivisionError


urlpatterns = [*civic_urls.urlpatterns, path("broken/", broken)]
handler400, handler403 = civic_urls.handler400, civic_urls.handler403
handler404, handler500 = civic_urls.handler404, civic_urls.handler500


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda one: one.name)
def test_no_template_breaks_the_content_policy(template: Path) -> None:
    """No inline style, handler or script, no address of another host, no switched-off escaping."""
    text = template.read_text()
    assert not re.search(r"\sstyle=|\son[a-z]+=\"|javascript:", text)
    assert not re.search(r"<script(?![^>]*\bsrc=)", text)
    assert not re.search(r"(?:src|href|action)=\"(?:https?:)?//", text)
    assert "|safe" not in text
    assert "autoescape off" not in text


def test_the_stylesheet_mirrors_and_loads_nothing() -> None:
    """Logical properties only, so that a page from right to left needs no second file."""
    physical = (
        r"(?:margin|padding|border)-(?:left|right|top|bottom)\b|[;{\s](?:left|right|width|height):"
    )
    rules = re.sub(r"@media[^{]+", "", STYLES)
    assert not re.findall(physical, rules)
    assert not re.findall(r"text-align:\s*(?:left|right)|float:\s*(?:left|right)", rules)
    assert "url(" not in STYLES
    assert "prefers-reduced-motion" in STYLES


@pytest.mark.parametrize(
    ("status", "handler"),
    [(400, errors.bad_request), (403, errors.forbidden), (404, errors.not_found)],
)
def test_every_error_is_told_in_a_sentence(
    status: int, handler: Callable[..., object], rf: RequestFactory
) -> None:
    """The page of each status says what happened and where to go on."""
    answer = handler(rf.get("/"))
    assert answer.status_code == status
    assert str(errors.SENTENCES[status]) in answer.content.decode()


@pytest.mark.urls(__name__)
def test_a_broken_page_still_answers(client: Client) -> None:
    """What nobody foresaw gets a plain page with 500, without asking database or session."""
    client.raise_request_exception = False
    answer = client.get("/broken/")
    assert answer.status_code == 500
    assert "Something broke" in answer.content.decode()


def test_a_stale_form_is_explained(db: None) -> None:
    """Without its token a form answers 403 and asks to reload."""
    answer = Client(enforce_csrf_checks=True).post("/accounts/login/code/", {"email": "a@b.org"})
    assert answer.status_code == 403
    assert "reload the page" in answer.content.decode()


def test_an_unknown_address_is_not_found(client: Client, db: None) -> None:
    """In words, with a way home."""
    answer = client.get("/no/such/page/")
    assert answer.status_code == 404
    assert "There is nothing here" in answer.content.decode()
