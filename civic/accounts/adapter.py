"""Where our sign-in differs from allauth's."""

from __future__ import annotations

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.core.mail import send_mail
from django.urls import reverse


class Adapter(DefaultAccountAdapter):
    """allauth's codes, except on a demo machine, where one code always works."""

    def generate_login_code(self) -> str:
        return settings.DEMO_CODE or super().generate_login_code()

    def generate_email_verification_code(self) -> str:
        return settings.DEMO_CODE or super().generate_email_verification_code()

    def send_account_already_exists_mail(self, email: str) -> None:
        """Who signs up twice is told by mail, so that the page need not say who has an account."""
        sign_in = settings.SITE_URL + reverse("account_request_login_code")
        body = (
            "Somebody, probably you, tried to sign up with this address.\n"
            f"You have an account already. Sign in here:\n{sign_in}\n"
        )
        send_mail("You have an account already", body, None, [email])
