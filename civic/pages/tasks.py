"""What the worker does for the front pages, and for the house as a whole."""

from __future__ import annotations

from celery import shared_task

from civic.accounts.models import User
from civic.pages import retention, sample
from civic.pages.demo import load_sample


@shared_task
def load_example(user_id: int) -> None:
    """Make the invented consultation for this person; a second call finds it there."""
    load_sample(sample.load(), owner=User.objects.get(pk=user_id))


@shared_task
def sweep() -> None:
    """Delete what is kept no longer. Beat sends it; a message lost or doubled changes nothing."""
    retention.sweep()
