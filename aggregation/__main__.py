"""The command line.

python -m aggregation run --comments C --votes V --out DIR    from an export to a spec
python -m aggregation prepare --statements F --out DIR        from free text to claims
python -m aggregation export DIR/spec.json --out DIR2         every format, and a bundle of all
python -m aggregation verify DIR|bundle.zip [--votes FILE]    every number of it, recomputed
python -m aggregation attack DIR [--votes FILE]               what coordinated voters could do
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from aggregation import __version__, audit, certify, embed, exports, intake, prepare, robust
from aggregation.audit import ATTACK, BUNDLE, VOTES, write_outcome
from aggregation.errors import AggregationError, IntakeError
from aggregation.exports.inputs import Inputs
from aggregation.run import STAGES, Outcome, aggregate, by_number
from aggregation.spec import validate
from aggregation.types import LEAST_CELL, Corpus, Settings
from aggregation.votes import VoteTable

CLAIMS_CSV, CLAIMS_JSON, SHARDS = "claims.csv", "claims.json", ".shards"
MAX_WORKERS = 256


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; 0 when it did what it says, 1 for a refused input, 2 for a wrong call."""
    options = _parser().parse_args(arguments)
    command = {
        **{"run": _run, "prepare": _prepare, "export": _export},
        **{"verify": _verify, "attack": _attack},
    }[options.command]
    console = Console(stderr=True, markup=False, highlight=False)  # citizens' words are no markup
    try:
        return command(options, console)
    except IntakeError as error:
        _show_problems(error, console)
    except (AggregationError, OSError) as error:
        console.print(f"Not done: {error}", style="red", soft_wrap=True)
    return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m aggregation",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", required=True)
    run = commands.add_parser("run", help="from a Polis export to spec.json and spec.md")
    run.add_argument("--comments", type=Path, required=True, help="comments.csv")
    run.add_argument(
        "--votes", type=Path, required=True, help="votes.csv or participants-votes.csv"
    )
    run.add_argument("--participants-votes", type=Path, help="the matrix, beside votes.csv")
    run.add_argument("--out", type=Path, required=True, help="folder to write into")
    run.add_argument("--seed", type=_seed, default=0, help="a whole number from 0 to 2^63 - 1")
    run.add_argument(
        "--least-cell",
        type=_least_cell,
        default=Settings.least_cell,
        metavar="PEOPLE",
        help=f"show no count of fewer people; at least {LEAST_CELL}, default %(default)s",
    )
    run.add_argument("--policy", type=Path, help="JSON file with thresholds and budgets")
    run.add_argument("--exclude-participants", type=Path, help="one participant id per line")
    run.add_argument(
        "--title", type=_text, help="title of the consultation; default: name of the folder"
    )
    run.add_argument("--id", type=_text, help="id of the consultation; default: name of the folder")
    run.add_argument("--question", type=_text, default="")
    run.add_argument(
        "--cache", type=Path, metavar="DIR", help="remember vectors here; the next run reads them"
    )
    run.add_argument(
        "--answers",
        type=Path,
        help="CSV of AI answers that people judged: answer, claim, prompt, text, by, prompt-by",
    )
    run.add_argument(
        "--judgements", type=Path, help="CSV of how: participant, answer, judgement (1, 0 or -1)"
    )
    _add_embedders(run)
    _prepare_parser(commands)
    _export_parser(commands)
    for name, text in (
        ("verify", "recompute every number of a spec from its votes"),
        ("attack", "simulate coordinated voters against a spec"),
    ):
        one = commands.add_parser(name, help=text)
        what = "the folder that `run` wrote" + ", or a bundle" * (name == "verify")
        one.add_argument("folder", type=Path, metavar="DIR", help=what)
        one.add_argument("--votes", type=Path, metavar="FILE", help=f"default: DIR/{VOTES}")
        if name == "attack":
            one.add_argument("--seed", type=_seed, default=0, help="of the simulated crowd")
    return parser


def _export_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    export = commands.add_parser("export", help="a spec in every format")
    export.add_argument("spec", type=Path, metavar="SPEC.json")
    export.add_argument("--out", type=Path, required=True, help="folder to write into")
    export.add_argument(
        "--only",
        action="append",
        default=[],
        metavar="NAME",
        choices=[*exports.NAMES, *exports.VOTE_NAMES, BUNDLE],
        help="one file, such as evals.jsonl; may be given several times",
    )
    export.add_argument("--votes", type=Path, metavar="FILE", help=f"default: {VOTES} beside it")


