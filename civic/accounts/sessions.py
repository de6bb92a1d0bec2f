"""What browsers' sessions hold of a person, and how it goes when she has herself deleted.

Django's own sessions in the database, with the account beside each, so that those of one person are
found by an index and not by reading everybody's. Named in the settings as SESSION_ENGINE.
"""

from __future__ import annotations

from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends import db
from django.utils import timezone

from civic.accounts.models import Session


class SessionStore(db.SessionStore):
    """Django's, which also writes down whose session it is."""

    @classmethod
    def get_model_class(cls) -> type[Session]:
        return Session

    def create_model_instance(self, data: dict[str, Any]) -> Session:
        row = super().create_model_instance(data)
        user_id = data.get(SESSION_KEY)
        row.user_id = int(user_id) if user_id else None
        return row


def end_sessions(user_id: int) -> int:
    """Sign a person out everywhere and delete what her sessions hold; how many there were."""
    _forget_expired()
    ended, _by_model = Session.objects.filter(user_id=user_id).delete()
    return ended


def forget_in_sessions(user_id: int, *, name: str) -> None:
    """Delete one entry of a person's sessions; she stays signed in."""
    _forget_expired()
    for key in Session.objects.filter(user_id=user_id).values_list("session_key", flat=True):
        store = SessionStore(key)
        if store.pop(name, None) is not None:
            store.save()


def _forget_expired() -> None:
    """Expired sessions, whosever they were, may hold drafts too."""
    Session.objects.filter(expire_date__lte=timezone.now()).delete()
