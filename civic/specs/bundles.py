"""bundle.zip of a version: its exports with what its analysis was given, for auditors."""

from __future__ import annotations

from django.utils.translation import gettext as _

from aggregation.exports.bundle import to_bundle
from aggregation.exports.inputs import Inputs
from aggregation.lineage import groups
from aggregation.run import by_number, pseudonymised
from aggregation.spec import corpus_digest, from_bytes
from civic.analysis.findings import themes_before
from civic.analysis.pipeline import groups_of, settings_of
from civic.analysis.snapshot import unpack
from civic.consultations import files
from civic.errors import NotFound
from civic.specs.models import SpecVersion
from civic.specs.redaction import GONE
from civic.specs.sealing import evidence_files


def bundle_of(spec: SpecVersion) -> bytes:
    """Everything that it takes to check a version elsewhere; people are numbers in it.

    Where words were removed at their author's request, from the version or from anything that its
    run was given, the run cannot be repeated: the inputs stay out but for the votes, and the bundle
    says so.
    """
    run = spec.run
    try:
        content = files.read(run.snapshot_file) if run.snapshot_file else None
    except FileNotFoundError:
        content = None
    if content is None:
        raise NotFound(_("What this version was computed from is not kept any more."))
    corpus, votes, judgements = unpack(content)
    people, ballots = pseudonymised(corpus, votes)
    numbers = [str(number) for number in range(len(people))]
    inputs = Inputs(
        corpus,
        settings_of(run),
        ballots,
        None if judgements is None else by_number(judgements),
        previous=from_bytes(bytes(run.previous_document)) if run.previous_document else None,
        previous_groups=groups(groups_of(run.previous_run), people, numbers),
        previous_themes=themes_before(run),
    )
    document, before = spec.load(), bytes(run.previous_document or b"")
    is_whole = (
        not spec.redactions
        and GONE.encode() not in before
        and corpus_digest(corpus) == document["provenance"]["corpus_digest"]
    )
    return to_bundle(document, inputs, repeats=is_whole, beside=evidence_files(spec))
