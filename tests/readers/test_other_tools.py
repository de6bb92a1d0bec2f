"""The tools that our exports are for read them: Inspect AI, datasets, red-dwarf, Python-Markdown.

`make readers` installs them into an environment of their own and runs this file; elsewhere it is
skipped.
"""

from __future__ import annotations

import json
import re
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from aggregation import exports, intake, opinion
from aggregation.exports.reading import parse
from aggregation.run import Outcome, aggregate
from aggregation.types import Settings
from tests.conftest import ROOT

sys.path.insert(0, str(ROOT / "tests" / "aggregation"))
import trials
import worlds

pytest.importorskip("inspect_ai", reason="the tools are not installed: `make readers` does it")
# Warnings of other people's code about themselves are theirs.
pytestmark = [pytest.mark.filterwarnings("default"), pytest.mark.slow]
GUIDE = (ROOT / "docs" / "exporter-guide.md").read_text("utf-8")


def tool(name: str) -> Any:
    return pytest.importorskip(name, reason=f"{name} is not installed")


@pytest.fixture(scope="module")
def invented() -> Outcome:
    """A consultation in which people judged answers of machines."""
    return aggregate(trials.corpus(), worlds.votes(), judgements=trials.judgements())


@pytest.fixture(scope="module", params=["invented", "ccai"])
def outcome(request: pytest.FixtureRequest, invented: Outcome) -> Outcome:
    """The invented consultation, and a real one, in which nobody judged answers."""
    if request.param == "invented":
        return invented
    taken = intake.read_polis_folder(request.getfixturevalue("data_dir") / "ccai")
    return aggregate(taken.corpus, taken.table(), Settings(bootstrap=20))


def written(outcome: Outcome, folder: Path) -> Path:
    """Every export in `exports`, as somebody has them who followed the guide."""
    for path, content in exports.whole(outcome.document, outcome.ballots).items():
        file = folder / "exports" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    return folder / "exports"


