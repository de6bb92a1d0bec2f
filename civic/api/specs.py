"""Specs: versions, clauses with their quotes, exports; draft, publish and withdraw."""

from __future__ import annotations

import hashlib

from django.db.models import QuerySet
from django.http import HttpResponse
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from aggregation.exports import CONTENT_TYPES, NAMES
from aggregation.types import Status
from civic.accounts.permissions import can
from civic.api.reading import Choice, Identifier, Input, Text
from civic.api.resource import OfConsultation, found
from civic.api.schema import operation
from civic.api.sharing import Shared
from civic.errors import NotFound
from civic.specs.exports import BUNDLE, export_for
from civic.specs.models import SpecVersion
from civic.specs.selectors import clauses_of, public_versions
from civic.specs.services import draft_spec, publish_spec, withdraw_spec

STATUSES = [status.value for status in Status]
MEDIA_TYPES = sorted({value.split(";")[0] for value in CONTENT_TYPES.values()})
# A list needs neither the documents nor what their runs started from: both can be megabytes.
COLUMNS = [
    *(f.name for f in SpecVersion._meta.concrete_fields if f.name != "document"),
    "run__uuid",
    "consultation__slug",
]


class DraftInput(Input):
    run = Identifier(help_text="The finished run to draft from.")


class WithdrawalInput(Input):
    reason = Text(max_length=2000, allow_blank=True, help_text="Public from then on.")


class PublicationInput(Input):
    signed_as = Text(
        max_length=200,
        required=False,
        allow_blank=True,
        help_text="Name and office of whoever answers for it.",
    )
    announcement = Text(
        max_length=4000, required=False, allow_blank=True, help_text="Words to the public."
    )


class ExportOutput(serializers.Serializer):
    name = serializers.CharField()
    content_type = serializers.CharField()


class SpecOutput(serializers.Serializer):
    id = serializers.UUIDField(source="uuid")
    consultation = serializers.SlugField(source="consultation.slug")
    number = serializers.IntegerField()
    status = serializers.ChoiceField(SpecVersion.Status.choices)
    sha256 = serializers.CharField(help_text="Of the document, byte for byte.")
    signature = serializers.CharField(
        help_text="A signed note (C2SP) over the digest, with the public log's key; empty until "
        "it is signed, within a minute of publication."
    )
    run = serializers.UUIDField(source="run.uuid")
    created_at = serializers.DateTimeField()
    published_at = serializers.DateTimeField(allow_null=True)
    signed_as = serializers.CharField()
    announcement = serializers.CharField()
    withdrawn_at = serializers.DateTimeField(allow_null=True)
    withdrawal_reason = serializers.CharField()
    exports = serializers.SerializerMethodField()

    @extend_schema_field(ExportOutput(many=True))
    def get_exports(self, spec: SpecVersion) -> list[dict[str, str]]:
        if spec.status == SpecVersion.Status.WITHDRAWN:
            return []
        return [{"name": name, "content_type": CONTENT_TYPES[name]} for name in NAMES]


class ClauseFilter(serializers.Serializer):
    status = Choice(STATUSES, required=False)


class EvidenceOutput(serializers.Serializer):
    """A passage that a clause rests on: offsets in code points into the statement."""

    statement = serializers.UUIDField(source="statement.uuid", default=None, allow_null=True)
    quote = serializers.CharField()
    start = serializers.IntegerField()
    end = serializers.IntegerField()
    language = serializers.CharField()
    role = serializers.CharField()


class ClauseOutput(serializers.Serializer):
    id = serializers.CharField(source="key")
    text = serializers.CharField()
    status = serializers.ChoiceField(STATUSES)
    tier = serializers.CharField()
    modality = serializers.CharField()
    authority = serializers.CharField()
    stance = serializers.CharField()
    section = serializers.CharField()
    reason_code = serializers.CharField()
    reason = serializers.CharField()
    weight = serializers.FloatField(allow_null=True)
    evidence = EvidenceOutput(many=True)


class Specs(Shared, OfConsultation):
    acts = {"GET": "consultations.view", "POST": "specs.draft"}

    @operation("specs_list", SpecOutput(many=True), example="consultations/$SLUG/specs/?limit=10")
    def get(self, request: Request, slug: str) -> Response:
        """Every version ever published, newest first; staff and auditors see drafts too."""
        sees_drafts = can(request.user, "analysis.view", self.object)
        rows = (
            self.object.specs.order_by("-number") if sees_drafts else public_versions(self.object)
        )
        return self.page(rows.select_related("consultation", "run").only(*COLUMNS), SpecOutput)

    @operation("specs_draft", SpecOutput, request=DraftInput, status=201)
    def post(self, request: Request, slug: str) -> Response:
        """Draft the next version from what a run found."""
        run = found(
            self.object.runs.select_related("consultation"), uuid=self.taken(DraftInput)["run"]
        )
        return Response(SpecOutput(draft_spec(run, by=request.user)).data, status=201)


