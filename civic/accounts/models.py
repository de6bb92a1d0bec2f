"""A person who can sign in: one e-mail address, no password; and the browsers in which she did."""

from __future__ import annotations

import hashlib
import hmac
import uuid

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class UserManager(BaseUserManager["User"]):
    """Makes users; the only way in is a code sent to the address."""

    def create_user(self, email: str, **fields: object) -> User:
        """A user with this address (kept in lower case) and no usable password."""
        fields.pop("password", None)
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_unusable_password()
        user.save(using=self._db)
        return user


class User(AbstractBaseUser):
    """Somebody who signed in at least once or was given an account."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    # null: a guest, known by a cookie only. An empty address could be had only once.
    email = models.EmailField(unique=True, null=True)  # noqa: DJ001
    display_name = models.CharField(max_length=80, blank=True)
    is_active = models.BooleanField(default=True)
    is_host = models.BooleanField(default=False, help_text=_("May create consultations."))
    date_joined = models.DateTimeField(default=timezone.now)
    erased_at = models.DateTimeField(null=True, blank=True)

    objects = UserManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = []

    def __str__(self) -> str:
        return self.display_name or str(self.uuid)

    @property
    def is_guest(self) -> bool:
        """Takes part without an account: known by one browser's cookie, and by nothing else."""
        return self.email is None and self.erased_at is None

    @property
    def audit_key(self) -> str:
        """What the audit record calls this person: stable, and meaningless without our secret."""
        key = b"audit:" + settings.SECRET_KEY.encode()
        return hmac.new(key, self.uuid.bytes, hashlib.sha256).hexdigest()


class Session(AbstractBaseSession):
    """What one browser's cookie stands for. `user_id` is None where nobody has signed in.

    No foreign key: a browser may come back with a session whose account is gone.
    """

    user_id = models.BigIntegerField(null=True, db_index=True)

    @classmethod
    def get_session_store_class(cls) -> type[SessionBase]:
        from civic.accounts.sessions import SessionStore  # it stores these

        return SessionStore
