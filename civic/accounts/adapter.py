"""Where our sign-in differs from allauth's."""

from __future__ import annotations

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings


class Adapter(DefaultAccountAdapter):
    """allauth's codes, except on a demo machine, where one code always works."""

    def generate_login_code(self) -> str:
        return settings.DEMO_CODE or super().generate_login_code()

    def generate_email_verification_code(self) -> str:
        return settings.DEMO_CODE or super().generate_email_verification_code()
