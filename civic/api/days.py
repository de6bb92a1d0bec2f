"""When things happened, as everybody may know it: to the day."""

from __future__ import annotations

from datetime import UTC, datetime

from rest_framework import serializers


class Day(serializers.DateField):
    """The day of a moment, in UTC. The hour tells who was there with whom."""

    def __init__(self, **options: object) -> None:
        super().__init__(**{"help_text": "The day, in UTC.", **options})

    def to_representation(self, value: datetime) -> str:
        return value.astimezone(UTC).date().isoformat()
