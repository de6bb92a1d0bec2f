"""spec.md: for people, in the conventions of the Model Spec.

Headings carry `{#id authority=user}`; numbers, dissent and sources stand in commentary blocks, so
that the normative text stays clean. Citizens' words are escaped: they are text, never markup.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from aggregation.exports.marks import escape, fenced
from aggregation.spec.assurance import assurance
from aggregation.spec.words import counted, percent

Document = dict[str, Any]

MODALITY_WORDS = {
    "must": "MUST",
    "must_not": "MUST NOT",
    "should": "SHOULD",
    "should_not": "SHOULD NOT",
    "may": "MAY",
}
_PARTS = (
    (
        "common_ground",
        "Common ground",
        "adopted",
        "Broad support overall and in every opinion group. These are the norms of this spec.",
    ),
    (
        "provisional",
        "Provisional",
        "provisional",
        "Strong support so far, from too few people to be sure. Follow these where nothing else "
        "speaks against it; they are guidelines, not norms.",
    ),
    (
        "contested",
        "Contested",
        "contested",
        "What divides people, and what a part of them asks for. No sentence in this part is a "
        "norm: each says what to do about it.",
    ),
)
_HEADING_LENGTH = 80


def counter_words(item: Document) -> str:
    """Whether a counter-claim is one for sure, and what suggests that it may be."""
    if item["basis"] == "confirmed":
        return "Contradicts it, as people found: nobody can follow both"
    by = item["basis"].replace("_", " ")
    if item["both"] is None:
        return f"Possibly against it, by {by}"
    return (
        f"Possibly against it, by {by} ({counted(item['both'], 'person', plural='people')} took a "
        f"side on both, {item['agree_both']:,} agreed to both)"
    )


def support_words(cell: Document, measures: str) -> str:
    """ "81 % agree (95 % interval 77–85 %, n = 412)"."""
    if cell["n"] is None:
        return "too few to show"
    if not cell["n"]:
        return "nobody asked"
    lo, hi = percent(cell["lo"]), percent(cell["hi"])
    interval = f"{lo} to {hi}"
    return f"{percent(cell['estimate'])} {measures} (95 % interval {interval}, n = {cell['n']})"


def norm_line(clause: Document) -> str:
    """The normative sentence of a clause, in the citizens' own words."""
    strength = MODALITY_WORDS[clause["modality"]]
    verb = "reject" if clause["stance"] == "rejects" else "say"
    return f"**{strength}.** Citizens {verb}: “{escape(clause['text'])}”"


def to_markdown(document: Document) -> str:
    """The spec as Markdown; a pure function of the document."""
    lines = _front(document)
    titles = {section["id"]: section["title"] for section in document["sections"]}
    for anchor, title, status, meaning in _PARTS:
        clauses = [c for c in document["clauses"] if c["status"] == status]
        lines += [f"# {title} {{#{anchor}}}", "", meaning, ""]
        if not clauses:
            lines += ["Nothing stands here in this version.", ""]
        lines += _by_section(clauses, titles, part=anchor)
    lines += _not_adopted(document)
    lines += _assurance(document)
    lines += _method(document)
    return "\n".join(lines).rstrip() + "\n"


def _front(document: Document) -> list[str]:
    lines = [f"# {escape(document['title'])} {{#overview}}", ""]
    if document["synthetic"]:
        lines += ["**Synthetic: the statements and reactions behind this spec were invented.**", ""]
    if document["question"]:
        lines += [f"Question: {escape(document['question'])}", ""]
    lines += [document["summary"], ""]
    if document["groups"]:
        lines += ["| Opinion group | People | Share |", "| --- | ---: | ---: |"]
        lines += [
            f"| {g['label']} | {g['size']} | {percent(g['share'])} |" for g in document["groups"]
        ]
        lines += [
            "",
            "An opinion group is made of people who react alike; it is no demographic.",
            "",
        ]
    return lines


def _by_section(clauses: list[Document], titles: dict[str, str], *, part: str) -> list[str]:
    held: defaultdict[str | None, list[Document]] = defaultdict(list)
    for clause in clauses:
        held[clause["section"]].append(clause)
    lines: list[str] = []
    for name, members in held.items():
        if name is not None:
            lines += [f"## {escape(titles[name])} {{#{part}_{name}}}", ""]
        for clause in members:
            lines += _clause(clause)
    return lines


def _heading(clause: Document) -> str:
    text = _shortened(clause["text"])
    rejected = clause["status"] != "contested" and clause["stance"] == "rejects"
    shown = f"Rejected: “{escape(text)}”" if rejected else escape(text)
    return f"### {shown} {{#{clause['id']} authority={clause['authority']}}}"


def _clause(clause: Document) -> list[str]:
    lines = [_heading(clause), ""]
    if clause["status"] == "contested":
        attitude = "disagree about" if clause["tier"] == "plural" else "ask in part for"
        lines += [f"Citizens {attitude}: “{escape(clause['text'])}”", ""]
        lines += [clause["procedure"] + _anchors(clause), ""]
    else:
        lines += [norm_line(clause) + _anchors(clause), ""]
    if clause["applies_when"]:
        lines += ["Applies: " + "; ".join(escape(c) for c in clause["applies_when"]) + ".", ""]
    if clause["exceptions"]:
        lines += ["Except: " + "; ".join(escape(c) for c in clause["exceptions"]) + ".", ""]
    for example in clause["examples"]:
        lines += _example(example)
    return [*lines, *_commentary(clause), ""]


def _anchors(clause: Document) -> str:
    """A marker per test of the clause; its prompt is in examples/."""
    return "".join(f"[^{test['id']}]" for test in clause["tests"])


