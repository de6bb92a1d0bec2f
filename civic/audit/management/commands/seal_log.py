"""`manage.py seal_log`: seal what waits now, without waiting for the worker."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from civic.audit import pipeline, selectors


class Command(BaseCommand):
    """Seal, and show the checkpoint."""

    help = __doc__

    def handle(self, *args: Any, **options: Any) -> None:
        sealed = pipeline.seal()
        self.stdout.write(f"Sealed {sealed} entries.")
        checkpoint = selectors.latest_checkpoint()
        if checkpoint is not None:
            self.stdout.write(checkpoint.note)
