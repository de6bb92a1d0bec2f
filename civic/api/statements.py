"""Statements: read, write, follow one's own, withdraw, moderate."""

from __future__ import annotations

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from civic.api.days import Day
from civic.api.reading import LANGUAGE_CODE, Choice, Input, Text, WholeNumber
from civic.api.resource import OfConsultation, Resource, found
from civic.api.schema import operation
from civic.specs.selectors import Place, my_part
from civic.statements import rules
from civic.statements.authoring import judge_sentence
from civic.statements.models import Segment, Statement
from civic.statements.ruling import moderate_statement
from civic.statements.selectors import moderation_queue, segments_of, shown_statements
from civic.statements.services import submit_statement, withdraw_statement

PLACES = [place.value for place in Place]


class StatementInput(Input):
    text = Text(help_text="A sentence to a page, in any language.")
    language = Text(
        max_length=16,
        required=False,
        allow_blank=True,
        validators=[LANGUAGE_CODE],
        help_text="Its language code; left out, it is identified.",
    )
    scenario = Text(
        max_length=40,
        required=False,
        allow_blank=True,
        help_text="The key of the situation it speaks to, one of the consultation's `scenarios`.",
    )


class VerdictInput(Input):
    start = WholeNumber(min_value=0, help_text="Where the sentence begins, in code points.")
    verdict = Choice(
        Segment.Verdict.choices, allow_blank=True, help_text="Empty: nothing said any more."
    )


class ModerationInput(Input):
    """Hiding may only be proposed: a second moderator then confirms it by deciding the same."""

    decision = Choice(Statement.Moderation.choices)
    rule = Choice(
        [(key, str(rule.sentence)) for key, rule in rules.BY_KEY.items()],
        required=False,
        help_text="The rule it follows from; told to the author before the reason.",
    )
    reason = Text(max_length=2000, allow_blank=True, help_text="Shown to the author and logged.")


class StatementOutput(serializers.Serializer):
    id = serializers.UUIDField(source="uuid")
    consultation = serializers.SlugField(source="consultation.slug")
    key = serializers.CharField(help_text="Its id in every analysis, spec and export.")
    text = serializers.CharField()
    language = serializers.CharField(help_text="Empty until it is identified.")
    author = serializers.CharField(
        source="author.pen_name", default=None, allow_null=True, help_text="The author's pseudonym."
    )
    submitted_at = Day(allow_null=True)
    scenario = serializers.CharField(help_text="The situation it speaks to; empty: none.")


class ModeratedStatementOutput(StatementOutput):
    """What its author and the moderators see besides."""

    moderation = serializers.ChoiceField(Statement.Moderation.choices)
    moderation_reason = serializers.CharField()
    withdrawn_at = serializers.DateTimeField(allow_null=True)


class ClauseOfSentenceOutput(serializers.Serializer):
    """The clause of the newest published spec that a sentence led to."""

    id = serializers.CharField(source="key")
    status = serializers.CharField()
    reason = serializers.CharField()


class VerdictOutput(serializers.Serializer):
    """What an author said about one of her sentences."""

    start = serializers.IntegerField()
    end = serializers.IntegerField()
    text = serializers.CharField()
    verdict = serializers.CharField(help_text="yes, no, or empty while nothing was said.")
    judged_at = serializers.DateTimeField(allow_null=True)


class SentenceOutput(serializers.Serializer):
    """One sentence, by its offsets in code points, and how far it came."""

    start = serializers.IntegerField(source="segment.start")
    end = serializers.IntegerField(source="segment.end")
    place = serializers.ChoiceField(PLACES, source="place.value")
    is_merged = serializers.BooleanField(help_text="Somebody else's words stand for it.")
    claim = serializers.UUIDField(source="segment.claim.uuid", default=None, allow_null=True)
    clause = ClauseOfSentenceOutput(allow_null=True)


class MyStatementOutput(serializers.Serializer):
    statement = ModeratedStatementOutput()
    place = serializers.ChoiceField(
        PLACES,
        source="place.value",
        default=None,
        allow_null=True,
        help_text="Where all of it is; null where its sentences went different ways.",
    )
    sentences = SentenceOutput(many=True)


class Statements(OfConsultation):
    acts = {"GET": "consultations.view", "POST": "statements.submit"}

    @operation(
        "statements_list",
        StatementOutput(many=True),
        example="consultations/$SLUG/statements/?limit=10&offset=0",
    )
    def get(self, request: Request, slug: str) -> Response:
        """What everybody may read, in the order in which it came."""
        rows = shown_statements(self.object).select_related("author")
        return self.page(rows, StatementOutput)

    @operation("statements_submit", ModeratedStatementOutput, request=StatementInput, status=201)
    def post(self, request: Request, slug: str) -> Response:
        """Write a statement; the same words sent twice are one statement."""
        fields = self.taken(StatementInput)
        statement = submit_statement(author=self.membership, **fields)
        return Response(ModeratedStatementOutput(statement).data, status=201)


class MyStatements(OfConsultation):
    acts = {"GET": "statements.submit"}

    @operation("statements_mine", MyStatementOutput(many=True))
    def get(self, request: Request, slug: str) -> Response:
        """Everything the caller wrote, newest first, and where each sentence is now."""
        return self.page(my_part(self.membership), MyStatementOutput)


class WaitingStatements(OfConsultation):
    acts = {"GET": "statements.moderate"}

    @operation("statements_queue", ModeratedStatementOutput(many=True))
    def get(self, request: Request, slug: str) -> Response:
        """What waits for a moderator, oldest first."""
        rows = moderation_queue(self.object).select_related("author")
        return self.page(rows, ModeratedStatementOutput)


class OfStatement(Resource):
    """A Resource whose address names a statement."""

    visible = "statements.view"
    object: Statement

    def subject(self) -> Statement:
        rows = Statement.objects.select_related("consultation", "author__user")
        return found(rows, uuid=self.kwargs["id"])


class OneStatement(OfStatement):
    acts = {"GET": "statements.view"}

    @operation("statements_retrieve", StatementOutput)
    def get(self, request: Request, id: object) -> Response:
        """One statement that the caller may read."""
        return Response(StatementOutput(self.object).data)


class Withdrawal(OfStatement):
    acts = {"POST": "statements.withdraw"}

    @operation("statements_withdraw", ModeratedStatementOutput)
    def post(self, request: Request, id: object) -> Response:
        """Take one's own statement back: shown to nobody, counted in no later analysis."""
        withdraw_statement(self.object, by=request.user)
        self.object.refresh_from_db()
        return Response(ModeratedStatementOutput(self.object).data)


class Verdict(OfStatement):
    acts = {"POST": "statements.judge"}

    @operation("statements_judge", VerdictOutput, request=VerdictInput)
    def post(self, request: Request, id: object) -> Response:
        """Say whether a sentence of one's own was read as it was meant; one that was not is put to
        the vote no longer."""
        fields = self.taken(VerdictInput)
        sentences = segments_of(self.object).exclude(claim=None)
        segment = found(sentences, start=fields["start"])
        segment.statement = self.object
        judge_sentence(segment, by=request.user, verdict=fields["verdict"])
        return Response(VerdictOutput(segment).data)


class Moderation(OfStatement):
    acts = {"POST": "statements.moderate"}

    @operation("statements_moderate", ModeratedStatementOutput, request=ModerationInput)
    def post(self, request: Request, id: object) -> Response:
        """Accept or hide a statement, or put it back to waiting, with a reason."""
        moderate_statement(self.object, by=request.user, **self.taken(ModerationInput))
        return Response(ModeratedStatementOutput(self.object).data)
