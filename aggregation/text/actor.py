"""Who is to act? The words that name the actor of a norm, and what kind of actor that is.

"The AI should ..." names the AI; "AI should be regulated" names nobody who regulates, unless a
"by the state" follows; "it" names somebody a single sentence cannot tell. Unknown is an answer.
"""

from __future__ import annotations

from typing import Literal, TypeAlias, cast

import regex

from aggregation.text.rules.actors import KINDS, ActorRules, actor_rules

Addressee: TypeAlias = Literal["ai", "developer", "government", "user", "people", "unknown"]

_REACH = 120  # code points on either side of a cue in which its actor is looked for


def actor_of(
    main: str, cue: tuple[int, int], language: str
) -> tuple[tuple[int, int] | None, Addressee]:
    """Range and kind of the actor of the cue at `cue` in a clause without its side clauses."""
    rules = actor_rules(language)
    if rules is None:
        return None, "unknown"
    if rules.passive.match(main, cue[1], cue[1] + _REACH):
        return _named(rules.agent.search(main, cue[1], cue[1] + _REACH))
    return _named(_subject(main, cue, rules))


def _subject(main: str, cue: tuple[int, int], rules: ActorRules) -> regex.Match[str] | None:
    """The subject: before the cue, after a "that" behind it, or inverted."""
    floor = max(0, cue[0] - _REACH)
    if not rules.impersonal.match(main, *cue):
        for seek in (rules.before_modified, rules.before):
            if (hit := seek.search(main, floor, cue[0])) is not None:
                return hit
    if rules.ends_that.search(main, *cue):
        return rules.after.match(main, cue[1])
    for seek in (rules.after_that, rules.after_to):
        if (hit := seek.match(main, cue[1])) is not None:
            return hit
    return rules.after.match(main, cue[1]) if rules.inverted.fullmatch(main, *cue) else None


def _named(hit: regex.Match[str] | None) -> tuple[tuple[int, int] | None, Addressee]:
    if hit is None:
        return None, "unknown"
    kind = next(kind for kind in KINDS if hit.group(kind) is not None)
    return hit.span("actor"), cast(Addressee, kind)
