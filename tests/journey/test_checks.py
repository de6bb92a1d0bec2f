"""The twenty-five things that are checked in a browser: each is marked where it is."""

from __future__ import annotations

import re

from tests.conftest import ROOT


def test_each_of_the_twenty_five_checks_is_somewhere() -> None:
    """`grep -rn "# check 12" tests` finds the tests of the twelfth."""
    files = (ROOT / "tests").rglob("test_*.py")
    marks = [re.findall(r"^# check (\d+)$", file.read_text(), re.MULTILINE) for file in files]
    assert {int(mark) for found in marks for mark in found} == set(range(1, 26))
