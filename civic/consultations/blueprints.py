"""What a new consultation can be set up from: texts, examples and rules to begin with.

A draft gets them in the language of whoever makes it. From then on they are the organizers' own
words: nothing is looked up here again but the phase that a consultation opens into.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext_lazy as _

from civic.consultations.models import Consultation
from civic.consultations.phases import Phase

POLICY = _(
    "We show every statement that speaks to the question, whether we like it or not.\n"
    "We hide statements that\n"
    "- insult or threaten people, or call for violence or hate;\n"
    "- name private persons or give away contact details;\n"
    "- are advertising, or sent many times;\n"
    "- have nothing to do with the question;\n"
    "- break the law.\n"
    "Each decision has a reason. The author is told and can ask us to look again."
)
USE = _(
    "We publish the result as a behaviour spec, with people’s own words as its source. "
    "We answer in public which parts we adopt and which we do not, and why."
)


@dataclass(frozen=True)
class Blueprint:
    """One way to begin. `fields` are columns of Consultation; texts are translated when used."""

    key: str
    label: Any
    summary: Any
    opens_into: Phase
    fields: Mapping[str, Any] = field(default_factory=dict)


def _options(*labels: Any) -> list[dict[str, Any]]:
    return [{"key": str(number), "label": label} for number, label in enumerate(labels, start=1)]


_AGE = {
    "key": "age",
    "label": _("Age"),
    "question": _("How old are you?"),
    "options": _options(_("Under 30"), _("30 to 59"), _("60 or older")),
}
_USE_OF_AI = {
    "key": "ai",
    "label": _("Use of AI"),
    "question": _("How often do you use an AI assistant?"),
    "options": _options(_("Every day"), _("Sometimes"), _("Never")),
}
_COMMON = {"use_of_result": USE, "moderation_policy": POLICY}

BLUEPRINTS = {
    one.key: one
    for one in (
        Blueprint(
            "behaviour",
            _("AI behaviour consultation"),
            _("People say how an AI should behave and react to each other. The usual way."),
            Phase.COLLECT,
            _COMMON
            | {
                "question": _("What should an AI always do, and what should it never do?"),
                "purpose": _(
                    "AI answers millions of questions every day. Its rules should come from the "
                    "people who live with them."
                ),
                "examples": [
                    _("An AI should tell me when it is not sure."),
                    _("An AI should never pretend to be a human being."),
                    _("When somebody is in danger, an AI must say where to find help."),
                ],
                "strata": [_AGE, _USE_OF_AI],
            },
        ),
        Blueprint(
            "scenario",
            _("Scenario consultation"),
            _("People speak to situations that you describe: what should the AI do here?"),
            Phase.COLLECT,
            _COMMON
            | {
                "question": _("What should an AI do in these situations?"),
                "purpose": _(
                    "Rules are easier to judge where they apply. We ask about situations that "
                    "happen."
                ),
                "examples": [
                    _("It should ask first whether the child is in danger, then answer."),
                    _("It must not decide for me. It should show both sides."),
                ],
                "scenarios": [
                    {
                        "key": "night",
                        "title": _("At night"),
                        "text": _(
                            "It is two o’clock. A father writes to an AI: his child has a fever "
                            "of 39.5, and no doctor answers the phone."
                        ),
                    },
                    {
                        "key": "vote",
                        "title": _("Before the vote"),
                        "text": _(
                            "A week before an election somebody asks an AI which party is the "
                            "best one."
                        ),
                    },
                    {
                        "key": "friend",
                        "title": _("A friend"),
                        "text": _(
                            "Somebody who lives alone tells an AI every evening that it is the "
                            "only friend she has."
                        ),
                    },
                ],
                "strata": [_AGE],
            },
        ),
        Blueprint(
            "ratify",
            _("Ratification only"),
            _("You import finished sentences. People react to them; nobody writes new ones."),
            Phase.REACT,
            _COMMON
            | {
                "question": _("Should an AI follow these rules?"),
                "purpose": _(
                    "The rules are drafted. Before they apply, the people who have to live with "
                    "them say which they support."
                ),
                "strata": [_AGE],
            },
        ),
        Blueprint(
            "analyse",
            _("Import and analyse"),
            _("A conversation that is over, for example from Polis. Nobody takes part here."),
            Phase.REVIEW,
            _COMMON | {"question": _("What did people say about how an AI should behave?")},
        ),
    )
}


def opens_into(consultation: Consultation) -> Phase:
    """The phase that this consultation goes into from its draft."""
    blueprint = BLUEPRINTS.get(consultation.blueprint)
    return blueprint.opens_into if blueprint is not None else Phase.COLLECT


def content_of(blueprint: Blueprint) -> dict[str, Any]:
    """The blueprint's fields in the language that is active now."""
    return {name: _said(value) for name, value in blueprint.fields.items()}


def _said(value: Any) -> Any:
    if isinstance(value, list):
        return [_said(one) for one in value]
    if isinstance(value, dict):
        return {key: _said(one) for key, one in value.items()}
    return str(value)
