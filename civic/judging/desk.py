"""Answers of machines behind the scenes: what was brought in, what people made of it."""

from __future__ import annotations

import uuid as uuids

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from civic.accounts.permissions import can
from civic.consultations.entry import Visit, behind
from civic.consultations.phases import Act
from civic.errors import Conflict, NotFound
from civic.judging import selectors, services
from civic.judging.forms import WithdrawForm

PER_PAGE = 50


@behind("consultations.view_imports")
@require_safe
def answers(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Every answer that was brought in, with how many people judged it."""
    consultation = visit.consultation
    page = Paginator(selectors.answers_of(consultation), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "tab": "import",
        "page": page,
        "tallies": selectors.tallies(one.pk for one in page.object_list),
        "k": consultation.k,
        "may_withdraw": can(request.user, "consultations.manage", consultation)
        and consultation.is_open(Act.MODERATE),
    }
    return render(request, "organizer/answers.html", visit.context | context)


@behind("consultations.manage")
@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request: HttpRequest, visit: Visit, uuid: uuids.UUID) -> HttpResponse:
    """Take one answer out, with a reason."""
    answer = selectors.answers_of(visit.consultation).filter(uuid=uuid).first()
    if answer is None:
        raise NotFound
    if answer.withdrawn_at is not None:
        raise Conflict(_("This answer was withdrawn already."))
    form = WithdrawForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["reason"]
        answer.consultation = visit.consultation
        services.withdraw_answer(answer, by=request.user, reason=reason)
        messages.success(request, _("The answer is withdrawn: nobody judges it any more."))
        return redirect("judging:answers", slug=visit.consultation.slug)
    context = {"tab": "import", "answer": answer, "form": form}
    status = 400 if form.errors else 200
    return render(request, "organizer/withdraw_answer.html", visit.context | context, status=status)
