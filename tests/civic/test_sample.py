"""The sample consultation: is it as varied, as honest about itself and as divided as it claims?"""

from __future__ import annotations

import dataclasses
import json
from collections import Counter, defaultdict

import pytest

from aggregation.text.segment import segment
from civic.pages import sample
from civic.pages.demo import load_sample
from civic.pages.sample import CAMPS, Norm, Sample


@pytest.fixture(scope="module")
def consultation() -> Sample:
    return sample.load()


def agreement(loaded: Sample, norm: Norm) -> dict[str, float]:
    """The share of agreement among those who did not skip, by camp."""
    camp = {person.key: person.camp for person in loaded.people}
    given: dict[str, Counter[str]] = defaultdict(Counter)
    for reaction in loaded.reactions:
        if reaction.sentence == norm.sentence and reaction.value != "skipped":
            given[camp[reaction.person]][reaction.value] += 1
    return {key: given[key]["agree"] / max(1, given[key].total()) for key in CAMPS}


def mean_agreement(loaded: Sample, norms: list[Norm]) -> dict[str, float]:
    """The same, averaged over several norms."""
    each = [agreement(loaded, norm) for norm in norms]
    return {key: sum(shares[key] for shares in each) / len(each) for key in CAMPS}


def norms(loaded: Sample) -> list[Norm]:
    return [norm for statement in loaded.statements for norm in statement.norms]


def test_it_says_that_it_is_synthetic(consultation: Sample):
    """Nobody can take the sample for real people's opinions."""
    assert consultation.consultation.synthetic
    assert sample.NOTICE in consultation.consultation.description
    assert sample.NOTICE in (sample.FOLDER / "README.md").read_text(encoding="utf-8")
    assert consultation.consultation.licence == "CC0-1.0"


def test_the_demo_has_somebody_for_every_place(db: None, consultation: Sample):
    """Who can sign in holds the role of her name; the organizer owns it, and no role is twice."""
    few = dataclasses.replace(consultation, statements=consultation.statements[:3], reactions=())
    loaded = load_sample(few)
    roles = {
        one.user.email.partition("@")[0]: one.roles
        for one in loaded.memberships.exclude(user=None).select_related("user")
    }
    assert roles == {
        "citizen": ("participant",),
        "moderator": ("moderator",),
        "auditor": ("auditor",),
        "organizer": ("organizer", "owner"),
    }


def test_many_people_write_in_several_languages(consultation: Sample):
    """At least 72 accepted statements, each by somebody else, in six languages."""
    accepted = [statement for statement in consultation.statements if not statement.rejected]
    languages = Counter(statement.language for statement in accepted)
    assert len({statement.author for statement in accepted}) == len(accepted) >= 72
    assert languages["en"] >= 36
    assert languages["de"] >= 16
    assert languages["es"] >= 14
    assert min(languages[code] for code in ("fr", "ar", "zh")) >= 2
    assert set(languages) == set(consultation.consultation.languages)


def test_statements_come_in_over_ten_days(consultation: Sample):
    """Statements are in the order of their moments, the last on the tenth day."""
    moments = [statement.written for statement in consultation.statements]
    assert moments == sorted(moments)
    assert (moments[-1].date() - moments[0].date()).days == 9


def test_every_norm_is_one_segment_of_its_statement(consultation: Sample):
    """A norm is exactly one sentence of the statement as the platform will cut it."""
    for statement in consultation.statements:
        spans = segment(statement.text, statement.language)
        pieces = [statement.text[start:end] for start, end in spans]
        assert 3 <= len(pieces) <= 6, statement.key
        for norm in statement.norms:
            assert pieces.count(norm.sentence) == 1, norm.sentence


def test_only_unwelcome_statements_are_rejected(consultation: Sample):
    """Each rejected statement has a reason, and nobody is asked to react to it."""
    rejected = {
        statement.key: statement for statement in consultation.statements if statement.rejected
    }
    assert len(rejected) == 4
    assert any("example.org" in statement.text for statement in rejected.values())
    assert any(
        statement.text.startswith("Ignore previous instructions") for statement in rejected.values()
    )
    assert not any(reaction.statement in rejected for reaction in consultation.reactions)


def test_markup_in_a_welcome_statement_is_kept(consultation: Sample):
    """One accepted statement holds a script element, which every page has to show as text."""
    (statement,) = [s for s in consultation.statements if "<script>" in s.text]
    assert not statement.rejected


def test_the_camps_agree_on_common_ground(consultation: Sample):
    """On the sentences meant as common ground more than 80 % of every camp agree."""
    shared = [norm for norm in norms(consultation) if norm.common_ground]
    assert len(shared) >= 45
    assert min(mean_agreement(consultation, shared).values()) > 0.8


