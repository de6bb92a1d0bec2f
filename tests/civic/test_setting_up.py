"""Setting a consultation up: blueprints, saved steps, what locks, what opens."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.utils import translation

from civic.accounts.models import User
from civic.audit.models import Entry
from civic.consultations import models, setting_up
from civic.consultations.blueprints import BLUEPRINTS, content_of, opens_into
from civic.consultations.checklist import checklist, missing
from civic.consultations.models import Consultation, Membership
from civic.consultations.phases import Act, Phase
from civic.consultations.services import create_consultation, grant_role, join, open_phase
from civic.consultations.setting_up import move_to_phase, save_step
from civic.consultations.steps import BY_NAME, STEPS, next_step
from civic.consultations.strata import answers_among, strata_of
from civic.errors import Conflict, ConsultationClosed, Invalid
from civic.statements.models import Statement
from civic.statements.services import submit_statement

AGE = {
    "key": "age",
    "label": "Age",
    "question": "How old are you?",
    "options": [
        {"key": "1", "label": "Under 30", "share": 0.25},
        {"key": "2", "label": "30 or older", "share": 0.75},
    ],
}


@pytest.fixture
def draft(alice: User) -> Consultation:
    """A new consultation from the usual blueprint."""
    fields = content_of(BLUEPRINTS["behaviour"]) | {"blueprint": "behaviour", "asked_by": "Alice"}
    return create_consultation(title="Robots", slug="robots", by=alice, **fields)


def is_today(monkeypatch: pytest.MonkeyPatch, day: str) -> None:
    """Let the consultation's clock show noon of this day."""
    moment = datetime.fromisoformat(f"{day}T12:00:00").replace(tzinfo=UTC)
    monkeypatch.setattr(models.timezone, "now", lambda: moment)


# --- Blueprints


@pytest.mark.parametrize("key", BLUEPRINTS)
@pytest.mark.parametrize("language", ["en", "de"])
def test_every_blueprint_makes_a_draft_that_its_steps_accept(
    alice: User, key: str, language: str
) -> None:
    """Its fields are columns, its texts are plain, its questions about people can be read."""
    with translation.override(language):
        fields = content_of(BLUEPRINTS[key])
    made = create_consultation(title=key, slug=key, by=alice, blueprint=key, **fields)
    made.refresh_from_db()
    assert made.question
    assert all(type(text) is str for text in made.examples)
    assert all({"key", "title", "text"} == set(one) for one in made.scenarios)
    assert all(len(stratum.options) >= 2 for stratum in strata_of(made))
    assert set(fields) <= {name for step in STEPS for name in step.fields}
    assert len(made.blueprint) <= 20


def test_a_blueprint_decides_what_opens_first() -> None:
    """Ratification opens for reactions, an import for review, everything else for writing."""
    found = {key: opens_into(Consultation(blueprint=key)) for key in ("", *BLUEPRINTS)}
    assert found == {
        "": Phase.COLLECT,
        "behaviour": Phase.COLLECT,
        "scenario": Phase.COLLECT,
        "ratify": Phase.REACT,
        "analyse": Phase.REVIEW,
    }


# --- Steps


@pytest.mark.parametrize(
    ("step", "fields"),
    [
        ("question", {"question": "What may robots do?", "examples": ["Help me."]}),
        ("access", {"access": "invite"}),
        ("people", {"strata": [AGE], "expected_people": 300, "k": 7, "licence": "CC0-1.0"}),
        ("moderation", {"moderation": "after", "needs_second_reader": True}),
        ("dates", {"opens_on": date(2030, 1, 1), "closes_on": None, "languages": ["de", "ar"]}),
        ("publish", {}),
    ],
)
def test_each_step_is_saved_alone(
    draft: Consultation, alice: User, step: str, fields: dict[str, Any]
) -> None:
    """The row holds what the step set, that it was saved, and the record an entry; no more."""
    before = Entry.objects.count()
    save_step(draft, step=step, fields=fields, by=alice)
    draft.refresh_from_db()
    assert {name: getattr(draft, name) for name in fields} == fields
    assert draft.steps_saved == [step]
    assert Entry.objects.count() == before + 1
    assert Entry.objects.last().action == "consultation.step_saved"


def test_the_set_up_is_resumed_where_it_was_left(draft: Consultation, alice: User) -> None:
    """The next step is the first one after here that nobody saved."""
    assert next_step(draft).name == "question"
    for name in ("question", "people"):
        save_step(draft, step=name, fields={}, by=alice)
    assert next_step(draft).name == "access"
    assert next_step(draft, after="access").name == "moderation"
    assert next_step(draft, after="publish").name == "publish"


def test_a_step_sets_its_own_fields_only(draft: Consultation, alice: User) -> None:
    """A made-up form cannot reach the phase or another step."""
    with pytest.raises(Invalid, match="phase"):
        save_step(draft, step="access", fields={"phase": "collect"}, by=alice)
    assert set(BY_NAME["access"].fields) == {"access"}


