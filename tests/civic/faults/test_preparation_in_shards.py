"""kill -9 at every stage of a preparation: nothing is lost, and not one byte is another."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from statements import write_statements

from aggregation.intake import read_statements_csv
from aggregation.prepare import prepare
from aggregation.types import Settings, Span

pytestmark = pytest.mark.slow
COUNT = 600
STAGES = ("read", "fold", "embed", "compare", "claims")
NEW = """
from civic.consultations.services import create_consultation
create_consultation(title="Table", slug="table")
"""
DUMP = """
import json
from civic.statements.models import Claim, Segment, Shard, Statement
where = {"consultation__slug": "table"}
claims = Claim.objects.filter(**where).order_by("key")
segments = Segment.objects.filter(statement__consultation__slug="table")
columns = ("statement__key", "start", "end", "is_norm", "polarity", "vector", "vector_spec")
rows = segments.order_by("statement__key", "start").values_list(*columns, "claim__key")
shards = Shard.objects.filter(preparation__consultation__slug="table")
print(json.dumps({
    "claims": [[c.key, c.statement.key, c.start, c.end, c.language, c.polarity,
        c.context_start, c.context_end] for c in claims.select_related("statement")],
    "segments": [[v.hex() if isinstance(v, (bytes, memoryview)) else v
        for v in map(lambda v: bytes(v) if isinstance(v, memoryview) else v, row)] for row in rows],
    "digests": list(shards.order_by("position", "number").values_list("stage", "number", "digest")),
    "unprepared": Statement.objects.filter(prepared_at=None, **where).count(),
}))
"""
HERE = """
from civic.consultations.models import Consultation
from civic.statements.preparing import prepare_waiting
prepare_waiting(Consultation.objects.get(slug="table"))
"""
STATUS = """
    SELECT p.status FROM statements_preparation p
    JOIN consultations_consultation c ON c.id = p.consultation_id
    WHERE c.slug = 'table' ORDER BY p.id DESC LIMIT 1
"""
SHARDS = """
    SELECT s.status, count(*) FROM statements_shard s
    JOIN statements_preparation p ON p.id = s.preparation_id
    JOIN consultations_consultation c ON c.id = p.consultation_id
    WHERE c.slug = 'table' AND s.stage = '{}' GROUP BY s.status
"""


def shell(platform: Any, code: str) -> str:
    """What a piece of code prints inside the platform."""
    return str(platform.manage("shell", "-v", "0", "-c", code)).strip()


def stored(platform: Any) -> dict[str, Any]:
    """Everything that a preparation left behind, in canonical order."""
    found = json.loads(shell(platform, DUMP))
    assert found["unprepared"] == 0
    return dict(found)


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A table of invented statements."""
    return write_statements(tmp_path_factory.mktemp("table") / "table.csv", count=COUNT, seed=5)


@pytest.fixture
def with_table(new_platform: Callable[..., Any], table: Path) -> Callable[..., Any]:
    """Makes platforms that have taken a table in and prepared nothing of it yet."""
    taken_in = (
        ("shell", "-v", "0", "-c", NEW),
        ("import_statements", str(table), "--slug", "table"),
    )

    def make(name: str, **extra: str) -> Any:
        small = {"CONCORDANCE_EMBEDDER": "hashing", "CONCORDANCE_SHARD_SIZE": "25"}
        return new_platform(name, then=taken_in, **small | extra)

    return make


_calm: dict[str, Any] = {}


@pytest.fixture
def undisturbed(with_table: Callable[..., Any]) -> dict[str, Any]:
    """What one process makes of the table when nobody disturbs it; computed once."""
    if not _calm:
        calm = with_table("calm")
        shell(calm, HERE)
        _calm.update(stored(calm))
    return _calm


def shards_of(platform: Any, stage: str) -> dict[str, int]:
    """How many shards of a stage are in each state."""
    return dict(platform.rows(SHARDS.format(stage)))


