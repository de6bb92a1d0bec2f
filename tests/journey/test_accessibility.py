"""What axe, small windows, fingers and a reader's own settings say about every page there is."""

from __future__ import annotations

import pytest

from tests.addresses import Reader, path, paths
from tests.journey.conftest import Cast, NewVisitor
from tests.journey.inspection import NARROW, WIDE, inspect, resize, width
from tests.journey.visitor import Visitor

pytestmark = pytest.mark.browser

READERS = pytest.mark.parametrize("reader", Reader, ids=lambda reader: reader.value)
# What is open to everybody and looks different to those who take part or organize.
SHARED = (
    *("pages:home", "pages:about", "pages:consultation", "pages:statement"),
    *("specs:results", "specs:latest", "specs:clause"),
)
RUNS_THE_OTHER_WAY = "() => getComputedStyle(document.documentElement).direction === 'rtl'"
# Latin words in an Arabic page: read from the left, and by a voice of their own language.
MISREAD = """() => [...document.querySelectorAll('.words')].filter(one =>
    /^[\\x20-\\x7e“”‘’…]*[a-z]{4}[\\x20-\\x7e“”‘’…]*$/.test(one.innerText)
    && !one.matches('textarea, input, [lang=ar] .words:not([lang])'))
  .filter(one => getComputedStyle(one).direction !== 'ltr'
    || one.closest('[lang]').lang.startsWith('ar'))
  .map(one => one.outerHTML.slice(0, 160))"""


def visit(new_visitor: NewVisitor, cast: Cast, reader: Reader, **options: object) -> Visitor:
    """Somebody at a browser who may open this reader's pages."""
    if reader != Reader.ANYBODY:
        options["storage_state"] = cast.state(reader.value)
    return new_visitor(**options)


def addresses(cast: Cast, reader: Reader) -> list[str]:
    """Of all pages that take this reader, and of those that greet her in another way."""
    shared = () if reader == Reader.ANYBODY else SHARED
    return [*paths(cast.things, reader=reader), *(path(name, cast.things) for name in shared)]


# check 1
# check 2
# check 7
# check 8
# check 9
# check 10
@READERS
def test_no_page_holds_a_barrier(new_visitor: NewVisitor, cast: Cast, reader: Reader) -> None:
    """Axe finds nothing in light or dark; narrow, spaced out, without motion, in forced colours."""
    visitor = visit(new_visitor, cast, reader, bypass_csp=True)
    faults = []
    for address in addresses(cast, reader):
        assert visitor.go(address) == 200, address
        faults += inspect(visitor)
    assert faults == []


# check 19
@READERS
@pytest.mark.parametrize("language", ["en", "ar"])
def test_every_page_is_silent(
    new_visitor: NewVisitor, cast: Cast, reader: Reader, language: str
) -> None:
    """No error on the console, no breach of the policy, no other origin; in Arabic mirrored.

    What is wrong is noted by the visitor, who fails the test at its end.
    """
    visitor = visit(new_visitor, cast, reader, locale=language)
    resize(visitor, WIDE if language == "en" else NARROW)
    faults = []
    for address in addresses(cast, reader):
        assert visitor.go(address) == 200, address
        visitor.page.wait_for_load_state("networkidle")
        if language == "ar":
            assert visitor.page.evaluate(RUNS_THE_OTHER_WAY), address
            told = [*width(visitor), *visitor.page.evaluate(MISREAD)]
            faults += [f"{address}: {fault}" for fault in told]
    assert faults == []


def test_an_inspection_finds_what_is_wrong(new_visitor: NewVisitor) -> None:
    """A picture without words, dark grey on grey, a box too wide and buttons too small are told."""
    visitor = new_visitor(bypass_csp=True)
    visitor.page.set_content(
        "<!doctype html><html lang=en><title>Spoilt</title><style>div { width: 500px }"
        "@media (prefers-color-scheme: dark) { body { background: #555; color: #666 } }"
        "button { all: unset; font-size: 8px }"
        "p { line-height: 1.2; height: 1.2em; overflow: hidden; width: 2.8em }"
        "@keyframes turn { to { rotate: 1turn } } h1 { animation: turn 1s infinite }</style>"
        "<main><h1>Spoilt</h1><img src='data:,'><div>words</div><button>a</button>"
        "<button>b</button><p>ab cd</p></main>"
    )
    told = " ".join(inspect(visitor))
    for fault in (
        *("image-alt", "dark: color-contrast", "scrolls sideways: 5", "too small to be hit"),
        *("cut off: <p>", "1 animations run", "no longer looks like a button"),
    ):
        assert fault in told
    assert " color-contrast" not in told.replace("dark: color-contrast", "")
