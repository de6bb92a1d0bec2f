"""How a preparation goes on: asked for, cut in shards, each taken, done, and the next stage opened.

The rows own the work. Whoever finishes the last shard of a stage opens the next one, in the same
transaction; what a dead worker held is put back by `put_back`, called every few seconds.
"""

from __future__ import annotations

import logging
import time
import uuid
from collections.abc import Sequence

import numpy as np
from django.conf import settings
from django.db import transaction
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_noop

from aggregation.errors import AggregationError
from aggregation.votes import natural_key
from civic.audit.services import record
from civic.consultations import leases
from civic.consultations.models import Consultation
from civic.statements import stages
from civic.statements.completing import complete, tidy
from civic.statements.meaning import BATCH, lacks_vectors, words_in_force
from civic.statements.models import Preparation, Shard, Statement
from civic.statements.stages import Result, ShardDamaged, Stage

logger = logging.getLogger(__name__)
STAGES = tuple(Stage)
MANY = 20  # statements that wait are prepared one by one up to here, together above
_looked_for: set[str] = set()  # models whose absence this process has asked the database for
RUNG = 200  # shards that are rung for again at a time


@transaction.atomic
def begin(consultation: Consultation, *, reason: str, actor: str = "") -> Preparation | None:
    """Cut everything that waits into shards: new statements, and claims without a vector.

    None where nothing waits; the one under way where there is one, and what came since waits for
    the next. Statements of a preparation that failed are taken up again.
    """
    Consultation.objects.select_for_update().get(pk=consultation.pk)
    running = consultation.preparations.filter(status=Preparation.Status.RUNNING).first()
    if running is not None:
        return running
    waiting = dict(waiting_statements(consultation).values_list("key", "pk"))
    if not waiting and not lacks_vectors(consultation):
        return None
    columns = ("claim_id", "statement_id", "start", "end")
    known = list(words_in_force(consultation.pk).values_list(*columns))
    given = stages.Input(
        np.array([waiting[key] for key in sorted(waiting, key=natural_key)], dtype=np.int64),
        np.array(known, dtype=np.int64).reshape(len(known), len(columns)),
    )
    preparation = Preparation(
        consultation=consultation,
        reason=reason,
        embedder=settings.EMBEDDER,
        routes=settings.EMBED_ROUTES,
        shard_size=settings.SHARD_SIZE,
        counts={"statements": len(waiting), "known": len(known)},
    )
    preparation.input_file, digest = stages.keep(preparation, given.pack())
    preparation.save()
    waiting_statements(consultation).update(preparation=preparation)
    _open(preparation, Stage.READ)
    content = {"reason": reason, "input": digest, "counts": preparation.counts}
    record("preparation.begun", subject=preparation, actor=actor, content=content)
    return preparation


def waiting_statements(consultation: Consultation) -> QuerySet[Statement]:
    """Statements nobody prepared or prepares; what is withdrawn or hidden goes another way."""
    free = Q(preparation=None) | Q(preparation__status=Preparation.Status.FAILED)
    rows = consultation.statements.filter(free, prepared_at=None, withdrawn_at=None)
    rows = rows.filter(scenario="")  # sentences about two situations never join each other
    return rows.exclude(moderation=Statement.Moderation.REJECTED)


def execute(shard_id: int) -> Sequence[Shard]:
    """Compute one shard, unless it is another worker's or not its turn; who waits after it."""
    holder = take(shard_id)
    if holder is None:
        return ()
    shard = Shard.objects.select_related("preparation__consultation").get(pk=shard_id)
    mine = Shard.objects.filter(pk=shard_id, lease_holder=holder, status=Shard.Status.RUNNING)

    def renew() -> None:
        if not mine.update(lease_until=leases.new_deadline()):
            raise leases.LeaseLost

    def give_up() -> None:
        mine.update(lease_until=timezone.now())

    with leases.kept(f"shard-{shard_id}", renew=renew, give_up=give_up):
        try:
            began = time.monotonic()
            result = stages.compute(shard)
            return finish(shard, result, holder=holder, seconds=time.monotonic() - began)
        except leases.LeaseLost:
            return ()
        except ShardDamaged as damage:
            return redo(damage.shard, first=shard, holder=holder)
        except AggregationError as error:
            fail(shard.preparation, reason=str(error))
            raise


