"""`manage.py export_spec SLUG --out DIR`: every export of the published spec as files."""

from __future__ import annotations

import argparse
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from aggregation import exports
from civic.consultations.models import Consultation
from civic.specs.exports import export
from civic.specs.selectors import latest_public


class Command(BaseCommand):
    """Write the latest published version in every format, or in the named ones."""

    help = "Export the latest published spec of a consultation."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("slug")
        parser.add_argument("--out", type=Path, required=True)
        parser.add_argument("--name", action="append", choices=exports.NAMES)

    def handle(self, *args: object, **options: object) -> None:
        consultation = Consultation.objects.filter(slug=options["slug"]).first()
        spec = latest_public(consultation) if consultation else None
        if spec is None:
            raise CommandError(f"There is no published spec of “{options['slug']}”.")
        options["out"].mkdir(parents=True, exist_ok=True)
        for name in options["name"] or exports.NAMES:
            content, _ = export(spec, name=name)
            part = options["out"] / f"{name}.part"
            part.write_bytes(content)
            part.replace(options["out"] / name)
            self.stdout.write(str(options["out"] / name))
