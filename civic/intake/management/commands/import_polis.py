"""`manage.py import_polis FOLDER --title … --slug …`: a Polis export becomes a consultation."""

from __future__ import annotations

import argparse
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from rich.console import Console

from aggregation.errors import IntakeError
from civic.consultations.phases import Phase
from civic.consultations.services import create_consultation, open_phase
from civic.errors import Refused
from civic.intake import pipeline
from civic.intake.console import show_intake, show_problems
from civic.intake.models import ImportJob
from civic.intake.services import import_at_once, polis_paths


class Command(BaseCommand):
    """Check a Polis export, show what was found, write it whole or not at all."""

    help = "Import a Polis export (comments.csv with votes.csv and/or participants-votes.csv)."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("folder", type=Path)
        parser.add_argument("--title", required=True)
        parser.add_argument("--slug", required=True)
        parser.add_argument("--question", default="")
        parser.add_argument("--licence", default="")
        parser.add_argument("--exclude-participants", type=Path, metavar="FILE")
        parser.add_argument("--phase", choices=Phase.values, default=Phase.REVIEW)
        parser.add_argument("--dry-run", action="store_true", help="check and report only")

    def handle(self, *args: object, **options: object) -> None:
        console = Console(file=self.stdout, markup=False, highlight=False)
        paths = polis_paths(options["folder"])
        if options["exclude_participants"]:
            paths["exclude"] = options["exclude_participants"]
        try:
            taken = pipeline.read(
                ImportJob.Kind.POLIS, paths=paths, title=options["title"], slug=options["slug"]
            )
        except IntakeError as error:
            show_problems(console, error.problems)
            raise CommandError(f"{len(error.problems)} defects; nothing was written.") from error
        show_intake(console, taken)
        if options["dry_run"]:
            console.print("Dry run: nothing was written.")
            return
        try:
            with transaction.atomic():
                consultation = create_consultation(
                    title=options["title"],
                    slug=options["slug"],
                    question=options["question"],
                    licence=options["licence"],
                )
                import_at_once(consultation, kind=ImportJob.Kind.POLIS, taken=taken)
                open_phase(consultation, phase=options["phase"])
        except Refused as error:
            raise CommandError(error.sentence) from error
        console.print(f"Imported as “{consultation.slug}”.")
