"""Consultations: find them, make one, move it to its next phase, take part."""

from __future__ import annotations

from django.core.validators import RegexValidator
from django.db import IntegrityError
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from civic.api.reading import LANGUAGE_CODE, Choice, Input, Text, WholeNumber, YesNo
from civic.api.resource import ANYBODY, OfConsultation, Resource
from civic.api.schema import operation
from civic.api.session import MembershipOutput
from civic.consultations.models import Consultation
from civic.consultations.phases import Act, Phase
from civic.consultations.selectors import visible_consultations
from civic.consultations.services import create_consultation, join
from civic.consultations.setting_up import change_consultation, move_to_phase
from civic.errors import Conflict

MAX_K = 1000
SLUG = RegexValidator(
    r"\A[a-z0-9]+(-[a-z0-9]+)*\Z", "Use small letters a to z, digits and single hyphens."
)


class ConsultationInput(Input):
    title = Text(max_length=200)
    slug = Text(max_length=80, validators=[SLUG], help_text="Its address: small letters, hyphens.")
    question = Text(max_length=2000, required=False, allow_blank=True)
    description = Text(max_length=10_000, required=False, allow_blank=True)
    access = Choice(Consultation.Access.choices, required=False)
    moderation = Choice(Consultation.Moderation.choices, required=False)
    is_synthetic = YesNo(required=False)
    licence = Text(max_length=200, required=False, allow_blank=True)
    languages = serializers.ListField(
        child=Text(max_length=16, validators=[LANGUAGE_CODE]),
        max_length=50,
        required=False,
        help_text="Language codes; empty: any language.",
    )
    k = WholeNumber(
        min_value=5, max_value=MAX_K, required=False, help_text="Fewer people are not shown."
    )
    asked_by = Text(max_length=200, required=False, allow_blank=True)
    purpose = Text(max_length=4000, required=False, allow_blank=True)
    use_of_result = Text(max_length=4000, required=False, allow_blank=True)
    examples = serializers.ListField(
        child=Text(max_length=300), max_length=20, required=False, help_text="Sentences to show."
    )
    moderation_policy = Text(max_length=10_000, required=False, allow_blank=True)
    needs_second_reader = YesNo(required=False)


class ConsultationChange(ConsultationInput):
    """Any of what can be set; the address stays what it is."""

    title = Text(max_length=200, required=False)
    slug = None
    opens_on = serializers.DateField(
        required=False, allow_null=True, help_text="First day (UTC); null: at once."
    )
    closes_on = serializers.DateField(
        required=False, allow_null=True, help_text="Last day (UTC); null: until another phase."
    )


class PhaseInput(Input):
    phase = Choice(Phase.choices)


class ConsultationOutput(serializers.Serializer):
    id = serializers.UUIDField(source="uuid")
    slug = serializers.SlugField()
    title = serializers.CharField()
    question = serializers.CharField()
    description = serializers.CharField()
    phase = serializers.ChoiceField(Phase.choices)
    open_acts = serializers.SerializerMethodField(help_text="What the phase allows at all.")
    access = serializers.ChoiceField(Consultation.Access.choices)
    moderation = serializers.ChoiceField(Consultation.Moderation.choices)
    is_synthetic = serializers.BooleanField()
    licence = serializers.CharField()
    languages = serializers.ListField(child=serializers.CharField())
    k = serializers.IntegerField()
    asked_by = serializers.CharField()
    purpose = serializers.CharField()
    use_of_result = serializers.CharField()
    examples = serializers.ListField(child=serializers.CharField())
    moderation_policy = serializers.CharField()
    needs_second_reader = serializers.BooleanField()
    opens_on = serializers.DateField(allow_null=True, help_text="First day (UTC).")
    closes_on = serializers.DateField(allow_null=True, help_text="Last day (UTC).")
    reply = serializers.CharField(help_text="What the organizers say to the result, in public.")
    replied_at = serializers.DateTimeField(allow_null=True)
    created_at = serializers.DateTimeField()

    def get_open_acts(self, consultation: Consultation) -> list[Act]:
        return [act for act in Act if consultation.is_open(act)]


class Consultations(Resource):
    acts = {"GET": ANYBODY, "POST": "consultations.create"}

    @operation(
        "consultations_list", ConsultationOutput(many=True), example="consultations/?limit=10"
    )
    def get(self, request: Request) -> Response:
        """Public consultations and the caller's own, newest first."""
        return self.page(visible_consultations(request.user), ConsultationOutput)

    @operation("consultations_create", ConsultationOutput, request=ConsultationInput, status=201)
    def post(self, request: Request) -> Response:
        """Make a draft; the caller, who must be a host, becomes its owner."""
        fields = self.taken(ConsultationInput)
        try:
            consultation = create_consultation(by=request.user, **fields)
        except IntegrityError as error:  # Somebody took the same address a moment ago.
            raise Conflict("This address is taken; choose another slug.") from error
        return Response(ConsultationOutput(consultation).data, status=201)


class OneConsultation(OfConsultation):
    acts = {"GET": "consultations.view", "PATCH": "consultations.manage"}

    @operation("consultations_retrieve", ConsultationOutput, example="consultations/$SLUG/")
    def get(self, request: Request, slug: str) -> Response:
        """One consultation."""
        return Response(ConsultationOutput(self.object).data)

    @operation("consultations_change", ConsultationOutput, request=ConsultationChange)
    def patch(self, request: Request, slug: str) -> Response:
        """Change what is given, all of it or nothing; what may no longer change says why (409)."""
        change_consultation(self.object, fields=self.taken(ConsultationChange), by=request.user)
        return Response(ConsultationOutput(self.object).data)


class ConsultationPhase(OfConsultation):
    acts = {"POST": "consultations.manage"}

    @operation("consultations_open_phase", ConsultationOutput, request=PhaseInput)
    def post(self, request: Request, slug: str) -> Response:
        """Move the consultation to a phase; people are let in once its checklist is met."""
        phase = self.taken(PhaseInput)["phase"]
        consultation = move_to_phase(self.object, phase=phase, by=request.user)
        return Response(ConsultationOutput(consultation).data)


class Joining(OfConsultation):
    acts = {"POST": "consultations.join"}

    @operation("consultations_join", MembershipOutput)
    def post(self, request: Request, slug: str) -> Response:
        """Agree to take part, in an open consultation or where one was invited; twice is once."""
        return Response(MembershipOutput(join(self.object, user=request.user)).data)
