"""Either/or questions: which of two wishes comes nearer? No votes; nobody reads anybody else's."""

from __future__ import annotations

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from civic.api.claims import ClaimOutput
from civic.api.reading import Choice, Input
from civic.api.resource import OfConsultation, Resource, found
from civic.api.schema import operation
from civic.curation.asking import answer_question, answers_of, next_question
from civic.curation.models import Answer, Question


class AnswerInput(Input):
    answer = Choice(
        Answer.Value.choices,
        help_text="`first` and `second` name the claims of the question, whatever the order shown.",
    )


class QuestionOutput(serializers.Serializer):
    id = serializers.UUIDField(source="uuid")
    first = ClaimOutput()
    second = ClaimOutput()
    swapped = serializers.BooleanField(help_text="By lot: show `second` before `first`.")
    probability = serializers.FloatField(help_text="With which the platform chose this pair.")


class NextQuestionOutput(serializers.Serializer):
    question = QuestionOutput(allow_null=True, help_text="null when there is none at the moment.")


class AnswerOutput(serializers.Serializer):
    question = QuestionOutput()
    answer = serializers.ChoiceField(Answer.Value.choices, source="value")
    served = serializers.BooleanField(
        help_text="The platform chose the pair and neither claim is the caller's own."
    )
    given_at = serializers.DateTimeField()


class NextQuestion(OfConsultation):
    acts = {"POST": "curation.answer"}

    @operation("questions_next", NextQuestionOutput)
    def post(self, request: Request, slug: str) -> Response:
        """Choose two claims that may contradict each other and record that the caller was asked.

        Asked again before an answer, it is the same question.
        """
        return Response(NextQuestionOutput({"question": next_question(self.membership)}).data)


class MyAnswers(OfConsultation):
    acts = {"GET": "curation.answer"}

    @operation("questions_mine", AnswerOutput(many=True))
    def get(self, request: Request, slug: str) -> Response:
        """The caller's latest answers, newest first."""
        return self.page(answers_of(self.membership), AnswerOutput)


class MyAnswer(Resource):
    """Somebody else's question is there for nobody."""

    acts = {"PUT": "curation.answer"}
    object: Question

    def subject(self) -> Question:
        user = self.request.user
        mine = Question.objects.filter(participant__user=user if user.is_authenticated else None)
        rows = mine.exclude(participant__user=None).select_related(
            "first__statement", "second__statement", "participant__consultation"
        )
        return found(rows, uuid=self.kwargs["id"])

    @operation("questions_answer", AnswerOutput, request=AnswerInput)
    def put(self, request: Request, id: object) -> Response:
        """Answer a question of one's own; only the latest answer counts."""
        given = answer_question(self.object, value=self.taken(AnswerInput)["answer"])
        return Response(AnswerOutput(given).data)
