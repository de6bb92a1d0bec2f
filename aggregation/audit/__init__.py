"""What an auditor does: repeat a run from its inputs, and compare every byte and every number.

Reading order: folder (a run's files, and every export of them), verifying (whether a bundle holds).
"""

from aggregation.audit.folder import (
    ATTACK,
    BUNDLE,
    SPEC,
    VOTES,
    exported,
    json_object,
    published,
    save,
    write_outcome,
)
from aggregation.audit.verifying import verify_bundle, why_not_repeated

__all__ = [
    "ATTACK",
    "BUNDLE",
    "SPEC",
    "VOTES",
    "exported",
    "json_object",
    "published",
    "save",
    "verify_bundle",
    "why_not_repeated",
    "write_outcome",
]
