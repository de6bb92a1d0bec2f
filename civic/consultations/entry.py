"""How a request finds its consultation, and who gets through which door."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import urlencode

from civic.accounts.permissions import membership_of, require
from civic.consultations.models import Consultation, Membership
from civic.errors import ConsentRequired, Forbidden, NotFound

View = Callable[..., HttpResponse]


@dataclass(frozen=True)
class Visit:
    """Somebody in one consultation. `membership` is None for those who do not belong to it."""

    consultation: Consultation
    membership: Membership | None

    @property
    def participant(self) -> Membership:
        """Who takes part, on pages that only participants reach."""
        if self.invited.takes_part:
            return self.invited
        raise ConsentRequired

    @property
    def invited(self) -> Membership:
        """Who was let in as a citizen, whether or not she has agreed to take part since."""
        if self.membership is None or not self.membership.is_participant:
            raise Forbidden
        return self.membership

    @property
    def takes_part(self) -> bool:
        return self.membership is not None and self.membership.takes_part

    @property
    def context(self) -> dict[str, Any]:
        """What every template of a consultation asks for."""
        return {"consultation": self.consultation, "membership": self.membership}


def enter(request: HttpRequest, slug: str, *, permission: str = "consultations.view") -> Visit:
    """Find a consultation and go in, or raise what the person may be told."""
    consultation = Consultation.objects.select_related("created_by").filter(slug=slug).first()
    if consultation is None:
        raise NotFound
    require(request.user, permission, consultation)
    visit = Visit(consultation, membership_of(request.user, consultation))
    setattr(request, "visit", visit)  # noqa: B010  (for the counting of openings)
    return visit


def visitors(view: View) -> View:
    """A page for whoever may see the consultation: `view(request, visit, ...)`."""
    return behind("consultations.view")(view)


def behind(permission: str) -> Callable[[View], View]:
    """A page behind a permission of the consultation: `view(request, visit, ...)`."""

    def wrap(view: View) -> View:
        @functools.wraps(view)
        def entered(request: HttpRequest, slug: str, **kwargs: Any) -> HttpResponse:
            return view(request, enter(request, slug, permission=permission), **kwargs)

        return entered

    return wrap


def participants(view: View) -> View:
    """A page for those who agreed to take part: the others are led to joining."""
    return _or_joining(view, lets_in=lambda membership: membership.takes_part)


def invited(view: View) -> View:
    """A page about what is kept of a person, which she need not agree to anything to reach."""
    return _or_joining(view, lets_in=lambda membership: membership.is_participant)


def _or_joining(view: View, *, lets_in: Callable[[Membership], bool]) -> View:
    @functools.wraps(view)
    def entered(request: HttpRequest, slug: str, **kwargs: Any) -> HttpResponse:
        visit = enter(request, slug)
        if visit.membership is not None and lets_in(visit.membership):
            return view(request, visit, **kwargs)
        back = (
            request.get_full_path()
            if request.method in ("GET", "HEAD")
            else reverse("pages:consultation", args=[slug])
        )
        return to_joining(request, slug, back=back)

    return entered


def to_joining(request: HttpRequest, slug: str, *, back: str) -> HttpResponse:
    """On to joining, which asks to sign in where that is needed, and from there to `back`."""
    join = f"{reverse('consultations:join', args=[slug])}?{urlencode({'next': back})}"
    return HttpResponseRedirect(join)
