"""`make docs`: docs/methods.md from its template and the constants of the code."""

from __future__ import annotations

import string
from dataclasses import fields
from pathlib import Path

from aggregation import cluster, opinion, proofs, routing, run, sensitivity
from aggregation.cluster import thresholds
from aggregation.completion.fitting import FEW_VOTES
from aggregation.completion.ranks import RANKS
from aggregation.kmeans import BASE_POINTS
from aggregation.opinion.projection import MIN_PEOPLE, MIN_VOTES
from aggregation.stance import reactions
from aggregation.tiers import Policy
from aggregation.types import LEAST_CELL, Settings

HERE = Path(__file__).parent
TEMPLATE, RENDERED = HERE / "methods.template.md", HERE / "methods.md"
NOTE = "<!-- Made by `make docs` from methods.template.md; edit that file. -->\n"
IN_PER_CENT = ("pooled", "group", "mass", "veto", "share", "hysteresis")


def constants() -> dict[str, str]:
    """Every figure that the page quotes, as it is to be read."""
    policy = Policy()
    figures = {
        field.name: _shown(field.name, getattr(policy, field.name)) for field in fields(policy)
    }
    low, high = proofs.CONTESTED
    likeness = {name: f"{value:.3g}" for name, value in cluster.parameters().items()}
    return (
        figures
        | likeness
        | {
            "together": str(reactions.LEAST),
            "nearly": f"{thresholds.NEARLY:g}",
            "min_votes": str(MIN_VOTES),
            "min_people": str(MIN_PEOPLE),
            "all_points": f"{opinion.DEFAULT.exact_people:,}",
            "base_points": str(BASE_POINTS),
            "k_max": str(run.K_MAX),
            "ranks": ", ".join(map(str, RANKS)),
            "cold": str(FEW_VOTES),
            "exploration": f"{routing.EXPLORATION * 100:g} %",
            "bootstrap": str(Settings().bootstrap),
            "least_cell": str(Settings().least_cell),
            "lowest_cell": str(LEAST_CELL),
            "removed": f"{proofs.REMOVED * 100:g} %",
            "rules": str(len(sensitivity.RULES) + 1),
            "sample": f"{proofs.SAMPLE:,}",
            "contested_seats": str(proofs.CONTESTED_SEATS),
            "contested_low": f"{low:g}",
            "contested_high": f"{high:g}",
        }
    )


def _shown(name: str, value: object) -> str:
    if isinstance(value, float) and name.endswith(IN_PER_CENT):
        return f"{value * 100:g} %"
    return f"{value:.5g}" if isinstance(value, float) else str(value)


def render() -> str:
    """The page; KeyError if the template asks for a figure that is not there."""
    return NOTE + string.Template(TEMPLATE.read_text("utf-8")).substitute(constants())


if __name__ == "__main__":
    RENDERED.write_text(render(), encoding="utf-8")
