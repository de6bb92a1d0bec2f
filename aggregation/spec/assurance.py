"""How sure is this? The certificates of a spec in words, each sentence made from its numbers."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from aggregation.spec import words
from aggregation.spec.words import counted

Document = dict[str, Any]
FEW = 10  # people; a clause that fewer could overturn is called narrow
STEADY = 0.95  # share of redrawn crowds in which a steady clause keeps its class
DEFAULT_RULE, PLAIN_RULE = "default", "utilitarian"


@dataclass(frozen=True)
class Answer:
    """One part of the answer to "How sure is this?"."""

    title: str
    text: str


def assurance(document: Document) -> tuple[Answer, ...]:
    """What can be said about a spec's certainty, from its document alone; what is not, is left out.

    Every figure in a sentence stands in the document, so `certify.verify` rechecks it.
    """
    adopted = [c for c in document["clauses"] if c["status"] == "adopted"]
    parts = [_counted(document)]
    if adopted:
        parts += [_margins(adopted), _coordination(adopted), _chance(document, adopted)]
    parts += [
        *_choice(document),
        *_other_rules(document),
        *_divided(document),
        *_estimates(document),
        _limits(document),
    ]
    return tuple(parts)


def percent(value: float) -> str:
    """As everywhere, with a decimal where whole numbers would hide a difference."""
    return words.percent(value, fine=True)


def _counted(document: Document) -> Answer:
    policy, groups = document["method"]["policy"], len(document["groups"])
    where = (
        f"in each of the {groups} opinion groups at least"
        if groups > 1
        else "in the one group that could be told apart at least"
    )
    return Answer(
        "Counted, not guessed",
        f"Support is a count of {counted(document['population']['reactions'], 'answer')}. With few "
        f"answers a share can be high by luck, so the rules look at the low end of its 95 % "
        f"interval. For a SHOULD that low end must reach {percent(policy['should_pooled'])} among "
        f"everybody, and {where} {percent(policy['should_group'])}; for a MUST "
        f"{percent(policy['must_pooled'])} and {percent(policy['must_group'])}.",
    )


def _margins(adopted: list[Document]) -> Answer:
    flips = sorted(c["margin"]["flips"] for c in adopted if c["margin"])
    narrow = sum(f < FEW for f in flips)
    if len(flips) == 1:
        text = f"The adopted clause stands until {counted(flips[0], 'supporter')} changed sides. "
    else:
        text = (
            f"The firmest of the {counted(len(flips), 'adopted clause')} would stand until "
            f"{counted(flips[-1], 'supporter')} changed sides, the middle one until "
            f"{statistics.median_low(flips):,} did, the least firm until {flips[0]:,} did. "
        )
    text += (
        f"Fewer than {FEW} people could overturn {counted(narrow, 'clause')}; each clause says how "
        "many it would take."
        if narrow
        else f"No clause could be overturned by fewer than {FEW} people."
    )
    return Answer("How many people would have to change their minds", text)


def _coordination(adopted: list[Document]) -> Answer:
    shares = sorted(
        c["margin"]["coordinated_share"]
        for c in adopted
        if c["margin"] and c["margin"]["coordinated_share"] is not None
    )
    text = (
        "Only answers that the platform asked for count, so nobody can bring friends to one claim. "
    )
    if shares:
        text += (
            "If newcomers came to vote a clause down and were all shown it, they would have to be "
            f"{percent(shares[0])} of all people to bring down the weakest adopted clause, and "
            f"{percent(statistics.median_low(shares))} for the middle one."
        )
    return Answer("What a coordinated crowd could do", text)


def _chance(document: Document, adopted: list[Document]) -> Answer:
    steady = sum(c["stability"] >= STEADY for c in adopted)
    least = min(c["stability"] for c in adopted)
    times = document["method"]["bootstrap_resamples"]
    return Answer(
        "Had other people of the same crowd come",
        f"The people were drawn anew {times} times. {_capital(_of(steady, len(adopted)))} adopted "
        f"clauses kept their strength in at least {percent(STEADY)} of the draws; the least steady "
        f"one kept it in {percent(least)}.",
    )


def _choice(document: Document) -> Iterator[Answer]:
    for one in document["certificates"]["selections"]:
        if not one["chosen"]:
            continue
        name = _BUDGETS[one["budget"]]
        if one["chosen"] == one["candidates"]:
            text = f"Every one of the {counted(one['chosen'], 'candidate')} has its place."
        else:
            missed = one["integrality_gap"] / one["upper_bound"] if one["upper_bound"] else 0.0
            better = f"better by more than {_at_most(missed)}" if missed else "better"
            text = (
                f"{counted(one['chosen'], 'clause')} of {counted(one['candidates'], 'candidate')} "
                f"could be taken. No other choice scores {better}, which is proved by prices that "
                "anybody can recheck. "
            )
            text += _binding(document, one)
            text += _fairness(one["ejr_plus"])
        yield Answer(f"Choosing for {name}", text)


def _binding(document: Document, selection: Document) -> str:
    """What the limits of a list cost, from the prices that prove its optimum."""
    prices = {one["constraint"]: one["nash"] for one in selection["prices"]}
    place = prices.get("budget", 0.0)
    if not place:
        return ""
    text = (
        f"One more place would raise what people get from the list, in the geometric mean, by "
        f"about {percent(math.expm1(place))}"
    )
    titles = {f"theme:{one['id']}": one["title"] for one in document["sections"]}
    themes = [(price, name) for name, price in prices.items() if name in titles]
    if themes:
        price, name = max(themes)
        text += (
            f"; one more for the theme “{titles[name]}”, which has all the places that one theme "
            f"may take, by {percent(math.expm1(price))}"
        )
    return f"{text}. "


def _fairness(found: Document) -> str:
    if found["holds"]:
        return (
            "Every group of people who agree with one another and are enough to be owed clauses "
            f"has them (EJR+; the nearest to a missing one reaches {found['worst']:.2f} of what "
            "would be owed)."
        )
    return (
        "Some group of people who agree with one another is large enough to be owed a clause and "
        f"does not have it (EJR+ ratio {found['worst']:.2f}): clauses that would repeat each "
        "other, or the limit of a theme, stood in the way."
    )


def _other_rules(document: Document) -> Iterator[Answer]:
    for one in document["certificates"]["selections"]:
        rules = one["sensitivity"]["rules"]
        if not rules or not one["chosen"] or one["chosen"] == one["candidates"]:
            continue
        survivors = _capital(_of(len(one["sensitivity"]["survivors"]), one["chosen"]))
        least = min(rules, key=lambda rule: (rule["shared"], rule["rule"]))
        yield Answer(
            f"Had another rule chosen for {_BUDGETS[one['budget']]}",
            f"The same answers were put to {len(rules) - 1} other rules. {survivors} clauses are "
            f"chosen by all of them. The rule that differs most, "
            f"{rule_name(least['rule'])}, shares {least['shared']} of {one['chosen']}.",
        )


def _divided(document: Document) -> Iterator[Answer]:
    found = document["certificates"]["contested"]
    rules = {one["rule"]: one for one in found["rules"]} if found else {}
    if not {DEFAULT_RULE, PLAIN_RULE} <= rules.keys():
        return
    ours, plain = rules[DEFAULT_RULE]["unheard"], rules[PLAIN_RULE]["unheard"]
    if ours == plain == 0:
        return
    yield Answer(
        "Where people are divided",
        f"{_capital(counted(found['candidates'], 'claim'))} have about half of the people behind "
        f"them. A list of the {found['seats']} most supported of these would leave "
        f"{percent(plain)} of the people without a single sentence that they agree with; our rule, "
        f"asked for as many, leaves {percent(ours)}. (People who agree with none of the claims "
        f"are not counted here.)",
    )


def _estimates(document: Document) -> Iterator[Answer]:
    found, shown = document["certificates"]["completion"], document["method"]["welfare"]
    if found is None:
        return
    better = found["log_loss"] < found["mean_log_loss"]
    yield Answer(
        "What was estimated",
        f"People answered {percent(shown['observed_share'])} of what could be asked. For choosing "
        "among supported clauses, and for nothing else, the rest is estimated. Tested on "
        f"{counted(found['votes'], 'answer')} that were hidden, the estimates were "
        f"{'better' if better else 'no better'} than each claim's average (log-loss "
        f"{found['log_loss']:.3f} against {found['mean_log_loss']:.3f}), and off by "
        f"{percent(found['ece'])} on average where they named a chance.",
    )


def _limits(document: Document) -> Answer:
    silence = document["population"]["silence"]
    waiting = silence["statements_waiting"]
    text = (
        "The people chose themselves to take part, so the figures speak for them and not for "
        "everybody else. Who was shown a claim and did not answer may think otherwise."
    )
    if waiting:
        text += f" {_capital(counted(waiting, 'statement'))} were not read by a moderator yet."
    return Answer("What nobody can be sure of", text)


def rule_name(rule: str) -> str:
    """A rule in words; its own name where there are none."""
    return RULE_NAMES.get(rule, rule)


RULE_NAMES = {
    "default": "the spec's own: Nash welfare, then exchanges",
    "nash": "Nash welfare, rounded by itself",
    "utilitarian": "the most supported in sum",
    "p_half": "square-root welfare, between sum and Nash",
    "harmonic_mean": "harmonic mean, which looks harder at who has little",
    "maximin_groups": "the best for the group served worst",
    "cvar": "the best for the tenth of people served worst",
    "seq_pav": "sequential proportional approval",
    "equal_shares": "the method of equal shares",
    "seq_phragmen": "Phragmén's sequential rule",
    "approval_voting": "the most approvals",
    "group_consensus": "group-informed consensus, as Polis ranks",
}
_BUDGETS = {"common_ground": "common ground", "voice": "the voices of a part"}


def _at_most(share: float) -> str:
    """A bound in per cent, rounded up to a decimal so that it holds."""
    return f"{math.ceil(share * 1000) / 10:.1f} %"


def _of(part: int, whole: int) -> str:
    if part == whole:
        return f"all {whole}"
    return f"{part} of {whole}" if part else f"not one of {whole}"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
