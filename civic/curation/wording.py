"""What stands about pairs and decisions in the record, told in the language of whoever reads.

Stored words stay as they are: reasons that go with a button are kept in English, figures as
figures. Counts of fewer than k people are told to nobody.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from aggregation.stance import Verdict
from aggregation.stance.asking import BAR, REFUTED

# The reasons that people did not write themselves, as they are stored.
USUAL_REASONS = {
    "Both say the same.": gettext_lazy("Both say the same."),
    "They say different things.": gettext_lazy("They say different things."),
    "Nobody can follow both at once.": gettext_lazy("Nobody can follow both at once."),
    "Both can be followed at once.": gettext_lazy("Both can be followed at once."),
    "Not clear enough to decide.": gettext_lazy("Not clear enough to decide."),
    "These passages say something else.": gettext_lazy("These passages say something else."),
    "A clearer name.": gettext_lazy("A clearer name."),
    "Both are about the same.": gettext_lazy("Both are about the same."),
    "It belongs there.": gettext_lazy("It belongs there."),
    "The decision was a mistake.": gettext_lazy("The decision was a mistake."),
    "Its author says that it means something else.": gettext_lazy(
        "Its author says that it means something else."
    ),
}


def reason(stored: str) -> str:
    """A reason: the usual ones in the reader's language, somebody's own words as they are."""
    return str(USUAL_REASONS.get(stored, stored))


def why_same(evidence: Mapping[str, Any]) -> str:
    """Why a person should look whether two claims say the same."""
    if "similarity" not in evidence:
        return str(evidence.get("why", ""))
    return _(
        "Their likeness in meaning is %(likeness)s, where 1 means the same words. That is not "
        "enough to join them without asking."
    ) % {"likeness": number_format(evidence["similarity"], decimal_pos=2)}


def why_opposed(evidence: Mapping[str, Any], *, k: int) -> str:
    """Why a person should look whether two claims contradict each other."""
    if "source" not in evidence:
        return str(evidence.get("why", ""))
    said = []
    if evidence["source"] != "reactions":
        said.append(_("One asks for what the other speaks against, in similar words."))
    both, agreed = evidence["both"], evidence["agree_both"]
    if both == 0:
        said.append(_("Nobody took a side on both."))
    elif both < k:
        said.append(_("Fewer than %(k)s people took a side on both.") % {"k": k})
    else:
        told = ngettext(
            "%(people)s person took a side on both; %(agreed)s agreed to both.",
            "%(people)s people took a side on both; %(agreed)s agreed to both.",
            both,
        )
        said.append(told % {"people": _number(both), "agreed": _number(agreed)})
    if evidence["hi"] is not None and evidence["hi"] < 0:
        said.append(_("Who agrees with one tends to disagree with the other."))
    elif evidence["lo"] is not None and evidence["lo"] > 0:
        said.append(
            _("Who agrees with one tends to agree with the other, which speaks against it.")
        )
    return " ".join(said)


def verdict(found: Verdict) -> str:
    """What the answers to an either/or question suggest, with their figures."""
    if found.share is None:
        return _("Nobody has said yet whether both can hold.")
    counted = _(
        "%(sides)s of %(people)s people took one side and did not say that both are possible "
        "(%(share)s; 95 %% interval %(low)s to %(high)s)."
    ) % {
        "sides": _number(round(found.share * found.telling)),
        "people": _number(found.telling),
        "share": _percent(found.share),
        "low": _percent(found.lo),
        "high": _percent(found.hi),
    }
    if found.word == "confirmed by voters":
        rest = _(
            "The interval lies at %(bar)s or above: people confirm it. A person still decides."
        ) % {"bar": _percent(BAR)}
    elif found.word == "refuted by voters":
        rest = _("The interval lies under %(bar)s: people refute it. A person still decides.") % {
            "bar": _percent(REFUTED)
        }
    else:
        rest = _("That does not settle it.")
    return f"{counted} {rest}"


def _number(value: int) -> str:
    return number_format(value, use_l10n=True, force_grouping=True)


def _percent(share: float) -> str:
    return _("%(number)s %%") % {"number": number_format(round(share * 100))}
