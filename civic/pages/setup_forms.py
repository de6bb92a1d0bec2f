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
from civic.pages.setup_strata import StrataFields
from civic.statements.languages import CHOICES
from civic.texts import TextForm, fit

MAX_EXAMPLES, MAX_EXAMPLE, MAX_SCENARIOS = 20, 300, 12
LICENCES = [
    ("", gettext_lazy("Not said")),
    ("CC0-1.0", gettext_lazy("CC0: free for any use")),
    ("CC-BY-4.0", gettext_lazy("CC BY 4.0: free for any use, naming the source")),
    ("CC-BY-SA-4.0", gettext_lazy("CC BY-SA 4.0: as before, and shared alike")),
]


def text_area(rows: int) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows, "dir": "auto"})


class StepForm(TextForm):
    """One step, filled with what the consultation holds; what is locked is shown with its reason.

    `is_read_only` shows everything and lets nothing be changed.
    """

    plain: ClassVar[tuple[str, ...]] = ()  # fields that are columns as they are
    needed: ClassVar[tuple[str, ...]] = ()  # may stay empty, but then it cannot open

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


class QuestionForm(StepForm):
    """What is asked, by whom, why, and what happens with the answers."""

    plain = (
        *("title", "question", "asked_by", "description", "purpose", "use_of_result"),
        "is_synthetic",
    )
    needed = ("question", "asked_by", "use_of_result")

    title = forms.CharField(
        max_length=200,
        label=gettext_lazy("Title"),
        help_text=gettext_lazy("Short, as people will say it in conversation."),
        widget=forms.TextInput(attrs={"dir": "auto"}),
    )
    question = forms.CharField(
        required=False,
        max_length=2000,
        label=gettext_lazy("The question"),
        help_text=gettext_lazy("One open question, in words a twelve-year-old understands."),
        widget=text_area(2),
    )
    asked_by = forms.CharField(
        required=False,
        max_length=200,
        label=gettext_lazy("Who asks"),
        help_text=gettext_lazy("A person, an office, a group: whoever will answer in public."),
        widget=forms.TextInput(attrs={"dir": "auto"}),
    )
    purpose = forms.CharField(
        required=False,
        max_length=4000,
        label=gettext_lazy("Why you ask"),
        help_text=gettext_lazy("Why this question, and why now."),
        widget=text_area(3),
    )
    use_of_result = forms.CharField(
        required=False,
        max_length=4000,
        label=gettext_lazy("What happens with the result"),
        help_text=gettext_lazy("What you promise: who decides, by when, and that you answer."),
        widget=text_area(3),
    )
    description = forms.CharField(
        required=False,
        max_length=10_000,
        label=gettext_lazy("Background"),
        help_text=gettext_lazy("What people should know before they answer."),
        widget=text_area(4),
    )
    examples = forms.CharField(
        required=False,
        label=gettext_lazy("Examples of sentences"),
        help_text=gettext_lazy("One per line. People see them while they write; nothing counts."),
        widget=text_area(4),
    )
    is_synthetic = forms.BooleanField(
        required=False,
        label=gettext_lazy("The statements and reactions are invented (every page will say so)"),
    )

    def prepare(self) -> None:
        self.fields["examples"].initial = "\n".join(self.consultation.examples)
        held = self.consultation.scenarios
        self.numbers = range(1, min(MAX_SCENARIOS, max(2, len(held) + 1)) + 1)
        for number in self.numbers:
            one = held[number - 1] if number <= len(held) else {}
            self.fields[f"scenario_{number}_title"] = forms.CharField(
                required=False,
                max_length=120,
                initial=one.get("title", ""),
                label=_("Situation %(number)s: title") % {"number": number},
                widget=forms.TextInput(attrs={"dir": "auto"}),
            )
            self.fields[f"scenario_{number}_text"] = forms.CharField(
                required=False,
                max_length=2000,
                initial=one.get("text", ""),
                label=_("Situation %(number)s: what happens") % {"number": number},
                widget=text_area(3),
            )

    def scenario_fields(self) -> list[forms.BoundField]:
        return [self[f"scenario_{n}_{part}"] for n in self.numbers for part in ("title", "text")]

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

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        scenarios, taken = [], {one["key"] for one in self.consultation.scenarios}
        for number in self.numbers:
            title = data.get(f"scenario_{number}_title", "").strip()
            text = data.get(f"scenario_{number}_text", "").strip()
            if text and not title:
                self.add_error(f"scenario_{number}_title", _("Give this situation a title."))
            if title and not text:
                self.add_error(f"scenario_{number}_text", _("Say what happens in it."))
            if title and text:
                scenarios.append({"key": self._key(number, taken), "title": title, "text": text})
        data["scenarios"] = scenarios
        return data

    def _key(self, number: int, taken: set[str]) -> str:
        """The key that this situation has, or a new one: statements point to it."""
        held = self.consultation.scenarios
        if number <= len(held):
            return str(held[number - 1]["key"])
        key = next(f"s{n}" for n in range(1, 1000) if f"s{n}" not in taken)
        taken.add(key)
        return key

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
    moderation_policy = forms.CharField(
        required=False,
        max_length=10_000,
        label=gettext_lazy("Your rules"),
        help_text=gettext_lazy(
            "People can read them on the start page, and moderators see them beside each statement."
        ),
        widget=text_area(10),
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

    opens_on = forms.DateField(
        required=False,
        label=gettext_lazy("Opens on"),
        help_text=gettext_lazy("Before this day nobody can join, write or react. Empty: at once."),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        input_formats=["%Y-%m-%d"],
        error_messages={"invalid": gettext_lazy("Write the day as year-month-day: 2027-03-31.")},
    )
    closes_on = forms.DateField(
        required=False,
        label=gettext_lazy("Closes after"),
        help_text=gettext_lazy(
            "The last day, included. From the next day on nobody can join, write or react. "
            "Empty: until you open another phase."
        ),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        input_formats=["%Y-%m-%d"],
        error_messages={"invalid": gettext_lazy("Write the day as year-month-day: 2027-03-31.")},
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
