"""What an analysis found that people act on: its themes, its opinion groups, pairs to look at."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass, field
from typing import Any

from aggregation.run import Outcome
from civic.analysis.models import Run
from civic.consultations import files
from civic.consultations.models import Consultation
from civic.curation.models import Suggestion
from civic.curation.suggesting import Found

Document = dict[str, Any]


@dataclass(frozen=True)
class Themes:
    """titles : theme id -> title. of_claim : claim key -> theme id."""

    titles: dict[str, str] = field(default_factory=dict)
    of_claim: dict[str, str] = field(default_factory=dict)

    def claims(self, theme: str) -> list[str]:
        """The keys of the claims in a theme, in the order of the document."""
        return [claim for claim, one in self.of_claim.items() if one == theme]


def newest_run(consultation: Consultation) -> Run | None:
    """The newest analysis that came to an end well."""
    done = consultation.runs.filter(status=Run.Status.DONE).defer("previous_document")
    return done.order_by("-pk").first()


def themes_before(run: Run) -> dict[str, str] | None:
    """Claim key -> theme id in the newest analysis that was done before this one, so that themes
    keep their ids; None where it is the first."""
    done = run.consultation.runs.filter(status=Run.Status.DONE, pk__lt=run.pk).order_by("-pk")
    earlier = done.defer("previous_document").first()
    return themes_of(earlier).of_claim if earlier is not None else None


def theme_titles(run: Run | None) -> dict[str, str]:
    """The themes that a run found: id -> title."""
    return dict(run.themes.values_list("key", "title")) if run else {}


def themes_of(run: Run | None) -> Themes:
    """The themes of a run with their claims; none where there is no run, or it kept no file."""
    if run is None or not run.outcome_file:
        return Themes(theme_titles(run))
    return themes_in(json.loads(files.read(run.outcome_file)))


def themes_in(document: Document) -> Themes:
    """The themes of a spec document."""
    return Themes(
        {section["id"]: section["title"] for section in document["sections"]},
        {
            clause["claim"]: clause["section"]
            for clause in document["clauses"]
            if clause["section"] is not None
        },
    )


def groups_of_people(run: Run | None) -> dict[str, str]:
    """The opinion group of each person whom a run placed in one: person's key -> group's key."""
    if run is None or not run.groups_file:
        return {}
    found = json.loads(files.read(run.groups_file))
    names = list(run.groups.order_by("pk").values_list("key", flat=True))
    return {
        person: names[label]
        for person, label in zip(found["participants"], found["labels"], strict=True)
        if label >= 0
    }


def pairs_to_look_at(outcome: Outcome) -> list[Found]:
    """What an analysis asks a person to decide, the most telling first, each with its reason."""
    same = [
        Found(
            Suggestion.Kind.DUPLICATE,
            one.first,
            one.second,
            {"similarity": one.similarity, "why": _why(one.similarity)},
        )
        for one in outcome.duplicates
    ]
    opposed = [
        Found(
            Suggestion.Kind.CONTRADICTION,
            one.first,
            one.second,
            dataclasses.asdict(one) | {"why": one.why},
        )
        for one in outcome.contradictions
    ]
    return same + opposed


def _why(similarity: float) -> str:
    return (
        f"Their likeness in meaning is {similarity:.2f}, where 1 means the same words. That is not"
        " enough to join them without asking."
    )