def _prepare_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    prepare = commands.add_parser("prepare", help="from statements to claims.csv and claims.json")
    prepare.add_argument(
        "--statements", type=Path, required=True, help="CSV with the columns author and text"
    )
    prepare.add_argument("--out", type=Path, required=True, help="folder to write into")
    prepare.add_argument(
        "--language", type=_text, default="", help="of statements that name none, such as de"
    )
    prepare.add_argument(
        "--workers", type=_workers, default=os.cpu_count() or 1, help="default: one per core"
    )
    prepare.add_argument("--seed", type=_seed, default=0, help="of the themes")
    prepare.add_argument("--title", type=_text, help="default: name of the file")
    _add_embedders(prepare)


def _add_embedders(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--embedder", default="use3", help="built in, or named in the file of CONCORDANCE_EMBEDDERS"
    )
    command.add_argument(
        "--route",
        type=_route,
        action="append",
        default=[],
        metavar="LANGUAGE=NAME",
        help="the embedder of one language, such as sw=e5; may be given several times",
    )


def _route(word: str) -> tuple[str, str]:
    language, given, name = word.partition("=")
    if not (language and given and name):
        raise argparse.ArgumentTypeError(f"{word} is not LANGUAGE=NAME")
    return language, name


def _workers(word: str) -> int:
    workers = int(word)
    if not 1 <= workers <= MAX_WORKERS:
        raise argparse.ArgumentTypeError(f"{word} is not from 1 to {MAX_WORKERS}")
    return workers


def _seed(word: str) -> int:
    seed = int(word)
    if not 0 <= seed < 2**63:
        raise argparse.ArgumentTypeError(f"{word} is not from 0 to 2^63 - 1")
    return seed


def _least_cell(word: str) -> int:
    people = int(word)
    if people < LEAST_CELL:
        raise argparse.ArgumentTypeError(f"{word} is not {LEAST_CELL} or more")
    return people


def _text(word: str) -> str:
    try:
        word.encode()
    except UnicodeEncodeError:
        raise argparse.ArgumentTypeError("it is not valid UTF-8") from None
    return word


def _settings(options: argparse.Namespace) -> Settings:
    return Settings(
        seed=options.seed,
        embedder=options.embedder,
        routes=dict(options.route),
        code_version=__version__,
    )


def _run(options: argparse.Namespace, console: Console) -> int:
    settings = replace(
        _settings(options), policy=_policy(options.policy), least_cell=options.least_cell
    )
    folder = options.comments.resolve().parent.name
    taken = intake.read_polis(
        options.comments,
        options.votes,
        options.participants_votes,
        exclude=options.exclude_participants,
        title=options.title or folder,
        id=options.id or folder,
        question=options.question,
    )
    for note in taken.notes:
        console.print(f"Note: {note}")
    with _bar(console) as bar:
        task = bar.add_task("start", total=len(STAGES))

        def show(stage: str, done: int, total: int) -> None:
            bar.update(task, description=stage, completed=done, total=total)

        cache = embed.FolderCache(options.cache) if options.cache else None
        corpus, judgements = _judged(taken.corpus, options)
        outcome = aggregate(
            *(corpus, taken.table(), settings),
            judgements=judgements,
            cache=cache,
            progress=show,
        )
    inputs = Inputs(corpus, settings, outcome.ballots, judgements)
    written = write_outcome(outcome, options.out, inputs=inputs)
    _show_outcome(outcome, written, console)
    return 0


def _judged(corpus: Corpus, options: argparse.Namespace) -> tuple[Corpus, VoteTable | None]:
    """The corpus with the answers that people judged, and their judgements."""
    if options.answers is None:
        return corpus, None
    answers = intake.read_answers(options.answers)
    corpus = replace(corpus, answers=answers)
    if options.judgements is None:
        return corpus, None
    return corpus, by_number(intake.read_judgements(options.judgements, among=answers))


