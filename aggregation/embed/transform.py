"""What happens to texts before a model and to its vectors after it; named in every spec."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aggregation.embed.backend import GRID, Float32Array
from aggregation.embed.whitening import Whitening
from aggregation.text import rules
from aggregation.text.modality import strip_frame
from aggregation.types import FloatArray

# The code of strip_frame: raised when it gives another content. Its tables are named by digest.
STRIP_VERSION = "strip-frame-2"
Vectors = NDArray[np.floating[Any]]


@dataclass(frozen=True)
class Transform:
    """Frame off or not, a prefix or none; whitened or not, then unit length on the grid.

    Template words ("The AI should never ...") otherwise drown the content; what they say about
    polarity is kept by `text.modality`.
    """

    strip: bool = True
    prefix: str = ""
    whitening: Whitening | None = None

    def __str__(self) -> str:
        steps = [f"{STRIP_VERSION}:{rules.digest()}"] if self.strip else []
        steps += [f"prefix:{self.prefix}"] if self.prefix else []
        steps += [f"whitening-{self.whitening.name}"] if self.whitening else []
        return "+".join([*steps, f"grid-{GRID}"])

    def contents(self, texts: Sequence[str], languages: Sequence[str] | None) -> list[str]:
        """The texts as the model is to read them, in the same order, without the prefix."""
        codes = ["und"] * len(texts) if languages is None else languages
        if not self.strip:
            return list(texts)
        return [strip_frame(text, code) for text, code in zip(texts, codes, strict=True)]

    def finished(self, raw: Vectors) -> FloatArray:
        """Unit vectors in float64, not yet on the grid; a vector of zeros stays one."""
        exact = raw.astype(np.float64)
        length = np.linalg.norm(exact, axis=1, keepdims=True)
        unit = np.asarray(exact / np.where(length > 0, length, 1.0), dtype=np.float64)
        return self.whitening.apply(unit) if self.whitening else unit

    def width(self, raw: int) -> int:
        """The length of a finished vector whose model gives `raw` numbers."""
        return len(self.whitening.axes) if self.whitening else raw


def distinct_rows(
    contents: Sequence[str], dim: int, encode: Callable[[list[str]], Float32Array]
) -> Float32Array:
    """Vectors (contents, dim): each distinct one encoded once, zeros for one without a letter."""
    told = dict.fromkeys(content for content in contents if content.strip())
    place = {content: row for row, content in enumerate(told)}
    table = np.zeros((len(place) + 1, dim), dtype=np.float32)
    if place:
        table[:-1] = encode(list(place))
    return table[[place.get(content, -1) for content in contents]]
