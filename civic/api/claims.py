"""Claims: what can be reacted to, and which one comes next."""

from __future__ import annotations

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from civic.api.resource import OfConsultation, Resource, found
from civic.api.schema import operation
from civic.curation.selectors import open_claims
from civic.reactions.models import Serving
from civic.reactions.selectors import progress_of
from civic.reactions.services import next_claim
from civic.statements.models import Claim


class ClaimOutput(serializers.Serializer):
    id = serializers.UUIDField(source="uuid")
    key = serializers.CharField(help_text="Its id in every analysis, spec and export.")
    text = serializers.CharField(help_text="A span of a statement, in its author's words.")
    statement = serializers.UUIDField(source="statement.uuid")
    start = serializers.IntegerField(help_text="Offset in code points into the statement.")
    end = serializers.IntegerField()
    context_start = serializers.IntegerField(
        allow_null=True, help_text="Of what a reader needs around words that cannot stand alone."
    )
    context_end = serializers.IntegerField(allow_null=True)
    language = serializers.CharField()


class NextClaimOutput(serializers.Serializer):
    claim = ClaimOutput(allow_null=True, help_text="null when everything is answered.")
    probability = serializers.FloatField(
        allow_null=True, help_text="With which the platform chose this claim for the caller."
    )
    answered = serializers.IntegerField()
    total = serializers.IntegerField()


class Claims(OfConsultation):
    acts = {"GET": "consultations.view"}

    @operation(
        "claims_list", ClaimOutput(many=True), example="consultations/$SLUG/claims/?limit=10"
    )
    def get(self, request: Request, slug: str) -> Response:
        """All claims that people can react to."""
        rows = open_claims(self.object).select_related("statement").order_by("pk")
        return self.page(rows, ClaimOutput)


class NextClaim(OfConsultation):
    acts = {"POST": "reactions.cast"}

    @operation("claims_next", NextClaimOutput)
    def post(self, request: Request, slug: str) -> Response:
        """Choose the claim to show the caller next and record that it was shown.

        Asked again before an answer, it is the same claim.
        """
        claim = next_claim(self.membership)
        serving = Serving.objects.filter(claim=claim, participant=self.membership).first()
        answered, total = progress_of(self.membership)
        chosen = {
            "claim": claim,
            "probability": serving.probability if serving else None,
            "answered": answered,
            "total": total,
        }
        return Response(NextClaimOutput(chosen).data)


class OfClaim(Resource):
    """A Resource whose address names a claim that is shown."""

    object: Claim

    def subject(self) -> Claim:
        rows = Claim.objects.shown().select_related("statement__consultation", "consultation")
        return found(rows, uuid=self.kwargs["id"])


class OneClaim(OfClaim):
    acts = {"GET": "consultations.view"}

    @operation("claims_retrieve", ClaimOutput)
    def get(self, request: Request, id: object) -> Response:
        """One claim."""
        return Response(ClaimOutput(self.object).data)
