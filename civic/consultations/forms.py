"""The shape of what organizers enter to begin a consultation, and to bring people in."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from civic.consultations.blueprints import BLUEPRINTS
from civic.consultations.models import Membership
from civic.consultations.team import MOST_AT_ONCE, TEAM_ROLES
from civic.texts import TextForm

ROLE_HELP = {
    Membership.Role.MODERATOR: gettext_lazy("Reads statements and hides what breaks the rules."),
    Membership.Role.ANALYST: gettext_lazy("Runs analyses and reads what they found. No names."),
    Membership.Role.AUDITOR: gettext_lazy("Reads everything and the record, changes nothing."),
    Membership.Role.ORGANIZER: gettext_lazy("Sets up, imports, curates, analyses, publishes."),
    Membership.Role.OWNER: gettext_lazy("An organizer who also changes the team, and can delete."),
}


class ConsultationForm(TextForm):
    """What a new consultation needs; its steps follow."""

    title = forms.CharField(
        max_length=200,
        label=gettext_lazy("Title"),
        help_text=gettext_lazy("Short, as people will say it in conversation."),
        widget=forms.TextInput(attrs={"dir": "auto"}),
    )
    blueprint = forms.ChoiceField(
        label=gettext_lazy("What kind of consultation"),
        choices=[(one.key, one.label) for one in BLUEPRINTS.values()],
        initial="behaviour",
        required=False,
        widget=forms.RadioSelect,
    )
    slug = forms.SlugField(
        required=False,
        max_length=80,
        label=gettext_lazy("Address"),
        help_text=gettext_lazy(
            "The last part of the web address; it stays. Left empty, it is made from the title."
        ),
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not data.get("slug") and data.get("title"):
            data["slug"] = slugify(data["title"])[:80].strip("-")
            if not data["slug"]:
                self.add_error("slug", _("Choose an address in Latin letters and digits."))
        return data


class PhaseForm(forms.Form):
    """Which phase comes next; going back is confirmed."""

    phase = forms.CharField(max_length=12)
    confirmed = forms.BooleanField(required=False)


class TeamInvitationForm(forms.Form):
    """Whom to invite into the team, and as what."""

    role = forms.ChoiceField(
        label=gettext_lazy("Invite as"),
        choices=[(role, role.label) for role in TEAM_ROLES],
        initial=Membership.Role.MODERATOR,
    )
    email = forms.EmailField(
        required=False,
        label=gettext_lazy("E-mail address"),
        help_text=gettext_lazy(
            "Used to send this one message, and not kept. Without an address you get a link."
        ),
    )


class RolesForm(forms.Form):
    """The roles of one member; none takes her out of the team."""

    roles = forms.MultipleChoiceField(
        required=False,
        choices=[(role, role.label) for role in TEAM_ROLES],
        widget=forms.CheckboxSelectMultiple,
    )


class AddressesForm(forms.Form):
    """Addresses of people to invite, as pasted from anywhere."""

    emails = forms.CharField(
        label=gettext_lazy("E-mail addresses"),
        help_text=gettext_lazy(
            "One per line, or separated by commas. Each gets one message; the addresses are not "
            "kept."
        ),
        widget=forms.Textarea(attrs={"rows": 6, "dir": "ltr", "autocomplete": "off"}),
    )

    def clean_emails(self) -> list[str]:
        text = self.cleaned_data["emails"].replace(",", "\n").replace(";", "\n")
        found: dict[str, str] = {}
        wrong: list[str] = []
        for number, line in enumerate(text.splitlines(), start=1):
            email = line.strip().strip("<>")
            if not email:
                continue
            try:
                validate_email(email)
            except ValidationError:
                message = _(
                    "Entry %(number)s, “%(text)s”, is no e-mail address: mend or remove it."
                )
                wrong.append(message % {"number": number, "text": email[:80]})
            else:
                found.setdefault(email.lower(), email)
        if wrong:
            raise ValidationError(wrong[:10])
        if len(found) > MOST_AT_ONCE:
            raise ValidationError(
                _("These are %(n)s addresses; send at most %(most)s at once.")
                % {"n": len(found), "most": MOST_AT_ONCE}
            )
        return list(found.values())


class LinksForm(forms.Form):
    """How many links to make."""

    number = forms.IntegerField(
        min_value=1,
        max_value=MOST_AT_ONCE,
        initial=20,
        label=gettext_lazy("Number of links"),
        help_text=gettext_lazy("Each lets one person in, once, for 30 days. You get a table."),
    )


class DeletionForm(forms.Form):
    """The title, typed, so that nothing is deleted by a slip."""

    typed = forms.CharField(
        error_messages={
            "required": gettext_lazy("Type the title exactly as it stands above."),
        },
        label=gettext_lazy("Type the title of the consultation"),
        widget=forms.TextInput(attrs={"dir": "auto", "autocomplete": "off"}),
    )
