"""A real consultation: each of its 1,418 statements has an answer to "where is it now"."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.core.management import call_command

from civic.audit.pipeline import seal
from civic.consultations.models import Consultation
from civic.pages.receipt_file import SAYS, SAYS_SHOWN, receipt_of
from civic.specs.sealing import sign_waiting
from civic.specs.services import draft_spec, publish_spec
from tests.civic.pages.conftest import analysed
from verifier.citizen import check_citizen
from verifier.notes import read_keys

Part = dict[str, Any]
TOLD = {*map(str, SAYS.values()), SAYS_SHOWN}


@pytest.mark.slow
@pytest.mark.django_db
def test_every_statement_of_a_real_consultation_says_where_it_is(
    data_dir: Path, settings: LazySettings, tmp_path: Path
) -> None:
    """Imported, analysed and published; every author's receipt holds and leaves nothing out."""
    settings.LOG_KEY, settings.LOG_KEY_FILE = "", str(tmp_path / "log-key")
    settings.MAKES_LOG_KEY, settings.LOG_ORIGIN = True, "example.org/log"
    call_command(
        "import_polis", data_dir / "ccai", "--title", "CCAI", "--slug", "ccai", verbosity=0
    )
    consultation = Consultation.objects.get(slug="ccai")
    spec = publish_spec(draft_spec(analysed(consultation, by=None)))
    seal()
    sign_waiting()
    spec.refresh_from_db()
    clauses = {one["id"]: one for one in spec.load()["clauses"]}
    authors = consultation.memberships.filter(statements__isnull=False).distinct()
    rows: list[Part] = []
    for author in authors.select_related("consultation", "user"):
        receipt = receipt_of(author)
        keys = read_keys("keys", json.dumps(receipt["keys"]), trusted=None)
        told = list(check_citizen(receipt, keys, spec=None, where="receipt"))
        assert "version 1 is signed" in told
        rows += receipt["statements"]
    keys_of_all = consultation.statements.values_list("key", flat=True)
    assert sorted(one["reference"] for one in rows) == sorted(keys_of_all)
    assert Counter(one["where"] for one in rows) == {"shown": 275, "waiting": 488, "hidden": 655}
    assert {one["says"] for one in rows} <= TOLD
    assert all(one["reason"] for one in rows if one["where"] == "hidden")
    for row in rows:
        for sentence in row["sentences"]:
            assert sentence["says"] in TOLD
            if row["where"] == "shown":
                assert_led(row, sentence, clauses)


def assert_led(row: Part, sentence: Part, clauses: dict[str, Part]) -> None:
    """It led to a clause of the document, with its reason; and the clause quotes or names it."""
    assert sentence["where"] in ("quoted", "not_adopted"), row["reference"]
    clause = clauses[sentence["clause"]["id"]]
    assert (clause["status"] == "not_adopted") == (sentence["where"] == "not_adopted")
    assert sentence["clause"]["reason"] == clause["reason"]["text"] != ""
    assert row["reference"] in {one["statement"] for one in clause["evidence"]}
