"""Judging answers of machines: one at a time, with the last judgement within reach. No script."""

from __future__ import annotations

import uuid as uuids

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from civic.consultations.entry import Visit, participants
from civic.consultations.phases import Act
from civic.errors import NotFound
from civic.judging import selectors, services
from civic.judging.forms import JudgementForm
from civic.judging.models import Judgement, MachineAnswer

Value = Judgement.Value
BUTTONS = [(one.value, one.label) for one in (Value.GOOD, Value.BAD, Value.UNSURE)]


@never_cache
@participants
@require_safe
def judge(request: HttpRequest, visit: Visit) -> HttpResponse:
    """The next answer, or word that there is none."""
    me = visit.participant
    context = _context(visit)
    last = _named(request, "after")
    if last is not None:
        context["last"] = selectors.judgements_of(me).filter(answer__uuid=last).first()
    context["is_undone"] = "undone" in request.GET
    if context["is_open"]:
        stack = selectors.stack_of(me)
        context |= {
            "answer": services.next_answer(me, stack=stack, wanted=_named(request, "again")),
            "position": stack.position,
            "judged": len(stack.every) - len(stack.left),
            "total": len(stack.every),
        }
    return render(request, "judging/judge.html", visit.context | context)


@never_cache
@participants
@require_http_methods(["GET", "HEAD", "POST"])
def answer(request: HttpRequest, visit: Visit, uuid: uuids.UUID) -> HttpResponse:
    """One answer by its address: to judge it, or to change the judgement."""
    me, found = visit.participant, _answer(visit, uuid)
    form = JudgementForm(request.POST if request.method == "POST" else None)
    is_mine = bool(request.GET.get("mine") or request.POST.get("mine"))
    if request.method == "POST" and form.is_valid():
        services.judge_answer(found, participant=me, value=form.cleaned_data["value"])
        if is_mine:
            return redirect(_mine(visit))
        return redirect(f"{_judge(visit)}?{urlencode({'after': uuid})}")
    context = _context(visit) | {
        "answer": found,
        "form": form,
        "current": selectors.judgement_by(found, participant=me),
        "mine": is_mine,
    }
    status = 400 if form.errors else 200
    return render(request, "judging/change.html", visit.context | context, status=status)


@participants
@require_POST
def undo(request: HttpRequest, visit: Visit, uuid: uuids.UUID) -> HttpResponse:
    """Take a judgement back: the answer is put again, or the earlier judgement counts again."""
    seen = request.POST.get("only", "")
    before = services.undo_judgement(
        _answer(visit, uuid),
        participant=visit.participant,
        only=int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 19 else None,
    )
    if request.POST.get("mine"):
        return redirect(_mine(visit))
    where = {"after": uuid} if before is not None else {"again": uuid}
    return redirect(f"{_judge(visit)}?{urlencode({'undone': 1, **where})}")


def _context(visit: Visit) -> dict[str, object]:
    return {
        "tab": "react",
        "buttons": BUTTONS,
        "is_open": visit.consultation.is_open(Act.CAST_REACTION),
        "closed_because": visit.consultation.closed_because(Act.CAST_REACTION),
    }


def _answer(visit: Visit, uuid: uuids.UUID) -> MachineAnswer:
    rows = MachineAnswer.objects.standing().filter(consultation=visit.consultation, uuid=uuid)
    found = rows.first()
    if found is None:
        raise NotFound
    return found


def _judge(visit: Visit) -> str:
    return reverse("judging:judge", args=[visit.consultation.slug])


def _mine(visit: Visit) -> str:
    return reverse("pages:my_reactions", args=[visit.consultation.slug]) + "#answers-of-machines"


def _named(request: HttpRequest, name: str) -> uuids.UUID | None:
    """The id in the address, None where there is none."""
    try:
        return uuids.UUID(request.GET.get(name, ""))
    except ValueError:
        return None
