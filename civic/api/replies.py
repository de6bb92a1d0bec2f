"""The organizers' public reply to a result."""

from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response

from civic.api.consultations import ConsultationOutput
from civic.api.reading import Input, Text
from civic.api.resource import OfConsultation
from civic.api.schema import operation
from civic.specs.services import MAX_REPLY, reply_to_result


class ReplyInput(Input):
    text = Text(
        max_length=MAX_REPLY,
        allow_blank=True,
        help_text="Plain text with simple marks; empty: there is no reply any more.",
    )


class Reply(OfConsultation):
    acts = {"PUT": "specs.reply"}

    @operation("consultations_reply", ConsultationOutput, request=ReplyInput)
    def put(self, request: Request, slug: str) -> Response:
        """Say in public what the organizers make of the result; earlier replies stay on record."""
        text = self.taken(ReplyInput)["text"]
        reply_to_result(self.object, by=request.user, text=text)
        return Response(ConsultationOutput(self.object).data)
