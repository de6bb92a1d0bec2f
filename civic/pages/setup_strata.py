"""Questions about people as an organizer types them: a name, a question, one option per line."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.formats import number_format
from django.utils.text import slugify
from django.utils.translation import gettext as _

from civic.consultations.models import Consultation
from civic.pages.setup_fields import text

MAX_STRATA, MAX_OPTIONS = 6, 20
SHARE = re.compile(r"\A\s*(\d{1,3}(?:[.,]\d{1,3})?)\s*[%٪]?\s*\Z")
SLACK = 1.0  # shares are rounded: together they may miss 100 % by this much


def written(options: list[Mapping[str, Any]]) -> str:
    """Options as lines to edit: “Under 30 = 22 %”."""
    lines = []
    for option in options:
        share = option.get("share")
        percent = "" if share is None else f" = {number_format(round(100 * share, 3))} %"
        lines.append(f"{option['label']}{percent}")
    return "\n".join(lines)


def read(lines: str, *, held: list[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Lines as options; those with a label that was held keep their key.

    Raises ValidationError naming the line, the rule and the remedy.
    """
    keys = {one["label"]: one["key"] for one in held}
    options: list[dict[str, Any]] = []
    for number, line in enumerate(lines.splitlines(), start=1):
        if not line.strip():
            continue
        label, mark, share = line.rpartition("=")
        label = (label if mark else line).strip()[:120]
        if not label or any(one["label"] == label for one in options):
            raise forms.ValidationError(
                _("Line %(number)s: each option needs a name of its own.") % {"number": number}
            )
        found = SHARE.match(share) if mark else None
        if mark and (found is None or float(found[1].replace(",", ".")) > 100):
            raise forms.ValidationError(
                _("Line %(number)s: write the share as a number from 0 to 100, as in “= 22 %%”.")
                % {"number": number}
            )
        value = round(float(found[1].replace(",", ".")) / 100, 5) if found else None
        options.append({"key": keys.get(label, ""), "label": label, "share": value})
    _require_whole(options)
    taken = {*keys.values()}
    for option in options:
        if not option["key"]:
            option["key"] = next(str(n) for n in range(1, 1000) if str(n) not in taken)
            taken.add(option["key"])
    return options


def _require_whole(options: list[dict[str, Any]]) -> None:
    if not 2 <= len(options) <= MAX_OPTIONS:
        raise forms.ValidationError(
            _("Give 2 to %(most)s options, one per line.") % {"most": MAX_OPTIONS}
        )
    shares = [one["share"] for one in options if one["share"] is not None]
    if not shares:
        return
    if len(shares) < len(options):
        raise forms.ValidationError(_("Give every option its share, or none of them."))
    total = 100 * sum(shares)
    if abs(total - 100) > SLACK:
        raise forms.ValidationError(
            _("The shares add up to %(total)s %%; they have to make 100 %%.")
            % {"total": number_format(round(total, 1))}
        )


class StrataFields(forms.Form):
    """Three fields for each question about people, and an empty question more."""

    consultation: Consultation

    def prepare(self) -> None:
        held = self.consultation.strata
        self.numbers = range(1, min(MAX_STRATA, len(held) + 1) + 1)
        for number in self.numbers:
            one = held[number - 1] if number <= len(held) else {}
            named = {"number": number}
            self.fields[f"stratum_{number}_label"] = text(
                _("Question %(number)s: short name") % named,
                _("For your tables, such as “Age”."),
                most=60,
                initial=one.get("label", ""),
            )
            self.fields[f"stratum_{number}_question"] = text(
                _("Question %(number)s: as people read it") % named,
                most=200,
                initial=one.get("question", ""),
            )
            self.fields[f"stratum_{number}_options"] = text(
                _("Question %(number)s: options") % named,
                _("One per line. Where you know the population, add its share: “Under 30 = 22 %”."),
                rows=4,
                initial=written(one.get("options", [])),
            )

    def strata_fields(self) -> list[list[forms.BoundField]]:
        """The fields of each question."""
        return [
            [self[f"stratum_{number}_{part}"] for part in ("label", "question", "options")]
            for number in self.numbers
        ]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        held, strata = self.consultation.strata, []
        taken = {one["key"] for one in held}
        for number in self.numbers:
            label = data.get(f"stratum_{number}_label", "").strip()
            lines = data.get(f"stratum_{number}_options", "")
            if not label and not lines.strip():
                continue
            if not label:
                self.add_error(f"stratum_{number}_label", _("Give this question a short name."))
                continue
            before = held[number - 1] if number <= len(held) else None
            try:
                options = read(lines, held=before["options"] if before else [])
            except forms.ValidationError as error:
                self.add_error(f"stratum_{number}_options", error)
                continue
            key = before["key"] if before else _new_key(label, taken)
            question = data.get(f"stratum_{number}_question", "").strip()
            strata.append({"key": key, "label": label, "question": question, "options": options})
        data["strata"] = strata
        return data


def _new_key(label: str, taken: set[str]) -> str:
    base = slugify(label)[:30] or "q"
    key = next(one for one in (base, *(f"{base}-{n}" for n in range(2, 99))) if one not in taken)
    taken.add(key)
    return key
