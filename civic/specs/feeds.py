"""Atom feeds of what happened to published versions: of one consultation, and of the platform.

Only consultations that anybody may see have one. Every event of a version is an entry for good:
published, redacted, withdrawn. Entries keep their ids when the platform moves to another address.
"""

from __future__ import annotations

import hashlib
import re
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import Any

from django.conf import settings
from django.contrib.syndication.views import Feed
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.cache import get_conditional_response
from django.utils.feedgenerator import Atom1Feed
from django.utils.http import quote_etag
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override

from civic.consultations.models import Consultation
from civic.consultations.phases import Phase
from civic.errors import NotFound
from civic.specs.models import SpecVersion
from civic.specs.report_files import usual_language

MOST = 50  # entries
SITE = uuid.UUID("7c9fb0f2-9a3d-5b0e-8d4c-5a3b6c1f0e21")  # names the platform's own feed
UNWRITABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")  # in XML 1.0


@dataclass(frozen=True)
class Event:
    """Something that happened to a version. `name` tells it from the version's other events.

    Of a redaction only the day is kept, so `place` says what came first of one version.
    """

    spec: SpecVersion
    place: int
    name: str
    at: datetime
    title: str
    words: str

    @property
    def id(self) -> str:
        return uuid.uuid5(self.spec.uuid, self.name).urn


def events_of(specs: Iterable[SpecVersion]) -> list[Event]:
    """What happened to these versions, the newest first, no more than a feed holds."""
    found = [event for spec in specs for event in _events(spec)]
    return sorted(found, key=lambda one: (one.at, one.spec.pk, one.place), reverse=True)[:MOST]


def _events(spec: SpecVersion) -> Iterator[Event]:
    if spec.published_at is None:
        return
    told = {"number": spec.number, "title": spec.consultation.title}
    yield Event(
        spec,
        0,
        "published",
        spec.published_at,
        _("Version %(number)s was published: %(title)s") % told,
        spec.announcement or _("A new version of the behaviour spec is public."),
    )
    for place, note in enumerate(spec.redactions, start=1):
        day = datetime.combine(datetime.fromisoformat(note["day"]).date(), time(), UTC)
        yield Event(
            spec,
            place,
            f"redacted-{place}",
            max(day, spec.published_at),
            _("Words were removed from version %(number)s: %(title)s") % told,
            ngettext(
                "%(count)s passage was removed at the wish of whoever had written it. No number "
                "changed. SHA-256 before: %(before)s, after: %(after)s.",
                "%(count)s passages were removed at the wish of whoever had written them. No "
                "number changed. SHA-256 before: %(before)s, after: %(after)s.",
                note["passages"],
            )
            % {"count": note["passages"], "before": note["before"], "after": note["after"]},
        )
    if spec.withdrawn_at is not None:
        yield Event(
            spec,
            len(spec.redactions) + 1,
            "withdrawn",
            spec.withdrawn_at,
            _("Version %(number)s was withdrawn: %(title)s") % told,
            spec.withdrawal_reason,
        )


class _Atom(Atom1Feed):
    """Atom whose date is that of its newest entry, or a fixed one where there is none."""

    def latest_post_date(self) -> datetime:
        return super().latest_post_date() if self.items else self.feed["since"]


class _Versions(Feed):
    """What both feeds share. Bytes are the same for every reader, whatever she reads in."""

    feed_type = _Atom
    author_name = "Concordance"

    def language_of(self, obj: Any) -> str:
        return settings.LANGUAGE_CODE

    def __call__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        obj = self.get_object(request, *args, **kwargs)
        with override(self.language_of(obj)):
            answer = super().__call__(request, *args, **kwargs)
        answer["ETag"] = quote_etag(hashlib.sha256(answer.content).hexdigest())
        answer["Cache-Control"] = "public, no-cache"
        return get_conditional_response(request, etag=answer["ETag"], response=answer)

    def feed_extra_kwargs(self, obj: Any) -> dict[str, Any]:
        return {"since": self.since(obj)}

    def language(self, obj: Any) -> str:
        return self.language_of(obj)

    def item_guid(self, event: Event) -> str:
        return event.id

    def item_link(self, event: Event) -> str:
        return _absolute("specs:version", event.spec.consultation.slug, event.spec.number)

    def item_title(self, event: Event) -> str:
        return _writable(event.title)

    def item_description(self, event: Event) -> str:
        return _writable(event.words)

    def item_author_name(self, event: Event) -> str:
        return _writable(event.spec.signed_as) or self.author_name

    def item_updateddate(self, event: Event) -> datetime:
        return event.at

    def item_pubdate(self, event: Event) -> datetime:
        return event.at


class ConsultationFeed(_Versions):
    """What happened to the versions of one consultation."""

    def get_object(self, request: HttpRequest, slug: str) -> Consultation:
        found = Consultation.objects.filter(slug=slug).first()
        if found is None or not found.is_public:
            raise NotFound
        return found

    def language_of(self, obj: Consultation) -> str:
        return usual_language(obj)

    def title(self, obj: Consultation) -> str:
        return _writable(_("Versions of the spec: %(title)s") % {"title": obj.title})

    def subtitle(self, obj: Consultation) -> str:
        return _writable(obj.question)

    def link(self, obj: Consultation) -> str:
        return _absolute("specs:latest", obj.slug)

    def feed_url(self, obj: Consultation) -> str:
        return _absolute("specs:feed", obj.slug)

    def feed_guid(self, obj: Consultation) -> str:
        return uuid.uuid5(obj.uuid, "versions").urn

    def since(self, obj: Consultation) -> datetime:
        return obj.created_at

    def items(self, obj: Consultation) -> list[Event]:
        return events_of(_public(obj.specs.all()))


class SiteFeed(_Versions):
    """What happened to the versions of every consultation that anybody may see."""

    def title(self) -> str:
        return _("Concordance: versions of all specs")

    def link(self) -> str:
        return _absolute("pages:home")

    def feed_url(self) -> str:
        return _absolute("specs:site_feed")

    def feed_guid(self) -> str:
        return SITE.urn

    def since(self, obj: None) -> datetime:
        return datetime(2000, 1, 1, tzinfo=UTC)

    def items(self) -> list[Event]:
        seen = SpecVersion.objects.exclude(consultation__access=Consultation.Access.INVITE)
        return events_of(_public(seen.exclude(consultation__phase=Phase.DRAFT)))


def _public(specs: Any) -> Any:
    shown = specs.exclude(status=SpecVersion.Status.DRAFT).select_related("consultation")
    return shown.defer("document", "verification").order_by("-published_at")[: 4 * MOST]


def _absolute(name: str, *args: object) -> str:
    return f"{settings.SITE_URL}{reverse(name, args=args)}"


def _writable(text: str) -> str:
    """The text without what XML cannot hold."""
    return UNWRITABLE.sub("", text)
