"""The shape of a request for an analysis: its seed, and the rules that it is judged by."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from aggregation.errors import AggregationError
from aggregation.tiers import Policy
from civic.analysis.rules import PARTS, RULES, Part, Rule

MAX_SEED = 2**31 - 1


class RunForm(forms.Form):
    """The seed that every random choice is drawn from, and every rule of the policy."""

    seed = forms.IntegerField(
        min_value=0,
        max_value=MAX_SEED,
        initial=0,
        label=gettext_lazy("Seed"),
        help_text=gettext_lazy(
            "Any whole number. The same input and seed give the same result, to the byte."
        ),
        error_messages={"required": gettext_lazy("Seed: give a whole number, for example 0.")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for rule in RULES.values():
            self.fields[rule.name] = _field(rule)

    def parts(self) -> Iterator[tuple[Part, list[BoundField], int]]:
        """Each part of the rules with its fields, and how many of them are not as usual."""
        for part in PARTS:
            bound = [self[rule.name] for rule in part.rules]
            changed = sum(str(field.value()) != str(field.field.initial) for field in bound)
            yield part, bound, changed

    def clean(self) -> dict[str, Any]:
        """Hold the rules together: each by itself is checked by its field."""
        data = super().clean() or {}
        for strict, mild in (("must_pooled", "should_pooled"), ("must_group", "should_group")):
            if strict in self.errors or mild in self.errors:
                continue
            pair = [
                RULES[name].entered(RULES[name].usual) if data.get(name) is None else data[name]
                for name in (strict, mild)
            ]
            if pair[0] < pair[1]:
                names = {"strict": RULES[strict].label, "mild": RULES[mild].label}
                self.add_error(
                    strict,
                    _("“%(strict)s” must be at least “%(mild)s”. Raise it, or lower the other.")
                    % names,
                )
        if not self.errors:
            try:
                Policy.from_dict(self.policy())
            except AggregationError as error:
                self.add_error(None, str(error))
        return data

    def policy(self) -> dict[str, Any]:
        """The rules that are not the usual ones, as the library takes them."""
        given = {rule: self.cleaned_data.get(rule.name) for rule in RULES.values()}
        stored = {rule: rule.stored(value) for rule, value in given.items() if value is not None}
        return {rule.name: value for rule, value in stored.items() if value != rule.usual}


def _field(rule: Rule) -> forms.Field:
    make = forms.IntegerField if rule.kind == "count" else forms.FloatField
    low, high = f"{rule.low:g}", f"{rule.high:g}"
    facts = {"rule": rule.label, "low": low, "high": high}
    wrong = _("“%(rule)s” must be a number from %(low)s to %(high)s.") % facts
    field = make(
        label=_("%(rule)s (%%)") % facts if rule.kind == "share" else rule.label,
        help_text=_("%(meaning)s From %(low)s to %(high)s; usually %(usual)s.")
        % (facts | {"meaning": rule.meaning, "usual": rule.told(rule.usual)}),
        required=False,  # Left empty, the usual value holds.
        min_value=rule.low,
        max_value=rule.high,
        initial=_plain(rule.entered(rule.usual)),
        error_messages=dict.fromkeys(("invalid", "min_value", "max_value"), wrong),
    )
    field.widget.attrs |= {"step": 1 if rule.kind == "count" else "any", "inputmode": "decimal"}
    return field


def _plain(value: float) -> float | int:
    return int(value) if float(value).is_integer() else value


def entered(policy: Mapping[str, Any]) -> dict[str, Any]:
    """A policy as the form shows it; what is not in it is left to the usual values."""
    return {
        name: _plain(RULES[name].entered(value))
        for name, value in policy.items()
        if name in RULES and isinstance(value, int | float) and not isinstance(value, bool)
    }
