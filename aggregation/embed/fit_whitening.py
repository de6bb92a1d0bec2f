"""How a whitening is made: for the built-in encoder, or for another that is configured by name.

    python -m aggregation.embed.fit_whitening FOLDER_OF_POLIS_EXPORTS OUT.npz [--embedder NAME]

Without a name it makes what ships as whitening_v1.npz: run it again to check that file, or to make
a version 2. Only a mean and 256 axes are kept, no text. Sources and attribution: WHITENING.md
beside this file.
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aggregation.embed.registry import load
from aggregation.embed.use3_model import Use3Model, pieces_of
from aggregation.errors import AggregationInputError
from aggregation.text import duplicate_key, identify, strip_frame

AXES = 256


def contents(folder: Path) -> list[str]:
    """Frame-stripped comments of every export under `folder`, each once, in canonical order."""
    found: dict[str, str] = {}
    for path in sorted(folder.glob("*/comments.csv")):
        with path.open(encoding="utf-8-sig", newline="") as file:
            for row in csv.DictReader(file):
                text = row["comment-body"].strip()
                content = strip_frame(text, identify(text))
                found.setdefault(duplicate_key(content), content)
    return [found[key] for key in sorted(found) if key]


def unit_vectors(texts: Sequence[str], embedder: str | None) -> NDArray[np.floating[Any]]:
    """What the model makes of the texts, before any whitening: (texts, inputs), unit length."""
    if embedder is None:
        return Use3Model(np.float64).encode([pieces_of(text) for text in texts])
    chosen = load(embedder)
    if "whitening" in chosen.spec().transform:
        raise AggregationInputError(
            f"Embedder {embedder!r} whitens already. Configure it without a whitening first."
        )
    return chosen.embed(texts)


def fit(vectors: NDArray[np.floating[Any]]) -> dict[str, NDArray[np.floating[Any]]]:
    """mean (inputs,) and scaled axes (outputs, inputs), as `whitening` applies them."""
    exact = vectors.astype(np.float64)
    mean = exact.mean(axis=0)
    _, singular, axes = np.linalg.svd(exact - mean, full_matrices=False)
    kept = int(min(AXES, (singular > singular[0] * 1e-6).sum()))
    axes = axes[:kept] * np.sign(axes[np.arange(kept), np.abs(axes[:kept]).argmax(axis=1)])[:, None]
    scaled = axes / np.sqrt(singular[:kept, None])
    return {"mean": mean.astype(np.float32), "axes": scaled.astype(np.float16)}


def main(arguments: Sequence[str] | None = None) -> None:
    """Fit on the folder given and write the file given."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("folder", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--embedder", help="a configured one; default: the one that is built in")
    options = parser.parse_args(arguments)
    texts = contents(options.folder)
    np.savez(options.out, **fit(unit_vectors(texts, options.embedder)))  # type: ignore[arg-type]
    print(f"{len(texts):,} texts, {options.out.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
