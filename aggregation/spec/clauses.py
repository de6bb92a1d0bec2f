"""One clause of the spec: its wording, standing, numbers and the passages it cites."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from aggregation.opinion import wilson
from aggregation.spec import words
from aggregation.spec.cells import shown_groups
from aggregation.spec.findings import Findings
from aggregation.stance import Evidence
from aggregation.types import Authority, Modality, Span, Status, Tier

SIMILAR_SHOWN = 20  # claims close in meaning that a clause points to
_SLUG_WORDS = 6
_STOP = {
    "a", "ai", "al", "an", "and", "any", "are", "as", "assistant", "at", "be", "by", "for", "i",
    "in", "is", "it", "its", "must", "of", "on", "or", "should", "system", "that", "the", "their",
    "they", "this", "to", "want", "with", "would",
}  # fmt: skip


def rounded(value: float) -> float:
    """Six decimals, and never a negative zero: the precision at which specs are published."""
    return round(float(value), 6) + 0.0


def slug(text: str) -> str:
    """Up to six content words of a sentence in snake case; "" where it has no Latin letters."""
    ascii_text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    found = re.findall(r"[a-z0-9]+", ascii_text.replace("'", ""))
    content = [word for word in found if word not in _STOP] or found
    joined = "_".join(content[:_SLUG_WORDS])[:60].strip("_")
    return joined if re.match(r"[a-z]", joined) else ""


def clause_ids(findings: Findings, *, previous: Mapping[str, str]) -> tuple[str, ...]:
    """A stable, unique id per claim: the earlier version's where there was one, else a slug.

    previous : claim id → clause id of the version before; those ids are never given to another.
    """
    taken = set(previous.values())
    result = []
    for claim, reading in zip(findings.claims, findings.readings, strict=True):
        chosen = previous.get(claim.id)
        if chosen is None:
            suffix = re.sub(r"[^a-z0-9]+", "_", claim.id.lower()).strip("_")
            base = slug(reading.text) or f"clause_{suffix}"
            chosen = base if base not in taken else f"{base}_{suffix}"
            while chosen in taken:
                chosen += "_x"
            taken.add(chosen)
        result.append(chosen)
    return tuple(result)


def modality(polarity: int, *, stance: int, strength: str, permits: bool = False) -> Modality:
    """How a sentence binds: its own polarity, turned round where citizens rejected it.

    "AI should not lie", affirmed, is a must_not; "AI should rule", rejected, is one too.
    permits : the sentence only allows something; affirmed it stays a may, however broad support is
    """
    if permits and stance > 0:
        return Modality.MAY
    forbids = polarity * stance < 0
    if strength == "must":
        return Modality.MUST_NOT if forbids else Modality.MUST
    if strength == "should":
        return Modality.SHOULD_NOT if forbids else Modality.SHOULD
    return Modality.MAY


@dataclass(frozen=True)
class ClauseWriter:
    """Writes the clause of any claim; holds the look-ups that all clauses share."""

    findings: Findings
    ids: tuple[str, ...]
    section_of: Mapping[int, str]
    similar: Mapping[int, Sequence[int]]
    counters: Mapping[int, Mapping[int, Evidence | None]]
    relatives: Mapping[int, list[int]]
    histories: Mapping[str, list[dict[str, object]]]
    rules: Mapping[int, dict[str, int]]

    def write(self, j: int) -> dict[str, object]:
        """The clause of claim j as a document fragment."""
        f = self.findings
        reading, decision = f.readings[j], f.decisions[j]
        takes_a_side = decision.status in _DECIDED or decision.code in words.BROAD
        stance = -1 if f.direction[j] < 0 and takes_a_side else 1
        return {
            "id": self.ids[j],
            "claim": f.claims[j].id,
            "text": reading.text,
            "language": reading.language,
            "drafted_by": "citizen",
            "stance": "affirms" if stance > 0 else "rejects",
            "polarity": "positive" if reading.polarity > 0 else "negative",
            "modality": self._modality(j, stance).value,
            "applies_when": list(reading.applies_when),
            "exceptions": list(reading.exceptions),
            "reading": {
                "modal": reading.modal,
                "absolute": reading.absolute,
                "actor": reading.actor,
                "addressee": reading.addressee,
            },
            "tier": decision.tier.value,
            "status": decision.status.value,
            "reason": {
                "code": decision.code,
                "text": words.reason_text(decision.code, group=decision.group),
                "clause": None if decision.other is None else self.ids[decision.other],
            },
            "procedure": _PROCEDURES.get(decision.tier),
            "authority": self._authority(j),
            "weight": None if decision.weight is None else rounded(decision.weight),
            "support": self._support(j, stance),
            "held": f.held[j],
            "margin": self._margin(j),
            "rules": self.rules.get(j),
            "stability": rounded(f.stability[j]),
            "represents": self._represents(j, stance),
            "opposition": self._opposition(j, stance),
            "dissent": self._dissent(j),
            "evidence": self._evidence(j),
            "similar_to": [self.ids[i] for i in self.similar.get(j, ())[:SIMILAR_SHOWN]],
            "conflicts_with": [
                self.ids[i] for i, found in sorted(self.counters.get(j, {}).items()) if not found
            ],
            "supersedes": None,
            "section": self.section_of.get(j),
            "examples": [],
            "tests": [],
            "history": self.histories[self.ids[j]],
        }

    def _modality(self, j: int, stance: int) -> Modality:
        reading, decision = self.findings.readings[j], self.findings.decisions[j]
        if decision.status is Status.CONTESTED:
            return Modality.MAY
        strength = decision.strength
        if decision.status is Status.NOT_ADOPTED or strength is None:
            strength = reading.modal if reading.modal in ("must", "should", "may") else "should"
        permits = reading.modal == "may"
        return modality(reading.polarity, stance=stance, strength=strength, permits=permits)

    def _authority(self, j: int) -> str | None:
        decision = self.findings.decisions[j]
        if decision.status is Status.ADOPTED:
            authority = Authority.SYSTEM if decision.strength == "must" else Authority.DEVELOPER
        elif decision.status is Status.PROVISIONAL:
            authority = Authority.GUIDELINE
        elif decision.status is Status.CONTESTED:
            authority = Authority.USER
        else:
            return None
        return str(authority.value)

    def _margin(self, j: int) -> dict[str, object] | None:
        margin = self.findings.margins[j]
        # It is worked out from every group: beside a hidden one it would say how that answered.
        if margin is None or len(self.shown(j)) < len(self.findings.group_sizes):
            return None
        return {
            "flips": margin.flips,
            "removals": margin.removals,
            "additions": margin.additions,
            "weakest": words.condition_name(margin.weakest),
            "coordinated_share": None
            if margin.coordinated_share is None
            else rounded(margin.coordinated_share),
            "swap": margin.swap,
        }

    def _cell(self, row: int, j: int, measures: str) -> dict[str, object]:
        f = self.findings
        agree, disagree, n = (int(a[row, j]) for a in (f.agree, f.disagree, f.seen))
        hits = agree if measures == "agree" else disagree
        lo, hi = (float(bound) for bound in wilson(hits, n))
        return {
            "n": n,
            "agree": agree,
            "disagree": disagree,
            "unsure": n - agree - disagree,
            "estimate": rounded(hits / n) if n else None,
            "lo": rounded(lo),
            "hi": rounded(hi),
        }

    def _support(self, j: int, stance: int) -> dict[str, object]:
        f = self.findings
        measures = "agree" if stance > 0 else "disagree"
        shown = self.shown(j)
        cells: list[dict[str, object]] = []
        for g in range(len(f.group_sizes)):
            name = words.group_name(g)
            if g in shown:
                cells.append({"group": name, **self._cell(g, j, measures)})
            else:
                cells.append({"group": name, "n": None, "suppressed": True})
        hidden = {"n": None, "suppressed": True}
        return {
            "basis": "observed",
            "measures": measures,
            "overall": self._cell(-1, j, measures) if self._is_told(j) else hidden,
            "by_group": cells,
            "observed_share": rounded(f.seen[-1, j] / f.participants) if self._is_told(j) else None,
        }

    def _shares(self, j: int, *, agree: bool) -> list[tuple[float, int]]:
        """Shares of one answer in each group large enough to show, with the group's index."""
        f = self.findings
        hits = f.agree if agree else f.disagree
        return [(float(hits[g, j] / f.seen[g, j]), g) for g in self.shown(j)]

    def _is_told(self, j: int) -> bool:
        """Whether enough people answered for the counts over everybody to be shown."""
        return bool(self.findings.seen[-1, j] >= self.findings.settings.least_cell)

    def shown(self, j: int) -> list[int]:
        """Groups whose counts are shown."""
        f = self.findings
        seen, total = f.seen[:-1, j].tolist(), int(f.seen[-1, j])
        return shown_groups(seen, total=total, least=f.settings.least_cell)

    def _represents(self, j: int, stance: int) -> list[str]:
        shares = self._shares(j, agree=stance > 0)
        return [words.group_name(g) for share, g in shares if share > 0.5]

    def _opposition(self, j: int, stance: int) -> dict[str, object]:
        f = self.findings
        against = f.disagree if stance > 0 else f.agree
        n = int(f.seen[-1, j])
        shares = self._shares(j, agree=stance < 0)
        top = max(shares, key=lambda item: (item[0], -item[1]), default=None)
        return {
            "share": rounded(against[-1, j] / n) if self._is_told(j) else None,
            "group": None if top is None else words.group_name(top[1]),
            "group_share": None if top is None else rounded(top[0]),
        }

    def _dissent(self, j: int) -> list[dict[str, object]]:
        """Up to three claims that contradict this one or may do so, the best supported first."""
        f = self.findings
        found = []
        for i, evidence in self.counters.get(j, {}).items():
            if not self._is_told(i):
                continue
            share = float(f.agree[-1, i] / f.seen[-1, i])
            groups = self._shares(i, agree=True)
            top = max(groups, key=lambda item: (item[0], -item[1]), default=None)
            name = None if top is None else words.group_name(top[1])
            found.append((-share, i, name, evidence))
        return [
            {
                "clause": self.ids[i],
                "text": f.readings[i].text,
                "share": rounded(-negative),
                "group": group,
                "basis": "confirmed" if evidence is None else _BASIS[evidence.source],
                **self._together(evidence),
            }
            for negative, i, group, evidence in sorted(found, key=lambda one: one[:2])[:3]
        ]

    def _together(self, evidence: Evidence | None) -> dict[str, int | None]:
        """How many took a side on both and how many agreed to both; few are not shown."""
        if evidence is None or evidence.both < self.findings.settings.least_cell:
            return {"both": None, "agree_both": None}
        return {"both": evidence.both, "agree_both": evidence.agree_both}

    def _evidence(self, j: int) -> list[dict[str, object]]:
        """Its own words, and those of its family if it speaks for them.

        A claim that another one of its family stands for quotes itself alone: if all quoted all,
        a sentence sent a thousand times would fill a million lines.
        """
        f = self.findings
        speaks = f.family[j] == j or f.decisions[j].status is not Status.NOT_ADOPTED
        others = [i for i in self.relatives[int(f.family[j])] if i != j] if speaks else []
        spans: list[tuple[Span, str]] = [(f.claims[j].span, "source")]
        spans += [(span, "paraphrase") for span in f.claims[j].members]
        for i in others:
            spans += [(span, "paraphrase") for span in (f.claims[i].span, *f.claims[i].members)]
        quotes = [self._passage(span, role) for span, role in spans]
        around = f.claims[j].context
        if around is not None:
            statement = f.corpus.statement(around.statement)
            quotes[0]["context"] = {
                "quote": statement.text[around.start : around.end],
                "start": around.start,
                "end": around.end,
            }
        return quotes

    def _passage(self, span: Span, role: str) -> dict[str, object]:
        statement = self.findings.corpus.statement(span.statement)
        return {
            "statement": statement.id,
            "quote": statement.text[span.start : span.end],
            "start": span.start,
            "end": span.end,
            "language": statement.language or "und",
            "role": role,
        }


def counters(findings: Findings) -> dict[int, dict[int, Evidence | None]]:
    """For each claim those that contradict it or may: the evidence, None where people decided."""
    place = {claim.id: j for j, claim in enumerate(findings.claims)}
    pairs: list[tuple[int, int, Evidence | None]] = [
        (place[one.first], place[one.second], one) for one in findings.possible
    ]
    pairs += [(i, j, None) for i, j in findings.confirmed]
    found: defaultdict[int, dict[int, Evidence | None]] = defaultdict(dict)
    for i, j, evidence in pairs:
        found[i][j] = found[j][i] = evidence
    return found


_BASIS = {"text": "wording", "reactions": "reactions", "both": "wording_and_reactions"}
_DECIDED = (Status.ADOPTED, Status.PROVISIONAL)  # a contested clause takes no side
_PROCEDURES = {Tier.PLURAL: words.PROCEDURE_PLURAL, Tier.VOICE: words.PROCEDURE_VOICE}
