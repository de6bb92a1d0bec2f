"""Many statements at once: the same claims as one by one, nothing lost, nothing mixed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.conf import LazySettings
from django.test import Client
from django.utils import timezone

from aggregation import embed
from aggregation.embed import registry
from civic.accounts.models import User
from civic.analysis import pipeline as analysis
from civic.analysis.services import request_run
from civic.analysis.tasks import reconcile
from civic.audit.models import Entry
from civic.consultations import files, leases
from civic.consultations.models import Consultation, Membership
from civic.consultations.phases import Phase
from civic.consultations.services import open_phase
from civic.statements import pipeline, preparing, stages
from civic.statements.models import Claim, Preparation, Segment, Shard, Statement
from civic.statements.ruling import moderate_statement
from civic.statements.services import submit_statement, undo_merge

TEXTS = (
    "I work in a hospital. The AI should never lie to patients.",
    "The AI should never lie to patients!",
    "The AI should lie to patients.",
    "AI must ask a doctor. The AI should be kind to us.",
    "The AI should be kind to us.",
    "What a lovely day.",
)


@pytest.fixture(autouse=True)
def _small_shards(settings: LazySettings) -> None:
    settings.SHARD_SIZE = 2


@pytest.fixture
def waiting(consultation: Consultation) -> list[Statement]:
    """Statements that nobody prepared yet."""
    return [
        Statement.objects.create(
            consultation=consultation, key=f"s{number}", text=text, language="en"
        )
        for number, text in enumerate(TEXTS)
    ]


def families(consultation: Consultation) -> set[frozenset[tuple[str, int]]]:
    """Which sentences share a claim."""
    found: dict[int, set[tuple[str, int]]] = {}
    rows = Segment.objects.filter(claim__consultation=consultation)
    for claim, key, start in rows.values_list("claim", "statement__key", "start"):
        found.setdefault(claim, set()).add((key, start))
    return {frozenset(family) for family in found.values()}


def begun(consultation: Consultation) -> Preparation:
    preparation = preparing.begin(consultation, reason="Test")
    assert preparation is not None
    return preparation


def test_together_as_one_by_one(consultation: Consultation, waiting: list[Statement]) -> None:
    """A batch puts the same sentences into one claim as preparing each by itself."""
    for statement in waiting:
        pipeline.prepare_statement(statement.pk)
    one_by_one = families(consultation)
    assert {len(family) for family in one_by_one} == {1, 2}
    Claim.objects.all().delete()
    Segment.objects.all().delete()
    Statement.objects.update(prepared_at=None)
    preparing.prepare_waiting(consultation)
    assert families(consultation) == one_by_one
    assert Claim.objects.filter(key="s3.22").exists()
    assert not Statement.objects.filter(prepared_at=None).exists()


@pytest.mark.parametrize("together", [False, True])
def test_words_that_lean_meet_where_all_around_them_is_the_same(
    consultation: Consultation, together: bool
) -> None:
    """ "It must never ..." says what the sentence before makes it say: the same words after the
    same sentence are one claim, now and later; after another sentence, or alone, they are not."""
    read, asked = "I read at night.", "It must never shout at me."
    texts = (f"{read} {asked}", f"{read}  {asked}", f"I cook at night. {asked}", asked)
    for number, text in enumerate((*texts, texts[0])):
        Statement.objects.create(
            consultation=consultation, key=f"s{number}", text=text, language="en"
        )
    later = Statement.objects.get(key="s4")
    for statement in () if together else consultation.statements.exclude(pk=later.pk):
        pipeline.prepare_statement(statement.pk)
    if together:
        Statement.objects.filter(pk=later.pk).update(withdrawn_at=timezone.now())
        preparing.prepare_waiting(consultation)
        Statement.objects.filter(pk=later.pk).update(withdrawn_at=None)
        preparing.prepare_waiting(consultation)
    else:
        pipeline.prepare_statement(later.pk)
    claims = dict(Segment.objects.exclude(claim=None).values_list("statement__key", "claim"))
    assert claims["s0"] == claims["s1"] == claims["s4"]
    assert len(set(claims.values())) == 3


def test_the_default_model_knows_what_is_meant(
    consultation: Consultation, settings: LazySettings
) -> None:
    """With the multilingual model, what two people say in nearly the same words is one claim;
    each claim's vector is the model's own of its words."""
    settings.EMBEDDER = "use3"
    for text, language in (
        ("The AI should never lie to patients.", "en"),
        ("AI should never lie to patients!", "en"),
        ("Die KI soll Patienten niemals anlügen.", "de"),
        ("The AI should lie to patients.", "en"),
    ):
        Statement.objects.create(consultation=consultation, text=text, language=language)
    preparing.prepare_waiting(consultation)
    first, second, _, opposite = Segment.objects.order_by("statement").values_list(
        "claim", flat=True
    )
    assert first == second != opposite
    backend = embed.load("use3")
    for claim in Claim.objects.select_related("statement"):
        own = claim.segments.get(statement=claim.statement, start=claim.start)
        vector = backend.embed([claim.text], [claim.language])[0]
        assert bytes(own.vector) == vector.astype("<f2").tobytes()
        assert own.vector_spec == backend.spec().space


def test_a_preparation_leaves_its_trace_and_no_files(
    consultation: Consultation,
    waiting: list[Statement],
    django_capture_on_commit_callbacks: Callable[..., object],
) -> None:
    """What began and what came of it is recorded; the files on the way are gone."""
    with django_capture_on_commit_callbacks(execute=True):
        preparation = begun(consultation)
        folder = files.path_of(stages.folder_of(preparation))
        assert list(folder.iterdir())
        preparing.run_here(preparation)
    assert preparation.status == Preparation.Status.DONE
    assert preparation.counts["statements"] == len(waiting)
    assert preparation.counts["claims"] == Claim.objects.count()
    assert not folder.exists()
    actions = Entry.objects.filter(action__startswith="preparation.").values_list("action")
    assert sorted(actions) == [("preparation.begun",), ("preparation.done",)]


def test_new_sentences_join_the_claims_there_are(
    consultation: Consultation, waiting: list[Statement], member: Membership, bob: User
) -> None:
    """A batch attaches what says the same to claims people reacted to, whose keys stay; what an
    author took out of a claim stays out."""
    first = Statement.objects.filter(pk__in=[one.pk for one in waiting[2:]])
    first.update(withdrawn_at=timezone.now())
    preparing.prepare_waiting(consultation)
    merged = next(s for s in Segment.objects.select_related("claim", "statement") if s.is_merged)
    own = undo_merge(merged, by=bob)
    before = dict(Claim.objects.values_list("key", "pk"))
    first.update(withdrawn_at=None)
    Statement.objects.create(consultation=consultation, key="t", text=TEXTS[1], language="en")
    preparing.prepare_waiting(consultation)
    after = dict(Claim.objects.values_list("key", "pk"))
    assert before.items() <= after.items()
    assert Segment.objects.get(pk=merged.pk).claim == own
    assert Segment.objects.get(statement__key="t").claim_id in before.values()


def test_a_claim_made_meanwhile_is_joined(
    consultation: Consultation, waiting: list[Statement], member: Membership
) -> None:
    """Somebody writes while a batch is under way: her sentence has its claim within seconds, and
    the same sentence in the batch joins it."""
    preparation = begun(consultation)
    sent = submit_statement(author=member, text="The AI should be kind to us.")
    pipeline.prepare_statement(sent.pk)
    hers = sent.segments.get().claim
    preparing.run_here(preparation)
    theirs = Segment.objects.filter(statement__key__in=("s3", "s4"), claim=hers)
    assert theirs.count() == 2


def test_what_is_hidden_or_withdrawn_meanwhile_lends_its_words_to_nothing(
    consultation: Consultation, waiting: list[Statement], alice: User
) -> None:
    """The words of a statement that a moderator hides during a batch stand for no shown one."""
    Statement.objects.update(moderation="accepted")
    preparation = begun(consultation)
    for statement in (waiting[0], waiting[4]):
        moderate_statement(statement, by=alice, decision="rejected", reason="spam")
    preparing.run_here(preparation)
    shown = Statement.objects.shown()
    for claim in Claim.objects.filter(segments__statement__in=shown).distinct():
        assert claim.statement.is_shown


def test_hidden_statements_are_left_to_themselves(
    consultation: Consultation, waiting: list[Statement], alice: User
) -> None:
    """A statement that was hidden before takes no part in a batch; it is prepared alone."""
    moderate_statement(waiting[0], by=alice, decision="rejected", reason="spam")
    preparing.prepare_waiting(consultation)
    assert Statement.objects.get(prepared_at=None) == waiting[0]
    pipeline.prepare_statement(waiting[0].pk)
    assert waiting[0].segments.count() == 2


def test_one_statement_costs_the_same_beside_few_and_many_claims(
    consultation: Consultation,
    member: Membership,
    waiting: list[Statement],
    django_assert_max_num_queries: Callable[[int], object],
) -> None:
    """However many sentences it has and claims there are, the number of queries is fixed."""
    preparing.prepare_waiting(consultation)
    for number in range(15):
        text = f"The AI should do thing {number}. It must also do another, number {number}."
        statement = submit_statement(author=member, text=text)
        with django_assert_max_num_queries(16):
            pipeline.prepare_statement(statement.pk)


def test_a_batch_stores_in_batches(
    consultation: Consultation, django_assert_max_num_queries: Callable[[int], object]
) -> None:
    """The queries of the last stage do not grow with the statements (up to 500 at a time)."""
    Statement.objects.bulk_create(
        Statement(consultation=consultation, text=f"AI should be {n} times kind.", language="en")
        for n in range(200)
    )
    preparation = begun(consultation)
    while preparation.shards.filter(stage="claims", status="queued").count() == 0:
        for pk in list(preparation.shards.filter(status="queued").values_list("pk", flat=True)):
            preparing.execute(pk)
    last = preparation.shards.get(stage="claims")
    with django_assert_max_num_queries(45):
        preparing.execute(last.pk)
    assert Claim.objects.count() == 200


def test_a_shard_is_taken_once_and_in_its_turn(
    consultation: Consultation, waiting: list[Statement]
) -> None:
    """Nobody takes a shard that another worker has; the last shard of a stage opens the next."""
    preparation = begun(consultation)
    first, second, third = preparation.shards.order_by("number")
    assert preparing.take(first.pk) is not None
    assert preparing.take(first.pk) is None
    assert list(preparing.execute(first.pk)) == []
    assert list(preparing.execute(second.pk)) == []
    assert list(preparing.execute(third.pk)) == []
    assert not preparation.shards.filter(stage="fold").exists()
    Shard.objects.filter(pk=first.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
    preparing.put_back()
    (fold,) = preparing.execute(first.pk)
    assert fold.stage == "fold"


def test_a_shard_that_kills_every_worker_ends_the_preparation(
    consultation: Consultation, waiting: list[Statement], alice: User, client: Client
) -> None:
    """After five deaths the organizer is told which part it was, and can try again; until then
    the statements wait and nobody takes them up by itself."""
    preparation = begun(consultation)
    past = timezone.now() - timedelta(seconds=1)
    preparation.shards.filter(number=1).update(
        status="running", lease_until=past, attempts=leases.MAX_ATTEMPTS
    )
    reconcile()
    preparation.refresh_from_db()
    assert preparation.status == Preparation.Status.FAILED
    assert "5 times" in preparation.error
    assert "part 2" in preparation.error
    reconcile()
    assert Statement.objects.filter(prepared_at=None).count() == len(waiting)
    client.force_login(alice)
    page = f"/o/ai/preparations/{preparation.uuid}/"
    assert preparation.error in client.get(page).content.decode()
    assert "See why" in client.get("/o/ai/").content.decode()
    again = client.post(page + "again/")
    second = consultation.preparations.first()
    assert second.uuid != preparation.uuid
    assert str(second.uuid) in again["Location"]
    preparing.run_here(second)
    assert not Statement.objects.filter(prepared_at=None).exists()


def test_a_wrong_name_of_a_model_is_told_to_the_organizer(
    consultation: Consultation, waiting: list[Statement], settings: LazySettings
) -> None:
    """The preparation fails with a sentence that names the setting's possible values."""
    preparation = begun(consultation)
    Preparation.objects.filter(pk=preparation.pk).update(embedder="nonsense")
    with pytest.raises(Exception, match="nonsense"):
        preparing.run_here(preparation)
    preparation.refresh_from_db()
    assert preparation.status == Preparation.Status.FAILED
    assert "nonsense" in preparation.error


