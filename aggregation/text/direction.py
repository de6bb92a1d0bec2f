"""Towards or away from its content? Polarity, with negation hidden inside words folded in.

"Discourage self-harm" and "encourage self-harm" have equal grammar and opposite direction, as have
"more parking" and "less parking". Needed to keep opposites apart and to find contradictions; the
words listed are common ones, so a missing one means an unseen opposite, never a wrong quote.
"""

from __future__ import annotations

import regex

from aggregation.text.modality import Reading, read, strip_read

_AWAY = {
    "en": (
        r"less|fewer|lower|reduc\w*|decreas\w*|cut(?:ting)?|limit(?:s|ing)?|restrict\w*|prevent\w*"
        r"|discourag\w*|minimi[sz]\w*|remov\w*|eliminat\w*|oppos\w*|fight\w*|combat\w*|against"
        r"|without"
        r"|ban(?:s|ning)?|forbid|prohibit|block|deny|reject|ignore|hide|withhold|stop|end|anti-?\w+"
        r"|un(?!der|i(?!nt|n)|til|less|que|ani)\p{L}{3,}|non-?\p{L}{4,}|dis(?:respect|honest"
        r"|agree|obey|trust|allow)\w*"
        r"|in(?:accura|appropria|sensitiv|secur|toleran|justice|correct|considerat|human)\w*"
        r"|im(?:partial|moral|polite|patient|proper)\w*"
        r"|ir(?:responsib|relevan)\w*|il(?:legal|logical)\w*|(?!regard|none|un)\p{L}{3,}less"
        r"|free\s+(?:of|from)"
    ),
    "de": (
        r"weniger|niedriger\w*|reduzier\w*|senk\w*|verringer\w*|verhinder\w*|beschränk\w*"
        r"|begrenz\w*|minimier\w*"
        r"|abschaff\w*|bekämpf\w*|gegen|ohne|verbiet\w*|ablehn\w*|ignorier\w*|verschweig\w*|anti\w+"
        r"|un(?!ter|abhäng|d\b|s\b|ser|gefähr|bedingt|iver)\p{L}{4,}|\p{L}{4,}(?:los|frei)(?:e[nmrs]?)?"
    ),
    "es": (
        r"menos|reduc\w*|disminu\w*|limit\w*|restring\w*|imped\w*|preven\w*|elimin\w*|combat\w*"
        r"|contra|sin|prohib\w*"
        r"|rechaz\w*|ignor\w*|ocult\w*|desalent\w*|anti\w+|in(?:just|toleran|segur|correct"
        r"|exact|moral)\w*|des(?:honest|inform|igual|confi)\w*"
    ),
    "fr": (
        r"moins|rédui\w*|diminu\w*|limit\w*|restrei\w*|empêch\w*|préven\w*|supprim\w*"
        r"|combatt\w*|contre|sans|interdi\w*"
        r"|refus\w*|ignor\w*|cach\w*|décourag\w*|anti\w+|in(?:just|toléran|exact|correct)\w*"
        r"|im(?:moral|poli)\w*|mal(?:honnêt|veillan)\w*"
    ),
}
_REACH = 4  # words of the content in which a hidden negation still governs the whole


def direction(text: str, language: str, reading: Reading | None = None) -> int:
    """+1 towards the content, -1 away from it: polarity times the sign of the leading words."""
    known = read(text, language) if reading is None else reading
    words = _AWAY.get(language.split("-")[0].lower())
    if words is None:
        return known.polarity
    content = strip_read(text, known)
    reach = regex.compile(rf"(?:\W*[\w'’-]+){{0,{_REACH}}}").match(content)
    lead = content if reach is None else reach.group()
    away = regex.search(rf"(?<![\w-])(?:{words})(?!\w)", lead, regex.IGNORECASE)
    return known.polarity if away is None else -known.polarity


def side(text: str, language: str, reading: Reading | None = None) -> int:
    """A number that is equal for two texts only where polarity and direction are both equal.

    The gate for every merge and every "says nearly the same": `cluster.families` and
    `cluster.similar_pairs` take it in place of the bare polarity.
    """
    known = read(text, language) if reading is None else reading
    return 2 * known.polarity + direction(text, language, known)
