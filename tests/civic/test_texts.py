"""One door for all that people write: nothing invisible that deceives, and no piles of accents."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from civic.accounts.models import User
from civic.accounts.services import ensure_user
from civic.consultations.models import Consultation, Membership
from civic.consultations.services import create_consultation
from civic.consultations.setting_up import save_step
from civic.curation.themes import rename_theme
from civic.errors import Invalid
from civic.specs.forms import PublishForm, ReplyForm, WithdrawForm
from civic.statements.models import Claim, Statement
from civic.statements.ruling import moderate_statement
from civic.texts import fit_line

PILED = "Ze" + "\u0301" * 30 + "ro"
REVERSED = "\u202eeurt si siht\u202c Title\u2066"  # reads backwards from its first character on
CLEAN = "eurt si siht Title"
NOTHING = ("\u200b\u2060", "\u3164", "\u2800\ufe0f")  # zero width, a Hangul filler, empty Braille


@pytest.fixture
def hosts(alice: User) -> Client:
    """A browser in which the organizer has signed in."""
    client = Client()
    client.force_login(alice)
    return client


def new_title(client: Client, title: str) -> int:
    return client.post("/o/new/", {"title": title, "slug": "named"}).status_code


def new_title_by_program(client: Client, title: str) -> int:
    body = json.dumps({"title": title, "slug": "named"})
    answer = client.post("/api/v1/consultations/", body, content_type="application/json")
    return answer.status_code


@pytest.mark.parametrize("door", [new_title, new_title_by_program])
@pytest.mark.parametrize("title", [PILED, *NOTHING])
def test_no_title_is_a_pile_or_nothing(
    door: Callable[[Client, str], int], title: str, hosts: Client
) -> None:
    """By the form and by a program, the consultation is not made."""
    assert door(hosts, title) == 400
    assert not Consultation.objects.filter(slug="named").exists()


@pytest.mark.parametrize("door", [new_title, new_title_by_program])
def test_a_title_reads_in_one_direction(door: Callable[[Client, str], int], hosts: Client) -> None:
    """What would turn the words around is left out."""
    assert door(hosts, REVERSED) in (201, 302)
    assert Consultation.objects.get(slug="named").title == CLEAN


def test_an_imported_title_is_cleaned_too(tmp_path: Any, db: None) -> None:
    """The command that imports says which rule the title breaks."""
    heads = "timestamp,datetime,comment-id,author-id,agrees,disagrees,moderated,comment-body\n"
    (tmp_path / "comments.csv").write_text(heads + "1,x,0,0,0,0,1,AI should be kind.\n")
    (tmp_path / "votes.csv").write_text("timestamp,datetime,comment-id,voter-id,vote\n1,x,0,0,1\n")
    with pytest.raises(CommandError, match="accents"):
        call_command("import_polis", str(tmp_path), title=PILED, slug="named", verbosity=0)
    assert not Consultation.objects.filter(slug="named").exists()


def test_names_are_cleaned(db: None) -> None:
    """A name is one line that reads in one direction; a pile of accents is none."""
    assert ensure_user("dora@example.org", display_name="\u202eaniD\n Dora").display_name == (
        "aniD Dora"
    )
    with pytest.raises(CommandError, match=r"--name: .*accents"):
        call_command("create_host", "eve@example.org", name=PILED)
    assert not User.objects.filter(email="eve@example.org").exists()


def test_a_title_is_one_line(alice: User) -> None:
    """Also one that a program sends, and one that is changed later."""
    made = create_consultation(title="One\r\ntwo\u2028three", slug="lines", by=alice)
    assert made.title == "One two three"
    save_step(made, step="question", fields={"title": REVERSED}, by=alice)
    made.refresh_from_db()
    assert made.title == CLEAN


def test_what_grows_by_cleaning_still_fits_its_column() -> None:
    """U+0958 is stored as two code points: 200 of them are no title of 200."""
    with pytest.raises(Invalid, match="limit is 200"):
        fit_line("\u0958" * 200, most=200)


@pytest.mark.parametrize("form", [PublishForm, WithdrawForm, ReplyForm])
def test_what_is_said_with_the_result_is_cleaned(form: Any) -> None:
    """Signature, announcement, reason and reply."""
    told = dict.fromkeys(("signed_as", "announcement", "reason", "text"), REVERSED)
    sent = form(told | {"word": "publish"})
    assert sent.is_valid()
    assert {value for name, value in sent.cleaned_data.items() if name != "word"} == {CLEAN}
    assert not form(dict.fromkeys(told, PILED) | {"word": "publish"}).is_valid()


def test_reasons_and_titles_of_themes_are_cleaned(
    consultation: Consultation, alice: User, member: Membership, new_claim: Callable[..., Claim]
) -> None:
    """A moderator's words to an author, an organizer's to the record."""
    statement: Statement = new_claim("Buy my watches.", author=member).statement
    ruling = moderate_statement(statement, by=alice, decision="rejected", reason=REVERSED)
    assert ruling.reason == CLEAN
    with pytest.raises(Invalid, match="accents"):
        moderate_statement(statement, by=alice, decision="accepted", reason=PILED)
    themes = {"t1": "Honesty"}
    told = {"themes": themes, "theme": "t1", "by": alice}
    named = rename_theme(consultation, title=REVERSED, reason=REVERSED, **told)
    assert (named.target, named.reason) == (CLEAN, CLEAN)
    with pytest.raises(Invalid, match="accents"):
        rename_theme(consultation, title="Truth", reason=PILED, **told)


def test_examples_are_cleaned(hosts: Client, alice: User) -> None:
    """Sentences that everybody sees while writing."""
    made = create_consultation(title="Examples", slug="examples", by=alice)
    sent = {"title": "Examples", "examples": f"AI should be kind.\n{REVERSED}"}
    assert hosts.post("/o/examples/setup/question/", sent).status_code == 302
    made.refresh_from_db()
    assert made.examples == ["AI should be kind.", CLEAN]
    sent = {"title": "Examples", "examples": PILED}
    assert hosts.post("/o/examples/setup/question/", sent).status_code == 400
