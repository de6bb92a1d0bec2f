"""`manage.py demo`: everything under one command, on one machine, with nothing else installed.

Migrates, loads the sample, starts a web server and a worker, analyses and publishes the sample
once, then serves until Ctrl-C. Keeps its data between calls.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from argparse import ArgumentParser
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from aggregation.exports import NAMES
from civic.analysis.models import Run, RunStep
from civic.audit.pipeline import seal
from civic.consultations.models import Consultation
from civic.pages import sample
from civic.pages.demo import LOGINS, load_sample
from civic.specs.exports import export
from civic.specs.models import SpecVersion
from civic.specs.selectors import latest_public
from civic.specs.services import draft_spec, publish_spec, start_run

FIRST_CLAUSES = 6
PATIENCE = 600  # seconds until a run that does not end is called stuck
CODE = "123456"


class Command(BaseCommand):
    """Load, analyse, publish and serve the sample consultation."""

    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--no-serve", action="store_true", help="write exports and stop")
        parser.add_argument("--no-sample", action="store_true", help="serve what is there")
        parser.add_argument("--out", default="demo-output", help="folder for --no-serve's exports")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["host"] not in ("127.0.0.1", "localhost", "::1"):
            raise CommandError(
                "The demo lets anybody sign in with a known code, so it serves this machine only. "
                "docs/operating.md tells how to run the platform for others."
            )
        signal.signal(signal.SIGTERM, _interrupt)  # so that a stopped demo stops its processes too
        start = time.monotonic()
        self._say("Preparing the database ...")
        call_command("migrate", verbosity=0, interactive=False)
        call_command("collectstatic", verbosity=0, interactive=False)
        consultation = None if options["no_sample"] else self._load()
        with suppress(KeyboardInterrupt), self._processes(options) as processes:
            if consultation is not None:
                spec = latest_public(consultation) or self._analyse(consultation, processes)
                self._show(spec)
                if options["no_serve"]:
                    self._write(spec, Path(options["out"]))
            if not options["no_serve"]:
                self._serve(options, processes, seconds=time.monotonic() - start)

    def _say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()

    def _load(self) -> Consultation:
        self._say("Reading the sample consultation (synthetic: no real people) ...")
        return load_sample(sample.load())

    # -- the two processes -------------------------------------------------------------------

    @contextmanager
    def _processes(self, options: dict[str, Any]) -> Iterator[dict[str, subprocess.Popen[bytes]]]:
        """Start worker and, if pages are wanted, web; stop both whatever happens."""
        python = [sys.executable, "-m"]
        commands: dict[str, Sequence[str]] = {
            "worker": [
                *(*python, "celery", "--app", "civic", "worker", "--beat", "--pool", "threads"),
                *("--concurrency", "2", "--queues", "cpu,gpu,mail", "--loglevel", "WARNING"),
                *("--without-gossip", "--without-mingle"),
            ]
        }
        if not options["no_serve"]:
            bind = f"{options['host']}:{options['port']}"
            commands["web"] = [
                *(*python, "gunicorn", "civic.wsgi:application", "--bind", bind),
                *("--worker-class", "gthread", "--threads", "4", "--log-level", "warning"),
            ]
        environment = {
            **os.environ,
            "CONCORDANCE_DEMO_CODE": CODE,
            "CONCORDANCE_URL": f"http://{options['host']}:{options['port']}",
        }
        logs = settings.HOME / "logs"
        logs.mkdir(exist_ok=True)
        started: dict[str, subprocess.Popen[bytes]] = {}
        try:
            for name, command in commands.items():
                with (logs / f"{name}.log").open("ab") as log:
                    started[name] = subprocess.Popen(
                        command,
                        stdout=log,
                        stderr=log,
                        env=environment,
                        cwd=settings.BASE_DIR,
                        start_new_session=True,
                    )
            yield started
        finally:
            _stop(started.values())

    def _require_alive(self, processes: dict[str, subprocess.Popen[bytes]]) -> None:
        for name, process in processes.items():
            if process.poll() is not None:
                log = settings.HOME / "logs" / f"{name}.log"
                last = log.read_text(errors="replace").splitlines()[-20:]
                told = "\n".join(last)
                raise CommandError(f"The {name} process ended ({process.returncode}):\n{told}")

    # -- the analysis ------------------------------------------------------------------------

    def _analyse(
        self, consultation: Consultation, processes: dict[str, subprocess.Popen[bytes]]
    ) -> SpecVersion:
        """Let the worker analyse the sample, taking up a run that was cut short, and publish."""
        organizer = consultation.created_by
        run = consultation.runs.filter(
            status__in=(Run.Status.QUEUED, Run.Status.RUNNING, Run.Status.DONE)
        ).first() or start_run(consultation, by=organizer)
        self._watch(run, processes)
        seal()  # so that the spec names a checkpoint, also when all this took seconds
        return publish_spec(draft_spec(run, by=organizer), by=organizer)

    def _watch(self, run: Run, processes: dict[str, subprocess.Popen[bytes]]) -> None:
        """One line that grows with the run's steps."""
        deadline = time.monotonic() + PATIENCE
        told: set[str] = set()
        self.stdout.write("Analysing:", ending="")
        while not run.is_over:
            if time.monotonic() > deadline:
                raise CommandError("The analysis does not end; see the worker's log.")
            self._require_alive(processes)
            time.sleep(0.2)
            run.refresh_from_db()
            self._tell_steps(run, told)
        self._tell_steps(run, told)
        self._say("")
        if run.status != Run.Status.DONE:
            raise CommandError(f"The analysis ended as “{run.get_status_display()}”: {run.error}")

    def _tell_steps(self, run: Run, told: set[str]) -> None:
        for step in run.steps.all():
            if step.name not in told and step.status == RunStep.Status.DONE:
                told.add(step.name)
                self.stdout.write(f" {step.name} {step.seconds or 0:.1f}s", ending="")
                self.stdout.flush()

    # -- what there is to see ----------------------------------------------------------------

    def _show(self, spec: SpecVersion) -> None:
        document = spec.load()
        self._say(f"\n{document['title']} (version {spec.number})\n{document['summary']}\n")
        for clause in document["clauses"][:FIRST_CLAUSES]:
            overall = clause["support"]["overall"]
            share = f"{overall.get('estimate') or 0:.0%} of {overall['n'] or 'few'}"
            verb = "" if clause["stance"] == "affirms" else " (rejected by citizens)"
            modality = clause["modality"].upper().replace("_", " ")
            self._say(f"  {modality:<11} {clause['text']}{verb}  [{share}]")

    def _write(self, spec: SpecVersion, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        for name in NAMES:
            content, _ = export(spec, name=name)
            (folder / name).write_bytes(content)
        self._say(f"\nWrote {', '.join(NAMES)} to {folder}/")

    def _serve(
        self,
        options: dict[str, Any],
        processes: dict[str, subprocess.Popen[bytes]],
        *,
        seconds: float,
    ) -> None:
        while not _answers(options["host"], options["port"]):
            self._require_alive(processes)
            time.sleep(0.1)
        address = f"http://{options['host']}:{options['port']}/"
        self._say(f"\nReady after {seconds:.0f} s: {address}   (Ctrl-C stops)")
        if not options["no_sample"]:
            self._say(f"Sign in with one of these addresses and the code {CODE}:")
            for login in LOGINS:
                self._say(f"  {login.role:<10} {login.email}")
        while True:
            self._require_alive(processes)
            time.sleep(1)


def _answers(host: str, port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((host, port)) == 0


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def _stop(processes: Any) -> None:
    """Ask each process group to end, and end those that do not."""
    for process in processes:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGTERM)
    for process in processes:
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
