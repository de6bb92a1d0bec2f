"""`manage.py run_analysis SLUG`: ask for an analysis, and see it through to a spec if wished."""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from civic.analysis import lease, pipeline
from civic.analysis.models import Run, RunStep
from civic.consultations.models import Consultation
from civic.errors import Refused
from civic.specs.services import draft_spec, publish_spec, start_run


class Command(BaseCommand):
    """Queue a run; then wait for a worker, or compute it here."""

    help = "Start an analysis of a consultation; optionally draft and publish what it finds."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("slug")
        parser.add_argument("--seed", type=int, default=0)
        parser.add_argument("--policy", type=Path, help="JSON file with thresholds and budgets")
        parser.add_argument("--inline", action="store_true", help="compute here, without a worker")
        parser.add_argument("--wait", action="store_true", help="wait for the worker to finish")
        parser.add_argument("--publish", action="store_true", help="draft and publish the result")
        parser.add_argument("--timeout", type=float, default=600, help="seconds to wait")

    def handle(self, *args: object, **options: object) -> None:
        consultation = Consultation.objects.filter(slug=options["slug"]).first()
        if consultation is None:
            raise CommandError(f"There is no consultation “{options['slug']}”.")
        policy = json.loads(options["policy"].read_text()) if options["policy"] else None
        try:
            lease.put_back()
            # A run that a worker left unfinished is finished first, with its own settings.
            run = consultation.runs.filter(status=Run.Status.QUEUED).first()
            run = run or start_run(consultation, seed=options["seed"], policy=policy)
            if options["inline"]:
                pipeline.execute(run.pk)
            if options["inline"] or options["wait"] or options["publish"]:
                self.follow(run, timeout=options["timeout"])
            if options["publish"]:
                spec = publish_spec(draft_spec(run))
                self.stdout.write(f"Published version {spec.number}, sha256 {spec.sha256}")
        except Refused as error:
            raise CommandError(error.sentence) from error

    def follow(self, run: Run, *, timeout: float) -> None:
        """Print each step once it is done, until the run is over."""
        deadline = time.monotonic() + timeout
        told: set[str] = set()
        while True:
            run.refresh_from_db()
            for step in run.steps.filter(status=RunStep.Status.DONE):
                if step.name not in told:
                    told.add(step.name)
                    self.stdout.write(f"{step.name}: {step.seconds:.2f} s")
            if run.is_over:
                break
            if time.monotonic() > deadline:
                raise CommandError(f"Run {run.uuid} is not done after {timeout:.0f} s.")
            time.sleep(0.2)
        if run.status != Run.Status.DONE:
            raise CommandError(f"Run {run.uuid} {run.get_status_display().lower()}: {run.error}")
        self.stdout.write(f"Run {run.uuid} done, outcome sha256 {run.outcome_digest}")
