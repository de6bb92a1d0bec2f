"""What if the rules were others? Tried on a finished analysis; nothing is stored."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from aggregation import whatif
from aggregation.errors import AggregationError, AggregationInputError
from civic.analysis import exploring, trying
from civic.api.reading import Input
from civic.api.runs import OfRun
from civic.api.schema import operation
from civic.errors import Conflict, NotReady


class TrialInput(Input):
    policy = serializers.DictField(
        help_text="Thresholds and budgets that differ from the run's; not `min_group_mass`, which "
        "only a whole analysis changes."
    )

    def validate_policy(self, policy: dict[str, Any]) -> dict[str, Any]:
        fixed = sorted(policy.keys() & {*trying.FIXED, "version"})
        if fixed:
            message = f"{fixed[0]} is fixed by the run; start an analysis to change it."
            raise serializers.ValidationError(message, code="policy")
        return policy


class MoveOutput(serializers.Serializer):
    claim = serializers.CharField(source="sentence.key")
    reason = serializers.CharField(source="code", help_text="Why it stands where it stands then.")
    other = serializers.CharField(source="other.key", default=None, allow_null=True)


class CountOutput(serializers.Serializer):
    status = serializers.ChoiceField(exploring.STATUSES)
    before = serializers.IntegerField()
    after = serializers.IntegerField()

    def to_representation(self, instance: tuple[str, int, int]) -> dict[str, Any]:
        return dict(zip(self.fields, instance, strict=True))


class ServedOutput(serializers.Serializer):
    group = serializers.CharField()
    before = serializers.FloatField(allow_null=True)
    after = serializers.FloatField(allow_null=True)


class MovesOutput(serializers.Serializer):
    into_common_ground = MoveOutput(many=True, source="in")
    out_of_common_ground = MoveOutput(many=True, source="out")
    into_voices = MoveOutput(many=True, source="voice_in")
    out_of_voices = MoveOutput(many=True, source="voice_out")


class TrialOutput(serializers.Serializer):
    """What would follow, beside what the run decided."""

    is_same = serializers.BooleanField(help_text="Every sentence stands where it stood.")
    counts = CountOutput(many=True)
    moves = MovesOutput(source="lists")
    stronger = serializers.IntegerField(help_text="Clauses that turn from SHOULD to MUST.")
    weaker = serializers.IntegerField(help_text="Clauses that turn from MUST to SHOULD.")
    served = ServedOutput(
        many=True, source="shares", help_text="What part of the common ground a group sides with."
    )


class Trial(OfRun):
    acts = {"POST": "analysis.view"}

    @operation("runs_try", TrialOutput, request=TrialInput)
    def post(self, request: Request, id: object) -> Response:
        """Try other rules on the answers of a finished analysis, in a fraction of a second."""
        policy, run = self.taken(TrialInput)["policy"], self.object
        found = exploring.found_in(run)
        if found is None or not exploring.has_basis(run):
            raise NotReady
        if not trying.is_small_enough(run):
            raise Conflict("This analysis is too large to be tried at once; start another one.")
        try:
            wanted = whatif.changed(exploring.basis_in(run.basis_file).policy, **policy)
        except AggregationInputError as error:
            raise serializers.ValidationError({"policy": [str(error)]}) from error
        try:
            tried = trying.tried(run, found, wanted)
        except AggregationError as error:
            raise Conflict("No choice fits these rules; loosen one of them.") from error
        return Response(TrialOutput(tried).data)
