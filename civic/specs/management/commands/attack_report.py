"""`manage.py attack_report SLUG`: what coordinated voters could do to a published spec."""

from __future__ import annotations

import argparse

from django.core.management.base import BaseCommand, CommandError

from aggregation.robust import attack_report, policy_of
from aggregation.run import answered
from civic.analysis.snapshot import freeze
from civic.consultations.models import Consultation
from civic.specs.selectors import latest_public


class Command(BaseCommand):
    """Simulate crowds of 1, 5 and 10 % against the latest published version."""

    help = "Simulate coordinated voters against the latest published spec of a consultation."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("slug")
        parser.add_argument("--seed", type=int, default=0)

    def handle(self, *args: object, **options: object) -> None:
        consultation = Consultation.objects.filter(slug=options["slug"]).first()
        spec = latest_public(consultation) if consultation else None
        if spec is None:
            raise CommandError(f"There is no published spec of “{options['slug']}”.")
        document = spec.load()
        votes = freeze(spec.run).votes
        votes = answered(votes, (clause["claim"] for clause in document["clauses"]))
        report = attack_report(votes, policy_of(document), seed=options["seed"])
        for line in report.lines():
            self.stdout.write(line)
