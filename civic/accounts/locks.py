"""Codes and those who try them: five wrong ones lock an address, and one network makes few guests.

What is counted lies in the cache, under digests: neither an address nor a network is readable.
"""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime, timedelta

from allauth.core import ratelimit
from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from civic.errors import TooMany

TRIES = 5  # wrong codes until an address is locked; also told to allauth in the settings
LOCK = timedelta(minutes=5)
RESEND_AFTER = timedelta(seconds=30)


def lock(email: str) -> str:
    """Take no code for this address for a while; the sentence that says until when."""
    until = timezone.now() + LOCK
    cache.set(_key(email), until.timestamp(), LOCK.total_seconds())
    return told(until)


def locked(email: str) -> str:
    """Until when no code is sent to this address, in a sentence; "" where it is free."""
    until = cache.get(_key(email))
    if until is None or until <= timezone.now().timestamp():
        return ""
    return told(datetime.fromtimestamp(until, tz=timezone.get_current_timezone()))


def told(until: datetime) -> str:
    """The lock in words, with the time and how long that is from now."""
    minutes = max(1, round((until - timezone.now()).total_seconds() / 60))
    return ngettext(
        "Five wrong codes. To protect this address, no code works for it until %(time)s UTC, "
        "%(count)s minute from now.",
        "Five wrong codes. To protect this address, no code works for it until %(time)s UTC, "
        "%(count)s minutes from now.",
        minutes,
    ) % {"time": date_format(until, "H:i"), "count": minutes}


def wrong_code(tries_left: int) -> str:
    """What somebody is told who entered a wrong code."""
    return ngettext(
        "That is not the code we sent. %(count)s try is left.",
        "That is not the code we sent. %(count)s tries are left.",
        tries_left,
    ) % {"count": tries_left}


def admit_guest(request: HttpRequest) -> None:
    """Count a new guest against her network. Raises TooMany beyond what one network may make."""
    if not ratelimit.consume(request, action="create_guest"):
        raise TooMany(
            _(
                "Very many people have begun from your network within an hour. Wait a little, or "
                "sign in with an e-mail address: that always works."
            )
        )


def _key(email: str) -> str:
    secret = b"code-lock:" + settings.SECRET_KEY.encode()
    return "code-lock:" + hmac.new(secret, email.lower().encode(), hashlib.sha256).hexdigest()
