"""From a citizen's raw text to sentences that can be compared.

Read in this order: `clean` (may it be stored?), `segment` (where are its sentences?),
`standing` (which of them stand alone?), `language`,
`modality` (what does a sentence ask for? by
`norms`, `scopes`, `actor`, tables in `rules/`), `direction` (towards or away from its
content?), `gist` (what may tell it from a near one?), `words` and `labels` (what is a theme
called?).
Every range is a half-open pair of code-point offsets into the text it was read from.
"""

from aggregation.text.clean import TextRefused, clean_text, duplicate_key
from aggregation.text.direction import direction, side
from aggregation.text.gist import Gist, gist
from aggregation.text.language import LANGUAGES, identify
from aggregation.text.modality import Reading, read, strip_frame
from aggregation.text.personal import personal_data_hints
from aggregation.text.segment import segment
from aggregation.text.standing import Sentence, sentences
from aggregation.text.words import content_stems

__all__ = [
    "LANGUAGES",
    "Gist",
    "Reading",
    "Sentence",
    "TextRefused",
    "clean_text",
    "content_stems",
    "direction",
    "duplicate_key",
    "gist",
    "identify",
    "personal_data_hints",
    "read",
    "segment",
    "sentences",
    "side",
    "strip_frame",
]
