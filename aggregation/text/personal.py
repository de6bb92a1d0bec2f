"""Does a text seem to give away who somebody is? A warning to its author, never an edit.

Each pattern prefers silence to a false alarm: a warning that is mostly wrong is clicked away.
Names of accounts ("@somebody") are not looked for: nearly all of them are public ones.
"""

from __future__ import annotations

import regex

_ADDRESS_OF_PAGE = regex.compile(r"(?:https?://|www\.)\S+")
_EMAIL = regex.compile(
    r"(?<![\p{L}\p{N}._%+-])[\p{L}\p{N}._%+-]{1,64}@[\p{L}\p{N}-]{1,63}(?:\.[\p{L}\p{N}-]{1,63})+"
)
_IBAN = regex.compile(r"(?<!\w)[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,4})?(?!\w)")
# An international number; a national one that begins with 0; North American 3-3-4; nine digits in
# threes as in Spain and Portugal, unless they read as a round amount; Brazilian (11) 91234-5678.
_PHONE = regex.compile(
    r"(?<![\w.,/-])(?:"
    r"(?:\+|00)[ ]?(?:\(?\d\)?[ ./()-]{0,2}){8,15}"
    r"|\(?0\d{1,5}\)?[ ./-]{0,3}\d{2,8}(?:[ ./-]\d{2,8}){0,4}"
    r"|(?:1[ .-])?(?:\(\d{3}\) ?|\d{3}[.-])\d{3}[ .-]\d{4}"
    r"|[679]\d{2} \d{3} (?!000)\d{3}"
    r"|\(\d{2}\) ?9?\d{4}-\d{4}"
    r")(?![\w%])"
)
_DIGITS_OF_A_PHONE = range(9, 16)
_DATE = regex.compile(r"\d{1,2}[./-]\d{1,2}[./-]\d{2,4}|\d{4}-\d{2}-\d{2}")

_HOUSE = r"\d{1,4} ?[a-zA-Z]?"
_TOWN = r",?\s+(?:[A-Z]{1,2}-)?\d{4,5}(?:-\d{3,4})?\s+\p{Lu}\p{Ll}+"
_CODE = r"(?:[A-Z]{2} \d{5}|[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2})"
_ROAD = r"(?:Street|St\.?|Avenue|Ave\.?|Road|Rd\.?|Lane|Drive|Blvd\.?)"
_RUE = r"(?:rue|avenue|boulevard|place|chemin)"
_NAME = r"(?:[\p{L}'’.-]+ ){0,4}"
_POSTAL = regex.compile(
    rf"(?<!\w)(?:\p{{Lu}}[\p{{L}}-]*(?: \p{{Lu}}[\p{{L}}-]*){{0,2}}"
    rf"(?<=stra(?:ß|ss)e|gasse|weg|platz|allee|Straße|Gasse|Weg|Platz|Allee) {_HOUSE}{_TOWN}"
    rf"|(?:Calle|C/|Avda?\.?|Avenida|Rua|Plaza|Praça|Via|Viale) {_NAME}"
    rf"[\p{{L}}'’.-]+,? (?:nº ?)?{_HOUSE}{_TOWN}"
    rf"|{_HOUSE},? (?:bis |ter )?{_RUE} {_NAME}[\p{{L}}'’.-]+{_TOWN}"
    rf"|\d{{1,5}} {_NAME}{_ROAD},? [^\n]{{0,40}}?{_CODE})(?!\w)"
)


def personal_data_hints(text: str) -> tuple[str, ...]:
    """What looks like personal data: "address", "email", "iban", "phone". Never a refusal."""
    text = _ADDRESS_OF_PAGE.sub(" ", text)
    hints = []
    if _POSTAL.search(text):
        hints.append("address")
    if _EMAIL.search(text):
        hints.append("email")
    if any(_is_iban(found.group()) for found in _IBAN.finditer(text)):
        hints.append("iban")
    if any(_is_phone(found.group()) for found in _PHONE.finditer(_IBAN.sub(" ", text))):
        hints.append("phone")
    return tuple(hints)


def _is_iban(found: str) -> bool:
    """Whether the check digits hold: the number, letters as 10-35, is 1 modulo 97 (ISO 13616)."""
    compact = found.replace(" ", "")
    return int("".join(str(int(one, 36)) for one in compact[4:] + compact[:4])) % 97 == 1


def _is_phone(found: str) -> bool:
    digits = sum(one.isdigit() for one in found)
    return digits in _DIGITS_OF_A_PHONE and not _DATE.match(found)
