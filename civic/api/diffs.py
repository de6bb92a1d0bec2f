"""What differs between two versions of a spec, clause by clause, with causes."""

from __future__ import annotations

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from aggregation.spec.differences import CAUSES, KINDS, Change
from civic.accounts.permissions import can
from civic.api.reading import Choice
from civic.api.resource import Page, found
from civic.api.schema import operation
from civic.api.specs import STATUSES, OfSpec
from civic.errors import NotFound
from civic.specs.differing import difference_of


class DiffFilter(serializers.Serializer):
    kind = Choice(KINDS, required=False)


class CauseOutput(serializers.Serializer):
    code = serializers.ChoiceField(list(CAUSES))
    meaning = serializers.CharField()


class FigureOutput(serializers.Serializer):
    """One value that differs, by its place; null where a version does not have it."""

    path = serializers.CharField(help_text="Such as support.overall.agree.")
    before = serializers.JSONField(allow_null=True)
    after = serializers.JSONField(allow_null=True)


class ChangeOutput(serializers.Serializer):
    """One clause that is not the same to the byte in both versions."""

    kind = serializers.ChoiceField(KINDS)
    claim = serializers.CharField(source="clause.claim", help_text="The same in every version.")
    id_before = serializers.CharField(source="before.id", default=None, allow_null=True)
    id_after = serializers.CharField(source="after.id", default=None, allow_null=True)
    text_before = serializers.CharField(source="before.text", default=None, allow_null=True)
    text_after = serializers.CharField(source="after.text", default=None, allow_null=True)
    status_before = serializers.ChoiceField(
        STATUSES, source="before.status", default=None, allow_null=True
    )
    status_after = serializers.ChoiceField(
        STATUSES, source="after.status", default=None, allow_null=True
    )
    fields_differing = serializers.ListField(child=serializers.CharField(), source="fields")
    figures = FigureOutput(many=True)
    causes = serializers.SerializerMethodField()

    @extend_schema_field(CauseOutput(many=True))
    def get_causes(self, change: Change) -> list[dict[str, str]]:
        return [{"code": code, "meaning": CAUSES[code]} for code in change.causes]


class VersionOutput(serializers.Serializer):
    id = serializers.UUIDField(source="uuid")
    number = serializers.IntegerField()
    sha256 = serializers.CharField()


class DiffOutput(serializers.Serializer):
    """A page of changes, by kind and then in reading order, with what holds for the whole."""

    before = VersionOutput()
    after = VersionOutput()
    same_input = serializers.BooleanField(help_text="The same statements and the same votes.")
    unchanged = serializers.IntegerField(help_text="Clauses that are the same to the byte.")
    counts = serializers.DictField(child=serializers.IntegerField(), help_text="By kind.")
    settings = FigureOutput(many=True, help_text="Settings that differ.")
    count = serializers.IntegerField()
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = ChangeOutput(many=True)


_PAGING = [
    OpenApiParameter(one["name"], OpenApiTypes.INT, description="Of the changes.")
    for one in Page().get_schema_operation_parameters(None)
]


class SpecDiff(OfSpec):
    acts = {"GET": "specs.view"}

    @operation(
        "specs_diff",
        DiffOutput,
        parameters=[
            OpenApiParameter("kind", enum=KINDS, description="Only such changes."),
            *_PAGING,
        ],
        example="specs/$OLD/diff/$SPEC/?kind=standing&limit=10",
    )
    def get(self, request: Request, id: object, to: object) -> Response:
        """What differs from the first version to the second, each clause with its causes."""
        after = found(self.rows(), uuid=to, consultation=self.object.consultation)
        if not can(request.user, self.visible, after):
            raise NotFound
        wanted = DiffFilter(data={k: v for k, v in request.query_params.items() if k == "kind"})
        wanted.is_valid(raise_exception=True)
        kind = wanted.validated_data.get("kind")
        whole = difference_of(self.object, after)
        changes = [one for one in whole.changes if kind in (None, one.kind)]
        page: dict[str, Any] = self.page(changes, ChangeOutput).data
        told = {
            "before": VersionOutput(self.object).data,
            "after": VersionOutput(after).data,
            "same_input": whole.same_input,
            "unchanged": len(whole.unchanged),
            "counts": whole.counts,
            "settings": FigureOutput(whole.settings, many=True).data,
        }
        return Response(told | page)
