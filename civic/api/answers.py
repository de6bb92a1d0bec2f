"""Answers of machines: read them, judge them, take one out. Nobody reads who judged what."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from civic.api.days import Day
from civic.api.reading import Choice, Input, Text
from civic.api.resource import OfConsultation, Resource, found
from civic.api.schema import operation
from civic.judging import services
from civic.judging.models import Judgement, MachineAnswer
from civic.judging.selectors import judgements_of, stack_of


class ToJudgeOutput(serializers.Serializer):
    """What somebody is shown before she judges: neither the claim nor who wrote the answer."""

    id = serializers.UUIDField(source="uuid")
    prompt = serializers.CharField()
    text = serializers.CharField(help_text="Written by a machine, not by a person.")


class MachineAnswerOutput(ToJudgeOutput):
    key = serializers.CharField(help_text="Its id in every analysis, spec and export.")
    claim = serializers.UUIDField(source="claim.uuid", help_text="The claim that it tries.")
    by = serializers.CharField(help_text="Who wrote the answer.")
    prompt_by = serializers.CharField(help_text="Who wrote the prompt.")
    source = serializers.CharField(help_text="Where both come from.")
    added_at = Day()


class NextAnswerOutput(serializers.Serializer):
    answer = ToJudgeOutput(allow_null=True, help_text="null when everything is judged.")
    judged = serializers.IntegerField()
    total = serializers.IntegerField()


class JudgementInput(Input):
    value = Choice(Judgement.Value.choices, help_text="Is it a good answer?")


class JudgementOutput(serializers.Serializer):
    answer = MachineAnswerOutput()
    value = serializers.ChoiceField(Judgement.Value.choices)
    served = serializers.BooleanField(
        help_text="The platform chose to show the answer; only such judgements are counted."
    )
    given_at = serializers.DateTimeField(allow_null=True)


class UndoneJudgementOutput(serializers.Serializer):
    judgement = JudgementOutput(
        allow_null=True, help_text="The judgement that counts now; null where there is none."
    )


class AnswerWithdrawalInput(Input):
    reason = Text(max_length=services.MOST_REASON, help_text="Kept beside the answer.")


class MachineAnswers(OfConsultation):
    acts = {"GET": "consultations.view"}

    @operation(
        "answers_list",
        MachineAnswerOutput(many=True),
        example="consultations/$SLUG/answers/?limit=10",
    )
    def get(self, request: Request, slug: str) -> Response:
        """All answers of machines that people can judge; an import (`answers`) brings them in."""
        rows = MachineAnswer.objects.standing().filter(consultation=self.object)
        return self.page(rows.select_related("claim").order_by("pk"), MachineAnswerOutput)


class NextMachineAnswer(OfConsultation):
    acts = {"POST": "answers.judge"}

    @operation("answers_next", NextAnswerOutput)
    def post(self, request: Request, slug: str) -> Response:
        """Choose the answer to show the caller next and record that it was shown.

        Drawn by lot from those that the fewest people judged; asked again before a judgement, it is
        the same answer.
        """
        me = self.membership
        stack = stack_of(me)
        chosen = {
            "answer": services.next_answer(me, stack=stack),
            "judged": len(stack.every) - len(stack.left),
            "total": len(stack.every),
        }
        return Response(NextAnswerOutput(chosen).data)


class MyJudgements(OfConsultation):
    acts = {"GET": "answers.judge"}

    @operation("answers_judged", JudgementOutput(many=True))
    def get(self, request: Request, slug: str) -> Response:
        """The caller's latest judgements, newest first."""
        return self.page(judgements_of(self.membership), JudgementOutput)


class OfMachineAnswer(Resource):
    """A Resource whose address names an answer that can be judged."""

    object: MachineAnswer

    def subject(self) -> MachineAnswer:
        rows = MachineAnswer.objects.standing().select_related("consultation", "claim")
        return found(rows, uuid=self.kwargs["id"])

    def told(self, judgement: Judgement) -> Any:
        """The judgement as it is answered; its answer is the one of the address."""
        judgement.answer = self.object
        return judgement


class MyJudgement(OfMachineAnswer):
    acts = {"PUT": "answers.judge"}

    @operation("answers_judge", JudgementOutput, request=JudgementInput)
    def put(self, request: Request, id: object) -> Response:
        """Judge an answer. Only the latest word counts, and the same one twice counts once."""
        value = self.taken(JudgementInput)["value"]
        given = services.judge_answer(self.object, participant=self.membership, value=value)
        return Response(JudgementOutput(self.told(given)).data)


class UndoingJudgement(OfMachineAnswer):
    acts = {"POST": "answers.judge"}

    @operation("answers_undo", UndoneJudgementOutput)
    def post(self, request: Request, id: object) -> Response:
        """Take back the caller's latest judgement; the one before it counts again."""
        before = services.undo_judgement(self.object, participant=self.membership)
        told = None if before is None else self.told(before)
        return Response(UndoneJudgementOutput({"judgement": told}).data)


class AnswerWithdrawal(OfMachineAnswer):
    acts = {"POST": "consultations.manage"}

    @operation("answers_withdraw", MachineAnswerOutput, request=AnswerWithdrawalInput)
    def post(self, request: Request, id: object) -> Response:
        """Take an answer out for good: nobody judges it any more, no later analysis holds it."""
        reason = self.taken(AnswerWithdrawalInput)["reason"]
        gone = services.withdraw_answer(self.object, by=request.user, reason=reason)
        return Response(MachineAnswerOutput(gone).data)