@pytest.mark.parametrize(
    ("step", "fields", "told"),
    [
        ("question", {"title": "  "}, "title"),
        ("people", {"k": 4}, "at least 5"),
        ("dates", {"opens_on": date(2090, 2, 1), "closes_on": date(2090, 1, 1)}, "before it opens"),
        ("dates", {"closes_on": date(2020, 1, 1)}, "is over"),
    ],
)
def test_a_value_that_makes_no_sense_is_refused(
    draft: Consultation, alice: User, step: str, fields: dict[str, Any], told: str
) -> None:
    """The sentence names what is wrong; nothing is saved."""
    with pytest.raises(Invalid, match=told):
        save_step(draft, step=step, fields=fields, by=alice)
    draft.refresh_from_db()
    assert draft.steps_saved == []


# --- Locks


@pytest.mark.parametrize(
    ("step", "field", "values"),
    [
        ("access", "access", {"invite": False, "open": True, "link": True}),
        ("people", "k", {9: False, 10: True, 11: True}),
        ("question", "is_synthetic", {True: False}),
        ("question", "question", {"Another?": False}),
        ("people", "licence", {"CC0-1.0": False}),
        ("moderation", "moderation", {"after": False}),
    ],
)
def test_what_people_rely_on_changes_in_one_direction_or_not_at_all(
    consultation: Consultation,
    member: Membership,
    alice: User,
    step: str,
    field: str,
    values: dict[Any, bool],
) -> None:
    """Access only widens, k only grows; the question stays once somebody answered it."""
    submit_statement(author=member, text="AI should be kind.")
    for value, passes in values.items():
        consultation.refresh_from_db()
        kept = getattr(consultation, field)
        if passes:
            save_step(consultation, step=step, fields={field: value}, by=alice)
            Consultation.objects.update(**{field: kept})
        else:
            with pytest.raises(Conflict):
                save_step(consultation, step=step, fields={field: value}, by=alice)


def test_options_stay_once_somebody_chose_one(consultation: Consultation, alice: User) -> None:
    """Shares may be corrected and questions added; an option cannot be renamed or removed."""
    save_step(consultation, step="people", fields={"strata": [AGE]}, by=alice)
    Membership.objects.create(consultation=consultation, key="z", strata={"age": "1"})
    shares = [option | {"share": 0.5} for option in AGE["options"]]
    more = [AGE | {"options": shares}, AGE | {"key": "b", "label": "B"}]
    save_step(consultation, step="people", fields={"strata": more}, by=alice)
    renamed = [AGE | {"options": [AGE["options"][0] | {"label": "Young"}, AGE["options"][1]]}]
    for strata in ([], renamed):
        with pytest.raises(Conflict, match="People have answered"):
            save_step(consultation, step="people", fields={"strata": strata}, by=alice)


def test_before_anybody_came_everything_may_change(draft: Consultation, alice: User) -> None:
    """A draft is the organizers' own."""
    save_step(draft, step="access", fields={"access": "link"}, by=alice)
    save_step(draft, step="access", fields={"access": "invite"}, by=alice)
    save_step(draft, step="people", fields={"k": 20}, by=alice)
    save_step(draft, step="people", fields={"k": 5}, by=alice)
    assert draft.k == 5


def test_a_draft_that_people_have_joined_keeps_its_promises(
    consultation: Consultation, member: Membership, alice: User
) -> None:
    """Going back to the draft is no way to show smaller numbers or to shut somebody out."""
    assert member.consented_at is not None
    open_phase(consultation, phase=Phase.DRAFT, by=alice)
    for step, fields in (("people", {"k": 5}), ("access", {"access": "invite"})):
        with pytest.raises(Conflict):
            save_step(consultation, step=step, fields=fields, by=alice)


def test_a_situation_that_people_spoke_to_stays(
    consultation: Consultation, member: Membership, alice: User
) -> None:
    """Its key would else be given to another one, over words that never spoke to it."""
    one, two = ({"key": key, "title": key, "text": "It rains."} for key in ("s1", "s2"))
    save_step(consultation, step="question", fields={"scenarios": [one]}, by=alice)
    member.consultation.refresh_from_db()
    submit_statement(author=member, text="AI should be kind.", scenario="s1")
    for fields in ([], [one | {"text": "It snows."}], [two]):
        with pytest.raises(Conflict, match="answered this question"):
            save_step(consultation, step="question", fields={"scenarios": fields}, by=alice)
    save_step(consultation, step="question", fields={"scenarios": [one, two]}, by=alice)


def test_answers_that_are_no_options_are_left_out(consultation: Consultation) -> None:
    """Neither another stratum nor a made-up option is kept; silence is no answer."""
    consultation.strata = [AGE]
    assert answers_among(consultation, {"age": "1", "income": "2"}) == {"age": "1"}
    assert answers_among(consultation, {"age": "9"}) == {}
    assert answers_among(consultation, {"age": ["1"]}) == {}
    assert strata_of(consultation)[0].has_targets


