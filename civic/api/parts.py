"""One's own part of a consultation: delete it."""

from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response

from civic.api.reading import Choice, Input
from civic.api.resource import OfConsultation
from civic.api.schema import operation
from civic.specs.erasing import erase_part


class ErasureInput(Input):
    confirm = Choice([("delete", "delete")], help_text="The word `delete`: it cannot be undone.")


class Erasure(OfConsultation):
    acts = {"POST": "consultations.leave"}

    @operation("consultations_erase_part", {204: None}, request=ErasureInput)
    def post(self, request: Request, slug: str) -> Response:
        """Delete everything the caller gave to the consultation: no page, search or file shows a
        word of hers any more. Her answers stay counted under a name that leads to nobody."""
        self.taken(ErasureInput)
        erase_part(self.membership, by=request.user)
        return Response(status=204)
