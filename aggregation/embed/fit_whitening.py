"""How whitening_v1.npz was made; run it again to check it, or to make a version 2.

    python -m aggregation.embed.fit_whitening FOLDER_OF_POLIS_EXPORTS OUT.npz

Only a mean and 256 axes are kept, no text. Sources and attribution: WHITENING.md beside this file.
"""

from __future__ import annotations

import argparse
import csv
from pathlib import Path

import numpy as np

from aggregation.embed.use3_model import Use3Model, pieces_of
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


def main() -> None:
    """Fit on the folder given and write the file given."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("folder", type=Path)
    parser.add_argument("out", type=Path)
    arguments = parser.parse_args()
    texts = contents(arguments.folder)
    vectors = Use3Model(np.float64).encode([pieces_of(text) for text in texts])
    mean = vectors.mean(axis=0)
    _, singular, axes = np.linalg.svd(vectors - mean, full_matrices=False)
    axes *= np.sign(axes[np.arange(len(axes)), np.abs(axes).argmax(axis=1)])[:, None]
    scaled = axes[:AXES] / np.sqrt(singular[:AXES, None])
    np.savez(arguments.out, mean=mean.astype(np.float32), axes=scaled.astype(np.float16))
    print(f"{len(texts):,} texts, {arguments.out.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
