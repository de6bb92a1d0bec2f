"""The behaviour spec as a document: findings in, canonical JSON out.

Reading order: `findings` (what the stages hand over), `words` (sentences about numbers),
`clauses` (one clause), `document` (the whole, its schema and its bytes).
"""

from aggregation.spec.document import (
    SCHEMA_VERSION,
    Document,
    InvalidSpec,
    compose,
    corpus_digest,
    from_bytes,
    schema,
    to_bytes,
    validate,
)
from aggregation.spec.findings import (
    ClaimReading,
    Decision,
    Findings,
    Margin,
    SelectionCertificate,
    ThemeLabel,
)

__all__ = [
    "SCHEMA_VERSION",
    "ClaimReading",
    "Decision",
    "Document",
    "Findings",
    "InvalidSpec",
    "Margin",
    "SelectionCertificate",
    "ThemeLabel",
    "compose",
    "corpus_digest",
    "from_bytes",
    "schema",
    "to_bytes",
    "validate",
]
