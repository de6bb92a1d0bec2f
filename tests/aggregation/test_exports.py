"""What leaves the house says what the spec says, and nothing that a citizen wrote is markup."""

from __future__ import annotations

import copy
import json
import re
import zipfile
from dataclasses import replace
from io import BytesIO

import numpy as np
import pytest
import trials
import worlds
from hypothesis import given
from hypothesis import strategies as st

from aggregation.exports import CONTENT_TYPES, NAMES, render, whole
from aggregation.exports.archive import to_zip
from aggregation.exports.markdown import percent, to_markdown
from aggregation.exports.marks import escape, quoted, sentence
from aggregation.exports.principles import is_atomic
from aggregation.exports.reading import NotModelSpec, parse
from aggregation.exports.system_prompt import BUDGETS, fitted, to_system_prompt, tokens_of
from aggregation.run import aggregate
from aggregation.spec import from_bytes
from aggregation.votes import VoteTable


@pytest.fixture(scope="module")
def outcome():
    return aggregate(trials.corpus(), worlds.votes(), judgements=trials.judgements())


@pytest.fixture(scope="module")
def spec(outcome):
    return outcome.document


def rows(name, spec):
    """The objects of a JSON Lines export."""
    return [json.loads(line) for line in render(name, spec).splitlines()]


def test_every_export_is_a_pure_function_of_the_document(spec):
    """Rendering changes nothing and gives the same bytes again."""
    before = copy.deepcopy(spec)
    read_again = json.loads(render("spec.json", spec))  # its fields are in another order
    assert all(render(name, spec) == render(name, read_again) for name in NAMES)
    assert spec == before
    assert set(CONTENT_TYPES) == set(NAMES)


def test_json_comes_back_whole(spec):
    """spec.json read again is the document."""
    assert from_bytes(render("spec.json", spec)) == spec


def test_names_of_people_and_the_order_of_rows_change_no_export(outcome):
    """Authors, voters and judges by other names, in another order: the same files."""
    corpus, votes = trials.corpus(), worlds.votes()
    hidden = tuple(
        replace(one, author=f"{one.author}@example.org") for one in reversed(corpus.statements)
    )
    corpus = replace(corpus, statements=hidden, claims=tuple(reversed(corpus.claims)))
    order = np.random.default_rng(4).permutation(votes.count)
    people = np.array([f"10.0.0.{row}" for row in range(len(votes.participants))])
    table = VoteTable.from_arrays(
        people[votes.rows][order],
        np.array(votes.statements)[votes.columns][order],
        votes.values.data[order],
    )
    again = aggregate(corpus, table, judgements=trials.judgements())
    assert whole(again.document, again.ballots) == whole(outcome.document, outcome.ballots)


def test_no_export_names_anybody():
    """No file holds an e-mail address or an IP address, though everybody was called by one."""
    corpus, judgements = trials.corpus(), trials.judgements()
    called = tuple(replace(s, author=f"{s.author}@example.org") for s in corpus.statements)
    who, what, value = worlds.ballots()
    table = VoteTable.from_arrays(np.array([f"{p}@example.net" for p in who]), what, value)
    judges = VoteTable.from_arrays(
        np.array([f"10.0.0.{row}" for row in judgements.rows]),
        np.array(judgements.statements)[judgements.columns],
        judgements.values.data,
    )
    found = aggregate(replace(corpus, statements=called), table, judgements=judges)
    for path, content in whole(found.document, found.ballots).items():
        assert not re.search(r"[\w.+-]+@[\w-]+\.\w", content.decode()), path
        assert not re.search(r"\b\d{1,3}(\.\d{1,3}){3}\b", content.decode()), path


def test_no_export_rewrites_what_a_citizen_said(spec):
    """Words stay as they are; that a quote holds an address is found before a spec is published."""
    changed = copy.deepcopy(spec)
    changed["clauses"][0]["text"] = "Write to a@b.example <b>now</b>, 100% sure: =1+1"
    assert "Write to a@b.example" in render("principles.json", changed).decode()


# -- spec.md ---------------------------------------------------------------------------------------


def test_markdown_reads_back(spec):
    """Ids, authorities, references and test anchors are those of the document, none dangling."""
    found = parse(render("spec.md", spec).decode())
    standing = [c for c in spec["clauses"] if c["status"] != "not_adopted"]
    assert found.authorities == {c["id"]: c["authority"] for c in standing}
    assert len(set(found.ids)) == len(found.ids)
    assert set(found.references) <= set(found.ids)
    assert {c["id"] for c in spec["clauses"]} <= set(found.ids)
    assert sorted(found.anchors) == sorted(t["id"] for c in standing for t in c["tests"])
    assert len(found.commentary) == len(standing)


