"""Reactions: answer a claim, read one's own answers. Nobody reads anybody else's."""

from __future__ import annotations

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from civic.api.claims import OfClaim
from civic.api.reading import Choice, Input, Text, WholeNumber
from civic.api.resource import OfConsultation
from civic.api.schema import operation
from civic.reactions.models import Reaction
from civic.reactions.selectors import reactions_of
from civic.reactions.services import MAX_CONDITION, cast_reaction, undo_reaction


class ReactionInput(Input):
    value = Choice(Reaction.Value.choices)
    importance = WholeNumber(min_value=1, max_value=5, required=False, allow_null=True)
    condition = Text(
        required=False,
        allow_blank=True,
        help_text=f"With `depends` alone: when the caller would agree; {MAX_CONDITION} characters.",
    )
    token = serializers.RegexField(
        r"^[\w-]{1,36}\Z",
        required=False,
        help_text="Names one sending: sent again with the same token, it is recorded once.",
    )


class ReactionOutput(serializers.Serializer):
    claim = serializers.UUIDField(source="claim.uuid")
    text = serializers.CharField(source="claim.text")
    value = serializers.ChoiceField(Reaction.Value.choices)
    importance = serializers.IntegerField(allow_null=True, help_text="From 1 to 5.")
    condition = serializers.CharField(help_text="When the caller would agree, if she said so.")
    served = serializers.BooleanField(
        help_text="The platform chose to show the claim; only such answers count as support."
    )
    given_at = serializers.DateTimeField(allow_null=True)


class MyReaction(OfClaim):
    acts = {"PUT": "reactions.cast"}

    @operation("reactions_cast", ReactionOutput, request=ReactionInput)
    def put(self, request: Request, id: object) -> Response:
        """Answer a claim. Only the latest answer counts, and the same one twice counts once."""
        fields = self.taken(ReactionInput)
        reaction = cast_reaction(self.object, participant=self.membership, **fields)
        return Response(ReactionOutput(reaction).data)


class UndoneOutput(serializers.Serializer):
    reaction = ReactionOutput(
        allow_null=True, help_text="The answer that counts now; null where there is none."
    )


class Undoing(OfClaim):
    acts = {"POST": "reactions.cast"}

    @operation("reactions_undo", UndoneOutput)
    def post(self, request: Request, id: object) -> Response:
        """Take back the caller's latest answer to a claim; the one before it counts again."""
        before = undo_reaction(self.object, participant=self.membership)
        return Response(UndoneOutput({"reaction": before}).data)


class MyReactions(OfConsultation):
    acts = {"GET": "reactions.cast"}

    @operation("reactions_mine", ReactionOutput(many=True))
    def get(self, request: Request, slug: str) -> Response:
        """The caller's latest answers, newest first."""
        return self.page(reactions_of(self.membership), ReactionOutput)
