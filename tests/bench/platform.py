"""One case: `python -m tests.bench.platform [FOLDER]` puts a consultation through the platform.

With a folder its Polis export is imported, without one the synthetic sample is loaded. Then one
run, one publication, and every page. Prints JSON. Expects an empty
CONCORDANCE_HOME.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import django

from tests.bench.machine import peak_megabytes, processor_seconds
from tests.bench.pages import all_pages

SLUG = "bench"
Seconds = dict[str, float]


@contextmanager
def timed(seconds: Seconds, name: str) -> Iterator[None]:
    start = time.perf_counter()
    yield
    seconds[name] = time.perf_counter() - start


def load(folder: Path | None, seconds: Seconds) -> str:
    """Fill the platform; returns the consultation's slug."""
    from django.core.management import call_command

    from civic.pages import sample
    from civic.pages.demo import load_sample

    if folder is None:
        with timed(seconds, "load"):
            return load_sample(sample.load()).slug
    with timed(seconds, "load"), Path(os.devnull).open("w") as nowhere:
        call_command("import_polis", folder, title="Bench", slug=SLUG, stdout=nowhere)
    return SLUG


def analyse(slug: str, seconds: Seconds) -> Seconds:
    """Run and publish; returns the stages' seconds as the platform recorded them."""
    from civic.analysis import pipeline
    from civic.consultations.models import Consultation
    from civic.specs.services import draft_spec, publish_spec, start_run

    consultation = Consultation.objects.get(slug=slug)
    with timed(seconds, "run"):
        run = start_run(consultation)
        pipeline.execute(run.pk)
    run.refresh_from_db()
    with timed(seconds, "publish"):
        publish_spec(draft_spec(run))
    return {step.name: step.seconds or 0.0 for step in run.steps.all()}


def main(folder: Path | None) -> dict[str, object]:
    """The whole case."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "civic.settings")
    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0, interactive=False)
    call_command("collectstatic", verbosity=0, interactive=False)
    seconds: Seconds = {}
    slug = load(folder, seconds)
    stages = analyse(slug, seconds)
    return {
        "seconds": seconds,
        "stages": stages,
        "processor": processor_seconds(),
        "peak": peak_megabytes(),
        "pages": all_pages(slug),
    }


if __name__ == "__main__":
    json.dump(main(Path(sys.argv[1]) if len(sys.argv) > 1 else None), sys.stdout)