def test_each_anchor_has_its_file_and_each_file_its_anchor(spec):
    """As a folder and as an archive; each file opens with its anchor."""
    anchors = {f"examples/{name}.md" for name in parse(to_markdown(spec)).anchors}
    files = {path: one for path, one in whole(spec).items() if path.startswith("examples/")}
    assert set(files) == anchors
    assert anchors
    for path, content in files.items():
        assert content.decode().startswith(f"Examples for [^{path[9:13]}] in ")
    with zipfile.ZipFile(BytesIO(render("examples.zip", spec))) as archive:
        assert {name: archive.read(name) for name in archive.namelist()} == files


def test_markdown_tells_norms_from_what_is_contested(spec):
    """MUST stands before norms; a contested sentence is introduced as a disagreement."""
    text = to_markdown(spec)
    assert "**MUST NOT.** Citizens say: “The AI should never sell private data.”" in text
    assert "**MUST NOT.** Citizens reject: “The AI should rule the whole country.”" in text
    assert "\n### Rejected: “The AI should rule the whole country.” {#" in text
    assert "\n### The AI should never sell private data. {#" in text
    contested = text.split("# Contested {#contested}")[1].split("# Not adopted")[0]
    assert "**MUST" not in contested
    assert "Citizens disagree about: “The AI should refuse every question" in contested


def test_judged_answers_stand_as_examples_with_who_wrote_them(spec):
    """Good and bad ones, and none about which people are divided."""
    (example,) = parse(to_markdown(spec)).examples
    assert "<user>\nIs this mushroom safe to eat?\n</user>" in example
    assert "<!-- GOOD: 36 of 39 people for it, 2 against, written by model-a -->" in example
    assert "<!-- BAD: 3 of 39" in example
    assert "Probably" not in example


@pytest.mark.parametrize(
    "hostile",
    [
        "# Heading",
        "- a list",
        "1. numbered",
        "<script>alert(1)</script>",
        "[link](http://example.org)",
        "| a | b |",
        "line\nbreak ```",
        "![x](y) *bold* _it_ `code` ~~~",
    ],
)
def test_citizens_words_are_never_markup(hostile):
    """Every character that Markdown reads is escaped, on one line."""
    line = escape(hostile)
    assert "\n" not in line
    bare = re.sub(r"\\.", "", line)
    assert not re.search(r"[*_`<>\[\]|#~]", bare)
    assert not re.match(r"\s*([-+]|\d+[.)])\s", bare)
    assert re.sub(r"\\(.)", r"\1", line) == " ".join(hostile.split())


_WORDS = st.text(
    st.one_of(st.sampled_from("~`#[]^{}()!<>-&\\\n\"'“”"), st.characters(codec="utf-8")), min_size=1
).filter(lambda text: text.strip())


@given(_WORDS, _WORDS, _WORDS)
def test_no_words_break_out_of_the_markdown(text, prompt, answer):
    """Whatever a citizen, an organizer or a model wrote, the structure reads back the same."""
    spec = json.loads(_KEPT["spec"])
    plain = parse(to_markdown(spec))
    clause = next(c for c in spec["clauses"] if c["examples"])
    clause["text"] = text
    clause["evidence"][0]["quote"] = text
    example = clause["examples"][0]
    example["prompt"], example["good"][0]["text"] = prompt, answer
    example["good"][0]["by"] = prompt
    found = parse(to_markdown(spec))
    assert found.ids == plain.ids
    assert found.anchors == plain.anchors
    assert found.references == plain.references
    assert len(found.examples) == len(plain.examples)
    assert found.examples[0].count("<assistant>") == 2


_KEPT = {}


@pytest.fixture(autouse=True, scope="module")
def _kept(spec):
    """A document for tests that hypothesis calls many times."""
    _KEPT["spec"] = json.dumps(spec)


@pytest.mark.parametrize(
    "text", ["# No id\n", "# A {#a authority=king}\n", "# A {#a}\n\n~~~xml\n<user>\n"]
)
def test_what_is_no_model_spec_is_refused(text):
    """A heading without an id, an unknown authority, an open fence."""
    with pytest.raises(NotModelSpec):
        parse(text)


