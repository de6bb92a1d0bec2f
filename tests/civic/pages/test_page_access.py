"""Who may open which page: every address of the organizers, generated from the URL conf."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from civic.accounts.models import User
from civic.accounts.services import ensure_user
from civic.consultations.models import Consultation
from civic.consultations.services import create_consultation
from civic.curation.models import Decision
from civic.intake.models import ImportJob
from civic.specs.models import SpecVersion
from civic.statements.models import Appeal, Claim, Preparation, Ruling, Statement

SignIn = Callable[[User | None], Client]
DENIED = {401, 403, 404}
# Which roles a page behind the scenes lets in, besides the organizer.
LETS_IN = {
    "pages:desk": {"moderator", "auditor"},
    "pages:dashboard": {"moderator", "auditor"},
    "pages:log": {"auditor"},
    "pages:curation": {"auditor"},
    "pages:same": {"auditor"},
    "pages:opposed": {"auditor"},
    "pages:claims": {"auditor"},
    "pages:claim": {"auditor"},
    "pages:themes": {"auditor"},
    "pages:explore": {"auditor"},
    "pages:explore_sentences": {"auditor"},
    "pages:explore_sentence": {"auditor"},
    "pages:explore_groups": {"auditor"},
    "pages:explore_table": {"auditor"},
    "pages:explore_map": {"auditor"},
    "pages:explore_rules": {"auditor"},
    "pages:what_if": {"auditor"},
    "statements:queue": {"moderator"},
    "statements:decide": {"moderator"},
    "statements:confirm": {"moderator"},
    "statements:undo_ruling": {"moderator"},
    "statements:answer_appeal": {"moderator"},
    "statements:preparation": {"auditor"},
    "specs:runs": {"auditor"},
    "specs:versions": {"auditor"},
    "analysis:run": {"auditor"},
    "analysis:progress": {"auditor"},
    "analysis:compare": {"auditor"},
}


def _routes(
    patterns: list[URLPattern | URLResolver], *, space: str = ""
) -> Iterator[tuple[str, str, set[str]]]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from _routes(pattern.url_patterns, space=pattern.namespace or space)
        elif str(pattern.pattern).startswith("o/"):
            parameters = set(pattern.pattern.converters)
            yield f"{space}:{pattern.name}", str(pattern.pattern), parameters


ROUTES = sorted(
    (name, tuple(sorted(needs))) for name, _, needs in _routes(get_resolver().url_patterns)
)


@pytest.fixture
def addresses(
    consultation: Consultation, draft: SpecVersion, asked: list[Claim]
) -> Callable[[str, tuple[str, ...]], str]:
    """Makes the address of a page behind the scenes, of rows that exist."""
    job = ImportJob.objects.create(consultation=consultation, kind="polis", status="checked")
    decision = Decision.objects.create(
        consultation=consultation, kind="apart", first=asked[0], second=asked[1], reason="No."
    )
    preparation = Preparation.objects.create(
        consultation=consultation, shard_size=1, counts={"statements": 1, "known": 0}
    )
    ruling = Ruling.objects.create(
        statement=asked[0].statement,
        decision="rejected",
        reason="No.",
        stage="undone",
        decided_by=ensure_user("moderator@example.org"),
    )
    appeal = Appeal.objects.create(statement=asked[0].statement, words="Why?")
    ids: dict[str, uuid.UUID] = {
        "statements:confirm": ruling.uuid,
        "statements:undo_ruling": ruling.uuid,
        "statements:answer_appeal": appeal.uuid,
        "statements:preparation": preparation.uuid,
        "statements:prepare_again": preparation.uuid,
        "pages:claim": asked[0].uuid,
        "pages:explore_sentence": asked[0].uuid,
        "pages:split": asked[0].uuid,
        "pages:undo": decision.uuid,
        "intake": job.uuid,
        "statements": asked[0].statement.uuid,
        "analysis": draft.run.uuid,
        "specs": draft.run.uuid,
    }

    def make(name: str, needs: tuple[str, ...]) -> str:
        values = {
            "slug": consultation.slug,
            "number": draft.number,
            "uuid": ids.get(name) or ids.get(name.split(":")[0]),
        }
        return reverse(name, kwargs={need: values[need] for need in needs})

    return make


def test_there_are_pages_behind_the_scenes() -> None:
    """The URL conf is read, so that the matrix below is not empty."""
    assert len(ROUTES) >= 18


@pytest.mark.parametrize("method", ["get", "post"])
def test_roles_reach_their_pages_and_no_others(
    people: dict[str, User | None],
    addresses: Callable[[str, tuple[str, ...]], str],
    sign_in: SignIn,
    method: str,
) -> None:
    """Nobody, strangers and participants are denied everywhere; staff as the table says."""
    other = ensure_user("other@example.org", is_host=True)
    create_consultation(title="Another", slug="another", by=other)
    clients = {role: sign_in(user) for role, user in (people | {"other organizer": other}).items()}
    wrong = []
    for name, needs in ROUTES:
        path = addresses(name, needs)
        for role, client in clients.items():
            if role == "organizer":
                continue
            status = getattr(client, method)(path).status_code
            allowed = role in LETS_IN.get(name, set())
            if name in ("pages:desk", "consultations:create") and role == "other organizer":
                allowed = True  # These two belong to no consultation; she is a host, too.
            denied = status in DENIED or status == 405
            if denied == allowed and not (allowed and status == 405):
                wrong.append((method, name, role, status))
    assert wrong == []


def test_the_organizer_reaches_every_page(
    alice: User, addresses: Callable[[str, tuple[str, ...]], str], sign_in: SignIn
) -> None:
    """No page behind the scenes is closed to her; addresses that only take forms say so."""
    client = sign_in(alice)
    seen = {name: client.get(addresses(name, needs)).status_code for name, needs in ROUTES}
    assert set(seen.values()) <= {200, 405}


def test_a_denial_shows_nothing_of_the_consultation(
    people: dict[str, User | None],
    addresses: Callable[[str, tuple[str, ...]], str],
    sign_in: SignIn,
) -> None:
    """A refused person reads one sentence, no title and no text of anybody."""
    answer = sign_in(people["stranger"]).get(addresses("statements:queue", ("slug",)))
    assert answer.status_code in DENIED
    assert "kind to everybody" not in answer.content.decode()


def test_consultations_by_invitation_do_not_exist_for_strangers(
    consultation: Consultation,
    published: SpecVersion,
    people: dict[str, User | None],
    sign_in: SignIn,
) -> None:
    """Every page of it answers 404 to strangers, and 200 to those who were invited."""
    Consultation.objects.update(access="invite")
    paths = [
        f"/c/{consultation.slug}/{rest}"
        for rest in (
            "",
            "spec/",
            "spec/1/",
            "spec/1/files/",
            "decisions/",
            "write/",
            "react/",
            "mine/",
        )
    ]
    for path in paths:
        assert sign_in(None).get(path).status_code == 404
        assert sign_in(people["stranger"]).get(path).status_code == 404
        assert sign_in(people["participant"]).get(path).status_code == 200


def test_a_draft_is_for_the_team(
    draft: SpecVersion, people: dict[str, User | None], sign_in: SignIn
) -> None:
    """Organizer and auditor read a draft; moderators, participants and strangers find nothing."""
    path = reverse("specs:version", args=[draft.consultation.slug, draft.number])
    for role, user in people.items():
        expected = 200 if role in ("organizer", "auditor") else 404
        if role == "nobody":
            expected = 401
        assert sign_in(user).get(path).status_code == expected, role


def test_waiting_and_hidden_texts_stay_out_of_sight(
    consultation: Consultation, people: dict[str, User | None], asked: list[Claim], sign_in: SignIn
) -> None:
    """A hidden statement leaves a tombstone with the reason; a waiting one is not there yet."""
    statement = asked[0].statement
    path = reverse("pages:statement", args=[consultation.slug, statement.uuid])
    Statement.objects.update(moderation="rejected", moderation_reason="Advertising.")
    told = sign_in(people["stranger"]).get(path).content.decode()
    assert "Advertising." in told
    assert "kind to everybody" not in told
    assert "kind to everybody" in sign_in(people["participant"]).get(path).content.decode()
    Statement.objects.update(moderation="waiting")
    assert sign_in(people["stranger"]).get(path).status_code == 404