def _example(example: Document) -> list[str]:
    """A prompt with the answers on which most people agreed; none where they did not."""
    judged = [
        (f"{mark}: {_judged(answer)}, written by {answer['by']}", answer["text"])
        for mark, name in (("GOOD", "good"), ("BAD", "bad"))
        for answer in example[name]
    ]
    if not judged:
        return []
    caption = escape(_shortened(example["prompt"]))
    return [f"**Example**: {caption}", "", fenced([("user", example["prompt"])], judged=judged), ""]


def _judged(answer: Document) -> str:
    counts = answer["judged"]
    return f"{counts['agree']} of {counts['n']} people for it, {counts['disagree']} against"


def _shortened(words: str) -> str:
    text = " ".join(words.split())
    return text if len(text) <= _HEADING_LENGTH else text[:_HEADING_LENGTH].rsplit(" ", 1)[0] + " …"


def _commentary(clause: Document) -> list[str]:
    support = clause["support"]
    measures = support["measures"]
    body = [clause["reason"]["text"], f"Overall: {support_words(support['overall'], measures)}."]
    groups = [f"{c['group']}: {support_words(c, measures)}" for c in support["by_group"]]
    if groups:
        body.append("By opinion group: " + "; ".join(groups) + ".")
    if clause["weight"] is not None:
        body.append(f"Priority weight {clause['weight']:.3f}.")
    if clause["margin"]:
        flips, weakest = clause["margin"]["flips"], clause["margin"]["weakest"]
        people = "supporter" if flips == 1 else "supporters"
        body.append(f"Would lose its strength if {flips} {people} changed sides ({weakest}).")
        newcomers = clause["margin"]["coordinated_share"]
        if newcomers is not None:
            crowd = percent(newcomers, fine=True)
            body.append(f"A coordinated crowd would have to be {crowd} of everybody.")
    if clause["rules"]:
        body.append(f"Chosen by {clause['rules']['kept']} of {clause['rules']['of']} rules.")
    body.append(f"Stays the same in {percent(clause['stability'])} of resamples.")
    opposition = clause["opposition"]
    if opposition["share"]:
        where = f", most in group {opposition['group']}" if opposition["group"] else ""
        answer = "Disagree" if measures == "agree" else "Agree"
        body.append(f"{answer}: {percent(opposition['share'])}{where}.")
    for item in clause["dissent"]:
        body.append(
            f"{counter_words(item)}: “{escape(item['text'])}” "
            f"({percent(item['share'])} agree) [?](#{item['clause']})."
        )
    for passage in clause["evidence"]:
        where = f"statement {escape(passage['statement'])}, {passage['start']}–{passage['end']}"
        body.append(f"Source: “{escape(passage['quote'])}” ({where}, {passage['language']}).")
        if "context" in passage:
            body.append(f"In its place: “{escape(passage['context']['quote'])}”")
    return ['!!! meta "Commentary"', *(f"    {line}" for part in body for line in (part, ""))][:-1]


def _not_adopted(document: Document) -> list[str]:
    held: defaultdict[str, list[Document]] = defaultdict(list)
    for clause in document["clauses"]:
        if clause["status"] == "not_adopted":
            held[clause["reason"]["code"]].append(clause)
    lines = ["# Not adopted {#not_adopted}", "", "No sentence in this part is a norm.", ""]
    for code, clauses in held.items():
        lines += [f"## {code.replace('_', ' ').capitalize()} {{#not_adopted_{code}}}", ""]
        for clause in clauses:
            numbers = support_words(clause["support"]["overall"], clause["support"]["measures"])
            reason = clause["reason"]
            pointer = f" [?](#{reason['clause']})" if reason["clause"] else ""
            # Renderers give a list item no id, but a link: it points to itself.
            name = clause["id"]
            quote = f"[“{escape(clause['text'])}”](#{name}){{#{name}}}"
            lines.append(f"- {quote} — {reason['text']}{pointer} {numbers}.")
        lines.append("")
    return lines


def _assurance(document: Document) -> list[str]:
    lines = ["# How sure is this? {#sure}", ""]
    for answer in assurance(document):
        lines += [f"**{answer.title}.** {answer.text}", ""]
    return lines


def _method(document: Document) -> list[str]:
    method, population = document["method"], document["population"]
    silence = population["silence"]
    lines = ["# Method and silence {#method}", "", method["rule"], "", method["suppression"], ""]
    lines += [
        f"- {population['statements']:,} statements: {silence['statements_waiting']:,} wait for a "
        f"moderator, {silence['statements_rejected']:,} were rejected by one, "
        f"{silence['statements_without_claim']:,} hold nothing to react to.",
        f"- {population['reactions']:,} reactions counted, {population['reactions_not_served']:,} "
        "not counted because the platform had not asked for them.",
        f"- {silence['participants_without_group']:,} people answered too little to be placed in "
        "an opinion group; their reactions count in the overall figures.",
    ]
    for proof in document["certificates"]["selections"]:
        if proof["gap"] is not None:
            name = proof["budget"].replace("_", " ")
            lines.append(
                f"- Selection for {name}: {proof['chosen']} of {proof['candidates']} candidates, "
                f"duality gap {proof['gap']:.6f}, integrality gap {proof['integrality_gap']:.6f}, "
                f"EJR+ ratio {proof['ejr_plus']['worst']:.2f}."
            )
    lines += [
        f"- Seed {method['seed']}, code {method['code_version']}, embedding "
        f"{method['embedding'].get('name', '')}.",
        f"- Inputs: statements {document['provenance']['corpus_digest']}, votes "
        f"{document['provenance']['votes_digest']}.",
        "",
    ]
    return lines
