"""Every export of real consultations: structures read back, counts add up, a bundle repeats."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from aggregation import exports, intake
from aggregation.audit import verify_bundle
from aggregation.exports.bundle import to_bundle
from aggregation.exports.inputs import Inputs
from aggregation.exports.reading import parse
from aggregation.exports.system_prompt import BUDGETS, tokens_of
from aggregation.run import Outcome, aggregate
from aggregation.types import Corpus, Settings

SETS = (
    *("polis/15-per-hour-seattle", "polis/vtaiwan.uberx", "polis/bg2050-volunteers"),
    *("polis/scoop-hivemind.biodiversity", "polis/austria-climate.5twd2jsnkf.2022-08-08"),
    *("polis/american-assembly.bowling-green", "ccai"),
)
REPEATED = ("polis/15-per-hour-seattle",)  # in full, from a bundle
SETTINGS = Settings(bootstrap=20)


@dataclass(frozen=True)
class Real:
    """One consultation, what was found, and every export of it."""

    name: str
    corpus: Corpus
    outcome: Outcome
    files: dict[str, bytes]

    @property
    def document(self):
        return self.outcome.document


@pytest.fixture(scope="module", params=SETS)
def real(request: pytest.FixtureRequest, data_dir: Path) -> Real:
    taken = intake.read_polis_folder(data_dir / request.param)
    outcome = aggregate(taken.corpus, taken.table(), SETTINGS)
    files = exports.whole(outcome.document, outcome.ballots)
    return Real(request.param, taken.corpus, outcome, files)


def table(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode())))


@pytest.mark.slow
def test_its_markdown_reads_back(real: Real) -> None:
    """The same ids, authorities and anchors; no reference and no anchor leads nowhere."""
    found = parse(real.files["spec.md"].decode())
    standing = [c for c in real.document["clauses"] if c["status"] != "not_adopted"]
    assert found.authorities == {c["id"]: c["authority"] for c in standing}
    assert len(set(found.ids)) == len(found.ids)
    assert set(found.references) <= set(found.ids)
    assert {f"examples/{name}.md" for name in found.anchors} == {
        path for path in real.files if path.startswith("examples/")
    }
    assert len(found.commentary) == len(standing)


@pytest.mark.slow
def test_a_markdown_renderer_finds_the_same_headings(real: Real) -> None:
    """CommonMark sees each heading with its words, and no markup in what citizens wrote."""
    text = real.files["spec.md"].decode()
    tokens = MarkdownIt().enable("table").parse(text)
    headings = [
        "".join(part.content for part in tokens[place + 1].children or ())
        for place, token in enumerate(tokens)
        if token.type == "heading_open"
    ]
    ours = parse(text).headings
    assert [h.rsplit(" {#", 1)[0] for h in headings] == [one.title for one in ours]
    assert not {t.type for t in tokens} & {"html_block", "hr", "blockquote_open"}
    inline = {part.type for t in tokens for part in t.children or ()}
    assert not inline & {"image", "html_inline", "code_inline"}


@pytest.mark.slow
def test_its_samples_and_prompts_hold(real: Real) -> None:
    """Ids once each, nothing empty, prompts within their tokens, a principle per adopted clause."""
    for name in ("rubric.jsonl", "evals.jsonl"):
        rows = [json.loads(line) for line in real.files[name].splitlines()]
        assert len({row["id"] for row in rows}) == len(rows)
        assert all(row["input"] and row["target"] for row in rows)
    for name, tokens in BUDGETS.items():
        assert tokens_of(real.files[name].decode()) <= tokens
    adopted = [c["id"] for c in real.document["clauses"] if c["status"] == "adopted"]
    principles = json.loads(real.files["principles.json"])
    assert [row["clause_id"] for row in principles] == adopted


@pytest.mark.slow
def test_its_tables_add_up(real: Real) -> None:
    """Comments, votes and people count the same; comment ids are the source's own."""
    votes = table(real.files["polis/votes.csv"])
    told = Counter((row["comment-id"], row["vote"]) for row in votes)
    comments = table(real.files["polis/comments.csv"])
    assert {row["comment-id"] for row in comments} == {row["claim-id"] for row in comments}
    for row in comments:
        if "agrees" in row:
            assert int(row["agrees"]) == told[row["comment-id"], "1"]
    people = table(real.files["polis/participants-votes.csv"])
    assert sum(int(row["n-votes"]) for row in people) == len(votes)


@pytest.mark.slow
def test_its_bundle_repeats(real: Real) -> None:
    """To the byte."""
    if real.name not in REPEATED:
        pytest.skip("one consultation is repeated in full")
    inputs = Inputs(real.corpus, SETTINGS, real.outcome.ballots)
    checks = verify_bundle(to_bundle(real.document, inputs))
    assert [check for check in checks if not check.ok] == []
