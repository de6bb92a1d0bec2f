"""The interface speaks five languages: every text is marked, translated and compiled."""

from __future__ import annotations

import ast
import io
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from babel.messages import mofile, pofile
from babel.messages.catalog import Catalog
from django.conf import settings as ours
from django.template.base import Lexer, TokenType

from civic.pages.management.commands.messages import (
    CATALOGUES,
    TRANSLATED,
    gather,
    read,
    translated,
)
from tests.conftest import ROOT

TEMPLATES = ROOT / "frontend" / "templates"
# Not for people's eyes, or in debug only.
UNTRANSLATED = {"pages/styleguide.html", "account/email/base_message.txt"}
PLACEHOLDERS = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w*\}")
TAGS = re.compile(r"</?\w+")
READ_ALOUD = re.compile(
    r"(?<![-\w])(?:aria-label|alt|title|placeholder|aria-description)=\"([^\"]*[A-Za-z]{2}[^\"]*)\""
)
# Names and signs that are the same in every language.
SAME_EVERYWHERE = re.compile(
    r"\b(?:\w[\w-]*\.csv|Concordance|SHA-256|EJR\+|spec\.json|spec\.md|PDF|HTML|CSV|JSON|UTC|https?|id|k|n|kB|MB)\b"
)


def catalogue(code: str) -> Catalog:
    return read(CATALOGUES / code / "LC_MESSAGES" / "django.po")


def texts_of(message: Any) -> list[str]:
    """The text to translate; with its plural where it has one."""
    return list(message.id) if isinstance(message.id, tuple) else [message.id]


def forms_of(message: Any) -> list[str]:
    return list(message.string) if isinstance(message.string, tuple) else [message.string]


def test_languages_are_those_that_are_promised() -> None:
    """English, German, Spanish, French, and Arabic from right to left."""
    assert [code for code, _ in ours.LANGUAGES] == ["en", "de", "es", "fr", "ar"]


@pytest.mark.parametrize("code", TRANSLATED)
def test_every_text_is_translated(code: str) -> None:
    """No text of the interface is left in English by mistake."""
    missing = [message.id for message in catalogue(code) if message.id and not translated(message)]
    assert missing == []


@pytest.mark.parametrize("code", TRANSLATED)
def test_a_translation_keeps_what_is_filled_in(code: str) -> None:
    """Placeholders and tags of a text stand in its translation too, in every plural form."""
    wrong = []
    for message in catalogue(code):
        if not message.id:
            continue
        wanted = [set(PLACEHOLDERS.findall(text)) for text in texts_of(message)]
        tags = [sorted(TAGS.findall(text)) for text in texts_of(message)]
        for form in forms_of(message):
            held = set(PLACEHOLDERS.findall(form))
            # "one" may leave its number out, and so may other forms for small numbers.
            if not (held == wanted[-1] or (len(wanted) > 1 and held < wanted[-1])):
                wrong.append((message.id, form))
            if sorted(TAGS.findall(form)) not in tags:
                wrong.append((message.id, form))
    assert wrong == []


@pytest.mark.parametrize("code", TRANSLATED)
def test_compiled_catalogues_are_those_of_the_texts(code: str) -> None:
    """What is served was compiled from what translators wrote."""
    compiled = io.BytesIO()
    mofile.write_mo(compiled, catalogue(code))
    file = CATALOGUES / code / "LC_MESSAGES" / "django.mo"
    assert file.read_bytes() == compiled.getvalue(), "run `make messages`"


def test_catalogues_hold_every_text_of_the_interface(tmp_path: Path, settings: Any) -> None:
    """A text that was added or changed is in the catalogues; one that is gone is not."""
    if shutil.which("xgettext") is None:
        pytest.skip("gathering texts needs GNU gettext (xgettext)")
    settings.LOCALE_PATHS = [tmp_path]
    gather(tmp_path)
    with (tmp_path / "de" / "LC_MESSAGES" / "django.po").open("rb") as file:
        now = {str(message.id) for message in pofile.read_po(file)}
    kept = {str(message.id) for message in catalogue("de")}
    assert now == kept, "run `make messages` and translate what is new"


def unmarked(template: str) -> Iterator[str]:
    """Texts of a template that no translation reaches."""
    inside = ""
    bare: list[str] = []
    for token in Lexer(template).tokenize():
        if token.token_type == TokenType.BLOCK:
            name, *rest = token.split_contents()
            if name in ("blocktranslate", "blocktrans", "comment") or (
                name == "block" and rest == ["width"]
            ):
                inside = name
            elif name == f"end{inside}":
                inside = ""
        elif token.token_type == TokenType.TEXT and not inside:
            bare.append(token.contents)
    whole = "□".join(bare)
    yield from READ_ALOUD.findall(whole)
    whole = re.sub(r"<(script|style|code|svg|kbd)\b.*?</\1>", " ", whole, flags=re.S)
    for piece in re.split(r"<[^>]*>|□", whole):
        words = SAME_EVERYWHERE.sub("", re.sub(r"&\w+;", " ", piece))
        if re.search(r"[A-Za-z]", words) and "=" not in words:
            yield piece.strip()


@pytest.mark.parametrize(
    "name",
    sorted(
        str(file.relative_to(TEMPLATES))
        for file in TEMPLATES.rglob("*.*")
        if str(file.relative_to(TEMPLATES)) not in UNTRANSLATED
    ),
)
def test_every_text_of_a_template_is_marked(name: str) -> None:
    """Nobody reads English in the middle of her own language."""
    assert list(unmarked((TEMPLATES / name).read_text())) == []


# What these are given is told to people as it stands.
TELLING_CALLS = {
    *("Refused", "Invalid", "Forbidden", "NotFound", "Conflict", "ConsultationClosed"),
    *("NotReady", "ReasonRequired", "ValidationError"),
    *("success", "info", "warning", "error"),
}
TELLING_KEYWORDS = {"label", "help_text", "empty_label", "error_messages"}
# Commands and logs speak to developers; the API's schema is one document in one language.
FOR_DEVELOPERS = {"management", "migrations", "sample", "styleguide.py"}


def bare_words(node: ast.AST) -> str:
    """The text of a string that is not the argument of a translation, "" for anything else."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value if re.search(r"[A-Za-z]{2}", SAME_EVERYWHERE.sub("", node.value)) else ""
    if isinstance(node, ast.JoinedStr):
        return " ".join(filter(None, (bare_words(part) for part in node.values)))
    if isinstance(node, ast.Dict):
        return " ".join(filter(None, (bare_words(part) for part in node.values)))
    if isinstance(node, ast.BinOp):
        return bare_words(node.left)
    return ""


def told_unmarked(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Line and text of what code tells people in English only."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        called = getattr(node.func, "attr", getattr(node.func, "id", ""))
        on = getattr(getattr(node.func, "value", None), "id", "")
        if called in TELLING_CALLS and on not in ("logger", "log"):
            for argument in node.args:
                if words := bare_words(argument):
                    yield node.lineno, words
        for keyword in node.keywords:
            if keyword.arg in TELLING_KEYWORDS and (words := bare_words(keyword.value)):
                yield node.lineno, words


@pytest.mark.parametrize(
    "name",
    sorted(
        str(file.relative_to(ROOT))
        for file in (ROOT / "civic").rglob("*.py")
        if not FOR_DEVELOPERS & set(file.parts) and "civic/api" not in str(file)
    ),
)
def test_what_code_tells_people_is_marked(name: str) -> None:
    """Refusals, messages, labels and help are told in the reader's language."""
    assert list(told_unmarked(ast.parse((ROOT / name).read_text()))) == []
