"""How often one person may act: more than any honest person does, less than a flood needs.

Counted by membership and never by network: a school takes part from one address.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Callable

from django.conf import settings
from django.utils.translation import ngettext
from redis.exceptions import RedisError
from rest_framework.throttling import SimpleRateThrottle

from civic.consultations.models import Membership
from civic.errors import TooMany

STATEMENTS, REACTIONS, LINKS = "statements", "reactions", "links"
logger = logging.getLogger(__name__)


def admit(member: Membership, *, act: str) -> None:
    """Count one more act of a person; raises TooMany beyond a limit, with the seconds to wait.

    act : STATEMENTS, REACTIONS or LINKS. While the cache is away, nobody is counted or refused.
    """
    try:
        limits = [_Limit(rate, act=act) for rate in settings.LIMITS[act]]
        # The shortest first: what it refuses must not count against the longer ones.
        for limit in sorted(limits, key=lambda limit: limit.duration):
            if not limit.allow_request(member, None):
                wait = math.ceil(limit.wait() or limit.duration)
                raise TooMany(_SENTENCES[act](-(-wait // 60)), wait=wait)
    except (RedisError, OSError) as error:
        logger.warning("Acts are not counted: the cache is away (%s)", type(error).__name__)


class _Limit(SimpleRateThrottle):
    """One rate of one act: the moments of a person's acts, in the cache until they no longer count.

    The REST framework's own counter, given a membership where that expects a request.
    """

    def __init__(self, rate: str, *, act: str) -> None:
        self.rate, self.scope = rate, act
        super().__init__()

    def get_cache_key(self, member: Membership, _view: None) -> str:
        return f"limit-{self.scope}-{self.rate}-{member.pk}"


def _statements(minutes: int) -> str:
    return ngettext(
        "You have sent very many statements in a short time. You can send the next one in "
        "%(count)s minute.",
        "You have sent very many statements in a short time. You can send the next one in "
        "%(count)s minutes.",
        minutes,
    ) % {"count": minutes}


def _reactions(minutes: int) -> str:
    return ngettext(
        "You have given very many answers in a short time. You can go on in %(count)s minute.",
        "You have given very many answers in a short time. You can go on in %(count)s minutes.",
        minutes,
    ) % {"count": minutes}


def _links(minutes: int) -> str:
    return ngettext(
        "You have made very many links in a short time. You can make the next one in "
        "%(count)s minute.",
        "You have made very many links in a short time. You can make the next one in "
        "%(count)s minutes.",
        minutes,
    ) % {"count": minutes}


_SENTENCES: dict[str, Callable[[int], str]] = {
    STATEMENTS: _statements,
    REACTIONS: _reactions,
    LINKS: _links,
}
