"""Answers of machines over the API: read, judged, taken back and taken out."""

from __future__ import annotations

from typing import Any

import judged
from api_world import World, new_answer
from django.test import Client

from civic.audit.models import Entry
from civic.judging.models import Judgement, MachineAnswer, Showing


def send(client: Client, address: str, method: str = "POST", **fields: Any) -> tuple[int, Any]:
    ask = getattr(client, method.lower())
    answer = ask(f"/api/v1/{address}", data=fields, content_type="application/json")
    return answer.status_code, answer.json()


def test_a_program_judges_what_it_is_shown(world: World) -> None:
    """Shown without the writer's name; judged, changed, taken back; the list is one's own."""
    client = world.client("participant")
    below = f"consultations/{world.consultation.slug}/answers"
    one = world.machine_answer
    _, offer = send(client, f"{below}/next/")
    assert offer == {
        "answer": {"id": str(one.uuid), "prompt": one.prompt, "text": one.text},
        "judged": 0,
        "total": 1,
    }
    assert send(client, f"{below}/next/")[1] == offer
    for value in ("good", "bad"):
        status, given = send(client, f"answers/{one.uuid}/judgement/", "PUT", value=value)
        assert (status, given["value"], given["served"]) == (200, value, True)
    assert given["answer"]["by"] == one.by
    assert send(client, f"{below}/next/")[1] == {"answer": None, "judged": 1, "total": 1}
    mine = client.get(f"/api/v1/{below}/judged/").json()["results"]
    assert [row["value"] for row in mine] == ["bad"]
    _, undone = send(client, f"answers/{one.uuid}/judgement/undo/")
    assert undone["judgement"]["value"] == "good"
    assert send(client, f"answers/{one.uuid}/judgement/undo/")[1] == {"judgement": None}
    assert send(client, f"answers/{one.uuid}/judgement/undo/")[0] == 409
    assert Showing.objects.count() == 1


def test_what_breaks_a_rule_is_refused_by_field(world: World) -> None:
    """A value that is none, a field that is none, an answer that is none."""
    client = world.client("participant")
    address = f"answers/{world.machine_answer.uuid}/judgement/"
    status, refusal = send(client, address, "PUT", value="great")
    assert (status, refusal["errors"][0]["field"]) == (400, "value")
    assert send(client, address, "PUT", value="good", by="me")[0] == 400
    nowhere = "answers/00000000-0000-4000-8000-000000000000/judgement/"
    assert send(client, nowhere, "PUT", value="good")[0] == 404
    assert not Judgement.objects.exists()


def test_an_organizer_takes_an_answer_out(world: World) -> None:
    """With a reason; from then on it is there for nobody."""
    client = world.client("organizer")
    one = new_answer(world.claim, key="2")
    assert send(client, f"answers/{one.uuid}/withdraw/", reason=" ")[0] == 400
    assert send(client, f"answers/{one.uuid}/withdraw/", reason="It names a person.")[0] == 200
    assert send(client, f"answers/{one.uuid}/withdraw/", reason="Again.")[0] == 404
    address = f"/api/v1/consultations/{world.consultation.slug}/answers/"
    listed = Client().get(address).json()["results"]
    assert [row["key"] for row in listed] == [world.machine_answer.key]
    assert Entry.objects.filter(action="answer.withdrawn").count() == 1


def test_answers_come_in_by_the_door_of_imports(world: World) -> None:
    """A dry run that names what is wrong by row and field, and one that counts."""
    client = world.client("organizer")
    address = f"/api/v1/consultations/{world.consultation.slug}/imports/"
    wrong = judged.upload(judged.ANSWER_HEAD, *judged.answer_rows("nowhere"))
    report = client.post(address, {"kind": "answers", "answers": wrong}).json()
    assert report["status"] == "rejected"
    assert {(one["row"], one["field"]) for one in report["problems"]} >= {(2, "claim")}
    rows = judged.answer_rows(world.claim.key, texts={"x1": "Perhaps."})
    right = judged.upload(judged.ANSWER_HEAD, *rows)
    report = client.post(address, {"kind": "answers", "answers": right}).json()
    assert (report["status"], report["report"]["counts"]["answers"]) == ("checked", 1)
    assert not MachineAnswer.objects.filter(key="x1").exists()
