"""What the acts of the API do: each leaves its row, its audit entry, and tells its caller."""

from __future__ import annotations

import json
from typing import Any

import pytest
from api_world import DOCUMENT, World
from django.conf import settings
from django.test import Client

from civic.audit.models import Entry
from civic.consultations.models import Consultation
from civic.reactions.models import Reaction
from civic.statements.models import Statement


def send(client: Client, address: str, method: str = "POST", **body: Any) -> Any:
    """An act with a JSON body, and what it answered."""
    data = json.dumps(body)
    answer = client.generic(
        method, f"/api/v1/{address}", data=data, content_type="application/json"
    )
    return answer, answer.json()


def below(world: World) -> str:
    return f"consultations/{world.consultation.slug}"


def test_a_session_knows_its_owner(world: World) -> None:
    """Whoever signs in sees her own account, pseudonym and roles; nobody sees anything."""
    answer = world.client("moderator").get("/api/v1/session/").json()
    user = world.people["moderator"]
    assert user is not None
    membership = user.memberships.get()
    assert answer["account"]["email"] == user.email
    assert [(one["key"], one["roles"]) for one in answer["memberships"]] == [
        (membership.key, ["moderator"])
    ]
    nobody = Client().get("/api/v1/session/").json()
    assert (nobody["account"], nobody["memberships"]) == (None, [])


def test_a_host_makes_a_consultation(world: World) -> None:
    """Whoever makes a consultation organizes it, and only she sees the draft."""
    host = world.people["stranger"]
    assert host is not None
    host.is_host = True
    host.save()
    client = world.client("stranger")
    answer, made = send(client, "consultations/", title=" A new one ", slug="newest", k=12)
    assert answer.status_code == 201
    assert (made["title"], made["phase"], made["k"]) == ("A new one", "draft", 12)
    assert "run" in made["open_acts"]
    assert "join" not in made["open_acts"]
    assert client.get("/api/v1/consultations/newest/").status_code == 200
    assert Client().get("/api/v1/consultations/newest/").status_code == 404
    answer, refusal = send(client, "consultations/", title="Another", slug="newest")
    assert (answer.status_code, refusal["code"]) == (409, "conflict")


def test_an_organizer_changes_what_may_still_change(world: World) -> None:
    """What is given and nothing else, over the steps of the set-up; a lock says its reason."""
    client = world.client("organizer")
    new = {"purpose": "To decide.", "closes_on": "2999-01-31", "needs_second_reader": True}
    answer, told = send(client, f"{below(world)}/", "PATCH", **new)
    assert answer.status_code == 200
    assert {name: told[name] for name in new} == new
    assert told["title"] == world.consultation.title
    assert Entry.objects.filter(action="consultation.step_saved").count() == 3
    answer, refusal = send(
        client, f"{below(world)}/", "PATCH", purpose="Another.", question="Something else?"
    )
    assert (answer.status_code, refusal["code"]) == (409, "conflict")
    assert client.get(f"/api/v1/{below(world)}/").json()["purpose"] == "To decide."
    answer, refusal = send(client, f"{below(world)}/", "PATCH", slug="elsewhere")
    assert (answer.status_code, refusal["errors"][0]["field"]) == (400, "slug")
    answer, _ = send(client, f"{below(world)}/", "PATCH", opens_on="2999-02-01")
    assert answer.status_code == 400


def test_the_organizers_reply_in_public(world: World) -> None:
    """It stands with the consultation, for everybody; the same reply twice is refused."""
    client = world.client("organizer")
    for status in (200, 409):
        answer, told = send(client, f"{below(world)}/reply/", "PUT", text="We do the first.")
        assert answer.status_code == status
    seen = world.client("participant").get(f"/api/v1/{below(world)}/").json()
    assert seen["reply"] == "We do the first."
    assert seen["replied_at"]
    _, told = send(client, f"{below(world)}/reply/", "PUT", text="")
    assert (told["reply"], told["replied_at"]) == ("", None)


