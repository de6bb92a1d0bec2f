"""Django's door for mail, leading to the queue `mail`."""

from __future__ import annotations

from collections.abc import Sequence

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

from civic.accounts import tasks


class QueuedBackend(BaseEmailBackend):
    """Queues each message; the worker delivers it. Text with one HTML twin is all we send."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        for message in email_messages:
            html = next((part.content for part in getattr(message, "alternatives", ())), "")
            tasks.deliver_mail.delay_on_commit(
                message.subject, message.body, message.from_email, list(message.to), html
            )
        return len(email_messages)
