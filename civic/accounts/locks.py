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
COUNTED = timedelta(minutes=15)  # how long a wrong code counts: as long as a code works
RESEND_AFTER = timedelta(seconds=30)


def count_wrong(email: str) -> int:
    """Note a wrong code for this address, whichever browser sent it; how many tries are left.

    After the last one the address is to be locked.
    """
    name = _key(email, "wrong")
    cache.add(name, 0, COUNTED.total_seconds())
    try:
        wrong = cache.incr(name)
    except ValueError:  # It was forgotten between the two lines.
        wrong = 1
    return max(0, TRIES - wrong)


def forget_wrong(email: str) -> None:
    """Begin to count anew: the right code came, or the lock takes over."""
    cache.delete(_key(email, "wrong"))


def lock(email: str) -> str:
    """Take no code for this address for a while; the sentence that says until when."""
    until = timezone.now() + LOCK
    cache.set(_key(email, "lock"), until.timestamp(), LOCK.total_seconds())
    forget_wrong(email)
    return told(until)


def locked(email: str) -> str:
    """Until when no code is sent to this address, in a sentence; "" where it is free."""
    until = cache.get(_key(email, "lock"))
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


def _key(email: str, what: str) -> str:
    secret = b"code-lock:" + settings.SECRET_KEY.encode()
    digest = hmac.new(secret, email.lower().encode(), hashlib.sha256).hexdigest()
    return f"code-{what}:{digest}"
