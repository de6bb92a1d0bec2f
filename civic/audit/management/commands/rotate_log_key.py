"""`manage.py rotate_log_key`: let another key sign the public log, announced under the present one.

Makes the new key in a file (or takes the one that is there), announces it by a line of the log and
by a note that the present key signs, and seals both with the present key. Then the settings must
name the new one. Safe to repeat until that is done.
"""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from civic.audit import keys, notes, pipeline


class Command(BaseCommand):
    """Announce a new key for the log."""

    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--to", help="file of the new key; it is made where there is none")

    def handle(self, *args: Any, **options: Any) -> None:
        own = settings.MAKES_LOG_KEY  # the platform keeps its key itself
        if not options["to"] and not own:
            raise CommandError("Name the new key's file: --to FILE")
        present = Path(settings.LOG_KEY_FILE)
        target = Path(options["to"] or present.with_name(f"{present.name}.new"))
        current = keys.signing_key()
        log = pipeline.the_log()
        keys.admitted(current, log=log)
        if not target.exists():
            keys.make(target)
        fresh = keys.parse(target.read_text(), source=str(target))
        public = notes.public_bytes(fresh)
        if public == notes.public_bytes(current):
            raise CommandError(f"{target} holds the key that signs already.")
        keys.announce(public, log=log, under=current)
        pipeline.seal()
        self.stdout.write(f"Announced: {notes.verifier_key(log.origin, public)}")
        if own and not options["to"]:
            kept = present.with_name(f"{present.name}.{keys.named(current)}")
            present.replace(kept)
            target.replace(present)
            self.stdout.write(f"It signs from now on; the one before it is kept in {kept}.")
        else:
            self.stdout.write(
                f"Now set CONCORDANCE_LOG_KEY_FILE={target} (and unset CONCORDANCE_LOG_KEY) for "
                "every process, and restart them. Until then the present key goes on signing."
            )
