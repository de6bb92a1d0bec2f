"""What languages are called, in English and by those who speak them."""

from __future__ import annotations

from django.conf.locale import LANG_INFO

from aggregation.text import LANGUAGES

# Those that Django has no names for.
_OTHERS = {
    "am": ("Amharic", "አማርኛ"),
    "as": ("Assamese", "অসমীয়া"),
    "gu": ("Gujarati", "ગુજરાતી"),
    "ha": ("Hausa", "Hausa"),
    "ht": ("Haitian Creole", "Kreyòl ayisyen"),
    "lo": ("Lao", "ລາວ"),
    "mg": ("Malagasy", "Malagasy"),
    "mt": ("Maltese", "Malti"),
    "or": ("Odia", "ଓଡ଼ିଆ"),
    "ps": ("Pashto", "پښتو"),
    "rw": ("Kinyarwanda", "Ikinyarwanda"),
    "si": ("Sinhala", "සිංහල"),
    "so": ("Somali", "Soomaali"),
    "tl": ("Tagalog", "Tagalog"),
    "xh": ("Xhosa", "isiXhosa"),
    "yo": ("Yoruba", "Yorùbá"),
    "zh": ("Chinese", "中文"),
    "zu": ("Zulu", "isiZulu"),
}


def english_name(code: str) -> str:
    """What English calls a language; the code itself where no name is known."""
    return _names(code)[0]


def own_name(code: str) -> str:
    """What its speakers call a language; the code itself where no name is known."""
    return _names(code)[1]


def _names(code: str) -> tuple[str, str]:
    base = code.split("-")[0].lower()
    if base in _OTHERS:
        return _OTHERS[base]
    known = LANG_INFO.get(base, {})
    own = known.get("name_local", code)
    return known.get("name", code), own[:1].upper() + own[1:]


# For a list to choose from, in the order of the names that are shown.
CHOICES = sorted(((code, own_name(code)) for code in LANGUAGES), key=lambda one: one[1].casefold())
