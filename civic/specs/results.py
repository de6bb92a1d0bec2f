"""The page of results: what was found, in the order in which a citizen asks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aggregation.spec import least_cell
from civic.analysis.pictures import figures
from civic.analysis.pictures.album import Album, Picture, pictures_of, place_of
from civic.analysis.pictures.crowd import cell_of
from civic.consultations.models import Membership
from civic.specs import telling
from civic.specs.models import SpecVersion
from civic.specs.reading import document_of

Document = dict[str, Any]
Clause = dict[str, Any]


@dataclass(frozen=True)
class Item:
    """One sentence with its number in the picture and its support in each group."""

    number: int
    clause: Clause
    measures: str
    overall: dict[str, Any]
    groups: list[dict[str, Any]]


@dataclass(frozen=True)
class Firmness:
    """One bar of the picture of margins, with the sentence that it is about."""

    number: int
    clause: Clause
    people: int


@dataclass(frozen=True)
class Results:
    """Everything the page says, each list made of the numbers of the picture beside it."""

    document: Document
    sentences: list[str]
    certainty: list[str]
    silence: list[str]
    pictures: Album
    common: list[Item]
    differences: list[Item]
    voices: list[Item]
    margins: list[Firmness]
    here: tuple[float, float] | None

    @property
    def least(self) -> int:
        """People below whom the document shows no count."""
        return least_cell(self.document)

    @property
    def counts(self) -> dict[str, int]:
        """Part -> how many clauses stand in it."""
        return {row["part"]: row["clauses"] for row in self.pictures["glance"].numbers["rows"]}

    @property
    def map_rows(self) -> list[list[int | None]]:
        """The opinion map as a table: people per cell from the top, None where too few stand."""
        return map_rows(self.pictures.get("map"))


def results_of(spec: SpecVersion, *, k: int, reader: Membership | None = None) -> Results:
    """What a version found; `reader` sees where she stands herself, nobody else does."""
    document = document_of(spec)
    album = pictures_of(spec.run, document, k=k)
    by_id = {clause["id"]: clause for clause in document["clauses"]}
    voices = figures.support_rows(figures.voices(document["clauses"])[: figures.TOP])
    return Results(
        document=document,
        sentences=telling.summary(document),
        certainty=telling.certainty(document),
        silence=telling.silence(document),
        pictures=album,
        common=_items(album["common"].numbers, by_id),
        differences=_items(album["differences"].numbers, by_id),
        voices=_items(voices, by_id),
        margins=[
            Firmness(number, by_id[row["clause"]], row["people"])
            for number, row in enumerate(album["margins"].numbers["rows"], start=1)
            if row["clause"] in by_id
        ],
        here=_here(spec, album, reader),
    )


def _items(numbers: Mapping[str, Any], by_id: Mapping[str, Clause]) -> list[Item]:
    return [
        Item(number, by_id[row["clause"]], row["measures"], row["overall"], row["groups"])
        for number, row in enumerate(numbers["rows"], start=1)
        if row["clause"] in by_id
    ]


def _here(spec: SpecVersion, album: Album, reader: Membership | None) -> tuple[float, float] | None:
    if reader is None or not reader.is_participant or "map" not in album:
        return None
    place = place_of(spec.run, reader.key)
    return None if place is None else cell_of(place, album["map"].numbers)


def map_rows(picture: Picture | None) -> list[list[int | None]]:
    """One list per row of cells."""
    if picture is None:
        return []
    side = picture.numbers["side"]
    rows: list[list[int | None]] = [[None] * side for _ in range(side)]
    for cell in picture.numbers["cells"]:
        rows[cell["row"]][cell["column"]] = cell["people"]
    return rows