def shoot_in(platform: Any, worker: subprocess.Popen[bytes], stage: str) -> None:
    """kill -9 while a shard of this stage is being computed: frozen first, looked at, then shot."""

    def caught() -> bool:
        found = shards_of(platform, stage)
        assert set(found) != {"done"}, f"the stage {stage} was over before it could be disturbed"
        if not found.get("running"):
            return False
        os.killpg(worker.pid, signal.SIGSTOP)
        if shards_of(platform, stage).get("running"):
            return True
        os.killpg(worker.pid, signal.SIGCONT)
        return False

    platform.wait_for(caught, seconds=90)
    platform.kill(worker)


def is_done(platform: Any) -> bool:
    return bool(platform.rows(STATUS) == [("done",)])


def test_a_worker_shot_at_every_stage_changes_no_byte(
    with_table: Callable[..., Any], undisturbed: dict[str, Any], table: Path
) -> None:
    """A worker dies in each of the five stages, and the last one finishes. Claims, sentences,
    vectors and the digest of every shard are those of an undisturbed run; and the claims are those
    that the library alone makes of the same table."""
    platform = with_table("shot")
    for stage in STAGES:
        shoot_in(platform, platform.start_worker(), stage)
    platform.start_worker()
    platform.wait_for(lambda: is_done(platform), seconds=90)
    found = stored(platform)
    assert found == undisturbed
    corpus = read_statements_csv(table, title="Table", id="table").corpus
    alone = prepare(corpus, Settings(embedder="hashing"))
    members: dict[str, set[Span]] = {}
    for key, start, end, *_, claim in found["segments"]:
        if claim is not None:
            members.setdefault(claim, set()).add(Span(key, start, end))
    assert members == {one.id: {one.span, *one.members} for one in alone.claims}
    assert {(c[0], Span(*c[1:4])) for c in found["claims"]} == {
        (c.id, c.span) for c in alone.claims
    }


def test_two_workers_share_the_shards_and_a_lost_message_is_made_up_for(
    with_table: Callable[..., Any], undisturbed: dict[str, Any]
) -> None:
    """Every message is lost before two workers start at once; the rows are enough."""
    platform = with_table("two")
    for message in (platform.folder / "messages").glob("*.msg"):
        message.unlink()
    platform.start_worker()
    platform.start_worker()
    platform.wait_for(lambda: is_done(platform), seconds=90)
    assert stored(platform) == undisturbed


def test_a_shard_damaged_on_disk_is_computed_again(
    with_table: Callable[..., Any], undisturbed: dict[str, Any]
) -> None:
    """A worker dies while vectors are computed; the file of one finished shard is changed, that
    of another is gone. Both are made anew, and the result is the same."""
    platform = with_table("damaged")
    shoot_in(platform, platform.start_worker(), "compare")
    query = "SELECT file FROM statements_shard WHERE stage = '{}' AND number = {} ORDER BY id DESC"
    read, vectors = (platform.rows(query.format(*one))[0][0] for one in (("read", 3), ("embed", 2)))
    (platform.folder / "files" / vectors).unlink()
    with (platform.folder / "files" / read).open("r+b") as file:
        file.seek(100)
        file.write(b"\x00\x01")
    platform.start_worker()
    platform.wait_for(lambda: is_done(platform), seconds=90)
    assert stored(platform) == undisturbed
    log = (platform.folder / "worker-1.log").read_text()
    for shard in ("read 3", "embed 2"):
        assert f"The file of {shard}" in log


@pytest.mark.services
def test_postgresql_and_redis_prepare_the_same_bytes(
    with_table: Callable[..., Any], undisturbed: dict[str, Any], services: dict[str, str]
) -> None:
    """Two workers hear of shards through Redis and find them in PostgreSQL; one is shot."""
    platform = with_table("served", **services)
    worker = platform.start_worker()
    platform.start_worker()
    platform.wait_for(lambda: shards_of(platform, "embed").get("done", 0) > 0, seconds=90)
    platform.kill(worker)
    platform.wait_for(lambda: is_done(platform), seconds=90)
    assert stored(platform) == undisturbed
