"""Who is let in: every view is a Resource that names the permission of each of its methods."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, TypeVar

from django.conf import settings
from django.db.models import Model, QuerySet
from rest_framework.authentication import SessionAuthentication
from rest_framework.exceptions import ErrorDetail, MethodNotAllowed, ValidationError
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.pagination import LimitOffsetPagination
from rest_framework.parsers import MultiPartParser
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer
from rest_framework.views import APIView

from civic.accounts.permissions import can, membership_of, require
from civic.api import refusals
from civic.api.pace import count_read
from civic.api.reading import JSON_LIMIT, StrictJSON
from civic.consultations.models import Consultation, Membership
from civic.errors import NotFound

ANYBODY = "anybody"  # no permission needed: what is answered depends on who asks
PUBLIC = {ANYBODY, "consultations.view", "statements.view", "specs.view"}
Row = TypeVar("Row", bound=Model)


def found(rows: QuerySet[Row], **by: object) -> Row:
    """The one row, or NotFound in the same words as for a row that may not be seen."""
    row = rows.filter(**by).first()
    if row is None:
        raise NotFound
    return row


class Session(SessionAuthentication):
    """The website's sign-in. The token against forgery is checked before any JSON is read."""

    def enforce_csrf(self, request: Request) -> None:
        super().enforce_csrf(request._request)


class AlwaysJSON(BaseContentNegotiation):
    """Answers are JSON whatever the client would rather have."""

    def select_parser(self, request: Request, parsers: Sequence[Any]) -> Any:
        media_type = (request.content_type or "").split(";")[0].strip().lower()
        return next((one for one in parsers if one.media_type == media_type), None)

    def select_renderer(
        self, request: Request, renderers: Sequence[Any], format_suffix: str | None = None
    ) -> tuple[Any, str]:
        return renderers[0], renderers[0].media_type


class Page(LimitOffsetPagination):
    """A part of a list: `limit` rows (at most 200) after `offset` rows."""

    default_limit = 50
    max_limit = 200
    max_offset = 10_000_000

    def get_limit(self, request: Request) -> int:
        return self._whole(request, "limit", default=self.default_limit, within=(1, self.max_limit))

    def get_offset(self, request: Request) -> int:
        return self._whole(request, "offset", default=0, within=(0, self.max_offset))

    def _whole(self, request: Request, name: str, *, default: int, within: tuple[int, int]) -> int:
        text = request.query_params.get(name, str(default))
        low, high = within
        # Eight digits are more than any limit; longer ones are not worth converting.
        if text.isascii() and text.isdigit() and len(text) <= 8 and low <= int(text) <= high:
            return int(text)
        message = f"This must be a whole number from {low} to {high}."
        raise ValidationError({name: [ErrorDetail(message, code="out_of_range")]})

    def get_schema_operation_parameters(self, view: APIView) -> list[dict[str, Any]]:
        limits = {"limit": (1, self.max_limit, 50), "offset": (0, self.max_offset, 0)}
        return [
            {
                "name": name,
                "in": "query",
                "required": False,
                "schema": {"type": "integer", "minimum": low, "maximum": high, "default": usual},
            }
            for name, (low, high, usual) in limits.items()
        ]


class Resource(APIView):
    """A view that is closed unless it says who may do what.

    `acts` maps each method to a permission of `civic.accounts.permissions` (or ANYBODY); a method
    that is not there answers 405. `subject()` finds what the address names. Somebody who may not
    even see that (`visible`) hears that there is nothing, as for an address that names nothing.
    """

    acts: ClassVar[Mapping[str, str]] = {}
    visible: ClassVar[str] = "consultations.view"

    authentication_classes = (Session,)
    permission_classes = ()
    parser_classes = (StrictJSON,)
    renderer_classes = (JSONRenderer,)
    content_negotiation_class = AlwaysJSON
    pagination_class = Page
    http_method_names = ("get", "head", "post", "put", "patch")

    @property
    def allowed_methods(self) -> list[str]:
        return sorted(self.acts)

    def is_for_everybody(self, method: str) -> bool:
        return self.acts[method] in PUBLIC

    def subject(self) -> Any:
        """What the address names, None where it names nothing."""
        return None

    def get_exception_handler(self) -> Any:
        return refusals.respond

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Method, size, sign-in, permission, in this order; the body is read after all of them."""
        method = "GET" if request.method == "HEAD" else request.method
        if method not in self.acts:
            raise MethodNotAllowed(request.method)
        if "HTTP_TRANSFER_ENCODING" in request.META:  # Django would see an empty body.
            raise refusals.LengthRequired
        takes_files = MultiPartParser in self.parser_classes
        limit = settings.UPLOAD_LIMIT if takes_files else JSON_LIMIT
        length = request.META.get("CONTENT_LENGTH") or "0"
        if not (length.isascii() and length.isdigit()) or len(length) > 12 or int(length) > limit:
            raise refusals.TooLarge
        super().initial(request, *args, **kwargs)
        if method == "GET" and not request.user.is_authenticated:
            count_read(request._request)
        self.object = self.subject()
        self.admit(request, permission=self.acts[method])

    def admit(self, request: Request, *, permission: str) -> None:
        """Go on, or raise what the person may be told."""
        if self.object is not None and not can(request.user, self.visible, self.object):
            raise NotFound
        if permission not in (ANYBODY, self.visible):
            require(request.user, permission, self.object)

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        response.setdefault("Cache-Control", "private, no-store")
        return super().finalize_response(request, response, *args, **kwargs)

    def taken(self, serializer: type[Serializer]) -> dict[str, Any]:
        """The body's fields, checked; raises ValidationError naming each field at fault."""
        reading = serializer(data=self.request.data)
        reading.is_valid(raise_exception=True)
        return reading.validated_data

    def page(self, rows: Any, serializer: type[Serializer]) -> Response:
        """One page of a queryset or list."""
        part = self.paginator.paginate_queryset(rows, self.request, view=self)
        return self.paginator.get_paginated_response(serializer(part, many=True).data)

    @property
    def paginator(self) -> Page:
        if not hasattr(self, "_paginator"):
            self._paginator = self.pagination_class()
        return self._paginator

    @property
    def membership(self) -> Membership:
        """The caller's membership in the consultation of what the address names."""
        membership = membership_of(self.request.user, self.object)
        if membership is None:
            raise NotFound
        return membership


class OfConsultation(Resource):
    """A Resource whose address names a consultation by its slug."""

    object: Consultation

    def subject(self) -> Consultation:
        return found(Consultation.objects.all(), slug=self.kwargs["slug"])


class NothingHere(Resource):
    """Every address that no resource has."""

    acts = dict.fromkeys(("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"), ANYBODY)
    http_method_names = ("get", "head", "post", "put", "patch", "delete", "options")
    schema = None

    def subject(self) -> Any:
        raise NotFound
