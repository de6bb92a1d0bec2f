"""A guest on her way to an address: the code that was sent.

It stands in her session; how often codes for the address were tried does not (`locks`). An address
that belongs to somebody gets a message too, without a code, so that the page looks the same
whoever's address it is.
"""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass

from allauth.account.adapter import get_adapter
from allauth.account.models import EmailAddress
from allauth.core import ratelimit
from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from civic.accounts import locks
from civic.accounts.models import User
from civic.accounts.services import keep_guest

LIFE = 15 * 60  # seconds that a code works
_KEY = "keeping"


@dataclass(frozen=True)
class Started:
    """code : "" where the address is somebody's, so that no code fits."""

    email: str
    code: str
    sent_at: float


def begin(request: HttpRequest, *, email: str) -> str:
    """Send a code to this address; a sentence where that was too often."""
    told = count_code(request, email)
    if not told:
        _send(request, email=email)
    return told


def count_code(request: HttpRequest, email: str) -> str:
    """Count a message to this address; a sentence where that is one too many."""
    if ratelimit.consume(request, action="request_login_code", key=email.lower()):
        return ""
    return str(get_adapter().error_messages["too_many_login_attempts"])


def resume(request: HttpRequest) -> Started | None:
    """What was begun, unless its time is over."""
    held = request.session.get(_KEY)
    started = Started(held["email"], held["code"], held["sent_at"]) if held else None
    return started if started and started.sent_at + LIFE > time.time() else None


def resend(request: HttpRequest, started: Started) -> str:
    """Send another code, if the last one left long enough ago; what the person is told."""
    left = started.sent_at + locks.RESEND_AFTER.total_seconds() - time.time()
    if left > 0:
        return too_soon(left)
    return begin(request, email=started.email) or _(
        "A new code is on its way; the old one no longer works."
    )


def count_wrong(request: HttpRequest, started: Started) -> int:
    """Note a wrong code; how many tries are left."""
    left = locks.count_wrong(started.email)
    if not left:
        del request.session[_KEY]
    return left


def finish(request: HttpRequest, started: Started) -> User:
    """Tie the guest's part to the address. Raises Conflict where it has become somebody's."""
    del request.session[_KEY]
    locks.forget_wrong(started.email)
    return keep_guest(request.user, email=started.email)


def too_soon(seconds: float) -> str:
    """What somebody is told who asks for another code at once."""
    count = max(1, round(seconds))
    return ngettext(
        "A new code can be sent in %(count)s second. Look among the spam meanwhile.",
        "A new code can be sent in %(count)s seconds. Look among the spam meanwhile.",
        count,
    ) % {"count": count}


def _send(request: HttpRequest, *, email: str) -> None:
    taken = User.objects.filter(email=email.lower()).exclude(last_login=None).exists()
    taken = taken or EmailAddress.objects.filter(email__iexact=email, verified=True).exists()
    code = "" if taken else str(get_adapter().generate_login_code())
    started = Started(email=email, code=code, sent_at=time.time())
    request.session[_KEY] = asdict(started)
    if taken:
        sign_in = settings.SITE_URL + reverse("account_request_login_code")
        get_adapter().send_mail("account/email/keep_taken", email, {"sign_in": sign_in})
    else:
        get_adapter().send_mail("account/email/keep_code", email, {"code": code})
