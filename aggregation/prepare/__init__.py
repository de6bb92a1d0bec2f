"""From statements to claims, for a hundred statements and for a million, by the same functions.

    statements --read_shard--> passages --norms, fold--> wordings --marks_of--> marks
    wordings --embed_shard, embed.join--> vectors; with marks --pairs_shard, joined--> pairs
    passages, vectors, pairs --claims_of--> claims

The steps named *_shard look at a part (map); the others look at everything, but only at what the
map steps found (reduce). Results are the same for any size and order of shards. `prepare` runs
all of it here; a platform hands the shards to its workers and keeps them with a `Packing`.
"""

from aggregation.prepare.claims import claims_of
from aggregation.prepare.passages import (
    Folded,
    Passage,
    canonical,
    digest,
    fold,
    norms,
    passage_at,
    read_shard,
)
from aggregation.prepare.preparation import STAGES, Prepared, preparation, prepare
from aggregation.prepare.shards import (
    CLAIMS,
    EMBEDDED,
    PAIRS,
    PASSAGES,
    DamagedShard,
    Packing,
    shards,
)
from aggregation.prepare.tables import Tables
from aggregation.prepare.vectors import (
    Marks,
    embed_shard,
    joined,
    marks_of,
    pairs_shard,
)
from aggregation.prepare.workshop import Progress, WorkerLost

__all__ = [
    "CLAIMS",
    "EMBEDDED",
    "PAIRS",
    "PASSAGES",
    "STAGES",
    "DamagedShard",
    "Folded",
    "Marks",
    "Packing",
    "Passage",
    "Prepared",
    "Progress",
    "Tables",
    "WorkerLost",
    "canonical",
    "claims_of",
    "digest",
    "embed_shard",
    "fold",
    "joined",
    "marks_of",
    "norms",
    "pairs_shard",
    "passage_at",
    "preparation",
    "prepare",
    "read_shard",
    "shards",
]