def test_an_author_appeals_once(world: World) -> None:
    """Against the hiding of her own statement; one that is shown gives no reason to."""
    client = world.client("participant")
    where = f"statements/{world.hidden.uuid}/appeal/"
    answer, made = send(client, where, words="It insults nobody.")
    assert answer.status_code == 201
    assert (made["words"], made["outcome"], made["answer"]) == ("It insults nobody.", "open", "")
    answer, _ = send(client, where, words="Again.")
    assert answer.status_code == 409
    answer, _ = send(client, f"statements/{world.shown.uuid}/appeal/", words="Look.")
    assert answer.status_code == 409
    assert Entry.objects.filter(action="appeal.opened").count() == 1


def test_a_participant_deletes_her_part(world: World) -> None:
    """Once she has written the word; then no statement holds a word of hers, and she is out."""
    client = world.client("participant")
    answer, refusal = send(client, f"{below(world)}/erase/", confirm="yes")
    assert (answer.status_code, refusal["errors"][0]["field"]) == (400, "confirm")
    assert (
        client.post(
            f"/api/v1/{below(world)}/erase/", {"confirm": "delete"}, content_type="application/json"
        ).status_code
        == 204
    )
    assert set(Statement.objects.values_list("text", flat=True)) <= {""}
    user = world.people["participant"]
    assert user is not None
    assert not user.memberships.exists()


def test_an_account_is_deleted_over_the_api(world: World) -> None:
    """Not while a consultation would be left without an owner; then she is signed out."""
    answer, refusal = send(world.client("organizer"), "session/erase/", confirm="delete")
    assert (answer.status_code, refusal["code"]) == (409, "conflict")
    client = world.client("participant")
    answer = client.post(
        "/api/v1/session/erase/", {"confirm": "delete"}, content_type="application/json"
    )
    assert answer.status_code == 204
    assert client.get("/api/v1/session/").json()["account"] is None
    assert set(Statement.objects.values_list("text", flat=True)) <= {""}


def test_other_rules_wait_for_an_analysis(world: World) -> None:
    """One that is not finished cannot be tried on; what a run fixed is named."""
    client = world.client("organizer")
    where = f"runs/{world.run.uuid}/what-if/"
    answer, refusal = send(client, where, policy={})
    assert (answer.status_code, refusal["code"]) == (409, "not_ready")
    answer, refusal = send(client, where, policy={"min_group_mass": 0.2})
    assert (answer.status_code, refusal["errors"][0]["field"]) == (400, "policy")


def test_people_are_let_in_once_everything_is_there(world: World) -> None:
    """The refusal says what is missing; with it, the phase opens."""
    host = world.people["stranger"]
    assert host is not None
    host.is_host = True
    host.save()
    client = world.client("stranger")
    told = {"question": "What?", "asked_by": "Us.", "use_of_result": "We answer."}
    for slug, more in (
        ("bare", {}),
        ("full", {"moderation_policy": "Be kind.", "examples": ["A."]}),
    ):
        send(client, "consultations/", title="T", slug=slug, moderation="after", **told, **more)
    answer, refusal = send(client, "consultations/bare/phase/", phase="collect")
    assert (answer.status_code, refusal["code"]) == (409, "conflict")
    assert "example" in refusal["message"]
    answer, opened = send(client, "consultations/full/phase/", phase="collect")
    assert (answer.status_code, opened["phase"]) == (200, "collect")


def test_an_act_out_of_season_is_refused(world: World) -> None:
    """In the phase of reacting no statement is taken; the refusal names act and phase."""
    send(world.client("organizer"), f"{below(world)}/phase/", phase="react")
    answer, refusal = send(world.client("participant"), f"{below(world)}/statements/", text="Hi.")
    assert (answer.status_code, refusal["code"]) == (409, "consultation_closed")
    assert "Write a statement" in refusal["message"]
    assert Consultation.objects.get(pk=world.consultation.pk).phase == "react"


def test_ten_thousand_characters_are_taken(world: World) -> None:
    """Ten thousand families of four, which JSON may write as escapes, are one statement."""
    text = "👨\u200d👩\u200d👧\u200d👦" * 10_000
    answer, written = send(world.client("participant"), f"{below(world)}/statements/", text=text)
    assert answer.status_code == 201
    assert written["text"] == text


