"""The team: who is in it, as what; inviting, changing roles, taking out."""

from __future__ import annotations

import uuid as uuids

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from civic.accounts.permissions import can
from civic.consultations import services, team
from civic.consultations.entry import Visit, behind
from civic.consultations.forms import ROLE_HELP, RolesForm, TeamInvitationForm
from civic.consultations.letters import link_of
from civic.consultations.models import Membership
from civic.consultations.selectors import team as in_team
from civic.errors import Conflict, Invalid, NotFound


@never_cache
@behind("consultations.view_team")
@require_safe
def show(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Members with their roles, and invitations that wait."""
    return _page(request, visit, TeamInvitationForm(), link=request.session.pop(_kept(visit), ""))


def _page(
    request: HttpRequest, visit: Visit, form: TeamInvitationForm, *, link: str = ""
) -> HttpResponse:
    consultation = visit.consultation
    members = consultation.memberships.filter(in_team()).exclude(user=None).select_related("user")
    invitations = consultation.invitations.filter(
        accepted_at=None, expires_at__gt=timezone.now()
    ).exclude(role=Membership.Role.PARTICIPANT)
    context = {
        "tab": "team",
        "form": form,
        "members": members.order_by("joined_at", "pk"),
        "invitations": invitations.order_by("-created_at", "-pk"),
        "roles": [(role, role.label, ROLE_HELP[role]) for role in team.TEAM_ROLES],
        "may_change": can(request.user, "consultations.change_team", consultation),
        "link": link,
    }
    status = 400 if form.errors else 200
    return render(request, "organizer/team.html", visit.context | context, status=status)


def _kept(visit: Visit) -> str:
    """Under which name the session keeps a new link until it is shown, once."""
    return f"team-link-{visit.consultation.pk}"


@require_POST
@behind("consultations.change_team")
def invite(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Invite one person into the team, by mail or by a link to pass on."""
    form = TeamInvitationForm(request.POST)
    if not form.is_valid():
        return _page(request, visit, form)
    email = form.cleaned_data["email"]
    _invitation, token = services.invite(
        visit.consultation, by=request.user, role=form.cleaned_data["role"], email=email
    )
    if email:
        messages.success(request, _("Invitation sent to %(email)s.") % {"email": email})
    else:
        request.session[_kept(visit)] = link_of(token)
    return redirect("consultations:team", slug=visit.consultation.slug)


@require_POST
@behind("consultations.change_team")
def change(request: HttpRequest, visit: Visit, uuid: uuids.UUID) -> HttpResponse:
    """Give a member the ticked roles; with none ticked she is out of the team.

    The address names her account, never her key: what she wrote as a citizen stands under that.
    """
    members = visit.consultation.memberships.filter(in_team())
    member = members.filter(user__uuid=uuid).select_related("user").first()
    if member is None:
        raise NotFound
    form = RolesForm(request.POST)
    if not form.is_valid():
        raise Invalid(_("Choose roles of the team."))
    roles = [] if "remove" in request.POST else form.cleaned_data["roles"]
    try:
        team.set_team_roles(member, roles=roles, by=request.user)
    except Conflict as refusal:
        messages.error(request, refusal.sentence)
        return redirect("consultations:team", slug=visit.consultation.slug)
    if roles:
        messages.success(request, _("Saved. Roles: %(roles)s.") % {"roles": _list(member)})
    else:
        messages.success(request, _("She is no longer in the team."))
    if member.user_id == request.user.pk and not member.is_organizer:
        return redirect("pages:desk")
    return redirect("consultations:team", slug=visit.consultation.slug)


def _list(member: Membership) -> str:
    return ", ".join(str(role.label) for role in member.roles if role in team.TEAM_ROLES)


@require_POST
@behind("consultations.change_team")
def revoke(request: HttpRequest, visit: Visit, uuid: uuids.UUID) -> HttpResponse:
    """Make an invitation worthless before somebody uses it."""
    invitation = visit.consultation.invitations.filter(uuid=uuid).first()
    if invitation is None:
        raise NotFound
    team.revoke_invitation(invitation, by=request.user)
    until = date_format(invitation.expires_at)
    messages.success(request, _("Taken back: the invitation until %(day)s.") % {"day": until})
    return redirect("consultations:team", slug=visit.consultation.slug)
