"""Mail leaves through the queue `mail`, so that no page waits for a mail server. Other work
on accounts that takes its time goes the same way."""

from __future__ import annotations

import smtplib

from celery import shared_task
from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection

from civic.accounts import sessions


@shared_task(
    autoretry_for=(smtplib.SMTPException, OSError),
    retry_backoff=True,
    retry_kwargs={"max_retries": 5},
)
def deliver_mail(subject: str, body: str, sender: str, to: list[str], html: str = "") -> None:
    """Hand one message to the configured mail backend."""
    connection = get_connection(settings.DELIVERY_BACKEND)
    message = EmailMultiAlternatives(subject, body, sender, to, connection=connection)
    if html:
        message.attach_alternative(html, "text/html")
    message.send()


@shared_task
def end_sessions(user_id: int) -> None:
    """Sign a person out everywhere."""
    sessions.end_sessions(user_id)


@shared_task
def forget_in_sessions(user_id: int, name: str) -> None:
    """Delete an entry (a draft) of a person's sessions."""
    sessions.forget_in_sessions(user_id, name=name)