class OfSpec(Shared):
    """A Resource whose address names a version of a spec; anybody may read what is public."""

    visible = "specs.view"
    object: SpecVersion

    def subject(self) -> SpecVersion:
        return found(self.rows(), uuid=self.kwargs["id"])

    def rows(self) -> QuerySet[SpecVersion]:
        rows = SpecVersion.objects.select_related("consultation", "run")
        return rows.defer("run__previous_document")


class OneSpec(OfSpec):
    acts = {"GET": "specs.view"}

    @operation("specs_retrieve", SpecOutput, example="specs/$SPEC/")
    def get(self, request: Request, id: object) -> Response:
        """One version; a withdrawn one is a tombstone with its digest and the reason."""
        return Response(SpecOutput(self.object).data)


class SpecClauses(OfSpec):
    acts = {"GET": "specs.view"}

    @operation(
        "specs_clauses",
        ClauseOutput(many=True),
        parameters=[OpenApiParameter("status", enum=STATUSES, description="Only such clauses.")],
        example="specs/$SPEC/clauses/?status=adopted",
    )
    def get(self, request: Request, id: object) -> Response:
        """A version's clauses in reading order, each with the citizens' own words."""
        if self.object.status == SpecVersion.Status.WITHDRAWN:
            raise NotFound("A withdrawn version shows no clauses any more.")
        wanted = ClauseFilter(data=request.query_params.dict())
        wanted.is_valid(raise_exception=True)
        return self.page(clauses_of(self.object, **wanted.validated_data), ClauseOutput)


class SpecExport(OfSpec):
    acts = {"GET": "specs.view"}

    @operation(
        "specs_export",
        {(200, media_type): OpenApiTypes.BINARY for media_type in MEDIA_TYPES},
        parameters=[OpenApiParameter("name", str, "path", enum=[*NAMES, BUNDLE])],
        example="specs/$SPEC/exports/system_prompt.txt/",
    )
    def get(self, request: Request, id: object, name: str) -> HttpResponse:
        """One export by its name, as a file with an ETag to ask again with.

        The bundle holds the votes: it is for organizers and auditors.
        """
        return file_of(self.object, name=name, request=request)


class SpecDocument(OfSpec):
    acts = {"GET": "specs.view"}

    @operation(
        "specs_document",
        {(200, "application/json"): OpenApiTypes.OBJECT},
        example="specs/$SPEC/document/",
    )
    def get(self, request: Request, id: object) -> HttpResponse:
        """The document from which every export is made, byte for byte."""
        return file_of(self.object, name="spec.json", request=request)


def file_of(spec: SpecVersion, *, name: str, request: Request) -> HttpResponse:
    """An export with its ETag; 304 without content where the caller has these bytes already."""
    content, content_type = export_for(request.user, spec, name=name)
    is_public = (
        spec.status == SpecVersion.Status.PUBLISHED
        and spec.consultation.is_public
        and name != BUNDLE
    )
    filename = f"{spec.consultation.slug}-v{spec.number}-{name}"
    headers = {
        "Content-Disposition": f'attachment; filename="{filename}"',
        # A version can be withdrawn, so a cache has to ask each time.
        "Cache-Control": "public, no-cache" if is_public else "private, no-cache",
        "ETag": quote_etag(hashlib.sha256(content).hexdigest()),
    }
    response = HttpResponse(content, content_type=content_type, headers=headers)
    return get_conditional_response(request._request, etag=headers["ETag"], response=response)


class Publication(OfSpec):
    acts = {"POST": "specs.publish"}

    @operation("specs_publish", SpecOutput, request=PublicationInput)
    def post(self, request: Request, id: object) -> Response:
        """Make a draft public for good, once its numbers and its privacy are checked."""
        words = self.taken(PublicationInput)
        return Response(SpecOutput(publish_spec(self.object, by=request.user, **words)).data)


class SpecWithdrawal(OfSpec):
    acts = {"POST": "specs.publish"}

    @operation("specs_withdraw", SpecOutput, request=WithdrawalInput)
    def post(self, request: Request, id: object) -> Response:
        """Take a published version back; its number, digest and the reason stay public."""
        reason = self.taken(WithdrawalInput)["reason"]
        return Response(SpecOutput(withdraw_spec(self.object, by=request.user, reason=reason)).data)
