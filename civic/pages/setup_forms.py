"""The shape of what organizers enter in the steps of the set-up."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext_lazy

from civic.consultations.locks import locks_on
from civic.consultations.models import Consultation
from civic.errors import Invalid
from civic.pages.setup_fields import text
from civic.pages.setup_scenarios import ScenarioFields
from civic.pages.setup_strata import StrataFields
from civic.statements.languages import CHOICES
from civic.texts import TextForm, fit

MAX_EXAMPLES, MAX_EXAMPLE = 20, 300
LICENCES = [
    ("", gettext_lazy("Not said")),
    ("CC0-1.0", gettext_lazy("CC0: free for any use")),
    ("CC-BY-4.0", gettext_lazy("CC BY 4.0: free for any use, naming the source")),
    ("CC-BY-SA-4.0", gettext_lazy("CC BY-SA 4.0: as before, and shared alike")),
]


def day(label: Any, help_text: Any) -> forms.DateField:
    """A day that may be left open."""
    return forms.DateField(
        required=False,
        label=label,
        help_text=help_text,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        input_formats=["%Y-%m-%d"],
        error_messages={"invalid": gettext_lazy("Write the day as year-month-day: 2027-03-31.")},
    )


class StepForm(TextForm):
    """One step, filled with what the consultation holds; what is locked is shown with its reason.

    `is_read_only` shows everything and lets nothing be changed.
    """

    plain: ClassVar[tuple[str, ...]] = ()  # fields that are columns as they are
    needed: ClassVar[tuple[str, ...]] = ()  # may stay empty, but then it cannot open
    blamed: ClassVar[str | None] = None  # beside which field a broken rule of the step is told

    def __init__(self, *args: Any, consultation: Consultation, is_read_only: bool = False) -> None:
        self.consultation = consultation
        super().__init__(*args)
        for name in self.plain:
            self.fields[name].initial = getattr(consultation, name)
        for name in self.needed:
            self.fields[name].is_needed = True
        self.prepare()
        self.locks = locks_on(consultation)
        for name in self.locks.keys() & self.fields.keys():
            self.fields[name].help_text = self.locks[name].reason
            self.fields[name].disabled = self.locks[name].lets is None
        if is_read_only:
            for field in self.fields.values():
                field.disabled = True

    def prepare(self) -> None:
        """Fill in what is not a plain column."""

    def values(self) -> dict[str, Any]:
        """What to save, by column."""
        return {name: self.cleaned_data[name] for name in self.plain}


class QuestionForm(ScenarioFields, StepForm):
    """What is asked, by whom, why, and what happens with the answers."""

    plain = (
        *("title", "question", "asked_by", "description", "purpose", "use_of_result"),
        "is_synthetic",
    )
    needed = ("question", "asked_by", "use_of_result")

    title = text(
        gettext_lazy("Title"),
        gettext_lazy("Short, as people will say it in conversation."),
        most=200,
        required=True,
    )
    question = text(
        gettext_lazy("The question"),
        gettext_lazy("One open question, in words a twelve-year-old understands."),
        most=2000,
        rows=2,
    )
    asked_by = text(
        gettext_lazy("Who asks"),
        gettext_lazy("A person, an office, a group: whoever will answer in public."),
        most=200,
    )
    purpose = text(
        gettext_lazy("Why you ask"),
        gettext_lazy("Why this question, and why now."),
        most=4000,
        rows=3,
    )
    use_of_result = text(
        gettext_lazy("What happens with the result"),
        gettext_lazy("What you promise: who decides, by when, and that you answer."),
        most=4000,
        rows=3,
    )
    description = text(
        gettext_lazy("Background"),
        gettext_lazy("What people should know before they answer."),
        most=10_000,
        rows=4,
    )
    examples = text(
        gettext_lazy("Examples of sentences"),
        gettext_lazy("One per line. People see them while they write; nothing counts."),
        rows=4,
    )
    is_synthetic = forms.BooleanField(
        required=False,
        label=gettext_lazy("The statements and reactions are invented (every page will say so)"),
    )

    def prepare(self) -> None:
        super().prepare()
        self.fields["examples"].initial = "\n".join(self.consultation.examples)

    def clean_examples(self) -> list[str]:
        lines = [line.strip() for line in self.cleaned_data["examples"].splitlines()]
        found = [line for line in lines if line]
        if len(found) > MAX_EXAMPLES:
            raise forms.ValidationError(
                _("There are %(n)s examples; keep the best %(most)s.")
                % {"n": len(found), "most": MAX_EXAMPLES}
            )
        for number, line in enumerate(found, start=1):
            if len(line) > MAX_EXAMPLE:
                raise forms.ValidationError(
                    _("Example %(number)s has %(n)s characters; shorten it to %(most)s.")
                    % {"number": number, "n": len(line), "most": MAX_EXAMPLE}
                )
        try:
            return [fit(line) for line in found]
        except Invalid as refusal:
            raise forms.ValidationError(refusal.sentence) from refusal

    def values(self) -> dict[str, Any]:
        data = self.cleaned_data
        return super().values() | {"examples": data["examples"], "scenarios": data["scenarios"]}


class AccessForm(StepForm):
    """Who may take part."""

    plain = ("access",)

    access = forms.ChoiceField(
        label=gettext_lazy("Who may take part"),
        choices=Consultation.Access.choices,
        widget=forms.RadioSelect,
    )

    def prepare(self) -> None:
        lock = locks_on(self.consultation).get("access")
        if lock is not None and lock.lets is not None:
            now = self.consultation.access
            self.fields["access"].choices = [
                (value, label)
                for value, label in Consultation.Access.choices
                if lock.lets(now, value)
            ]


class PeopleForm(StrataFields, StepForm):
    """What people are asked about themselves, and which numbers are too small to be shown."""

    plain = ("expected_people", "k", "licence")

    expected_people = forms.IntegerField(
        required=False,
        min_value=1,
        max_value=100_000_000,
        label=gettext_lazy("People you expect"),
        help_text=gettext_lazy("The overview measures turnout against this number."),
    )
    k = forms.IntegerField(
        min_value=5,
        max_value=1000,
        label=gettext_lazy("Smallest number shown"),
        help_text=gettext_lazy("Nothing is told about fewer people than this. At least 5."),
        error_messages={
            "min_value": ngettext_lazy(
                "This must be %(limit_value)s or more: smaller numbers give people away.",
                "This must be %(limit_value)s or more: smaller numbers give people away.",
                "limit_value",
            )
        },
    )
    licence = forms.ChoiceField(
        required=False, label=gettext_lazy("Licence of what people write"), choices=LICENCES
    )

    def values(self) -> dict[str, Any]:
        return super().values() | {"strata": self.cleaned_data["strata"]}


class ModerationStepForm(StepForm):
    """Who reads when, and which statements are hidden."""

    plain = ("moderation", "moderation_policy", "needs_second_reader")
    needed = ("moderation_policy",)

    moderation = forms.ChoiceField(
        label=gettext_lazy("When statements are read"),
        choices=Consultation.Moderation.choices,
        widget=forms.RadioSelect,
    )
    moderation_policy = text(
        gettext_lazy("Your rules"),
        gettext_lazy(
            "People can read them on the start page, and moderators see them beside each statement."
        ),
        most=10_000,
        rows=10,
    )
    needs_second_reader = forms.BooleanField(
        required=False,
        label=gettext_lazy("A second moderator confirms before anything is hidden"),
    )
    read_myself = forms.BooleanField(
        required=False,
        label=gettext_lazy("I read statements myself (this makes you a moderator)"),
    )

    def prepare(self) -> None:
        readers = self.consultation.memberships.filter(is_moderator=True)
        if readers.exclude(user=None).exists():
            del self.fields["read_myself"]


class DatesForm(StepForm):
    """From when to when, and in which languages."""

    plain = ("opens_on", "closes_on", "languages")
    blamed = "closes_on"

    opens_on = day(
        gettext_lazy("Opens on"),
        gettext_lazy("Before this day nobody can join, write or react. Empty: at once."),
    )
    closes_on = day(
        gettext_lazy("Closes after"),
        gettext_lazy(
            "The last day, included. From the next day on nobody can join, write or react. "
            "Empty: until you open another phase."
        ),
    )
    languages = forms.MultipleChoiceField(
        required=False,
        label=gettext_lazy("Languages people write in"),
        help_text=gettext_lazy("Choose none to let people write in any language."),
        choices=CHOICES,
        widget=forms.CheckboxSelectMultiple,
    )

    def usual_and_others(self) -> list[list[Any]]:
        """The boxes of the interface's languages and those chosen, then all others."""
        first = {code for code, _name in settings.LANGUAGES} | set(self["languages"].value() or [])
        boxes = list(self["languages"])
        return [
            [box for box in boxes if box.data["value"] in first],
            [box for box in boxes if box.data["value"] not in first],
        ]


FORMS: dict[str, type[StepForm]] = {
    "question": QuestionForm,
    "access": AccessForm,
    "people": PeopleForm,
    "moderation": ModerationStepForm,
    "dates": DatesForm,
}
