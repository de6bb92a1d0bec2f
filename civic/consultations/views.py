"""Joining, invitations, and what an organizer sets: pages about who is in and what is open."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from civic.accounts.permissions import require
from civic.consultations import services
from civic.consultations.entry import Visit, behind, visitors
from civic.consultations.forms import ConsultationForm, InvitationForm, PhaseForm
from civic.consultations.phases import Phase
from civic.consultations.selectors import invitation_for
from civic.errors import Conflict, Invalid, InvitationUnusable


def safe_next(request: HttpRequest, default: str) -> str:
    """Where to go on, if it is a page of ours."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    is_ours = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, request.is_secure())
    return wanted if is_ours else default


@login_required
@visitors
@require_http_methods(["GET", "HEAD", "POST"])
def join(request: HttpRequest, visit: Visit) -> HttpResponse:
    """What taking part means, and the button."""
    consultation = visit.consultation
    onward = safe_next(request, f"/c/{consultation.slug}/")
    if visit.membership is not None and visit.membership.is_participant:
        return redirect(onward)
    if request.method == "POST":
        services.join(consultation, user=request.user)
        messages.success(request, "Welcome! You are taking part.")
        return redirect(onward)
    return render(request, "consultations/join.html", visit.context | {"next": onward})


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
    if request.method == "POST" and request.user.is_authenticated:
        membership = services.accept_invitation(token, user=request.user)
        del request.session["invitation"]
        messages.success(request, "Welcome! Your invitation is used and you are in.")
        slug = membership.consultation.slug
        if found.role == "participant":
            return redirect("pages:consultation", slug=slug)
        return redirect("pages:dashboard", slug=slug)
    context = {"invitation": found, "consultation": found.consultation}
    return render(request, "consultations/invitation.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def create(request: HttpRequest) -> HttpResponse:
    """Make a consultation; it starts as a draft that nobody else sees."""
    require(request.user, "consultations.create")
    form = ConsultationForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            made = services.create_consultation(by=request.user, **form.cleaned_data)
        except Conflict as refusal:
            form.add_error("slug", refusal.sentence)
        except Invalid as refusal:
            form.add_error("title", refusal.sentence)
        else:
            messages.success(request, "Created. Only you can see it until you open it.")
            return redirect("pages:dashboard", slug=made.slug)
    status = 400 if form.errors else 200
    return render(request, "organizer/create.html", {"form": form}, status=status)


@require_POST
@behind("consultations.manage")
def change_phase(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Open another phase."""
    form = PhaseForm(request.POST)
    if not form.is_valid():
        raise Invalid("Choose a phase.")
    services.open_phase(visit.consultation, phase=form.cleaned_data["phase"], by=request.user)
    label = Phase(visit.consultation.phase).label
    messages.success(request, f"The consultation is now in the phase “{label}”.")
    return redirect("pages:dashboard", slug=visit.consultation.slug)


@behind("consultations.manage")
@require_http_methods(["GET", "HEAD", "POST"])
def invite(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Invite one person by e-mail or by a link to pass on."""
    form = InvitationForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        _, token = services.invite(
            visit.consultation,
            by=request.user,
            role=form.cleaned_data["role"],
            email=form.cleaned_data["email"],
        )
        if form.cleaned_data["email"]:
            messages.success(request, f"Invitation sent to {form.cleaned_data['email']}.")
        else:
            link = f"{settings.SITE_URL}/invitations/{token}/"
            messages.success(request, f"Pass this link on; it works once, for 30 days: {link}")
        return redirect("consultations:invite", slug=visit.consultation.slug)
    status = 400 if form.errors else 200
    context = visit.context | {"form": form, "tab": "people"}
    return render(request, "organizer/invite.html", context, status=status)