def test_a_lost_import_message_is_made_up_for(
    consultation: Consultation, settings: LazySettings
) -> None:
    """Where many statements wait and no preparation was begun, the reconciler begins one."""
    Statement.objects.bulk_create(
        Statement(consultation=consultation, text=f"AI should be {n} times kind.", language="en")
        for n in range(preparing.MANY + 1)
    )
    reconcile()
    assert consultation.preparations.get().status == Preparation.Status.DONE
    assert not Statement.objects.filter(prepared_at=None).exists()


class CountingBackend:
    """The hashing embedder, counting the texts it is given; another space by name."""

    def __init__(self, name: str) -> None:
        self._inner = embed.load("hashing")
        self._name = name
        self.count = 0

    @property
    def languages(self) -> frozenset[str] | None:
        return None

    def embed(self, texts: list[str], languages: list[str] | None = None) -> embed.Float32Array:
        self.count += len(texts)
        return self._inner.embed(texts, languages)

    def spec(self) -> embed.EmbedderSpec:
        inner = self._inner.spec()
        return embed.EmbedderSpec(**inner.to_dict() | {"name": self._name})


@pytest.fixture
def other_model(monkeypatch: pytest.MonkeyPatch) -> CountingBackend:
    """A second model, under the name `other`."""
    backend = CountingBackend("other")
    monkeypatch.setitem(embed.BACKENDS, "other", lambda: backend)
    monkeypatch.setattr(registry, "_loaded", {})
    return backend


