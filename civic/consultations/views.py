"""Joining and invitations: pages about who is in."""

from __future__ import annotations

import uuid as uuids
from datetime import timedelta

from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.views import redirect_to_login
from django.core import signing
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from civic.accounts.locks import admit_guest
from civic.accounts.models import User
from civic.accounts.services import create_guest
from civic.consultations import services
from civic.consultations.entry import Visit, participants, visitors
from civic.consultations.models import Consultation
from civic.consultations.phases import Act
from civic.consultations.selectors import invitation_for
from civic.consultations.strata_form import AboutYouForm
from civic.errors import Conflict, InvitationUnusable

GUEST_STAYS = timedelta(days=180)  # how long a browser knows its guest
PAGE_LIFE = timedelta(hours=6)  # how long a page of joining can be sent
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


def safe_next(request: HttpRequest, default: str) -> str:
    """Where to go on, if it is a page of ours."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    is_ours = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, request.is_secure())
    return wanted if is_ours else default


@visitors
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def join(request: HttpRequest, visit: Visit) -> HttpResponse:
    """What taking part means, a few questions that may stay unanswered, and the button."""
    consultation, me = visit.consultation, visit.membership
    start = reverse("pages:consultation", args=[consultation.slug])
    onward = safe_next(request, start)
    is_in = me is not None and me.is_participant
    if me is not None and is_in and me.consented_at is not None:
        return redirect(onward)
    if not is_in and not consultation.is_open(Act.JOIN):
        return redirect(start)
    if (led := _led_elsewhere(request, consultation)) is not None:
        return led
    form = AboutYouForm(consultation, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        with transaction.atomic():  # A guest who is refused was never here.
            user = request.user if request.user.is_authenticated else _guest(request)
            services.join(consultation, user=user, strata=form.answers)
        if not request.user.is_authenticated:
            login(request, user, backend=BACKEND)
            request.session.set_expiry(GUEST_STAYS)
        messages.success(request, _("You are taking part. Thank you for your time."))
        return redirect(onward)
    context = visit.context | {
        "form": form,
        "next": onward,
        "page": signing.dumps(str(uuids.uuid4())),
    }
    return render(request, "consultations/join.html", context, status=400 if form.errors else 200)


def _led_elsewhere(request: HttpRequest, consultation: Consultation) -> HttpResponse | None:
    """To signing in, for those whom the consultation wants to know by an address."""
    if consultation.access == Consultation.Access.LINK:
        return None
    here = request.get_full_path()
    if not request.user.is_authenticated:
        return redirect_to_login(here)
    if request.user.is_guest and consultation.access == Consultation.Access.OPEN:
        return redirect(f"{reverse('account_keep')}?{urlencode({'next': here})}")
    return None


def _guest(request: HttpRequest) -> User:
    """The guest whom this page makes: sent twice, it makes the same one."""
    try:
        drawn = signing.loads(request.POST.get("page", ""), max_age=PAGE_LIFE)
    except signing.BadSignature as error:
        raise Conflict(
            _("This page was open for too long. Load it anew and try once more.")
        ) from error
    admit_guest(request)
    return create_guest(uuids.UUID(drawn))


@participants
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def about_me(request: HttpRequest, visit: Visit) -> HttpResponse:
    """What a participant said about herself, to change or to take back."""
    me = visit.participant
    data = request.POST if request.method == "POST" else None
    form = AboutYouForm(visit.consultation, data, given=me.strata)
    if request.method == "POST" and form.is_valid():
        services.describe(me, strata=form.answers)
        messages.success(request, _("Saved."))
        return redirect("pages:my_part", slug=visit.consultation.slug)
    context = visit.context | {"form": form, "tab": "mine"}
    status = 400 if form.errors else 200
    return render(request, "consultations/about_me.html", context, status=status)


@require_safe
def open_invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Take the secret out of the address at once, so that it stays out of logs and history."""
    request.session["invitation"] = token
    return redirect("consultations:invitation")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest) -> HttpResponse:
    """What somebody was invited to, and the button that uses the invitation up."""
    token = request.session.get("invitation", "")
    found = invitation_for(token)
    if found is None or not found.is_usable:
        raise InvitationUnusable
    if request.method == "POST" and request.user.is_authenticated and not request.user.is_guest:
        membership = services.accept_invitation(token, user=request.user)
        del request.session["invitation"]
        slug = membership.consultation.slug
        if found.role == "participant":
            return redirect("consultations:join", slug=slug)
        messages.success(request, _("Your invitation is used and you are in."))
        return redirect("pages:dashboard", slug=slug)
    context = {"invitation": found, "consultation": found.consultation}
    return render(request, "consultations/invitation.html", context)
