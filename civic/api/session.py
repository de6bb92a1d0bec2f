"""Who am I: the caller's own account and memberships, and the token that acts need."""

from __future__ import annotations

from django.middleware.csrf import get_token
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from civic.api.resource import ANYBODY, Resource
from civic.api.schema import operation
from civic.consultations.models import Membership


class MembershipOutput(serializers.Serializer):
    consultation = serializers.SlugField(source="consultation.slug")
    title = serializers.CharField(source="consultation.title")
    key = serializers.CharField(help_text="The caller's pseudonym in this consultation.")
    roles = serializers.ListField(child=serializers.ChoiceField(Membership.Role.choices))


class AccountOutput(serializers.Serializer):
    id = serializers.UUIDField(source="uuid")
    email = serializers.EmailField(allow_null=True, help_text="null for a guest.")
    display_name = serializers.CharField()
    is_host = serializers.BooleanField(help_text="May create consultations.")


class SessionOutput(serializers.Serializer):
    csrf_token = serializers.CharField(help_text="Send it as X-CSRFToken with every act.")
    account = AccountOutput(allow_null=True)
    memberships = MembershipOutput(many=True)


class CurrentSession(Resource):
    acts = {"GET": ANYBODY}

    @operation("session_retrieve", SessionOutput)
    def get(self, request: Request) -> Response:
        """The caller's own account, null for somebody who has not signed in."""
        user = request.user
        is_known = user.is_authenticated
        mine = user.memberships.select_related("consultation").order_by("pk") if is_known else ()
        session = {
            "csrf_token": get_token(request._request),
            "account": user if is_known else None,
            "memberships": mine,
        }
        return Response(SessionOutput(session).data)