def _prepare(options: argparse.Namespace, console: Console) -> int:
    """Claims of free text; shards finished by an interrupted call are not done again."""
    settings = _settings(options)
    taken = intake.read_statements_csv(
        options.statements,
        title=options.title or options.statements.stem,
        language=options.language,
        large=True,
    )
    for note in taken.notes:
        console.print(f"Note: {note}")
    shards = options.out / SHARDS
    with _bar(console) as bar:
        task = bar.add_task("start", total=1)

        def show(stage: str, done: int, total: int) -> None:
            bar.update(task, description=stage, completed=done, total=max(total, 1))

        found = prepare.preparation(
            taken.corpus, settings, folder=shards, progress=show, workers=options.workers
        )
        bar.update(task, description="themes")
        tables = prepare.Tables(found, settings)
        options.out.mkdir(parents=True, exist_ok=True)
        audit.save(options.out / CLAIMS_JSON, tables.json())
        audit.save(options.out / CLAIMS_CSV, tables.csv())
    shutil.rmtree(shards, ignore_errors=True)
    counts = ", ".join(f"{number:,} {name}" for name, number in found.counts.items())
    worker = f", {_peak(resource.RUSAGE_CHILDREN):.0f} MB of a worker" * (options.workers > 1)
    console.print(f"Found {counts}. Peak memory {_peak():.0f} MB{worker}.", soft_wrap=True)
    console.print(f"Written: {options.out / CLAIMS_CSV}, {options.out / CLAIMS_JSON}")
    return 0


def _export(options: argparse.Namespace, console: Console) -> int:
    """Every format of a spec; those that need the votes or the inputs where these lie beside it."""
    files = audit.exported(options.spec, votes=options.votes, only=options.only)
    for path, content in sorted(files.items()):
        audit.save(options.out / path, content)
    console.print(f"Written: {len(files)} files in {options.out}", soft_wrap=True)
    return 0


def _verify(options: argparse.Namespace, console: Console) -> int:
    """One line per failed check; 0 only if every number of the spec follows from the votes."""
    if options.folder.is_file():
        content = options.folder.read_bytes()
        checks, note = audit.verify_bundle(content), audit.why_not_repeated(content)
        if note:
            console.print(f"Note: {note}", soft_wrap=True)
    else:
        checks = certify.verify(*audit.published(options.folder, options.votes))
    failed = [check for check in checks if not check.ok]
    for check in failed:
        console.print(
            f"Failed: {check.name}: stated {check.stated}, recomputed {check.recomputed} "
            f"(tolerance {check.tolerance:g})",
            style="red",
            soft_wrap=True,
        )
    console.print(f"{len(checks) - len(failed):,} of {len(checks):,} checks hold.")
    return 1 if failed else 0


def _attack(options: argparse.Namespace, console: Console) -> int:
    document, votes = audit.published(options.folder, options.votes)
    validate(document)
    unknown = set(votes.statements) - {clause["claim"] for clause in document["clauses"]}
    if unknown:
        raise AggregationError(
            f"the votes name claim {min(unknown)}, which no clause of the spec has. Give the votes "
            "that the spec was made from."
        )
    report = robust.attack_report(votes, robust.policy_of(document), seed=options.seed)
    for line in report.lines():
        console.print(line, soft_wrap=True)
    content = json.dumps(report.to_dict(), indent=2, ensure_ascii=False) + "\n"
    audit.save(options.folder / ATTACK, content.encode())
    console.print(f"Written: {options.folder / ATTACK}")
    return 0


def _bar(console: Console) -> Progress:
    columns = TextColumn("{task.description:<12}"), BarColumn(), MofNCompleteColumn()
    return Progress(*columns, TimeElapsedColumn(), console=console)


def _peak(who: int = resource.RUSAGE_SELF) -> float:
    """Largest resident size of this process so far, or of any it started that ended, in MB."""
    unit = 1024**2 if sys.platform == "darwin" else 1024  # bytes there, kilobytes elsewhere
    return resource.getrusage(who).ru_maxrss / unit


def _policy(path: Path | None) -> dict[str, object]:
    return (
        {} if path is None else audit.json_object(path, remedy="Give an object of policy fields.")
    )


def _show_problems(error: IntakeError, console: Console) -> None:
    table = Table("File", "Row", "Field", "Rule", "Remedy", title="Nothing was written")
    for problem in error.problems:
        row = "" if problem.row is None else str(problem.row)
        cells = (problem.file, row, problem.field, problem.rule, problem.remedy)
        table.add_row(*(Text(cell) for cell in cells))
    console.print(table)


def _show_outcome(outcome: Outcome, written: list[Path], console: Console) -> None:
    table = Table("Stage", "Seconds", title="Time")
    for stage, seconds in outcome.seconds.items():
        table.add_row(stage, f"{seconds:.2f}")
    table.add_row("total", f"{sum(outcome.seconds.values()):.2f}")
    console.print(table)
    console.print(f"Peak memory {_peak():.0f} MB. {outcome.document['summary']}")
    console.print(f"Written: {', '.join(map(str, written))}")


if __name__ == "__main__":
    sys.exit(main())
