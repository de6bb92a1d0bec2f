"""`manage.py verify_spec SLUG`: every number of the published spec, recomputed from its votes."""

from __future__ import annotations

import argparse

from django.core.management.base import BaseCommand, CommandError

from aggregation.certify import verify
from aggregation.run import answered
from civic.analysis.snapshot import freeze
from civic.consultations.models import Consultation
from civic.specs.selectors import latest_public


class Command(BaseCommand):
    """Recompute the latest published version from the votes that its run was given."""

    help = "Recompute every number of the latest published spec of a consultation."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("slug")

    def handle(self, *args: object, **options: object) -> None:
        consultation = Consultation.objects.filter(slug=options["slug"]).first()
        spec = latest_public(consultation) if consultation else None
        if spec is None:
            raise CommandError(f"There is no published spec of “{options['slug']}”.")
        document = spec.load()
        votes = freeze(spec.run).votes
        votes = answered(votes, (clause["claim"] for clause in document["clauses"]))
        checks = verify(document, votes)
        failed = [check for check in checks if not check.ok]
        for check in failed:
            self.stderr.write(
                f"Failed: {check.name}: stated {check.stated}, recomputed {check.recomputed}"
            )
        held = f"{len(checks) - len(failed):,} of {len(checks):,} checks hold."
        if failed:
            raise CommandError(held)
        self.stdout.write(held)
