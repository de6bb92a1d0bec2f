"""The report that an organizer hands on: one page that needs nothing else, in any language.

A pure function of the document, the run's pictures, and what the organizers said about it. Its
stylesheet stands in it, colours of the pictures are written out, and it asks for nothing from
anywhere: it can be mailed, archived and printed as it is.
"""

from __future__ import annotations

import functools
import re
from html import unescape
from pathlib import Path
from threading import Lock
from typing import Any
from unicodedata import bidirectional

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import get_language_info, override

from civic.specs.models import SpecVersion
from civic.specs.reading import PARTS, part_of
from civic.specs.results import results_of

_TOKEN = re.compile(r"--([a-z-]+):\s*(#[0-9a-fA-F]{3,8});")
_AUTO = re.compile(r'dir="auto"([^>]*>)(?=(.{0,400}))', re.DOTALL)
_TAG = re.compile(r"<[^>]*>?")
_USE = re.compile(r"var\(--([a-z-]+)\)")
KEPT = 4  # reports that a process holds, of some 200 kB each
STYLES = Path(settings.BASE_DIR) / "frontend" / "static" / "concordance"

_pages: dict[tuple[Any, ...], bytes] = {}
_lock = Lock()


def report_html(spec: SpecVersion, *, language: str) -> bytes:
    """The report of a version in one language, as the bytes of one HTML file.

    The last few are kept, under everything that they are made of: a report takes a third of a
    second, and whoever waits for its PDF asks again.
    """
    key = _made_of(spec, language)
    page = _pages.get(key)
    if page is None:
        page = _written(spec, language)
        with _lock:
            while len(_pages) >= KEPT:
                del _pages[next(iter(_pages))]
            _pages[key] = page
    return page


def _made_of(spec: SpecVersion, language: str) -> tuple[Any, ...]:
    asked, run = spec.consultation, spec.run
    return (
        *(language, spec.pk, spec.sha256, spec.status, spec.published_at, spec.signed_as),
        *(spec.announcement, run.pictures_file, asked.k, asked.asked_by, asked.reply),
        asked.replied_at,
    )


def _written(spec: SpecVersion, language: str) -> bytes:
    consultation = spec.consultation
    found = results_of(spec, k=consultation.k)
    with override(language):
        page = render_to_string(
            "specs/report.html",
            {
                "spec": spec,
                "consultation": consultation,
                "found": found,
                "document": found.document,
                "parts": [part_of(found.document, status) for status in PARTS],
                "language": language,
                "is_rtl": get_language_info(language)["bidi"],
                "styles": SafeString(_styles()),  # our own file, without a closing tag in it
            },
        )
    return plain(page).encode()


def plain(page: str) -> str:
    """The page for whatever prints it: colours and directions of texts are written out.

    Printers know neither custom properties nor `dir="auto"`.
    """
    coloured = _TAG.sub(lambda tag: _coloured(tag[0]), page)
    return _AUTO.sub(_directed, coloured)


def _coloured(text: str) -> str:
    """Marks or rules, never words: what a citizen wrote stays as it is."""
    if "var(" not in text:
        return text
    colours = light_colours()
    return _USE.sub(lambda use: colours.get(use[1], "currentColor"), text)


def _directed(tag: re.Match[str]) -> str:
    words = unescape(_TAG.sub(" ", tag[2]))
    return f'dir="{direction(words)}"{tag[1]}'


def direction(text: str) -> str:
    """Which way a text runs, by its first letter that tells, as browsers decide it."""
    for letter in text:
        kind = bidirectional(letter)
        if kind in ("L", "R", "AL"):
            return "ltr" if kind == "L" else "rtl"
    return "ltr"


@functools.cache
def light_colours() -> dict[str, str]:
    """The colours of the light theme, from the stylesheet itself."""
    text = (STYLES / "concordance.css").read_text("utf-8")
    start = text.index(':root:not([data-theme="dark"])')
    return dict(_TOKEN.findall(text[start : text.index("}", start)]))


@functools.cache
def _styles() -> str:
    text = (STYLES / "report.css").read_text("utf-8")
    if "</" in text:
        raise ValueError("report.css must not close the element that it stands in")
    return _coloured(text)


def pdf(page: bytes) -> bytes:
    """The report as a tagged PDF (PDF/UA-1), from its HTML alone: nothing is fetched.

    Raises ImportError or OSError where WeasyPrint or the libraries it draws with are missing.
    """
    from weasyprint import HTML  # an optional extra; it loads libpango when it is imported

    def refuse(address: str, *_: Any, **__: Any) -> Any:
        raise ValueError(f"the report asked for {address}")

    document = HTML(string=page.decode(), url_fetcher=refuse)
    content: bytes = document.write_pdf(pdf_variant="pdf/ua-1", pdf_tags=True)
    return content
