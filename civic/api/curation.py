"""Decisions about claims and themes: what an analysis suggests, what was decided, undoing it."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from civic.accounts.models import User
from civic.analysis.findings import newest_run, theme_titles
from civic.api.claims import ClaimOutput
from civic.api.days import Day
from civic.api.reading import Choice, Identifier, Input, Text, WholeNumber
from civic.api.resource import OfConsultation, Resource, found
from civic.api.schema import operation
from civic.consultations.models import Consultation
from civic.curation import selectors, services, themes
from civic.curation.models import VERDICTS, Decision, Kind, Suggestion
from civic.curation.rules import MAX_REASON, readable
from civic.statements.models import Claim, Segment

# What each kind of decision needs, besides its reason. Authors' own decisions are not made here.
NEEDS = {
    Kind.TOGETHER: ("first", "second"),
    Kind.APART: ("first", "second"),
    Kind.SPLIT: ("first", "passages"),
    Kind.OPPOSED: ("first", "second"),
    Kind.COMPATIBLE: ("first", "second"),
    Kind.LEFT_OPEN: ("first", "second"),
    Kind.RENAMED: ("theme", "target"),
    Kind.THEME_MERGED: ("theme", "target"),
    Kind.PLACED: ("first", "target"),
}
KINDS = [(kind.value, kind.label) for kind in NEEDS]


class PassageInput(Input):
    statement = Identifier()
    start = WholeNumber(min_value=0, help_text="Offset in code points of one of its sentences.")


class DecisionInput(Input):
    kind = Choice(KINDS)
    first = Identifier(required=False, help_text="A claim; of `together` the one that is kept.")
    second = Identifier(required=False, help_text="A claim; of `together` the one that is folded.")
    passages = PassageInput(
        many=True, required=False, help_text="Of `split`: sentences that were merged into `first`."
    )
    theme = Text(required=False, max_length=200, help_text="A theme's id in the newest analysis.")
    target = Text(required=False, max_length=200, help_text="A theme's id, or its new title.")
    reason = Text(max_length=MAX_REASON, help_text="It stands on public record.")

    def validate(self, fields: dict[str, Any]) -> dict[str, Any]:
        """Every field that this kind of decision needs, and no other."""
        needs = NEEDS[Kind(fields["kind"])]
        known = {"kind", "reason", *needs}
        faults: dict[str, Any] = {}
        for name in needs:
            if not fields.get(name):
                faults[name] = self._fault("This kind of decision needs it.", "required")
        for name in fields.keys() - known:
            faults[name] = self._fault("This kind of decision does not take it.", "unknown_field")
        if faults:
            raise serializers.ValidationError(faults)
        return fields

    @staticmethod
    def _fault(message: str, rule: str) -> list[serializers.ErrorDetail]:
        return [serializers.ErrorDetail(message, code=rule)]


class UndoInput(Input):
    reason = Text(max_length=MAX_REASON, help_text="It stands on public record.")


class DecisionOutput(serializers.Serializer):
    id = serializers.UUIDField(source="uuid")
    kind = serializers.ChoiceField(Kind.choices)
    first = serializers.UUIDField(source="first.uuid", default=None, allow_null=True)
    second = serializers.UUIDField(source="second.uuid", default=None, allow_null=True)
    theme = serializers.CharField()
    target = serializers.CharField()
    reason = serializers.CharField()
    made_at = Day()
    undone_at = Day(allow_null=True)
    undone_reason = serializers.CharField()


class SuggestionOutput(serializers.Serializer):
    id = serializers.UUIDField(source="uuid")
    kind = serializers.ChoiceField(Suggestion.Kind.choices)
    first = ClaimOutput()
    second = ClaimOutput()
    why = serializers.CharField(source="evidence.why", help_text="What speaks for it, in words.")
    evidence = serializers.DictField(help_text="The figures behind that sentence.")


class Decisions(OfConsultation):
    acts = {"GET": "consultations.view", "POST": "curation.decide"}

    @operation("decisions_list", DecisionOutput(many=True))
    def get(self, request: Request, slug: str) -> Response:
        """The public record: everything decided about claims and themes, undone or not."""
        return self.page(self.object.decisions.select_related("first", "second"), DecisionOutput)

    @operation("decisions_make", DecisionOutput, request=DecisionInput, status=201)
    def post(self, request: Request, slug: str) -> Response:
        """Decide about two claims, a claim's passages or a theme; it counts from the next run on.

        Deciding the same twice changes nothing.
        """
        fields = self.taken(DecisionInput)
        made = decide(self.object, by=request.user, fields=fields)
        return Response(DecisionOutput(made).data, status=201)


def decide(consultation: Consultation, *, by: User, fields: dict[str, Any]) -> Decision:
    """Call the act that this kind of decision names."""
    kind = Kind(fields["kind"])
    about: dict[str, Any] = {"by": by, "reason": fields["reason"]}
    claims = {
        name: found(readable(consultation), uuid=fields[name])
        for name in ("first", "second")
        if name in fields
    }
    if kind == Kind.TOGETHER:
        kept, folded = claims["first"], claims["second"]
        return services.merge_claims(consultation, kept=kept, folded=folded, **about)
    if kind == Kind.APART:
        return services.keep_apart(consultation, **claims, **about)
    if kind in VERDICTS:
        return services.judge_contradiction(consultation, verdict=kind, **claims, **about)
    if kind == Kind.SPLIT:
        passages = passages_of(claims["first"], fields["passages"])
        return services.split_claim(claims["first"], passages=passages, **about)
    about["themes"] = theme_titles(newest_run(consultation))
    if kind == Kind.RENAMED:
        theme, title = fields["theme"], fields["target"]
        return themes.rename_theme(consultation, theme=theme, title=title, **about)
    into = fields["target"]
    if kind == Kind.THEME_MERGED:
        return themes.merge_theme(consultation, theme=fields["theme"], into=into, **about)
    return themes.place_claim(consultation, claim=claims["first"], into=into, **about)


def passages_of(claim: Claim, named: list[dict[str, Any]]) -> list[Segment]:
    """The sentences of a claim that a list of statements and offsets names."""
    return [
        found(claim.segments, statement__uuid=one["statement"], start=one["start"]) for one in named
    ]


class Suggestions(OfConsultation):
    acts = {"GET": "curation.view"}

    @operation("suggestions_list", SuggestionOutput(many=True))
    def get(self, request: Request, slug: str) -> Response:
        """Pairs of claims that the newest run asks a person to look at and nobody has settled."""
        rows = [one for kind in Suggestion.Kind for one in selectors.suggestions(self.object, kind)]
        return self.page(rows, SuggestionOutput)


class OfDecision(Resource):
    """A Resource whose address names a decision."""

    object: Decision

    def subject(self) -> Decision:
        rows = selectors.with_words(Decision.objects.select_related("consultation"))
        return found(rows, uuid=self.kwargs["id"])


class Undoing(OfDecision):
    acts = {"POST": "curation.decide"}

    @operation("decisions_undo", DecisionOutput, request=UndoInput)
    def post(self, request: Request, id: object) -> Response:
        """Take a decision back; what an author took out of a claim stays out."""
        services.undo_decision(self.object, by=request.user, **self.taken(UndoInput))
        self.object.refresh_from_db()
        return Response(DecisionOutput(self.object).data)