def test_a_statement_goes_its_way(world: World) -> None:
    """Written, waiting, accepted, read by everybody, withdrawn, gone; each step leaves an entry."""
    citizen, moderator = world.client("participant"), world.client("moderator")
    answer, written = send(citizen, f"{below(world)}/statements/", text="  AI should listen.\r\n")
    assert answer.status_code == 201
    assert (written["text"], written["moderation"]) == ("AI should listen.", "waiting")
    again = send(citizen, f"{below(world)}/statements/", text="AI should listen.")[1]
    assert again["id"] == written["id"]
    assert Client().get(f"/api/v1/statements/{written['id']}/").status_code == 404
    queue = moderator.get(f"/api/v1/{below(world)}/statements/queue/").json()["results"]
    assert [one["id"] for one in queue] == [written["id"]]

    address = f"statements/{written['id']}/moderate/"
    answer, refusal = send(moderator, address, decision="accepted", reason=" ")
    assert (answer.status_code, refusal["code"]) == (400, "reason_required")
    answer, moderated = send(moderator, address, decision="accepted", reason="On topic.")
    assert (moderated["moderation"], moderated["moderation_reason"]) == ("accepted", "On topic.")
    shown = Client().get(f"/api/v1/statements/{written['id']}/").json()
    assert shown["text"] == "AI should listen."
    assert "moderation_reason" not in shown

    answer, withdrawn = send(citizen, f"statements/{written['id']}/withdraw/")
    assert answer.status_code == 200
    assert withdrawn["withdrawn_at"] is not None
    assert Client().get(f"/api/v1/statements/{written['id']}/").status_code == 404
    mine = citizen.get(f"/api/v1/{below(world)}/statements/mine/").json()["results"]
    assert (mine[0]["statement"]["id"], mine[0]["place"]) == (written["id"], "withdrawn")
    acts = Entry.objects.filter(subject_id=written["id"]).values_list("action", flat=True)
    assert list(acts) == ["statement.submitted", "statement.accepted", "statement.withdrawn"]


def test_an_author_judges_how_she_was_read(world: World) -> None:
    """What she did not mean leaves the vote; she can say otherwise; there is no other answer."""
    citizen = world.client("participant")
    address = f"statements/{world.shown.uuid}/verdict/"
    answer, said = send(citizen, address, start=0, verdict="no")
    assert (answer.status_code, said["verdict"], said["text"]) == (200, "no", "AI should be kind.")
    claims = citizen.get(f"/api/v1/{below(world)}/claims/").json()["results"]
    assert str(world.claim.uuid) not in {one["id"] for one in claims}
    assert send(citizen, address, start=0, verdict="")[1]["judged_at"] is None
    assert send(citizen, address, start=5, verdict="yes")[0].status_code == 404
    assert send(citizen, address, start=0, verdict="perhaps")[0].status_code == 400


def test_my_part_says_where_each_sentence_is(world: World) -> None:
    """The author sees a hidden statement's reason, and the clause her sentence led to."""
    Statement.objects.update(prepared_at=world.shown.created_at)
    client = world.client("participant")
    mine = client.get(f"/api/v1/{below(world)}/statements/mine/").json()["results"]
    hidden, shown = mine
    assert (hidden["place"], hidden["statement"]["moderation_reason"]) == ("hidden", "Advertising.")
    assert shown["place"] is None
    (sentence,) = shown["sentences"]
    assert (sentence["start"], sentence["end"]) == (0, len("AI should be kind."))
    assert (sentence["place"], sentence["claim"]) == ("quoted", str(world.claim.uuid))
    assert sentence["clause"]["id"] == "clause_0"


def test_a_shown_claim_is_answered_and_counts(world: World) -> None:
    """The next claim comes with its probability; the answer to it is a served one, once."""
    send(world.client("stranger"), f"{below(world)}/join/")
    client = world.client("stranger")
    _, offer = send(client, f"{below(world)}/claims/next/")
    assert offer["claim"]["text"] == "AI should be kind."
    assert (offer["probability"], offer["answered"], offer["total"]) == (1.0, 0, 1)
    assert send(client, f"{below(world)}/claims/next/")[1] == offer
    address = f"claims/{offer['claim']['id']}/reaction/"
    for value in ("agree", "disagree", "disagree"):
        answer, reaction = send(client, address, "PUT", value=value, importance=4)
        assert answer.status_code == 200
        assert (reaction["value"], reaction["served"]) == (value, True)
    mine = client.get(f"/api/v1/{below(world)}/reactions/mine/").json()
    assert [(one["claim"], one["value"]) for one in mine["results"]] == [
        (offer["claim"]["id"], "disagree")
    ]
    assert Reaction.objects.count() == 2
    _, after = send(client, f"{below(world)}/claims/next/")
    assert (after["claim"], after["probability"], after["answered"]) == (None, None, 1)