def test_shares_are_never_rounded_to_certainty():
    """Nearly all is not all, and nearly none is not none."""
    assert [percent(x) for x in (0, 0.001, 0.5, 0.999, 1)] == [
        "0 %",
        "<1 %",
        "50 %",
        ">99 %",
        "100 %",
    ]


# -- principles and prompts ------------------------------------------------------------------------


def test_principles_come_in_both_polarities(spec):
    """Each adopted clause, and no other, with its id and a string for either direction."""
    found = json.loads(render("principles.json", spec))
    adopted = [c["id"] for c in spec["clauses"] if c["status"] == "adopted"]
    assert [row["clause_id"] for row in found] == adopted
    rejected = next(r for r in found if "rule the whole country" in r["positive"])
    assert rejected["positive"].startswith("Choose the response that least follows")
    assert rejected["negative"].startswith("Choose the response that most goes against")


@pytest.mark.parametrize(
    ("text", "language", "atomic"),
    [
        ("The AI should be honest.", "en", True),
        ("The AI should be honest and kind.", "en", False),
        ("The AI should be honest. It should be kind.", "en", False),
        ("Die KI soll ehrlich und freundlich sein.", "de", False),
        ("Die KI soll ehrlich sein.", "de", True),
        ("La IA debe ser honesta y amable.", "es", False),
        ("人工智能应该诚实。", "zh", True),
        ("人工智能应该诚实和友善。", "zh", False),
        ("AI inapaswa kuwa mkweli.", "sw", False),
    ],
)
def test_a_principle_says_whether_it_is_one_wish(text, language, atomic):
    """A chain is none; where the language is not known, nothing is promised."""
    assert is_atomic(text, language) is atomic


def test_quotation_marks_do_not_pile_up():
    """A pair that the citizen set is dropped, and a sentence ends once."""
    assert quoted("“Be kind”") == quoted("Be  kind") == "“Be kind”"
    assert quoted("“Be” or “be not”") == "“‘Be’ or ‘be not’”"
    assert quoted("Sei „gut“ und frei") == "“Sei ‚gut‘ und frei”"
    assert [sentence(text) for text in ("Be kind", "Be kind!")] == ["“Be kind”.", "“Be kind!”"]


def test_system_prompt_keeps_its_budget_and_says_what_it_left_out(spec):
    """Short budgets hold fewer clauses and count the rest."""
    long, short = (to_system_prompt(spec, tokens=t) for t in (3000, 330))
    assert tokens_of(short) <= 330
    assert "Nothing was left out" in long
    assert re.search(r"Left out for length: \d+ clauses", short)
    assert "mountains" not in long.lower()


@pytest.mark.parametrize("tokens", [330, 400, 800])
def test_what_a_prompt_keeps_comes_before_what_it_leaves_out(spec, tokens):
    """Adopted clauses by authority and weight, then contested ones; none is lost or doubled."""
    found, everything = fitted(spec, tokens=tokens), fitted(spec, tokens=10**6)
    assert (*found.kept, *found.left_out) == everything.kept
    status = {c["id"]: c["status"] for c in spec["clauses"]}
    told = [status[name] for name in everything.kept]
    assert told == sorted(told)
    assert set(everything.kept) == {n for n, s in status.items() if s in ("adopted", "contested")}


def test_the_report_names_what_each_budget_left_out(spec):
    """Every budget with its clauses, all within their tokens."""
    found = json.loads(render("system_prompt.report.json", spec))
    assert [one["file"] for one in found["budgets"]] == list(BUDGETS)
    for one in found["budgets"]:
        text = render(one["file"], spec).decode()
        assert one["estimated_tokens"] == tokens_of(text) <= one["budget_tokens"]
        assert one["kept"] + one["left_out"] == list(fitted(spec, tokens=10**6).kept)


def test_a_permission_in_a_prompt_obliges_nobody(spec):
    """A norm that permits is marked May."""
    changed = copy.deepcopy(spec)
    clause = next(c for c in changed["clauses"] if c["stance"] == "affirms")
    clause["modality"] = "may"
    assert f"- May: “{clause['text']}”" in to_system_prompt(changed)


# -- rubric, evals, preferences --------------------------------------------------------------------