def take(shard_id: int) -> uuid.UUID | None:
    """Claim a shard whose turn it is: nothing of an earlier stage is unfinished."""
    running = Preparation.objects.filter(
        pk=OuterRef("preparation_id"), status=Preparation.Status.RUNNING
    )
    earlier = Shard.objects.filter(
        preparation=OuterRef("preparation_id"), position__lt=OuterRef("position")
    ).exclude(status=Shard.Status.DONE)
    queued = Shard.objects.filter(
        Exists(running), ~Exists(earlier), pk=shard_id, status=Shard.Status.QUEUED
    )
    return leases.take(queued, status=Shard.Status.RUNNING)


@transaction.atomic
def finish(shard: Shard, result: Result, *, holder: uuid.UUID, seconds: float) -> Sequence[Shard]:
    """Keep what a shard computed; after the last one of a stage, open the next."""
    name, digest = stages.keep(shard.preparation, result.content)
    # All who finish shards of one preparation come one by one, so that one of them is the last.
    Consultation.objects.select_for_update().get(pk=shard.preparation.consultation_id)
    preparation = Preparation.objects.select_for_update().get(pk=shard.preparation_id)
    mine = Shard.objects.filter(pk=shard.pk, lease_holder=holder, status=Shard.Status.RUNNING)
    done = {"status": Shard.Status.DONE, "lease_until": None, "finished_at": timezone.now()}
    if preparation.is_over or not mine.update(**done, file=name, digest=digest, seconds=seconds):
        raise leases.LeaseLost
    preparation.counts |= result.counts
    preparation.save(update_fields=["counts"])
    if shard.digest not in ("", digest):
        # Another version of the code computed it anew: what was made of the old one goes.
        preparation.shards.filter(position__gt=shard.position).delete()
        Preparation.objects.filter(pk=preparation.pk).update(stage=shard.stage)
        preparation.stage = shard.stage
    if result.outcome is not None:
        complete(preparation, result.outcome, digest=digest)
        return ()
    _advance(preparation)
    if shard.digest:  # Others waited for this one to be computed again.
        return list(preparation.shards.filter(status=Shard.Status.QUEUED))
    return _next(preparation, after=shard)


def _next(preparation: Preparation, *, after: Shard) -> Sequence[Shard]:
    if preparation.stage == after.stage:
        return ()
    return list(preparation.shards.filter(stage=preparation.stage).order_by("number"))


def _advance(preparation: Preparation) -> None:
    """Open the next stage that has shards, if nothing of this one is left."""
    place = STAGES.index(Stage(preparation.stage))
    while not preparation.shards.exclude(status=Shard.Status.DONE).exists():
        place += 1
        here = Preparation.objects.filter(
            pk=preparation.pk, stage=preparation.stage, status=Preparation.Status.RUNNING
        )
        if not here.update(stage=STAGES[place]):
            return
        preparation.stage = STAGES[place]
        _open(preparation, STAGES[place])


def _open(preparation: Preparation, stage: Stage) -> None:
    Shard.objects.bulk_create(
        (
            Shard(
                preparation=preparation,
                position=STAGES.index(stage),
                stage=stage,
                number=number,
                start=rows.start,
                stop=rows.stop,
            )
            for number, rows in enumerate(stages.ranges(preparation, stage))
        ),
        batch_size=BATCH,
    )


@transaction.atomic
def redo(damaged: Shard, *, first: Shard, holder: uuid.UUID) -> Sequence[Shard]:
    """Have a damaged shard computed again before the one that met with it."""
    logger.warning("The file of %s of preparation %s is damaged", damaged, damaged.preparation)
    again = Shard.objects.filter(pk=damaged.pk, status=Shard.Status.DONE)
    again.update(status=Shard.Status.QUEUED, lease_holder=None, attempts=0)
    mine = Shard.objects.filter(pk=first.pk, lease_holder=holder, status=Shard.Status.RUNNING)
    mine.update(status=Shard.Status.QUEUED, lease_holder=None, lease_until=None)
    return (damaged,)


