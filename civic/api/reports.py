"""Reports: tell the moderators that a statement breaks a rule."""

from __future__ import annotations

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from civic.api.reading import Choice, Input, Text
from civic.api.schema import operation
from civic.api.statements import OfStatement
from civic.statements.flags import MAX_NOTE, flag_statement
from civic.statements.rules import CHOICES


class ReportInput(Input):
    rule = Choice([(key, str(label)) for key, label in CHOICES])
    note = Text(
        max_length=MAX_NOTE,
        required=False,
        allow_blank=True,
        help_text="What a moderator should know; required with the rule `other`.",
    )


class ReportOutput(serializers.Serializer):
    statement = serializers.UUIDField(source="statement.uuid")
    rule = serializers.CharField()
    note = serializers.CharField()
    created_at = serializers.DateTimeField()


class Reporting(OfStatement):
    acts = {"POST": "statements.flag"}

    @operation("statements_report", ReportOutput, request=ReportInput)
    def post(self, request: Request, id: object) -> Response:
        """Report a statement of somebody else. A second report leaves the first as it is."""
        fields = self.taken(ReportInput)
        return Response(
            ReportOutput(flag_statement(self.object, by=self.membership, **fields)).data
        )
