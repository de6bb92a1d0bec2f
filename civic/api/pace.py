"""How much somebody who has not signed in may read in a minute.

Counted by network address, as a keyed digest that is gone after a minute; nothing is stored. Where
the counter cannot be reached, reading goes on: a cache that is away must not close the house.
"""

from __future__ import annotations

import ipaddress
import logging
import time

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest
from django.utils.crypto import salted_hmac
from redis.exceptions import RedisError

from civic.errors import TooMany

WINDOW = 60  # seconds
logger = logging.getLogger(__name__)


def count_read(request: HttpRequest) -> None:
    """Count one request. Raises TooMany beyond the limit."""
    if not settings.API_READS:
        return
    now = int(time.time())
    window, passed = divmod(now, WINDOW)
    key = f"reads-{window}-{_sender(request)}"
    try:
        cache.add(key, 0, 2 * WINDOW)
        count = cache.incr(key)
    except ValueError:  # It expired in between.
        return
    except (RedisError, OSError):
        logger.warning("Requests are not counted: the cache cannot be reached")
        return
    if count > settings.API_READS:
        wait = WINDOW - passed
        raise TooMany(
            f"More than {settings.API_READS} requests came from your network address within a "
            f"minute. Wait {wait} seconds, then go on. A file that you have need not be fetched "
            "again: send its ETag in If-None-Match.",
            wait=wait,
        )


def _sender(request: HttpRequest) -> str:
    """A digest of the sender's network address; of a home's whole network where it has IPv6."""
    address = ipaddress.ip_address(get_adapter().get_client_ip(request))
    if address.version == 6:
        address = ipaddress.ip_network(f"{address}/64", strict=False).network_address
    return salted_hmac("civic.api.pace", str(address)).hexdigest()[:32]
