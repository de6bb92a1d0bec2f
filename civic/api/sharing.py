"""What caches and other sites may have of the API: what anybody may read, and nothing else.

An answer to somebody who has not signed in is public by nature. It carries a digest of its bytes,
and a cache asks before it uses it again: words can be erased and versions withdrawn at any moment,
so no answer may be called immutable. Only specs are open to scripts of other sites, without
credentials.
"""

from __future__ import annotations

import hashlib
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.utils.http import quote_etag

from civic.accounts.permissions import can
from civic.api.resource import Resource
from civic.errors import NotFound, TooMany

EVERY_SITE = {"Access-Control-Allow-Origin": "*"}
EXPOSED = {"Access-Control-Expose-Headers": "ETag, Retry-After"}
PREFLIGHT = EVERY_SITE | {
    "Access-Control-Allow-Methods": "GET, HEAD",
    "Access-Control-Allow-Headers": "If-None-Match",
    "Access-Control-Max-Age": "3600",
    "Cache-Control": "no-store",
}


class Shared(Resource):
    """A Resource that caches may keep and scripts of other sites may read, where it is public."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers:
            return self._preflight(**kwargs)
        answer = super().dispatch(request, *args, **kwargs)
        is_read = request.method in ("GET", "HEAD")
        if is_read and answer.status_code in (200, 304) and not request.user.is_authenticated:
            return self._shared(request, answer)
        if (
            is_read and answer.status_code == TooMany.status
        ):  # so that a script can read how long to wait
            _open(answer)
        return answer

    def _shared(self, request: HttpRequest, answer: Any) -> HttpResponseBase:
        """The answer with its digest, or 304 where the caller has these bytes already."""
        if hasattr(answer, "render"):
            answer.render()
        answer["Cache-Control"] = "public, no-cache"
        patch_vary_headers(answer, ("Cookie",))
        if "ETag" not in answer:
            answer["ETag"] = quote_etag(hashlib.sha256(answer.content).hexdigest())
        known = get_conditional_response(request, etag=answer["ETag"], response=answer)
        _open(known)
        return known

    def _preflight(self, **kwargs: Any) -> HttpResponse:
        """Whether a script of another site may read this: only where everybody may."""
        self.kwargs = kwargs
        try:
            found = self.subject()
        except NotFound:
            return HttpResponse(status=404)
        if found is not None and can(AnonymousUser(), self.visible, found):
            return HttpResponse(status=204, headers=PREFLIGHT)
        return HttpResponse(status=404)


def _open(answer: HttpResponseBase) -> None:
    """Let scripts of every site read an answer."""
    for name, value in (EVERY_SITE | EXPOSED).items():
        answer[name] = value
