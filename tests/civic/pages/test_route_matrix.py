"""Every address × every role × every method, read from the URL conf: who is not named is refused,
nothing fails, and a refusal tells nothing of the consultation."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from route_table import ROLES, TABLE, Line
from route_values import rows_in, values_of

from civic.accounts.models import User
from civic.accounts.services import ensure_user
from civic.consultations.models import Consultation
from civic.consultations.services import create_consultation, grant_role
from civic.specs.models import SpecVersion
from civic.statements.models import Claim

REFUSED = {401, 403, 404}
PENDING = 503  # a report that nobody has drawn yet
LED_AWAY = re.compile(r"/accounts/|/c/[^/]+/join/")  # to signing in, or to joining
SECRETS = ("Plugh", "Xyzzy", "kind to everybody", "sell my data", "gets a loan")
METHODS = ("get", "post", "put", "patch")


@dataclass(frozen=True)
class Route:
    """One pattern: the name of its line in the table, and what its address is made of."""

    name: str
    pattern: str

    def address(self, values: dict[str, object]) -> str:
        def fill(found: re.Match[str]) -> str:
            parameter = found[1]
            own = f"{self.name} {parameter}"
            return str(values[own] if own in values else values[parameter])

        return "/" + re.sub(r"<(?:\w+:)?(\w+)>", fill, self.pattern)


def routes_of(
    patterns: list[URLPattern | URLResolver], *, before: str = "", space: str = ""
) -> Iterator[Route]:
    """All patterns of the URL conf; programs' doors are named by their pattern."""
    for one in patterns:
        here = before + str(one.pattern)
        if isinstance(one, URLResolver):
            yield from routes_of(one.url_patterns, before=here, space=one.namespace or space)
        elif here.startswith("api/"):
            plain = here if "(" not in here else "api/"
            yield Route(plain, plain)
        else:
            yield Route(f"{space}:{one.name}" if space else str(one.name), here)


ROUTES = list(routes_of(get_resolver().url_patterns))


def test_every_address_has_a_line_in_the_table() -> None:
    """An address that nobody wrote down is refused here; so is a line without an address."""
    assert {route.name for route in ROUTES} - set(TABLE) == set()
    assert set(TABLE) - {route.name for route in ROUTES} == set()


@pytest.fixture
def clients(
    consultation: Consultation, alice: User, bob: User, draft: SpecVersion
) -> dict[str, Client]:
    """A browser for every role; the consultation is by invitation and full of secrets."""
    Consultation.objects.filter(pk=consultation.pk).update(
        access="invite", title="Plugh title", question="Xyzzy question", use_of_result="Xyzzy use"
    )
    people: dict[str, User | None] = {"nobody": None, "citizen": bob, "owner": alice}
    people["elsewhere"] = ensure_user("elsewhere@example.org", is_host=True)
    create_consultation(title="Another", slug="another", by=people["elsewhere"])
    for role in ("moderator", "analyst", "auditor", "organizer"):
        people[role] = ensure_user(f"{role}@example.org", display_name=f"Plugh {role}")
        grant_role(consultation, user=people[role], role=role)
    people["invited"] = ensure_user("invited@example.org")
    grant_role(consultation, user=people["invited"], role="participant")
    found = {}
    for role in ROLES:
        found[role] = Client()
        if people[role] is not None:
            found[role].force_login(people[role])
    return found


@pytest.fixture
def values(
    consultation: Consultation, draft: SpecVersion, asked: list[Claim], bob: User, alice: User
) -> dict[str, object]:
    """What addresses are made of, by parameter and, where one row does not fit all, by route."""
    return values_of(rows_in(consultation, draft=draft, asked=asked, bob=bob, alice=alice))


def outcome(client: Client, method: str, address: str) -> tuple[int, str, str]:
    """Status, where it leads and what it says; whatever was written is taken back."""
    client.raise_request_exception = False
    cookies = copy.deepcopy(client.cookies)
    with transaction.atomic():
        data: dict[str, Any] = {} if method == "get" else {"content_type": "application/json"}
        if method == "post" and not address.startswith("/api/"):
            data = {}
        answer = getattr(client, method)(address, **data)
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content
        transaction.set_rollback(True)
    client.cookies = cookies  # Signing out is taken back, too.
    return answer.status_code, answer.get("Location", ""), body.decode(errors="replace")


def defect(route: Route, role: str, method: str, told: tuple[int, str, str]) -> str:
    """What is wrong with an answer; empty where it is as the table says."""
    status, leads, body = told
    lets_in = getattr(TABLE.get(route.name, Line()), method)
    if route.pattern.startswith("accounts/"):
        leads = ""  # These lead to each other, and that is what they are for.
    is_refused = status in REFUSED or (status == 302 and bool(LED_AWAY.match(leads)))
    if status >= 500 and status != PENDING:
        return f"{status}"
    if lets_in is None:
        return "" if status == 405 or is_refused else f"{status}, although there is no {method}"
    if role in lets_in:
        return f"{status} {leads}, although she is named" if is_refused or status == 405 else ""
    if not is_refused and status != 405:
        return f"{status} {leads}, although she is not named"
    leaked = [secret for secret in SECRETS if secret in body]
    return f"{status}, and tells {leaked}" if leaked else ""


# check 21
def test_roles_are_let_in_where_the_table_names_them_and_nowhere_else(
    clients: dict[str, Client], values: dict[str, object]
) -> None:
    """Refused is 401, 403, 404 or the way to signing in; never 500, never a word of the matter."""
    wrong = []
    for route in ROUTES:
        address = route.address(values)
        for method in METHODS if route.pattern.startswith("api/") else METHODS[:2]:
            for role, client in clients.items():
                told = outcome(client, method, address)
                fault = defect(route, role, method, told)
                if fault:
                    wrong.append(f"{method} {route.name} as {role}: {fault}")
    assert wrong == [], "\n".join(wrong)
