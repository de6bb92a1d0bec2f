"""Appeals: the author of a hidden statement asks for another look at it."""

from __future__ import annotations

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from civic.api.reading import Input, Text
from civic.api.schema import operation
from civic.api.statements import OfStatement
from civic.statements.appeals import MOST_WORDS, open_appeal
from civic.statements.models import Appeal


class AppealInput(Input):
    words = Text(max_length=MOST_WORDS, help_text="Why it should be shown; who decides reads it.")


class AppealOutput(serializers.Serializer):
    id = serializers.UUIDField(source="uuid")
    statement = serializers.UUIDField(source="statement.uuid")
    words = serializers.CharField()
    outcome = serializers.ChoiceField(Appeal.Outcome.choices)
    answer = serializers.CharField(help_text="Empty until somebody decided.")
    created_at = serializers.DateTimeField()


class Appealing(OfStatement):
    acts = {"POST": "statements.judge"}

    @operation("statements_appeal", AppealOutput, request=AppealInput, status=201)
    def post(self, request: Request, id: object) -> Response:
        """Ask for a hidden statement of one's own to be looked at by somebody who did not hide it;
        once against each decision."""
        words = self.taken(AppealInput)["words"]
        appeal = open_appeal(self.object, by=request.user, words=words)
        return Response(AppealOutput(appeal).data, status=201)
