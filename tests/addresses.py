"""Every address of the pages: who opens it, and what stands in it.

One table for the browser, for measurements and for pictures. An address that is added to the
platform and not to this table fails a test, so no page goes unseen.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from django.urls import URLPattern, URLResolver, get_resolver, reverse


class Reader(enum.Enum):
    """The least that somebody must be to open a page."""

    ANYBODY = "anybody"
    CITIZEN = "citizen"  # takes part
    ORGANIZER = "organizer"  # owns the consultation


@dataclass(frozen=True)
class Page:
    """A page: who reads it, and which thing each variable part of its address names."""

    reader: Reader
    parts: Mapping[str, str] = field(default_factory=dict)  # name in the address -> name of a thing
    query: str = ""
    status: int = 200


def _page(reader: Reader, query: str = "", /, **parts: str) -> Page:
    return Page(reader, parts, query)


_ANYBODY, _CITIZEN, _ORGANIZER = Reader

PAGES: dict[str, Page] = {
    "pages:home": _page(_ANYBODY),
    "pages:about": _page(_ANYBODY),
    "pages:privacy": _page(_ANYBODY),
    "account_request_login_code": _page(_ANYBODY),
    "account_signup": _page(_ANYBODY),
    "account_logout": _page(_CITIZEN),
    "pages:consultation": _page(_ANYBODY, slug="slug"),
    "consultations:join": _page(_CITIZEN, slug="slug"),
    "statements:decisions": _page(_ANYBODY, slug="slug"),
    "pages:joined": _page(_ANYBODY, slug="slug"),
    "pages:statement": _page(_ANYBODY, slug="slug", uuid="statement"),
    "specs:results": _page(_ANYBODY, slug="slug"),
    "specs:latest": _page(_ANYBODY, slug="slug"),
    "specs:version": _page(_ANYBODY, slug="slug", number="spec"),
    "specs:part": _page(_ANYBODY, slug="slug", number="spec", status="part"),
    "specs:clause": _page(_ANYBODY, slug="slug", number="spec", key="clause"),
    "specs:files": _page(_ANYBODY, slug="slug", number="spec"),
    "statements:write": _page(_CITIZEN, slug="slug"),
    "pages:receipt": _page(_CITIZEN, slug="slug", uuid="own_statement"),
    "statements:withdraw": _page(_CITIZEN, slug="slug", uuid="own_statement"),
    "reactions:react": _page(_CITIZEN, slug="slug"),
    "reactions:answer": _page(_CITIZEN, slug="slug", uuid="claim"),
    "reactions:report": _page(_CITIZEN, slug="slug", uuid="statement"),
    "curation:either_or": _page(_CITIZEN, slug="slug"),
    "pages:so_far": _page(_CITIZEN, slug="slug"),
    "pages:my_part": _page(_CITIZEN, slug="slug"),
    "pages:desk": _page(_ORGANIZER),
    "consultations:create": _page(_ORGANIZER),
    "pages:dashboard": _page(_ORGANIZER, slug="slug"),
    "pages:setup": _page(_ORGANIZER, slug="slug"),
    "consultations:team": _page(_ORGANIZER, slug="slug"),
    "consultations:invite": _page(_ORGANIZER, slug="slug"),
    "consultations:delete": _page(_ORGANIZER, slug="slug"),
    "intake:upload": _page(_ORGANIZER, slug="slug"),
    "statements:queue": _page(_ORGANIZER, slug="slug"),
    "pages:log": _page(_ORGANIZER, slug="slug"),
    "specs:runs": _page(_ORGANIZER, slug="slug"),
    "analysis:run": _page(_ORGANIZER, slug="slug", uuid="run"),
    "analysis:compare": _page(_ORGANIZER, slug="slug"),
    "specs:versions": _page(_ORGANIZER, slug="slug"),
    "specs:reply": _page(_ORGANIZER, slug="slug"),
    "specs:withdraw": _page(_ORGANIZER, slug="slug", number="spec"),
    "pages:explore": _page(_ORGANIZER, slug="slug"),
    "pages:explore_sentences": _page(_ORGANIZER, slug="slug"),
    "pages:explore_sentence": _page(_ORGANIZER, slug="slug", uuid="claim"),
    "pages:explore_groups": _page(_ORGANIZER, slug="slug"),
    "pages:explore_map": _page(_ORGANIZER, slug="slug"),
    "pages:explore_rules": _page(_ORGANIZER, slug="slug"),
    "pages:what_if": _page(_ORGANIZER, slug="slug"),
    "pages:curation": _page(_ORGANIZER, slug="slug"),
    "pages:same": _page(_ORGANIZER, slug="slug"),
    "pages:opposed": _page(_ORGANIZER, slug="slug"),
    "pages:claims": _page(_ORGANIZER, slug="slug"),
    "pages:claim": _page(_ORGANIZER, slug="slug", uuid="claim"),
    "pages:themes": _page(_ORGANIZER, slug="slug"),
}
STEPS = ("question", "people", "privacy", "moderation", "dates", "open")

# Addresses that are no page of their own, or one that only a state of the moment brings up.
NO_PAGES = {
    "set_language": "an act",
    "pages:styleguide": "in debug only",
}


def named() -> Iterator[str]:
    """The names of all addresses but those of the API."""
    yield from _named(get_resolver(), "")


def _named(resolver: URLResolver, space: str) -> Iterator[str]:
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLPattern):
            yield f"{space}{pattern.name}"
        elif not str(pattern.pattern).startswith("api/"):
            inner = f"{space}{pattern.namespace}:" if pattern.namespace else space
            yield from _named(pattern, inner)


def path(name: str, things: Mapping[str, object]) -> str:
    """The address of a page, with the things that its variable parts name."""
    page = PAGES[name]
    kwargs = {part: things[thing] for part, thing in page.parts.items()}
    return reverse(name, kwargs=kwargs) + page.query