# --- Checklist and phases


def test_nobody_is_let_in_before_the_checklist_is_met(draft: Consultation, alice: User) -> None:
    """What is missing is named; once it is there, the consultation opens."""
    assert [item.rule.step for item in missing(draft, phase=Phase.COLLECT)] == ["team"]
    with pytest.raises(Conflict, match="moderator"):
        move_to_phase(draft, phase="collect", by=alice)
    grant_role(draft, user=alice, role="moderator")
    assert all(item.is_met for item in checklist(draft))
    move_to_phase(draft, phase="collect", by=alice)
    assert draft.phase == "collect"


@pytest.mark.parametrize(
    ("fields", "step"),
    [
        ({"question": " "}, "question"),
        ({"asked_by": ""}, "question"),
        ({"use_of_result": ""}, "question"),
        ({"examples": []}, "question"),
        ({"moderation_policy": "\n"}, "moderation"),
        ({"needs_second_reader": True}, "team"),
        ({"opens_on": date(2090, 2, 1), "closes_on": date(2090, 1, 1)}, "dates"),
        ({"closes_on": date(2020, 1, 1)}, "dates"),
        ({"blueprint": "scenario", "scenarios": []}, "question"),
    ],
)
def test_each_thing_that_is_missing_blocks(
    draft: Consultation, alice: User, fields: dict[str, Any], step: str
) -> None:
    """Alone it keeps the consultation closed, and it says where to mend it."""
    grant_role(draft, user=alice, role="moderator")
    Consultation.objects.update(**fields)
    draft.refresh_from_db()
    assert [item.rule.step for item in missing(draft, phase=Phase.COLLECT)] == [step]
    with pytest.raises(Conflict):
        move_to_phase(draft, phase="collect", by=alice)


def test_ratification_needs_sentences_and_no_moderator(draft: Consultation, alice: User) -> None:
    """Nobody writes, so nobody reads first; but there has to be something to react to."""
    Consultation.objects.update(blueprint="ratify", examples=[])
    draft.refresh_from_db()
    assert [item.rule.step for item in missing(draft, phase=Phase.REACT)] == ["import"]
    Statement.objects.create(consultation=draft, text="AI should be kind.", moderation="accepted")
    move_to_phase(draft, phase="react", by=alice)


def test_a_conversation_that_is_over_is_reviewed_without_a_checklist(
    draft: Consultation, alice: User
) -> None:
    """Nobody is let in, so nothing has to be promised first."""
    Consultation.objects.update(asked_by="", question="")
    draft.refresh_from_db()
    move_to_phase(draft, phase="review", by=alice)
    with pytest.raises(Conflict):
        move_to_phase(draft, phase="collect", by=alice)


def test_going_back_to_the_draft_keeps_everything(consultation: Consultation, alice: User) -> None:
    """It can be opened again once the checklist is met."""
    open_phase(consultation, phase=Phase.DRAFT, by=alice)
    assert consultation.steps_saved == []
    assert setting_up.UNDER_WAY == ("queued", "running")


# --- Dates


@pytest.mark.parametrize(
    ("day", "is_open", "told"),
    [
        ("2030-02-28", False, "opens on"),
        ("2030-03-01", True, ""),
        ("2030-03-31", True, ""),
        ("2030-04-01", False, "closed at the end"),
    ],
)
def test_dates_bound_what_people_do(
    consultation: Consultation,
    member: Membership,
    charlie: User,
    monkeypatch: pytest.MonkeyPatch,
    day: str,
    is_open: bool,
    told: str,
) -> None:
    """Both days are included; before and after, writing and joining are refused with the day."""
    statement = submit_statement(author=member, text="AI should be kind.")
    Consultation.objects.update(opens_on=date(2030, 3, 1), closes_on=date(2030, 3, 31))
    member.refresh_from_db()
    is_today(monkeypatch, day)
    open_now = member.consultation
    acts = (Act.SUBMIT_STATEMENT, Act.CAST_REACTION, Act.JOIN)
    assert {open_now.is_open(act) for act in acts} == {is_open}
    assert (open_now.is_too_early, open_now.is_too_late) == ("opens" in told, "closed" in told)
    assert open_now.is_open(Act.WITHDRAW_STATEMENT)
    assert open_now.is_open(Act.MODERATE)
    assert statement.pk
    if is_open:
        submit_statement(author=member, text="AI should be brave.")
        join(open_now, user=charlie)
        return
    with pytest.raises(ConsultationClosed, match=told):
        submit_statement(author=member, text="AI should be brave.")
    with pytest.raises(ConsultationClosed, match="March"):
        join(open_now, user=charlie)


def test_the_phase_is_named_where_the_dates_are_not_the_reason(consultation: Consultation) -> None:
    """Within the dates, and in a phase that never takes statements, the phase is told."""
    consultation.closes_on = date(2020, 1, 1)
    consultation.phase = Phase.REVIEW
    assert "Reviewing" in consultation.closed_because(Act.SUBMIT_STATEMENT)
