"""What the addresses of the sample consultation name: a clause, a statement, a run and so on."""

from __future__ import annotations

from tests.journey.platform import Platform

ONE = {
    "statement": "select s.uuid from statements_statement s join statements_claim c"
    " on c.statement_id = s.id join specs_clause k on k.claim_id = c.id"
    " where k.status = 'adopted' order by k.id limit 1",
    "claim": "select c.uuid from statements_claim c join specs_clause k on k.claim_id = c.id"
    " where k.status = 'adopted' order by k.id limit 1",
    "clause": "select key from specs_clause where status = 'adopted' order by id limit 1",
    "spec": "select number from specs_specversion where status = 'published' order by id limit 1",
    "machine_answer": "select uuid from judging_machineanswer where withdrawn_at is null"
    " order by id limit 1",
    "later_spec": "select number from specs_specversion where status = 'published'"
    " order by id desc limit 1",
    "run": "select uuid from analysis_run where status = 'done' order by id limit 1",
}


def dashed(uuid: str) -> str:
    """A UUID as addresses write it."""
    return "-".join((uuid[:8], uuid[8:12], uuid[12:16], uuid[16:20], uuid[20:]))


def things_of(platform: Platform) -> dict[str, object]:
    """By the names of `tests/addresses.py`; without what only a person of her own has."""
    found: dict[str, object] = {"slug": platform.slug, "part": "not_adopted"}
    for name, query in ONE.items():
        value = platform.rows(query)[0][0]
        is_uuid = isinstance(value, str) and name in ("statement", "claim", "machine_answer", "run")
        found[name] = dashed(value) if is_uuid else value
    return found
