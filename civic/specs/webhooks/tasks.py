"""Jobs of webhooks, carried to the worker by id."""

from __future__ import annotations

from celery import shared_task

from civic.specs.webhooks import pipeline


@shared_task
def deliver(delivery_id: int) -> None:
    """Send one message."""
    pipeline.deliver(delivery_id)


@shared_task
def ring() -> None:
    """Ring for every message that is due."""
    for delivery_id in pipeline.waiting():
        deliver.ring_again(delivery_id)