def test_it_depends_and_an_answer_is_taken_back(world: World) -> None:
    """The condition comes back to its author; one sending counts once; undo leaves no answer."""
    send(world.client("stranger"), f"{below(world)}/join/")
    client = world.client("stranger")
    send(client, f"{below(world)}/claims/next/")
    address = f"claims/{world.claim.uuid}/reaction/"
    for _ in range(2):
        given = {"value": "depends", "condition": "if asked", "token": "t1"}
        answer, reaction = send(client, address, "PUT", **given)
        assert answer.status_code == 200
        assert (reaction["value"], reaction["condition"]) == ("depends", "if asked")
    assert Reaction.objects.count() == 1
    wrong = {"value": "agree", "condition": "if asked"}, {"value": "agree", "token": "a b"}
    assert [send(client, address, "PUT", **one)[0].status_code for one in wrong] == [400, 400]
    assert send(client, f"{address}undo/")[1] == {"reaction": None}
    assert send(client, f"{address}undo/")[0].status_code == 409
    assert client.get(f"/api/v1/{below(world)}/reactions/mine/").json()["results"] == []


def test_an_answer_to_ones_own_claim_is_not_served(world: World) -> None:
    """The author's agreement with herself is no support."""
    client = world.client("participant")
    assert send(client, f"{below(world)}/claims/next/")[1]["claim"] is None
    _, reaction = send(client, f"claims/{world.claim.uuid}/reaction/", "PUT", value="agree")
    assert reaction["served"] is False


def test_a_statement_is_reported_once(world: World) -> None:
    """A rule and, where it needs one, a note; the second report changes nothing."""
    send(world.client("stranger"), f"{below(world)}/join/")
    client = world.client("stranger")
    address = f"statements/{world.shown.uuid}/report/"
    assert send(client, address, rule="other")[0].status_code == 400
    assert send(client, address, rule="spam")[0].status_code == 400
    answer, report = send(client, address, rule="advert", note="Watches.")
    assert (answer.status_code, report["rule"], report["note"]) == (200, "advert", "Watches.")
    assert send(client, address, rule="insult")[1] == report
    assert world.shown.flags.count() == 1


def test_nobody_reads_other_peoples_answers(world: World) -> None:
    """A participant's answers are in no answer to anybody else."""
    send(world.client("participant"), f"claims/{world.claim.uuid}/reaction/", "PUT", value="agree")
    send(world.client("stranger"), f"{below(world)}/join/")
    theirs = world.client("stranger").get(f"/api/v1/{below(world)}/reactions/mine/").json()
    assert theirs["results"] == []


def test_a_run_is_asked_for_and_called_off(world: World) -> None:
    """One analysis at a time; a cancelled one makes room for the next, from its own seed."""
    client = world.client("organizer")
    answer, refusal = send(client, f"{below(world)}/runs/", seed=7)
    assert (answer.status_code, refusal["code"]) == (409, "conflict")
    _, cancelled = send(client, f"runs/{world.run.uuid}/cancel/")
    assert cancelled["status"] == "cancelled"
    assert send(client, f"runs/{world.run.uuid}/cancel/")[0].status_code == 409
    answer, run = send(client, f"{below(world)}/runs/", seed=7, policy={"voice_budget": 3})
    assert (answer.status_code, run["status"], run["seed"]) == (201, "queued", 7)
    assert run["settings"] == {
        "policy": {"voice_budget": 3},
        "version": 3,
        "embedder": settings.EMBEDDER,
        "routes": {},
        "least_cell": 10,
    }
    watched = world.client("auditor").get(f"/api/v1/runs/{run['id']}/").json()
    assert {step["status"] for step in watched["steps"]} == {"waiting"}


