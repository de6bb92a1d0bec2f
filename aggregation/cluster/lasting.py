"""Which theme is which from run to run, and what did people decide about them?

Communities shift as people write. A theme keeps its id where most of its claims went; decisions
name ids, and are applied after the ids are found.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from aggregation.types import Curation, IntArray

KEPT = 1 / 3  # of the smaller one of two: what they share at least to be one theme


@dataclass(frozen=True, eq=False)
class Lasting:
    """Themes with their ids, after people's decisions; the largest first.

    label (n,): index into `ids`. made: whether people put it together, so that no community of
    claims stands behind it as it is. source: per theme the communities that went into it
    """

    label: IntArray
    ids: tuple[str, ...]
    made: tuple[bool, ...]
    source: tuple[tuple[int, ...], ...]


def theme_ids(
    label: IntArray,
    names: Sequence[str],
    slugs: Sequence[str],
    *,
    previous: Mapping[str, str] | None = None,
    curation: Curation | None = None,
) -> tuple[str, ...]:
    """An id for each community 0..k-1.

    label (n,): the community of each claim; names (n,): the claims' ids; slugs (k,): what a new
    theme would be called. previous: claim id -> theme id of the last run, after decisions. Of all
    overlaps the greatest is matched first, each id and each community once; ties go to the smaller
    id. Claims that people placed are no evidence. An id that was merged into another waits as a
    second name for a community of that theme, so that a merge holds when communities shift.
    Without a previous run, a decision holds for the community that gets the id it names.
    """
    curation = curation or Curation()
    placed = {claim for claim, _ in curation.placed}
    before = {c: t for c, t in (previous or {}).items() if c not in placed}
    target = _targets(curation.merged)
    second: defaultdict[str, list[str]] = defaultdict(list)
    for one in sorted(target):
        if target[one] != one:
            second[target[one]].append(one)
    known = [(row, before[name]) for row, name in enumerate(names) if name in before]
    shared = Counter((old, int(label[row])) for row, old in known)
    of_old, of_new = Counter(old for _, old in known), Counter(int(label[row]) for row, _ in known)
    offers = [
        (-count, place, old, new)
        for (first, new), count in shared.items()
        if count >= KEPT * min(of_old[first], of_new[new])
        for place, old in enumerate((first, *second[first]))
    ]
    found: dict[int, str] = {}
    for _, _, old, new in sorted(offers):
        if new not in found and old not in found.values():
            found[new] = old
    taken = {*before.values(), *found.values(), *(_named(curation) if previous else ())}
    for new, slug in enumerate(slugs):
        if new not in found:
            found[new] = _unique(slug, taken)
            taken.add(found[new])
    return tuple(found[new] for new in range(len(slugs)))


def decided_themes(
    label: IntArray, ids: Sequence[str], names: Sequence[str], curation: Curation
) -> Lasting:
    """The communities after people's decisions: joined, and with claims where people put them.

    A claim put into a theme that no community has become makes that theme. Themes that lost all
    their claims are left out. Decisions about claims and themes that are not there wait.
    """
    target = _targets(curation.merged)
    theme = [target.get(ids[c], ids[c]) for c in label.tolist()]
    source: defaultdict[str, list[int]] = defaultdict(list)
    for community, name in enumerate(ids):
        source[target.get(name, name)].append(community)
    place = {name: row for row, name in enumerate(names)}
    for claim, wanted in curation.placed:
        if claim in place:
            theme[place[claim]] = target.get(wanted, wanted)
    size = Counter(theme)
    first = {name: row for row, name in reversed(list(enumerate(theme)))}
    ordered = sorted(size, key=lambda name: (-size[name], first[name]))
    number = {name: index for index, name in enumerate(ordered)}
    return Lasting(
        label=np.array([number[name] for name in theme], dtype=np.int64),
        ids=tuple(ordered),
        made=tuple(len(source[name]) != 1 for name in ordered),
        source=tuple(tuple(source[name]) for name in ordered),
    )


def _targets(merged: Sequence[tuple[str, str]]) -> dict[str, str]:
    """Each merged theme with the one it ended in; a pair that would close a circle is passed by."""
    into: dict[str, str] = {}
    for one, other in merged:
        if _end(into, other) != one:
            into[one] = other
    return {one: _end(into, one) for one in into}


def _end(into: Mapping[str, str], name: str) -> str:
    while name in into:
        name = into[name]
    return name


def _named(curation: Curation) -> set[str]:
    return {
        *(theme for pair in curation.merged for theme in pair),
        *(theme for theme, _ in curation.titles),
        *(theme for _, theme in curation.placed),
    }


def _unique(slug: str, taken: set[str]) -> str:
    number = 1
    while (slug if number == 1 else f"{slug}_{number}") in taken:
        number += 1
    return slug if number == 1 else f"{slug}_{number}"
