"""The behaviour spec as a document: findings in, canonical JSON out.

Reading order: `findings` (what the stages hand over), `words` (sentences about numbers), `cells`
(which counts are shown), `clauses` (one clause), `certificates` (the proofs), `document` (the
whole, its schema and its bytes), `assurance` (the proofs in words).
"""

from aggregation.spec.assurance import Answer, assurance, rule_name
from aggregation.spec.cells import least_cell
from aggregation.spec.document import (
    SCHEMA_VERSION,
    Document,
    InvalidSpec,
    compose,
    corpus_digest,
    document_digest,
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
    TopicLabel,
)

__all__ = [
    "SCHEMA_VERSION",
    "Answer",
    "ClaimReading",
    "Decision",
    "Document",
    "Findings",
    "InvalidSpec",
    "Margin",
    "SelectionCertificate",
    "ThemeLabel",
    "TopicLabel",
    "assurance",
    "compose",
    "corpus_digest",
    "document_digest",
    "from_bytes",
    "least_cell",
    "rule_name",
    "schema",
    "to_bytes",
    "validate",
]
