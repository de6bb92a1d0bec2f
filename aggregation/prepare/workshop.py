"""Does the shards of a map step: here or on processes of its own, each finished one kept."""

from __future__ import annotations

import multiprocessing
import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from aggregation import embed
from aggregation.errors import AggregationError
from aggregation.prepare.shards import DamagedShard, Packing

T = TypeVar("T")

Progress = Callable[[str, int, int], None]  # stage, shards done, shards in all

_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
_WAITING = 4  # shards per worker that are handed over ahead: their inputs lie in memory


@dataclass(frozen=True)
class Task:
    """One shard: `key` is a digest of everything that the result depends on."""

    key: str
    arguments: tuple[Any, ...]


class WorkerLost(AggregationError):
    """A worker process ended before its shard was done: killed, or out of memory."""


@dataclass
class Workshop:
    """Where shards are worked on; `folder` keeps the finished ones, `executor` has the workers."""

    folder: Path | None = None
    executor: Executor | None = None
    progress: Progress | None = None
    workers: int = 1
    computed: dict[str, int] = field(default_factory=dict)  # shards not found in the folder

    def results(
        self,
        stage: str,
        packing: Packing[T],
        function: Callable[..., T],
        tasks: Sequence[Task],
    ) -> list[T]:
        """The result of every task, in the order of tasks.

        A shard that lies in the folder undamaged is not computed again. Raises WorkerLost; what
        was finished until then is kept.
        """
        found: dict[int, T] = {}
        self._tell(stage, 0, len(tasks))
        for place, task in enumerate(tasks):
            kept = self._kept(stage, packing, task)
            if kept is not None:
                found[place] = kept
        missing = [place for place in range(len(tasks)) if place not in found]
        self.computed[stage] = len(missing)
        self._tell(stage, len(found), len(tasks))
        for place, result in self._computed(function, tasks, missing, stage):
            self._keep(stage, packing, tasks[place], result)
            found[place] = result
            self._tell(stage, len(found), len(tasks))
        return [found[place] for place in range(len(tasks))]

    def _computed(
        self, function: Callable[..., T], tasks: Sequence[Task], missing: list[int], stage: str
    ) -> Iterator[tuple[int, T]]:
        """(place, result) of the missing tasks, as they are finished."""
        if self.executor is None:
            yield from ((place, function(*tasks[place].arguments)) for place in missing)
            return
        waiting: dict[Future[T], int] = {}
        ahead = iter(missing)
        try:
            while True:
                for place in ahead:
                    future = self.executor.submit(function, *tasks[place].arguments)
                    waiting[future] = place
                    if len(waiting) >= _WAITING * self.workers:
                        break
                if not waiting:
                    return
                for future in wait(waiting, return_when=FIRST_COMPLETED).done:
                    yield waiting.pop(future), future.result()
        except BrokenProcessPool as error:
            kept = (
                "" if self.folder is None else f" The shards finished so far are in {self.folder}."
            )
            raise WorkerLost(
                f"A worker process ended in stage {stage!r} before its shard was done: it was "
                f"killed, or memory ran out. Run the same again, perhaps with fewer workers.{kept}"
            ) from error

    def _path(self, stage: str, task: Task) -> Path | None:
        return None if self.folder is None else self.folder / stage / task.key

    def _kept(self, stage: str, packing: Packing[T], task: Task) -> T | None:
        path = self._path(stage, task)
        if path is None:
            return None
        try:
            return packing.unpack(path.read_bytes())
        except (FileNotFoundError, DamagedShard):
            return None

    def _keep(self, stage: str, packing: Packing[T], task: Task, result: T) -> None:
        path = self._path(stage, task)
        if path is not None:
            write_whole(path, packing.pack(result))

    def _tell(self, stage: str, done: int, total: int) -> None:
        if self.progress is not None:
            self.progress(stage, done, total)


@contextmanager
def workshop(
    *, folder: Path | None = None, workers: int = 1, progress: Progress | None = None
) -> Iterator[Workshop]:
    """A workshop with `workers` processes; with one, everything is done in this process."""
    if workers == 1:
        yield Workshop(folder, progress=progress)
        return
    # Fresh processes, never copies of this one with its threads; one thread each, for as many
    # processes as cores leave none over. Their BLAS reads the number when it is loaded.
    before = {name: os.environ.get(name) for name in _THREADS}
    os.environ.update(dict.fromkeys(_THREADS, "1"))
    context = multiprocessing.get_context("spawn")
    executor = ProcessPoolExecutor(
        max_workers=workers,
        mp_context=context,
        initializer=embed.configure,  # A fresh process knows no configured embedder by itself.
        initargs=embed.configuration(),
    )
    try:
        yield Workshop(folder, executor, progress, workers)
    finally:
        executor.shutdown(cancel_futures=True)
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def write_whole(path: Path, content: bytes) -> None:
    """Put a file in its place whole, or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
