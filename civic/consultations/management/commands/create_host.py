"""`manage.py create_host EMAIL`: who may create consultations, and organize an imported one."""

from __future__ import annotations

import argparse

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.core.validators import validate_email
from django.db import transaction

from civic.accounts.services import make_host
from civic.consultations.models import Consultation, Membership
from civic.consultations.services import grant_role
from civic.errors import Invalid


class Command(BaseCommand):
    """Make an account a host's, and with --organize the organizer of existing consultations."""

    help = "Let an e-mail address create consultations; sign-in is by a code sent to it."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--name", default="", help="shown to other organizers")
        parser.add_argument("--organize", action="append", default=[], metavar="SLUG")

    def handle(self, *args: object, **options: object) -> None:
        try:
            validate_email(options["email"])
        except ValidationError as error:
            raise CommandError(f"“{options['email']}” is not an e-mail address.") from error
        with transaction.atomic():
            try:
                user = make_host(options["email"], display_name=options["name"])
            except Invalid as refusal:
                raise CommandError(f"--name: {refusal.sentence}") from refusal
            for slug in options["organize"]:
                consultation = Consultation.objects.filter(slug=slug).first()
                if consultation is None:
                    raise CommandError(f"There is no consultation “{slug}”; nothing was changed.")
                grant_role(consultation, user=user, role=Membership.Role.ORGANIZER)
        self.stdout.write(f"{user.email} may create consultations.")
        for slug in options["organize"]:
            self.stdout.write(f"{user.email} organizes “{slug}”.")
