"""Organizers' longer texts: CommonMark with HTML off, then cleaned once more before it is shown."""

from __future__ import annotations

import nh3
from django import template
from django.utils.safestring import SafeString
from markdown_it import MarkdownIt
from markdown_it.token import Token

register = template.Library()

MOST = 20_000  # characters; what follows is left out rather than let one text stall a page
TAGS = {
    *("p", "br", "hr", "strong", "em", "s", "code", "pre", "blockquote"),
    *("ul", "ol", "li", "a", "h3", "h4", "h5", "h6"),
}
FIRST = 3  # a text's own first heading stands below the page's h1 and h2
_reader = MarkdownIt("commonmark", {"html": False, "maxNesting": 20}).disable("image")


@register.filter
def markdown(text: str) -> SafeString:
    """The text as paragraphs, lists, headings and links; everything else stays words.

    No picture is shown (it would call another server), no link passes on who follows it, and
    headings stand below those of the page.
    """
    tokens = _reader.parse((text or "")[:MOST].replace("\0", ""))
    _rank_headings(tokens)
    drawn = _reader.renderer.render(tokens, _reader.options, {})
    cleaned = nh3.clean(
        drawn,
        tags=TAGS,
        clean_content_tags={"script", "style"},
        attributes={"*": set(), "a": {"href"}, "ol": {"start"}},
        url_schemes={"http", "https", "mailto"},
        link_rel="nofollow noopener noreferrer",
        strip_comments=True,
    )
    return SafeString(cleaned)  # by nh3, a moment ago


def _rank_headings(tokens: list[Token]) -> None:
    """Let headings begin below those of the page and skip no level, whatever their author did."""
    headings = [one for one in tokens if one.type in ("heading_open", "heading_close")]
    ranks = {tag: rank for rank, tag in enumerate(sorted({one.tag for one in headings}))}
    for one in headings:
        one.tag = f"h{min(6, FIRST + ranks[one.tag])}"
