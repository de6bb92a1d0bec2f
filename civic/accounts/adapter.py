"""Where our sign-in differs from allauth's."""

from __future__ import annotations

from typing import ClassVar

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.utils.translation import gettext_lazy as _


class Adapter(DefaultAccountAdapter):
    """allauth's codes, except on a demo machine, where one code always works."""

    error_messages: ClassVar[dict[str, object]] = DefaultAccountAdapter.error_messages | {
        "incorrect_code": _("That is not the code we sent."),
        "too_many_login_attempts": _(
            "Too many codes were asked for. Wait a minute; if that is not enough, an hour."
        ),
        "rate_limited": _("That was too often in a short time. Wait a minute, then try again."),
    }

    def generate_login_code(self) -> str:
        return settings.DEMO_CODE or super().generate_login_code()

    def generate_email_verification_code(self) -> str:
        return settings.DEMO_CODE or super().generate_email_verification_code()