@transaction.atomic
def fail(preparation: Preparation, *, reason: str) -> None:
    """End a preparation that cannot succeed; its statements wait until somebody tries again."""
    running = Preparation.objects.filter(pk=preparation.pk, status=Preparation.Status.RUNNING)
    if running.update(status=Preparation.Status.FAILED, finished_at=timezone.now(), error=reason):
        record("preparation.failed", subject=preparation, content={"reason": reason})
        transaction.on_commit(lambda: tidy(preparation))


def put_back() -> None:
    """Queue shards again whose worker fell silent, and give up those that keep killing theirs."""
    silent = Shard.objects.filter(status=Shard.Status.RUNNING, lease_until__lt=timezone.now())
    for shard in silent.filter(attempts__gte=leases.MAX_ATTEMPTS).select_related("preparation"):
        where = f"part {shard.number + 1} of “{shard.get_stage_display()}”"
        reason = f"The worker stopped {shard.attempts} times while computing {where}; see its log."
        fail(shard.preparation, reason=reason)
    silent.update(status=Shard.Status.QUEUED, lease_holder=None, lease_until=None)


def begin_forgotten() -> None:
    """Begin where many statements wait, and, once per process, where the model has changed."""
    waiting = Statement.objects.filter(prepared_at=None, withdrawn_at=None, preparation=None)
    waiting = waiting.filter(scenario="")
    crowds = waiting.values("consultation").annotate(n=Count("pk")).filter(n__gt=MANY)
    wanted = dict.fromkeys(crowds.values_list("consultation", flat=True), "Many statements waited")
    models = f"{settings.EMBEDDER} {settings.EMBED_ROUTES}"
    if models not in _looked_for:
        wanted |= {
            one.pk: f"Vectors of the model {settings.EMBEDDER} were missing"
            for one in Consultation.objects.order_by("pk")
            if _lacks_vectors(one)
        }
        if not Preparation.objects.filter(status=Preparation.Status.RUNNING).exists():
            _looked_for.add(models)
    for consultation in Consultation.objects.filter(pk__in=wanted).order_by("pk"):
        begin(consultation, reason=wanted[consultation.pk])


def _lacks_vectors(consultation: Consultation) -> bool:
    try:
        return lacks_vectors(consultation)
    except AggregationError as error:  # A model that is not there must not stop other work.
        logger.error("No vectors can be made for %s: %s", consultation.slug, error)
        return False


def queued_shards() -> Sequence[Shard]:
    """Shards that a doorbell should ring for, of the stage that is at work, the oldest first."""
    rows = Shard.objects.filter(
        preparation__status=Preparation.Status.RUNNING,
        stage=F("preparation__stage"),
        status=Shard.Status.QUEUED,
    )
    return list(rows.order_by("preparation", "number")[:RUNG])


def prepare_waiting(consultation: Consultation) -> None:
    """Prepare in this process what waits in a consultation; for commands that need it done."""
    preparation = begin(consultation, reason=gettext_noop("Asked for by a command"))
    if preparation is None:
        return
    run_here(preparation)
    if preparation.status == Preparation.Status.FAILED:
        raise AggregationError(preparation.error)


def run_here(preparation: Preparation) -> None:
    """Compute everything in this process, beside whatever workers there are."""
    while True:
        preparation.refresh_from_db()
        if preparation.is_over:
            return
        put_back()
        waiting = preparation.shards.filter(status=Shard.Status.QUEUED)
        for pk in list(waiting.order_by("position", "number").values_list("pk", flat=True)):
            execute(pk)
        if preparation.shards.filter(status=Shard.Status.RUNNING).exists():
            time.sleep(0.1)  # Another worker has the rest.
