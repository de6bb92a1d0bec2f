"""What is one's own: delete one's part of a consultation, or the whole account."""

from __future__ import annotations

from django.contrib.auth import logout
from rest_framework.request import Request
from rest_framework.response import Response

from civic.api.reading import Choice, Input
from civic.api.resource import OfConsultation, Resource
from civic.api.schema import operation
from civic.specs.erasing import erase_account, erase_part


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


class AccountErasure(Resource):
    acts = {"POST": "accounts.erase"}

    @operation("session_erase", {204: None}, request=ErasureInput)
    def post(self, request: Request) -> Response:
        """Delete the caller's account and her part of every consultation, and sign her out.

        Refused while a consultation would be left without an owner (409).
        """
        self.taken(ErasureInput)
        erase_account(request.user)
        logout(request._request)
        return Response(status=204)
