"""Other people's words inside Markdown: escaped, and in fences that they cannot close."""

from __future__ import annotations

import re
from collections.abc import Sequence

_PAIRS = (("“", "”"), ('"', '"'), ("„", "“"), ("«", "»"), ("「", "」"), ("'", "'"), ("‘", "’"))
_ENDS = ".!?…。！？؟"
_TURNS = "\u202a-\u202e\u2066-\u2069"  # characters that turn the direction of what follows
_INNER = str.maketrans("„“”", "‚‘’")


def escape(text: str) -> str:
    """A citizen's words as one line of Markdown that renders as exactly these words."""
    line = _one_line(text)
    line = re.sub(r"([\\`*_{}\[\]<>#|~&!^$])", r"\\\1", line)
    return re.sub(r"^([-+=:]|\d+(?=[.)]))", r"\\\1", line)


def _one_line(text: str) -> str:
    return re.sub(f"[{_TURNS}]", "", " ".join(text.split()))


def fenced(turns: Sequence[tuple[str, str]], *, judged: Sequence[tuple[str, str]] = ()) -> str:
    """A conversation as the Model Spec writes one, with graded answers where there are any.

    turns : (role, words); judged : (comment such as "GOOD: ...", the answer's words)
    """
    lines: list[str] = []
    for role, words in turns:
        lines += [f"<{role}>", _inner(words), f"</{role}>"]
    if judged:
        lines.append("<comparison>")
        for comment, words in judged:
            plain = _inner(comment).replace("--", "–")
            lines += [f"<assistant> <!-- {plain} -->", _inner(words), "</assistant>"]
        lines.append("</comparison>")
    body = "\n".join(lines)
    longest = max((len(run) for run in re.findall(r"~+", body)), default=0)
    fence = "~" * max(3, longest + 1)
    return f"{fence}xml\n{body}\n{fence}"


def _inner(words: str) -> str:
    """Words as text of XML, so that no tag of theirs opens or closes anything."""
    return words.strip().replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def quoted(text: str) -> str:
    """A citizen's words on one line in quotation marks; a pair that she put round them goes.

    Marks like ours inside become single ones, so that no words of hers stand outside of ours.
    """
    line = _one_line(text)
    for opening, closing in _PAIRS:
        inner = line[1:-1].strip()
        if line[:1] == opening and line[-1:] == closing and inner and opening not in inner:
            line = inner
    return f"“{line.translate(_INNER)}”"


def sentence(text: str) -> str:
    """The same as the end of a sentence of ours."""
    words = quoted(text)
    return words if words[-2] in _ENDS else f"{words}."
