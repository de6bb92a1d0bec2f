"""Gathers what the interface says and compiles its translations: for whoever changes a text."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from babel.messages import mofile, pofile
from babel.messages.catalog import Catalog
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.management.commands import makemessages

CATALOGUES = Path(settings.LOCALE_PATHS[0])
TRANSLATED = [code for code, _ in settings.LANGUAGES if code != settings.LANGUAGE_CODE]
# Folders without texts of the interface. One of catalogues that lay in the way would be written to,
# whatever the settings say.
ELSEWHERE = [".venv", "node_modules", "static-root", "build", "tests", "docs", "aggregation"]
ELSEWHERE += ["locale"]


class Gather(makemessages.Command):
    """Django's own, without guesses: a text that changed is translated anew by a person."""

    msgmerge_options = [
        *makemessages.Command.msgmerge_options,
        "--no-fuzzy-matching",
    ]


class Command(BaseCommand):
    help = "Gather the texts of the interface and compile their translations."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--compile-only", action="store_true", help="leave the catalogues as they are"
        )

    def handle(self, *args: Any, compile_only: bool, **options: Any) -> None:
        if not compile_only:
            if shutil.which("xgettext") is None:
                raise CommandError("Gathering texts needs GNU gettext: apt-get install gettext")
            gather(CATALOGUES)
        for code in TRANSLATED:
            missing = compile_catalogue(CATALOGUES / code / "LC_MESSAGES" / "django.po")
            self.stdout.write(f"{code}: {missing} texts wait for a translation")


def gather(folder: Path) -> None:
    """Write django.po of every language: new texts empty, texts that are gone left out."""
    folder.mkdir(parents=True, exist_ok=True)
    command = Gather()
    command.run_from_argv(
        ["manage.py", "makemessages", "--verbosity=0", "--no-location", "--no-wrap"]
        + ["--no-obsolete"]
        + [f"--locale={code}" for code in TRANSLATED]
        + [f"--ignore={name}" for name in ELSEWHERE]
    )
    for code in TRANSLATED:
        file = folder / code / "LC_MESSAGES" / "django.po"
        lines = file.read_text().splitlines(keepends=True)
        # The day on which somebody gathered says nothing, and would change every file.
        file.write_text("".join(line for line in lines if "POT-Creation-Date" not in line))


def compile_catalogue(file: Path) -> int:
    """Write the .mo file beside a .po file; gives the number of texts without a translation."""
    catalogue = read(file)
    with file.with_suffix(".mo").open("wb") as target:
        mofile.write_mo(target, catalogue)
    return sum(1 for message in catalogue if message.id and not translated(message))


def read(file: Path) -> Catalog:
    """A catalogue, with one date for ever: else each compiling gives other bytes."""
    with file.open("rb") as source:
        catalogue = pofile.read_po(source)
    catalogue.creation_date = catalogue.revision_date = datetime(2026, 1, 1, tzinfo=UTC)
    return catalogue


def translated(message: Any) -> bool:
    """Whether every form of a text has its translation."""
    forms = message.string if isinstance(message.string, tuple) else (message.string,)
    return all(forms) and not message.fuzzy