@pytest.fixture
def folder(outcome: Outcome, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The exports of either consultation."""
    monkeypatch.chdir(tmp_path)
    return written(outcome, tmp_path)


@pytest.fixture
def judged(invented: Outcome, tmp_path: Path) -> Path:
    """The exports of the one with judged answers."""
    return written(invented, tmp_path)


def rows(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_bytes().splitlines()]


# -- Inspect AI ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["evals.jsonl", "rubric.jsonl"])
def test_inspect_reads_every_sample_as_it_was_written(folder: Path, name: str) -> None:
    """Ids, inputs, targets and metadata, none of them lost or renamed."""
    found = tool("inspect_ai.dataset").json_dataset(str(folder / name))
    written = rows(folder / name)
    assert len(found) == len(written) > 0
    for sample, row in zip(found, written, strict=True):
        assert (sample.id, sample.target, sample.metadata) == (
            *(row["id"], row["target"], row["metadata"]),
        )
        if isinstance(row["input"], str):
            assert sample.input == row["input"]
        else:
            assert [(one.role, one.content) for one in sample.input] == [
                (one["role"], one["content"]) for one in row["input"]
            ]


def steady_model() -> Any:
    """A model that answers without a network, and grades what it is shown as correct."""
    model = tool("inspect_ai.model")

    class Steady(model.ModelAPI):
        async def generate(self, *_: Any, **__: Any) -> Any:
            return model.ModelOutput.from_content("steady", "People differ on this.\n\nGRADE: C")

        async def count_text_tokens(self, text: str) -> int:
            return len(text) // 4

    model.modelapi(name="steady")(Steady)
    return model.get_model("steady/steady")


def test_the_task_of_the_guide_runs_to_its_end(folder: Path) -> None:
    """Each sample is put to a model under the spec's prompt, and graded by its target.

    The model says the same to everything; all else is the real thing.
    """
    inspect = tool("inspect_ai")
    space: dict[str, Any] = {}
    exec(compile(re.findall(r"```python\n(.*?)```", GUIDE, re.DOTALL)[0], "guide", "exec"), space)
    (log,) = inspect.eval(
        *(space["keeps_to_the_spec"](), steady_model()), display="none", log_dir=str(folder / "log")
    )
    assert log.status == "success", log.error
    written = rows(folder / "evals.jsonl")
    assert len(log.samples) == log.results.completed_samples == len(written)
    prompt = (folder / "system_prompt.txt").read_text()
    by_id = {row["id"]: row for row in written}
    for sample in log.samples:
        assert sample.messages[0].role == "system"
        assert sample.messages[0].content == prompt
        graded = sample.scores["model_graded_qa"]
        assert graded.value == "C"
        assert by_id[sample.id]["target"] in graded.metadata["grading"][0]["content"]


# -- datasets, and the formats of TRL --------------------------------------------------------------


def loaded(file: Path) -> Any:
    cache = str(file.parent / "cache")
    return tool("datasets").load_dataset(
        "json", data_files=str(file), split="train", cache_dir=cache
    )


def test_pairs_load_in_the_explicit_prompt_format(judged: Path) -> None:
    """prompt, chosen and rejected are conversations: the roles of TRL, an answer at the end."""
    found = loaded(judged / "pairs.jsonl")
    assert len(found) == len(rows(judged / "pairs.jsonl")) > 0
    for row in found:
        assert [one["role"] for one in row["prompt"]] == ["user"]
        for part in ("chosen", "rejected"):
            assert [sorted(one) for one in row[part]] == [["content", "role"]]
            assert row[part][0]["role"] == "assistant"
        assert row["chosen"] != row["rejected"]


def test_judged_answers_load_in_the_unpaired_format(judged: Path) -> None:
    """prompt and completion are conversations, label is a truth value."""
    found = loaded(judged / "unpaired.jsonl")
    assert found.features["label"].dtype == "bool"
    assert set(found["label"]) == {True, False}
    for row in found:
        roles = [[one["role"] for one in row[part]] for part in ("prompt", "completion")]
        assert roles == [["user"], ["assistant"]]


def test_trl_knows_both_formats_for_conversations(judged: Path) -> None:
    """Its own questions about a row: a conversation, with an explicit prompt, paired or not."""
    data = tool("trl.data_utils")
    pairs, unpaired = (loaded(judged / name) for name in ("pairs.jsonl", "unpaired.jsonl"))
    assert all(data.is_conversational(row) for row in [*pairs, *unpaired])
    assert data.maybe_extract_prompt(pairs[0]) == pairs[0]
    split = data.maybe_unpair_preference_dataset(pairs)
    assert Counter(split["label"]) == {True: len(pairs), False: len(pairs)}
    assert data.maybe_unpair_preference_dataset(unpaired) is unpaired


# -- red-dwarf -------------------------------------------------------------------------------------


@pytest.fixture
def served(folder: Path) -> Iterator[str]:
    """Where a web server gives the files of the Polis family."""

    class Quiet(SimpleHTTPRequestHandler):
        extensions_map = {".csv": exports.CONTENT_TYPES["comments.csv"]}

        def log_message(self, *_: object) -> None:
            pass

    files = partial(Quiet, directory=str(folder / "polis"))
    with ThreadingHTTPServer(("127.0.0.1", 0), files) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def test_red_dwarf_loads_the_tables_and_finds_our_consensus(
    outcome: Outcome, folder: Path, served: str
) -> None:
    """Its own reader of a Polis export, its own matrix, its own group-informed consensus.

    Which group somebody is in stands in participants-votes.csv; the rest red-dwarf counts itself.
    """
    reader = tool("reddwarf.data_loader").Loader(directory_url=served, is_cache_enabled=False)
    assert len(reader.comments_data) == len(outcome.document["clauses"])
    assert len(reader.votes_data) == outcome.document["population"]["reactions"]
    assert reader.skipped_dup_votes == []
    matrix = tool("reddwarf.utils.matrix").generate_raw_matrix(votes=reader.votes_data)
    people = tool("pandas").read_csv(folder / "polis" / "participants-votes.csv")
    label = people.set_index("participant")["group-id"].dropna().astype(int)
    matrix = matrix.loc[label.index]
    *_, consensus = tool("reddwarf.utils.stats").calculate_comment_statistics(
        matrix, cluster_labels=label.to_numpy()
    )
    # Ours, from what the analysis itself held.
    table = outcome.ballots.served_only()
    group = np.full(len(table.participants), -1)
    group[[table.participants.index(str(person)) for person in label.index]] = label
    sizes = np.bincount(label)
    groups = opinion.Groups(table.participants, group, len(sizes), sizes, 0.0)
    support = opinion.group_support(table, groups)
    place = {name: column for column, name in enumerate(table.statements)}
    comment = {row["statement_id"]: row["txt"] for row in reader.comments_data}
    clause = {one["text"]: one["claim"] for one in outcome.document["clauses"]}
    columns = [place[clause[comment[name]]] for name in matrix.columns]
    for row, direction in ((0, 1), (1, -1)):
        ours = opinion.group_consensus(support, direction=direction)[columns]
        np.testing.assert_allclose(consensus[row], ours, atol=1e-12)


def test_pandas_counts_as_the_document_counts(outcome: Outcome, folder: Path) -> None:
    """As Polis's notebooks do it: people by group, answers of +1 and -1, an empty cell for none."""
    pandas = tool("pandas")
    people = pandas.read_csv(folder / "polis" / "participants-votes.csv")
    comments = pandas.read_csv(folder / "polis" / "comments.csv").set_index("comment-id")
    told = {one["id"]: one["support"] for one in outcome.document["clauses"]}
    assert people["group-id"].value_counts().sort_index().tolist() == [
        one["size"] for one in outcome.document["groups"]
    ]
    for number, comment in comments.iterrows():
        for cell in told[comment["clause-id"]]["by_group"]:
            if "agree" in cell:
                own = people[people["group-id"] == ord(cell["group"]) - ord("A")][str(number)]
                assert (own.eq(1).sum(), own.eq(-1).sum(), own.notna().sum()) == (
                    *(cell["agree"], cell["disagree"], cell["n"]),
                )


# -- Markdown --------------------------------------------------------------------------------------


def test_every_reference_of_the_rendered_markdown_leads_somewhere(folder: Path) -> None:
    """Python-Markdown with the extensions whose conventions these are: ids, and notes apart."""
    text = (folder / "spec.md").read_text()
    extensions = ["attr_list", "admonition", "fenced_code", "tables"]
    page = tool("markdown").markdown(text, extensions=extensions)
    ids, ours = re.findall(r'\bid="([^"]+)"', page), parse(text)
    assert Counter(ids) == Counter(ours.ids)
    assert set(re.findall(r'href="#([^"]+)"', page)) <= set(ids)
    assert page.count('class="admonition meta"') == len(ours.commentary)
    assert set(re.findall(r'authority="(\w+)"', page)) == set(ours.authorities.values())
    assert "{#" not in page
