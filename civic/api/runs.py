"""Runs: ask for an analysis, watch it step by step, call it off."""

from __future__ import annotations

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from aggregation.errors import AggregationInputError
from aggregation.tiers import Policy
from civic.analysis.models import Run, RunStep
from civic.analysis.selectors import runs_of
from civic.analysis.services import cancel_run
from civic.api.reading import Input, WholeNumber
from civic.api.resource import OfConsultation, Resource, found
from civic.api.schema import operation
from civic.specs.services import start_run

MAX_SEED = 2**32 - 1


class RunInput(Input):
    seed = WholeNumber(min_value=0, max_value=MAX_SEED, required=False)
    policy = serializers.DictField(
        required=False, help_text="Thresholds and budgets that differ from the default policy."
    )

    def validate_policy(self, policy: dict[str, object]) -> dict[str, object]:
        try:
            Policy.from_dict(policy)
        except AggregationInputError as error:
            raise serializers.ValidationError(str(error), code="policy") from error
        return policy


class StepOutput(serializers.Serializer):
    name = serializers.CharField()
    status = serializers.ChoiceField(RunStep.Status.choices)
    done = serializers.IntegerField()
    total = serializers.IntegerField()
    seconds = serializers.FloatField(allow_null=True)


class RunOutput(serializers.Serializer):
    id = serializers.UUIDField(source="uuid")
    consultation = serializers.SlugField(source="consultation.slug")
    status = serializers.ChoiceField(Run.Status.choices)
    is_stalled = serializers.BooleanField(help_text="Its worker has fallen silent.")
    attempts = serializers.IntegerField()
    seed = serializers.IntegerField()
    settings = serializers.DictField(source="aggregation_settings")
    code_version = serializers.CharField()
    input_digest = serializers.CharField()
    outcome_digest = serializers.CharField()
    error = serializers.CharField()
    created_at = serializers.DateTimeField()
    started_at = serializers.DateTimeField(allow_null=True)
    finished_at = serializers.DateTimeField(allow_null=True)
    steps = StepOutput(many=True)


class Runs(OfConsultation):
    acts = {"GET": "analysis.view", "POST": "analysis.run"}

    @operation("runs_list", RunOutput(many=True))
    def get(self, request: Request, slug: str) -> Response:
        """All analyses of the consultation, newest first, with their steps."""
        rows = runs_of(self.object).select_related("consultation").defer("previous_document")
        return self.page(rows, RunOutput)

    @operation("runs_request", RunOutput, request=RunInput, status=201)
    def post(self, request: Request, slug: str) -> Response:
        """Queue an analysis of everything said so far."""
        run = start_run(self.object, by=request.user, **self.taken(RunInput))
        return Response(RunOutput(run).data, status=201)


class OfRun(Resource):
    """A Resource whose address names a run."""

    visible = "analysis.view"
    object: Run

    def subject(self) -> Run:
        rows = Run.objects.select_related("consultation").defer("previous_document")
        return found(rows.prefetch_related("steps"), uuid=self.kwargs["id"])


class OneRun(OfRun):
    acts = {"GET": "analysis.view"}

    @operation("runs_retrieve", RunOutput)
    def get(self, request: Request, id: object) -> Response:
        """One analysis and how far each of its steps has come."""
        return Response(RunOutput(self.object).data)


class Cancellation(OfRun):
    acts = {"POST": "analysis.run"}

    @operation("runs_cancel", RunOutput)
    def post(self, request: Request, id: object) -> Response:
        """Call an analysis off; its worker stops at the next step."""
        cancel_run(self.object, by=request.user)
        return Response(RunOutput(self.object).data)