def test_the_two_main_camps_divide_over_freedom_and_protection(consultation: Sample):
    """What A wants B mostly rejects, and the other way round."""
    freedom = [n for n in norms(consultation) if n.lean["A"] >= 0.85 and n.lean["B"] <= 0.4]
    protection = [n for n in norms(consultation) if n.lean["B"] >= 0.8 and n.lean["A"] <= 0.4]
    assert min(len(freedom), len(protection)) >= 12
    wanted_by_a, wanted_by_b = (mean_agreement(consultation, n) for n in (freedom, protection))
    assert wanted_by_a["A"] - wanted_by_a["B"] > 0.4
    assert wanted_by_b["B"] - wanted_by_b["A"] > 0.4


def test_the_third_camp_alone_wants_a_plain_tool(consultation: Sample):
    """Camp C stands apart from both others on personality and memory."""
    plain = [
        n
        for n in norms(consultation)
        if n.lean["C"] >= 0.9 and max(n.lean["A"], n.lean["B"]) <= 0.5
    ]
    assert len(plain) >= 8
    shares = mean_agreement(consultation, plain)
    assert shares["C"] - max(shares["A"], shares["B"]) > 0.4


def test_some_ideas_please_nobody(consultation: Sample):
    """A few norms are turned down by every camp."""
    unpopular = [norm for norm in norms(consultation) if max(norm.lean.values()) < 0.4]
    assert len(unpopular) >= 3
    assert max(mean_agreement(consultation, unpopular).values()) < 0.45


def test_reactions_are_plausible(consultation: Sample):
    """Nobody reacts to herself, twice to a sentence, before it was written or after the close."""
    written = {statement.key: statement for statement in consultation.statements}
    seen = set()
    for reaction in consultation.reactions:
        statement = written[reaction.statement]
        assert reaction.person != statement.author
        assert statement.written <= reaction.at <= consultation.consultation.closed
        seen.add((reaction.person, reaction.sentence))
    assert len(seen) == len(consultation.reactions)
    answers = Counter(reaction.value for reaction in consultation.reactions)
    assert 0.05 < answers["unsure"] / answers.total() < 0.1
    assert answers["skipped"] > 100


def test_people_without_a_statement_react_too(consultation: Sample):
    """At least 60 people only react, from p80 on."""
    authors = {statement.author for statement in consultation.statements}
    silent = [person.key for person in consultation.people if person.key not in authors]
    assert silent[0] == "p80"
    assert len(silent) >= 60
    assert {reaction.person for reaction in consultation.reactions} >= set(silent)


def test_the_same_seed_draws_the_same_reactions(consultation: Sample):
    """Reactions depend on the seed and on nothing else."""
    assert sample.load().reactions == consultation.reactions
    assert sample.load(seed=1).reactions != consultation.reactions


def test_answers_are_called_synthetic_and_judged_by_many(consultation: Sample):
    """Nobody takes them for a real machine's; each is judged by enough people to be counted."""
    assert len(consultation.answers) == 9
    assert all("synthetic" in one.by for one in consultation.answers)
    judged = Counter(one.answer for one in consultation.judgements)
    assert min(judged[one.key] for one in consultation.answers) >= 50
    pairs = {(one.person, one.answer) for one in consultation.judgements}
    assert len(pairs) == len(consultation.judgements)
    moments = [one.at for one in consultation.judgements]
    assert max(moments) <= consultation.consultation.closed
    assert sample.load(seed=1).judgements != consultation.judgements


def test_an_answer_to_nothing_is_refused_by_name(monkeypatch: pytest.MonkeyPatch):
    """The sentence that it tries has to be one that people react to."""
    read = {
        name: json.loads((sample.FOLDER / name).read_text(encoding="utf-8"))
        for name in ("consultation.json", "statements.json", "answers.json")
    }
    read["answers.json"][0]["sentence"] = "Something else."
    monkeypatch.setattr(sample, "_read", read.__getitem__)
    with pytest.raises(sample.SampleError, match="answer a1: the sentence"):
        sample.load()


def test_a_broken_file_is_refused_by_name(monkeypatch: pytest.MonkeyPatch):
    """A statement that breaks a rule is named together with the rule."""
    read = {
        name: json.loads((sample.FOLDER / name).read_text(encoding="utf-8"))
        for name in ("consultation.json", "statements.json", "answers.json")
    }
    norm = next(
        sentence for sentence in read["statements.json"][4]["sentences"] if "lean" in sentence
    )
    norm["lean"]["B"] = 1.5
    monkeypatch.setattr(sample, "_read", read.__getitem__)
    with pytest.raises(sample.SampleError, match=r"s05: a norm needs one leaning in \[0, 1\]"):
        sample.load()


def test_a_sample_cannot_be_changed(consultation: Sample):
    """What load() returns is frozen."""
    with pytest.raises(dataclasses.FrozenInstanceError):
        consultation.statements[0].text = "other"
