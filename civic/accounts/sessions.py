"""What browsers' sessions hold of a person, and how it goes when she has herself deleted."""

from __future__ import annotations

from collections.abc import Iterator

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.utils import timezone


def end_sessions(user_id: int) -> int:
    """Sign a person out everywhere and delete what her sessions hold; how many there were."""
    found = [store.session_key for store in _sessions_of(user_id)]
    Session.objects.filter(session_key__in=found).delete()
    return len(found)


def forget_in_sessions(user_id: int, *, name: str) -> None:
    """Delete one entry of a person's sessions; she stays signed in."""
    for store in _sessions_of(user_id):
        if store.pop(name, None) is not None:
            store.save()


def _sessions_of(user_id: int) -> Iterator[SessionBase]:
    """Her sessions. Expired ones, whosever they were, may hold drafts too, and go at once."""
    Session.objects.filter(expire_date__lte=timezone.now()).delete()
    for key, data in Session.objects.values_list("session_key", "session_data").iterator():
        held = SessionStore().decode(data)
        if held.get(SESSION_KEY) == str(user_id):
            store = SessionStore(key)
            store.load()
            yield store