@pytest.mark.parametrize("name", ["rubric.jsonl", "evals.jsonl"])
def test_samples_have_the_fields_of_inspect_and_no_others(spec, name):
    """input, target, id and metadata, ids once each, messages with a role and words."""
    found = rows(name, spec)
    assert all(set(row) == {"id", "input", "target", "metadata"} for row in found)
    assert len({row["id"] for row in found}) == len(found) > 0
    for row in found:
        turns = row["input"] if isinstance(row["input"], list) else []
        assert all(set(turn) == {"role", "content"} and turn["content"] for turn in turns)
        assert row["target"]
        assert row["metadata"]["support"]["basis"] == "observed"


def test_contested_clauses_test_the_procedure_and_no_side(spec):
    """The target holds the procedure and says that no side is graded."""
    found = [row for row in rows("evals.jsonl", spec) if row["metadata"]["kind"] == "contested"]
    contested = {c["id"]: c for c in spec["clauses"] if c["tier"] == "plural"}
    assert {row["metadata"]["clause_id"] for row in found} == set(contested)
    for row in found:
        assert contested[row["metadata"]["clause_id"]]["procedure"] in row["target"]
        assert "Which side is right is not graded" in row["target"]
        assert "should" not in row["target"].split("complies")[1]


def test_every_eval_says_who_wrote_its_words(spec):
    """An organizer or a citizen; the frame around them is the export's."""
    for row in rows("evals.jsonl", spec):
        assert row["metadata"]["written_by"] in ("organizer", "citizen")
        assert row["metadata"]["frame_by"] == "export"
        assert row["metadata"]["source"]
    kinds = {row["metadata"]["kind"] for row in rows("evals.jsonl", spec)}
    assert {"situation", "override", "contested"} <= kinds


def test_a_rejected_sentence_is_asked_the_other_way_round(spec):
    """A user who wants what citizens reject is to be told no."""
    (row,) = [r for r in rows("evals.jsonl", spec) if r["id"] == "rule_whole_country#override"]
    assert row["input"][0]["content"].startswith("From now on, do as this says: ")
    assert "does not do what the sentence asks" in row["target"]


def test_pairs_hold_no_answer_whose_interval_includes_0(spec):
    """Chosen is good and rejected is bad; the rest is in contested.jsonl and trains nothing."""
    (pair,) = rows("pairs.jsonl", spec)
    assert pair["votes_chosen"]["lo"] > 0 > pair["votes_rejected"]["hi"]
    assert (pair["chosen_by"], pair["rejected_by"]) == ("model-a", "model-b")
    unpaired, contested = rows("unpaired.jsonl", spec), rows("contested.jsonl", spec)
    assert [row["label"] for row in unpaired] == [True, False]
    told = [row["completion"][0]["content"] for row in [*unpaired, *contested]]
    assert sorted(told) == sorted(answer.text for answer in trials.ANSWERS)
    assert all("label" not in row for row in contested)
    undecided = contested[0]["votes"]
    assert undecided["lo"] <= 0 <= undecided["hi"]


def test_without_judged_answers_there_is_nothing_to_train_on():
    """No answer is invented: the three files are empty."""
    document = aggregate(worlds.corpus(), worlds.votes()).document
    assert [render(f"{n}.jsonl", document) for n in ("pairs", "unpaired", "contested")] == [b""] * 3


def test_lines_hold_no_character_that_ends_a_line():
    """A line separator in a citizen's words is escaped, so that every reader counts alike."""
    spec = json.loads(_KEPT["spec"])
    spec["clauses"][0]["text"] = "One\u2028two\x85three"
    content = render("rubric.jsonl", spec).decode()
    assert len(content.splitlines()) == content.count("\n")


# -- files -----------------------------------------------------------------------------------------


def test_archives_of_the_same_files_are_the_same_bytes():
    """Whatever the order in which they come."""
    files = {"b.txt": b"2", "a/c.txt": b"1"}
    assert to_zip(files) == to_zip(dict(reversed(files.items())))


def test_a_report_for_talk_to_the_city_has_its_shape(spec):
    """Every clause once, every quote with its place in a source, ids that stay."""
    report = json.loads(render("report.json", spec))
    version, data = report["data"]
    claims = [c for t in data["topics"] for s in t["subtopics"] for c in s["claims"]]
    assert version == "v0.2"
    assert sorted(c["clauseId"] for c in claims) == sorted(c["id"] for c in spec["clauses"])
    sources = {one["id"]: one["data"][1]["text"] for one in data["sources"]}
    for claim in claims:
        for quote in claim["quotes"]:
            place = quote["reference"]["data"][1]
            held = sources[quote["reference"]["sourceId"]]
            assert held[place["startIdx"] : place["endIdx"]] == quote["text"]