def test_a_change_of_the_model_is_a_visible_job_and_no_mix(
    consultation: Consultation,
    waiting: list[Statement],
    other_model: CountingBackend,
    settings: LazySettings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Settings name another model: the claims get its vectors by a preparation that is recorded;
    a sentence is compared only with vectors of its own space."""
    preparing.prepare_waiting(consultation)
    old = set(Segment.objects.exclude(vector=None).values_list("vector_spec", flat=True))
    settings.EMBEDDER = "other"
    monkeypatch.setattr(preparing, "_looked_for", set())
    reconcile()
    again = consultation.preparations.first()
    assert again.status == Preparation.Status.DONE
    assert "other" in again.reason
    own = Segment.objects.filter(claim__isnull=False, vector__isnull=False)
    assert set(own.values_list("vector_spec", flat=True)).isdisjoint(old)
    assert other_model.count == Claim.objects.count()
    reconcile()
    assert consultation.preparations.count() == 2


def test_a_run_after_a_preparation_embeds_nothing(
    consultation: Consultation,
    new_claim: Callable[..., Claim],
    other_model: CountingBackend,
    settings: LazySettings,
    alice: User,
) -> None:
    """Claims that came without vectors, as from Polis, get them once; runs take them from there."""
    settings.EMBEDDER = "other"
    for number in range(12):
        new_claim(f"AI should do thing {number}.")
    preparing.prepare_waiting(consultation)
    assert other_model.count == 12
    open_phase(consultation, phase=Phase.REVIEW, by=alice)
    run = request_run(consultation, by=alice)
    run.aggregation_settings |= {"bootstrap": 5}
    run.save(update_fields=["aggregation_settings"])
    analysis.execute(run.pk)
    run.refresh_from_db()
    assert run.status == "done"
    assert other_model.count == 12


def test_the_page_says_how_far_it_is(
    consultation: Consultation, waiting: list[Statement], alice: User, client: Client
) -> None:
    """Waiting, then parts done of all, then stalled, then done."""
    client.force_login(alice)
    preparation = begun(consultation)
    page = f"/o/ai/preparations/{preparation.uuid}/"

    def text() -> str:
        return client.get(page).content.decode()

    assert "Waiting for a worker." in text()
    preparing.execute(preparation.shards.order_by("number")[0].pk)
    assert "Read the sentences: 1 of 3 parts done." in text()
    preparation.shards.filter(status="done").update(
        finished_at=timezone.now() - timedelta(minutes=3)
    )
    assert "Stalled" in text()
    preparing.run_here(preparation)
    assert "The statements are prepared" in text()
    moving = client.get(page, headers={"HX-Request": "true"})
    assert moving["HX-Refresh"] == "true"