def test_a_draft_becomes_public_and_is_taken_back(world: World) -> None:
    """Published for everybody; withdrawn with a reason it keeps its digest and shows no more."""
    client, reader = world.client("organizer"), Client()
    address = f"specs/{world.draft.uuid}/"
    assert reader.get(f"/api/v1/{address}").status_code == 404
    words = {"signed_as": "Ada Auer, Mayor", "announcement": "We start in May."}
    _, published = send(client, f"{address}publish/", **words)
    assert (published["status"], published["number"]) == ("published", 3)
    assert words.items() <= published.items()
    assert send(client, f"{address}publish/")[1] == published
    assert reader.get(f"/api/v1/{address}document/").content == DOCUMENT
    _, withdrawn = send(client, f"{address}withdraw/", reason="A number was wrong.")
    tombstone = reader.get(f"/api/v1/{address}").json()
    assert tombstone == withdrawn
    assert tombstone["sha256"] == published["sha256"]
    assert (tombstone["withdrawal_reason"], tombstone["exports"]) == ("A number was wrong.", [])
    for part in ("document/", "exports/spec.json/", "clauses/"):
        assert reader.get(f"/api/v1/{address}{part}").status_code == 404


def test_only_a_finished_run_of_the_same_consultation_is_drafted(
    world: World, private: World
) -> None:
    """A run elsewhere is as good as none; an unfinished one is not ready."""
    client = world.client("organizer")
    for run, status in ((private.finished, 404), (world.run, 409)):
        answer, _ = send(client, f"{below(world)}/specs/", run=str(run.uuid))
        assert answer.status_code == status


def test_an_export_is_asked_for_again_by_its_etag(world: World) -> None:
    """Unchanged bytes are not sent twice; a cache must ask, as a version can be withdrawn."""
    address = f"/api/v1/specs/{world.published.uuid}/exports/spec.json/"
    first = Client().get(address)
    assert (first.content, first["Content-Type"]) == (DOCUMENT, "application/json")
    assert first["Cache-Control"] == "public, no-cache"
    assert first["Content-Disposition"] == 'attachment; filename="ai-open-v2-spec.json"'
    second = Client().get(address, headers={"If-None-Match": first["ETag"]})
    assert (second.status_code, second.content) == (304, b"")
    assert second["ETag"] == first["ETag"]
    third = Client().get(address, headers={"If-None-Match": '"other"'})
    assert (third.status_code, third.content) == (200, DOCUMENT)
    assert Client().head(address)["ETag"] == first["ETag"]


@pytest.mark.parametrize(
    "name", ["spec.exe", "..", "SPEC.JSON", "%00", "spec.json%0a", "%ED%A0%80"]
)
def test_there_is_no_other_export(name: str, world: World) -> None:
    """A name that no export has finds nothing."""
    answer = Client().get(f"/api/v1/specs/{world.published.uuid}/exports/{name}/")
    assert answer.status_code == 404


def test_what_is_not_public_is_kept_by_no_cache(world: World, private: World) -> None:
    """Drafts, private consultations and everything else are stored by no cache on the way."""
    draft = world.client("organizer").get(f"/api/v1/specs/{world.draft.uuid}/document/")
    member = private.client("participant").get(f"/api/v1/specs/{private.published.uuid}/document/")
    assert draft["Cache-Control"] == member["Cache-Control"] == "private, no-cache"
    session = Client().get("/api/v1/session/")
    assert session["Cache-Control"] == "private, no-store"


def test_two_moderators_hide_a_statement(world: World) -> None:
    """The first one proposes, naming the rule; a second one who decides the same confirms it."""
    Consultation.objects.update(needs_second_reader=True)
    address = f"statements/{world.shown.uuid}/moderate/"
    act = {"decision": "rejected", "rule": "advert", "reason": ""}
    answer, proposed = send(world.client("moderator"), address, **act)
    assert (answer.status_code, proposed["moderation"]) == (200, "accepted")
    assert send(world.client("moderator"), address, **act)[0].status_code == 403
    hidden = send(world.client("organizer"), address, **act)[1]
    assert hidden["moderation_reason"] == "Advertising or spam."
    assert send(world.client("organizer"), address, **act | {"rule": "odd"})[0].status_code == 400
