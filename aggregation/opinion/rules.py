"""Where our reading of a crowd departs from Polis, as settings; and Polis's own."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Rules:
    """The choices on which two analyses of the same votes may differ.

    min_mass : a group of a smaller share of the people joins the nearest one, so that neither a
        handful of outliers nor a small coordinated crowd is ever a group with a veto
    k_max : at most so many groups
    points_per_group : at most 2 + floor(points / this) groups; None for no such bound
    exact_people : up to so many people are clustered one by one; a larger crowd is first drawn
        together into 100 weighted base points
    agree_first : representative claims are told by Polis's order: the best agreed one leads, and
        agreement goes before disagreement; otherwise strongest first, whichever side they are on
    """

    min_mass: float = 0.15
    k_max: int = 5
    points_per_group: int | None = None
    exact_people: int = 20_000
    agree_first: bool = False


DEFAULT = Rules()
POLIS = Rules(min_mass=0.0, points_per_group=12, exact_people=100, agree_first=True)
