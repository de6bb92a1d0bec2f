"""Organizers' Markdown: what may be shown of it, and what no text can do to a page."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from civic.pages.templatetags.markdown import MOST, TAGS, markdown

HOSTILE = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "<style>body{display:none}</style>",
    "<iframe src='https://evil.example'></iframe>",
    '<a href="javascript:alert(1)" onclick="alert(1)">x</a>',
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](java&#115;cript:alert(1))",
    "[x](&#x6A;avascript:alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "[x](vbscript:msgbox(1))",
    "[x]( file:///etc/passwd )",
    "<javascript:alert(1)>",
    "![x](https://evil.example/pixel.gif)",
    '![x](x"onerror="alert(1))',
    '[x](https://example.org "title\\" onmouseover=alert(1)")',
    '[x](https://example.org/"><script>alert(1)</script>)',
    "[x]: javascript:alert(1)\n\n[x]",
    "`<script>alert(1)</script>`",
    "```html\n<script>alert(1)</script>\n```",
    '```"><script>alert(1)</script>\ncode\n```',
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "<!-- --><script>alert(1)</script>",
    "<div style='position:fixed;inset:0'>over everything</div>",
    "<form action=/accounts/logout/><button>Click</button></form>",
    "</div></main></body><h1>Ours now</h1>",
    "\0<script>alert(1)</script>",
    "\u202etxt.exe <b>x</b>",
)
SHOWN = re.compile(r"<(/?)([a-z0-9]+)((?:\s[^<>]*)?)>")


def assert_harmless(drawn: str) -> None:
    """Only our tags, only our attributes, only addresses that lead somewhere."""
    assert drawn.count("<") == len(SHOWN.findall(drawn))
    for _, name, attributes in SHOWN.findall(drawn):
        assert name in TAGS
        for attribute, value in re.findall(r'([\w-]+)="([^"]*)"', attributes):
            assert attribute in {"href", "rel", "start"}
            if attribute == "href":
                assert re.match(r"(https?:|mailto:|[^:]*$)", value)
        assert not re.search(r"\son\w+", re.sub(r'"[^"]*"', '""', attributes))


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_becomes_markup_of_its_own(text: str) -> None:
    """Whatever an organizer pastes stays words, a list or a plain link."""
    assert_harmless(markdown(text))


@settings(max_examples=300)
@given(st.text(alphabet=st.sampled_from("<>[]()!*_`#&;:\"'/\\\n -=javscript:x1"), max_size=120))
def test_no_mixture_of_signs_does_either(text: str) -> None:
    """Any heap of Markdown's own signs is harmless too."""
    assert_harmless(markdown(text))


def test_paragraphs_lists_and_links_are_shown() -> None:
    """What people write in earnest reads as they meant it."""
    drawn = markdown("We ask *you*.\n\n- one\n- two\n\n[The law](https://example.org/law)")
    assert "<p>We ask <em>you</em>.</p>" in drawn
    assert "<li>one</li>" in drawn
    assert 'href="https://example.org/law"' in drawn
    assert 'rel="nofollow noopener noreferrer"' in drawn


def test_headings_stand_below_those_of_the_page() -> None:
    """A text cannot put a second title on a page."""
    drawn = markdown("# Title\n\n## Part\n\n###### Small")
    assert re.findall(r"<(h\d)>", drawn) == ["h3", "h4", "h5"]


def test_a_picture_is_left_as_its_words() -> None:
    """No page calls another server because somebody wrote Markdown."""
    assert "<img" not in markdown("![a cat](https://example.org/cat.png)")


def test_an_empty_text_is_empty() -> None:
    """A field that was left out shows nothing."""
    assert markdown("") == ""


def test_a_text_made_to_be_slow_is_cut() -> None:
    """Deep nesting and endless brackets cost less than a second of a processor of one's own."""
    began = time.process_time()
    for text in ("[" * 10 * MOST, "> " * 5 * MOST, "*a " * 5 * MOST, "- " * 5 * MOST):
        markdown(text)
    assert time.process_time() - began < 4
