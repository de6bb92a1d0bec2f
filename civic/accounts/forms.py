"""The shape of what somebody enters to be known: an address, a code."""

from __future__ import annotations

from allauth.account.forms import ConfirmLoginCodeForm, RequestLoginCodeForm
from allauth.core.internal.cryptokit import compare_user_code
from django import forms
from django.utils.translation import gettext_lazy as _

from civic.accounts import locks
from civic.accounts.services import newcomer

EMAIL_ERRORS = {
    "required": _("Enter your e-mail address."),
    "invalid": _("Enter an e-mail address like name@example.org."),
}
CODE_ERRORS = {"required": _("Enter the code from our message.")}
EMAIL, CODE = _("E-mail address"), _("Code")


class AskForCodeForm(RequestLoginCodeForm):
    """An address to send a code to. Known and unknown ones are treated alike."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].label = EMAIL
        self.fields["email"].error_messages.update(EMAIL_ERRORS)

    def clean_email(self) -> str:
        email = str(self.cleaned_data["email"])
        until = locks.locked(email)
        if until:
            raise forms.ValidationError(until)
        super().clean_email()
        self._user = self._user or newcomer(email)
        return email


class CodeForm(ConfirmLoginCodeForm):
    """The code out of a message; spaces and hyphens around its digits do not matter."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].label = CODE
        self.fields["code"].error_messages.update(CODE_ERRORS)


class KeepForm(forms.Form):
    """The address by which a guest wants to be known from now on."""

    email = forms.EmailField(label=EMAIL, error_messages=EMAIL_ERRORS)


class KeepCodeForm(forms.Form):
    """The code that came to that address."""

    code = forms.CharField(label=CODE, max_length=40, error_messages=CODE_ERRORS)

    def matches(self, expected: str) -> bool:
        """Whether it is this code."""
        return compare_user_code(actual=self.cleaned_data["code"], expected=expected)
