"""The optional scripts of pages: what is served was built from what stands in frontend/src."""

from __future__ import annotations

import gzip
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.conftest import ROOT

FRONTEND = ROOT / "frontend"
SOURCES = FRONTEND / "src" / "islands"
BUILT = FRONTEND / "static" / "concordance" / "islands"
TOOLS = FRONTEND / "node_modules" / ".bin"


def test_every_island_is_built_and_nothing_else() -> None:
    """A script without its source, or a source that no page can load, is a mistake."""
    assert {file.stem for file in BUILT.glob("*.js")} == {
        file.stem for file in SOURCES.glob("*.ts")
    }


def test_an_island_is_small() -> None:
    """A cheap phone pays for every kilobyte: no island has more than 25 of them, compressed."""
    sizes = {file.name: len(gzip.compress(file.read_bytes())) for file in BUILT.glob("*.js")}
    assert {name: size for name, size in sizes.items() if size > 25 * 1024} == {}


def test_built_scripts_are_those_of_the_sources(tmp_path: Path) -> None:
    """Whoever changes an island builds it: types hold, and the bytes are the committed ones."""
    if shutil.which("node") is None or not (TOOLS / "esbuild").exists():
        pytest.skip("building needs Node and `npm ci` in frontend/")
    subprocess.run([TOOLS / "tsc", "--noEmit"], cwd=FRONTEND, check=True)
    command = ["npm", "run", "--silent", "build", "--", f"--outdir={tmp_path}"]
    subprocess.run(command, cwd=FRONTEND, check=True)
    built = {file.name: file.read_text() for file in tmp_path.glob("*.js")}
    assert built == {file.name: file.read_text() for file in BUILT.glob("*.js")}, "`make islands`"
