"""`manage.py import_statements FILE --slug …`: a table of statements joins a consultation."""

from __future__ import annotations

import argparse
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from rich.console import Console

from aggregation.errors import IntakeError
from civic.consultations.models import Consultation
from civic.errors import Refused
from civic.intake import pipeline
from civic.intake.console import show_intake, show_problems
from civic.intake.models import ImportJob
from civic.intake.services import import_at_once


class Command(BaseCommand):
    """Check a CSV file of statements, show what was found, write it whole or not at all."""

    help = "Import statements (columns author and text; optional language, id, any others)."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--slug", required=True, help="of an existing consultation")
        parser.add_argument("--dry-run", action="store_true", help="check and report only")

    def handle(self, *args: object, **options: object) -> None:
        console = Console(file=self.stdout, markup=False, highlight=False)
        consultation = Consultation.objects.filter(slug=options["slug"]).first()
        if consultation is None:
            raise CommandError(f"There is no consultation “{options['slug']}”.")
        kind = ImportJob.Kind.STATEMENTS
        try:
            taken = pipeline.read(
                kind,
                paths={"statements": options["file"]},
                title=consultation.title,
                slug=consultation.slug,
            )
        except IntakeError as error:
            show_problems(console, error.problems)
            raise CommandError(f"{len(error.problems)} defects; nothing was written.") from error
        show_intake(console, taken)
        if options["dry_run"]:
            console.print("Dry run: nothing was written.")
            return
        try:
            import_at_once(consultation, kind=kind, taken=taken)
        except Refused as error:
            raise CommandError(error.sentence) from error
        console.print("Imported; the worker prepares the statements.")
