"""Every address is looked at in a browser, or there is a reason why it cannot be."""

from __future__ import annotations

from tests.addresses import NO_PAGES, PAGES, named


def test_every_address_is_in_the_table_of_pages_or_excused() -> None:
    """An address that is added and looked at by nobody is found here; so is one that went."""
    known = PAGES.keys() | NO_PAGES.keys()
    assert set(named()) - known == set()
    assert known - set(named()) == set()
    assert PAGES.keys() & NO_PAGES.keys() == set()
