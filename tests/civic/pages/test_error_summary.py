"""What is wrong with a form stands first on its page, named, and leads to its field."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from django.test import Client
from django.utils.translation import gettext, override

from civic.accounts.models import User
from civic.consultations.models import Consultation, Membership
from civic.pages.templatetags.forms import named_error
from civic.reactions.forms import ReactionForm
from civic.statements.forms import WordsForm

SUMMARY = "error-summary"
VOID = {"input", "br", "img", "link", "meta", "hr", "source"}


class Page(HTMLParser):
    """Ids, the names that labels and legends give them, and the links of the error summary."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: set[str] = set()
        self.names: dict[str, str] = {}
        self.links: dict[str, str] = {}
        self._open: list[tuple[str, str]] = []  # tag, and the id that it is about
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.ids.add(given.get("id", ""))
        if tag in VOID:
            return
        about = given.get("for", given.get("id", ""))
        if tag == "legend":
            about = next(name for kind, name in reversed(self._open) if kind == "fieldset")
        elif tag == "a" and any(name == SUMMARY for _, name in self._open):
            about = given["href"].removeprefix("#")
        self._open.append((tag, SUMMARY if given.get("class") == SUMMARY else about))

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        for told, tags in ((self.names, {"label", "legend"}), (self.links, {"a"})):
            for tag, about in reversed(self._open):
                if tag in tags and about and (tag != "a" or self._in_summary()):
                    told[about] = told.get(about, "") + data
                    break

    def _in_summary(self) -> bool:
        return any(name == SUMMARY for _, name in self._open)


@pytest.fixture
def people(alice: User, member: Membership) -> dict[str, Client]:
    """The organizer, a participant, and somebody who has not signed in."""
    found = {"organizer": Client(), "citizen": Client(), "anybody": Client()}
    found["organizer"].force_login(alice)
    found["citizen"].force_login(member.user)
    return found


FORMS = {
    "title": ("organizer", "/o/new/", {"title": ""}),
    "question": ("organizer", "/o/ai/setup/question/", {"title": ""}),
    "dates": ("organizer", "/o/ai/setup/dates/", {"opens_on": "soon", "closes_on": "later"}),
    "people": ("organizer", "/o/ai/setup/people/", {"k": "none"}),
    "import": ("organizer", "/o/ai/import/", {"kind": "polis"}),
    "seeds": ("organizer", "/o/ai/import/typed/", {"texts": ""}),
    "letters": ("organizer", "/o/ai/people/", {"kind": "mail", "emails": "nobody"}),
    "links": ("organizer", "/o/ai/people/", {"kind": "links", "number": "none"}),
    "delete": ("organizer", "/o/ai/delete/", {}),
    "text": ("citizen", "/c/ai/write/", {"action": "send", "text": ""}),
    "account": ("citizen", "/me/delete/", {"word": "no"}),
    "address": ("anybody", "/accounts/login/code/", {"email": "nobody"}),
}


@pytest.mark.django_db
@pytest.mark.parametrize("form", FORMS)
def test_each_line_names_its_field_and_leads_to_it(
    form: str, people: dict[str, Client], consultation: Consultation
) -> None:
    """A link of the summary begins with the words that label its field, which is on the page."""
    who, address, sent = FORMS[form]
    answer = people[who].post(address, sent)
    page = Page(answer.content.decode())
    assert page.links, answer.status_code
    for target, told in page.links.items():
        assert target in page.ids
        name = " ".join(page.names[target].split("(")[0].split())
        assert " ".join(told.split()).startswith(name), (told, name)


def test_a_question_keeps_its_mark() -> None:
    """“What …? Please …” and not “What …?: Please …”; other names take the reader's colon."""
    form = WordsForm({"text": ""})
    assert named_error(form["text"], "Please write.") == (
        "<bdi>What should an AI do, and what should it never do?</bdi> Please write."
    )
    form = ReactionForm({})
    assert named_error(form["value"], "Choose one.") == "<bdi>Your answer</bdi>: Choose one."
    with override("fr"):
        told = named_error(form["value"], gettext("Choose one of the answers."))
    assert told.startswith("<bdi>Votre réponse</bdi>\N{NO-BREAK SPACE}: ")


def test_a_name_is_escaped() -> None:
    """Questions about people are an organizer's words."""
    form = WordsForm({"text": ""})
    form.fields["text"].label = "<b>{1} name"
    assert named_error(form["text"], "<i>") == "<bdi>&lt;b&gt;{1} name</bdi>: &lt;i&gt;"
