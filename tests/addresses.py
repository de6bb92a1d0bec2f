"""Every address of the pages: who opens it, and what stands in it.

One table for the browser, for measurements and for pictures. An address that is added to the
platform and not to this table fails a test, so no page goes unseen.
"""

from __future__ import annotations

import enum
import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from django.urls import URLPattern, URLResolver, get_resolver, reverse

from civic.consultations.steps import BY_NAME as STEPS
from civic.pages.preview import PAGES as PREVIEWS
from civic.specs.views import PARTS


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


def _page(reader: Reader, query: str = "", /, **parts: str) -> Page:
    return Page(reader, parts, query)


_ANYBODY, _CITIZEN, _ORGANIZER = Reader

PAGES: dict[str, Page] = {
    "pages:home": _page(_ANYBODY),
    "pages:about": _page(_ANYBODY),
    "pages:privacy": _page(_ANYBODY),
    "pages:public_log": _page(_ANYBODY),
    "account_request_login_code": _page(_ANYBODY),
    "account_inactive": _page(_ANYBODY),
    "pages:consultation": _page(_ANYBODY, slug="slug"),
    "statements:decisions": _page(_ANYBODY, slug="slug"),
    "pages:joined": _page(_ANYBODY, slug="slug"),
    "pages:statement": _page(_ANYBODY, slug="slug", uuid="statement"),
    "specs:results": _page(_ANYBODY, slug="slug"),
    "specs:latest": _page(_ANYBODY, slug="slug"),
    "specs:version": _page(_ANYBODY, slug="slug", number="spec"),
    "specs:part": _page(_ANYBODY, slug="slug", number="spec", status="part"),
    "specs:diff": _page(_ANYBODY, slug="slug", earlier="spec", number="later_spec"),
    "specs:clause": _page(_ANYBODY, slug="slug", number="spec", key="clause"),
    "specs:files": _page(_ANYBODY, slug="slug", number="spec"),
    "specs:report": _page(_ANYBODY, slug="slug", number="spec"),
    "pages:private_receipt": _page(_ANYBODY, token="receipt_token"),
    "account_logout": _page(_CITIZEN),
    "pages:account": _page(_CITIZEN),
    "pages:delete_account": _page(_CITIZEN),
    "consultations:join": _page(_CITIZEN, slug="slug"),
    "consultations:about_me": _page(_CITIZEN, slug="slug"),
    "statements:write": _page(_CITIZEN, slug="slug"),
    "pages:receipt": _page(_CITIZEN, slug="slug", uuid="own_statement"),
    "pages:differently": _page(_CITIZEN, slug="slug", uuid="own_statement", start="own_sentence"),
    "statements:withdraw": _page(_CITIZEN, slug="slug", uuid="own_statement"),
    "pages:appeal": _page(_CITIZEN, slug="slug", uuid="hidden_statement"),
    "reactions:react": _page(_CITIZEN, slug="slug"),
    "reactions:answer": _page(_CITIZEN, slug="slug", uuid="claim"),
    "reactions:report": _page(_CITIZEN, slug="slug", uuid="statement"),
    "curation:either_or": _page(_CITIZEN, slug="slug"),
    "judging:judge": _page(_CITIZEN, slug="slug"),
    "judging:answer": _page(_CITIZEN, slug="slug", uuid="machine_answer"),
    "curation:answer": _page(_CITIZEN, slug="slug", uuid="question"),
    "pages:so_far": _page(_CITIZEN, slug="slug"),
    "pages:my_part": _page(_CITIZEN, slug="slug"),
    "pages:my_reactions": _page(_CITIZEN, slug="slug"),
    "pages:delete_part": _page(_CITIZEN, slug="slug"),
    "pages:desk": _page(_ORGANIZER),
    "consultations:create": _page(_ORGANIZER),
    "pages:dashboard": _page(_ORGANIZER, slug="slug"),
    "pages:patterns": _page(_ORGANIZER, slug="slug"),
    "pages:setup": _page(_ORGANIZER, slug="slug"),
    "pages:setup_step": _page(_ORGANIZER, slug="slug", step="step"),
    "pages:preview": _page(_ORGANIZER, slug="slug", page="preview"),
    "consultations:change_phase": _page(_ORGANIZER, slug="slug"),
    "consultations:team": _page(_ORGANIZER, slug="slug"),
    "consultations:invite": _page(_ORGANIZER, slug="slug"),
    "consultations:delete": _page(_ORGANIZER, slug="slug"),
    "intake:upload": _page(_ORGANIZER, slug="slug"),
    "judging:answers": _page(_ORGANIZER, slug="slug"),
    "judging:withdraw": _page(_ORGANIZER, slug="slug", uuid="machine_answer"),
    "statements:preparation": _page(_ORGANIZER, slug="slug", uuid="preparation"),
    "statements:queue": _page(_ORGANIZER, slug="slug"),
    "pages:log": _page(_ORGANIZER, slug="slug"),
    "specs:runs": _page(_ORGANIZER, slug="slug"),
    "specs:start_run": _page(_ORGANIZER, slug="slug"),
    "analysis:run": _page(_ORGANIZER, slug="slug", uuid="run"),
    "analysis:compare": _page(_ORGANIZER, slug="slug"),
    "specs:versions": _page(_ORGANIZER, slug="slug"),
    "specs:reply": _page(_ORGANIZER, slug="slug"),
    "specs:webhooks": _page(_ORGANIZER, slug="slug"),
    "specs:webhook": _page(_ORGANIZER, slug="slug", uuid="webhook"),
    "specs:publish": _page(_ORGANIZER, slug="slug", number="draft"),
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
# Things of which there are a few by name, each with a page of its own.
EACH: Mapping[str, tuple[str, ...]] = {
    "step": tuple(STEPS),
    "preview": tuple(PREVIEWS),
    "part": tuple(PARTS),
}

# Addresses that show nothing of their own, and pages that only a state of the moment brings up:
# `tests/journey/test_moments.py` looks at those.
ACT, FILE, PIECE, ELSEWHERE, MOMENT = (
    "an act",
    "a file",
    "a piece of a page",
    "leads to another address",
    "a page of a moment",
)
NO_PAGES = {
    "set_language": ACT,
    "account_confirm_login_code": MOMENT,
    "account_keep": MOMENT,
    "account_keep_code": MOMENT,
    "account_signup": ELSEWHERE,
    "account_login": ELSEWHERE,
    "account_email_verification_sent": ELSEWHERE,
    "account_reauthenticate": ELSEWHERE,
    "account_reset_password": ELSEWHERE,
    "account_email": ELSEWHERE,
    "pages:styleguide": "in debug only",
    "pages:account_data": FILE,
    "pages:my_data": FILE,
    "pages:receipt_file": FILE,
    "pages:private_file": FILE,
    "pages:receipt_link": ACT,
    "pages:log_file": FILE,
    "pages:explore_table": FILE,
    "statements:decisions_file": FILE,
    "specs:download": FILE,
    "specs:feed": FILE,
    "specs:site_feed": FILE,
    "specs:webhook_act": ACT,
    "specs:report_pdf": FILE,
    "pages:similar": PIECE,
    "pages:figures": PIECE,
    "analysis:progress": PIECE,
    "consultations:open_invitation": ELSEWHERE,
    "consultations:invitation": MOMENT,
    "intake:job": MOMENT,
    "consultations:team_invite": ACT,
    "consultations:team_change": ACT,
    "consultations:team_revoke": ACT,
    "statements:decide": ACT,
    "statements:confirm": ACT,
    "statements:undo_ruling": ACT,
    "statements:answer_appeal": ACT,
    "statements:prepare_again": ACT,
    "curation:separate_sentence": ACT,
    "curation:separate_claim": ACT,
    "reactions:weigh": ACT,
    "reactions:undo": ACT,
    "judging:undo": ACT,
    "intake:seed": ACT,
    "intake:confirm": ACT,
    "analysis:cancel": ACT,
    "specs:again": ACT,
    "specs:draft": ACT,
    "pages:agree": ACT,
    "pages:judge": ACT,
    "pages:load_example": ACT,
    "pages:decide_pair": ACT,
    "pages:split": ACT,
    "pages:decide_theme": ACT,
    "pages:undo": ACT,
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
    return next(_paths(name, things))


def is_known(page: Page, things: Mapping[str, object]) -> bool:
    """Whether there is everything that the page's address names."""
    return set(page.parts.values()) <= things.keys() | EACH.keys()


def paths(things: Mapping[str, object], *, reader: Reader) -> Iterator[str]:
    """Every address that needs this reader, of a page whose things are known."""
    for name, page in PAGES.items():
        if page.reader == reader and is_known(page, things):
            yield from _paths(name, things)


def _paths(name: str, things: Mapping[str, object]) -> Iterator[str]:
    page = PAGES[name]
    choices = [EACH.get(thing) or (things[thing],) for thing in page.parts.values()]
    for chosen in itertools.product(*choices):
        yield reverse(name, kwargs=dict(zip(page.parts, chosen, strict=True))) + page.query
