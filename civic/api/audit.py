"""The record of acts in one consultation, for its organizers and auditors."""

from __future__ import annotations

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from civic.api.resource import OfConsultation
from civic.api.schema import operation
from civic.audit.models import Entry


class EntryOutput(serializers.Serializer):
    number = serializers.IntegerField(source="pk")
    action = serializers.CharField()
    subject_type = serializers.CharField()
    subject_id = serializers.CharField()
    actor = serializers.CharField(
        source="by",
        help_text="A pseudonym of whoever holds an office. `participant` for every citizen: nobody "
        "is followed from act to act. `platform`: the platform itself.",
    )
    commitment = serializers.CharField(
        help_text="HMAC-SHA256 of the canonical JSON of what was done."
    )
    at = serializers.DateTimeField()


class Entries(OfConsultation):
    acts = {"GET": "consultations.view_log"}

    @operation("audit_list", EntryOutput(many=True))
    def get(self, request: Request, slug: str) -> Response:
        """Every act in this consultation, newest first."""
        rows = Entry.objects.filter(consultation=self.object.uuid).defer("row_key").order_by("-pk")
        return self.page(rows, EntryOutput)
