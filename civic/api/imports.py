"""Imports: send files for a dry run, read its report, confirm."""

from __future__ import annotations

from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from civic.api.reading import Choice, Input
from civic.api.resource import OfConsultation, Resource, found
from civic.api.schema import operation
from civic.intake.models import ImportJob
from civic.intake.selectors import imports_of
from civic.intake.services import check_import, confirm_import


def _file(role: str) -> serializers.FileField:
    return serializers.FileField(required=False, allow_empty_file=True, help_text=role)


class ImportInput(Input):
    kind = Choice(ImportJob.Kind.choices)
    comments = _file("comments.csv of a Polis export.")
    votes = _file("votes.csv of a Polis export.")
    participants_votes = _file("participants-votes.csv of a Polis export.")
    exclude = _file("Numbers of participants to leave out, one a line.")
    statements = _file("A table of statements: author, text, language.")
    answers = _file("Answers of machines: answer, claim, prompt, text, by, prompt-by, source.")
    judgements = _file("What people elsewhere made of them: participant, answer, judgement.")


class ImportProblemOutput(serializers.Serializer):
    """One defect of a file."""

    file = serializers.CharField()
    row = serializers.IntegerField(allow_null=True, help_text="null: the whole file.")
    field = serializers.CharField()
    rule = serializers.CharField()
    remedy = serializers.CharField()


class ImportOutput(serializers.Serializer):
    id = serializers.UUIDField(source="uuid")
    consultation = serializers.SlugField(source="consultation.slug")
    kind = serializers.ChoiceField(ImportJob.Kind.choices)
    status = serializers.ChoiceField(ImportJob.Status.choices)
    report = serializers.DictField(help_text="What would be, or was, written.")
    problems = ImportProblemOutput(many=True)
    error = serializers.CharField()
    created_at = serializers.DateTimeField()


class Imports(OfConsultation):
    acts = {"GET": "consultations.view_imports", "POST": "consultations.import"}
    parser_classes = (MultiPartParser,)

    @operation("imports_list", ImportOutput(many=True))
    def get(self, request: Request, slug: str) -> Response:
        """All imports of the consultation, newest first."""
        return self.page(imports_of(self.object).select_related("consultation"), ImportOutput)

    @operation(
        "imports_check", ImportOutput, request={"multipart/form-data": ImportInput}, status=201
    )
    def post(self, request: Request, slug: str) -> Response:
        """Dry run: keep the files and report what they hold; nothing else is written."""
        uploads = dict(self.taken(ImportInput))
        kind = uploads.pop("kind")
        job = check_import(self.object, by=request.user, kind=kind, uploads=uploads)
        return Response(ImportOutput(job).data, status=201)


class OfImport(Resource):
    """A Resource whose address names an import."""

    visible = "consultations.view_imports"
    object: ImportJob

    def subject(self) -> ImportJob:
        return found(ImportJob.objects.select_related("consultation"), uuid=self.kwargs["id"])


class OneImport(OfImport):
    acts = {"GET": "consultations.view_imports"}

    @operation("imports_retrieve", ImportOutput)
    def get(self, request: Request, id: object) -> Response:
        """One import: its report or its defects, and how far it has come."""
        return Response(ImportOutput(self.object).data)


class ImportConfirmation(OfImport):
    acts = {"POST": "consultations.import"}

    @operation("imports_confirm", ImportOutput)
    def post(self, request: Request, id: object) -> Response:
        """Let the worker write a checked import; confirming twice imports once."""
        return Response(ImportOutput(confirm_import(self.object, by=request.user)).data)
