"""Pictures of a result: the numbers of their tables, nobody to be made out, safe in a page."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest

from civic.analysis.pictures import album, charts, crowd, figures, kit, tiles

STYLES = Path(__file__).resolve().parents[2] / "frontend/static/concordance/concordance.css"
SVG = "{http://www.w3.org/2000/svg}"
K = 10


def cell(n: int | None, share: float = 0.5) -> dict[str, Any]:
    if n is None:
        return {"n": None, "suppressed": True}
    return {"n": n, "estimate": share, "lo": max(share - 0.1, 0), "hi": min(share + 0.1, 1)}


def clause(name: str, status: str, shares: tuple[float | None, ...], **more: Any) -> dict[str, Any]:
    groups = [
        {"group": letter, **(cell(None) if share is None else cell(50, share))}
        for letter, share in zip("ABC", shares, strict=False)
    ]
    return {
        "id": name,
        "status": status,
        "tier": "voice" if status == "contested" else "common_ground",
        "modality": "must",
        "support": {"measures": "agree", "overall": cell(150, 0.7), "by_group": groups},
        "margin": {"flips": 7} if status == "adopted" else None,
    } | more


@pytest.fixture
def document() -> dict[str, Any]:
    """Two groups, four clauses, two themes, one of them with a hostile name."""
    clauses = [
        clause("kind", "adopted", (0.9, 0.8)),
        clause("honest", "adopted", (0.9, None), margin={"flips": 3}),
        clause("divide", "contested", (0.95, 0.1), tier="plural"),
        clause("wish", "not_adopted", (0.4, 0.45), modality="should"),
    ]
    hostile = '</text><script>alert("1")</script> onload=x'
    topics = [{"title": "One topic", "clauses": ["kind", "honest"]}]
    sections = [
        {"id": "t1", "title": hostile, "language": "en", "clauses": ["kind", "honest", "divide"]},
        {"id": "t2", "title": "‮Rest", "language": "en", "clauses": ["wish"], "topics": []},
    ]
    sections[0]["topics"] = topics
    groups = [{"id": "A"}, {"id": "B"}]
    return {"clauses": clauses, "sections": sections, "groups": groups}


@pytest.fixture
def people() -> tuple[np.ndarray, np.ndarray]:
    """Two crowds of 150, one person far from both, and one who answered too little."""
    draw = np.random.default_rng(1)
    left = draw.normal((-3, 0), 0.5, (150, 2))
    right = draw.normal((3, 0), 0.5, (150, 2))
    places = np.vstack([left, right, [[0.0, 1.4]], [[0.0, 0.0]]])
    return places, np.array([0] * 150 + [1] * 150 + [0, -1])


def numbers_of_map(people: tuple[np.ndarray, np.ndarray]) -> dict[str, Any]:
    found = crowd.opinion_map(*people, ["A", "B"], k=K)
    assert found is not None
    return found


def drawn(document: dict[str, Any], people: tuple[np.ndarray, np.ndarray]) -> bytes:
    places, labels = people
    return album.drawn(document, places=places, labels=labels, k=K)


def shapes(svg: str, name: str) -> list[ElementTree.Element]:
    return list(ElementTree.fromstring(svg).iter(f"{SVG}{name}"))


def test_somebody_who_stands_alone_is_on_no_map(people: tuple[np.ndarray, np.ndarray]) -> None:
    """No cell holds fewer than k people, and that of a lonely person is not among those told."""
    found = numbers_of_map(people)
    assert min(one["people"] for one in found["cells"]) >= K
    x, y = crowd.cell_of((0.0, 1.4), found)
    lonely = min(int(y * found["side"]), found["side"] - 1), int(x * found["side"])
    assert lonely not in {(one["row"], one["column"]) for one in found["cells"]}


def test_what_is_left_blank_cannot_be_worked_out_from_the_total() -> None:
    """People left out are none, or k at least: the smallest cells go as well until that is so."""
    draw = np.random.default_rng(2)
    for _ in range(200):
        counts = draw.integers(0, 25, (5, 5)) * (draw.random((5, 5)) < 0.5)
        shown = crowd.shown_cells(counts, k=K)
        assert (counts[shown] >= K).all()
        hidden = int(counts[~shown].sum())
        assert hidden == 0 or hidden >= K or not shown.any()


def test_too_few_people_make_no_map(people: tuple[np.ndarray, np.ndarray]) -> None:
    """Nine people are told in a sentence, not in a picture."""
    places, labels = people
    assert crowd.opinion_map(places[:9], labels[:9], ["A", "B"], k=K) is None


def test_the_same_people_in_another_order_give_the_same_bytes(
    document: dict[str, Any], people: tuple[np.ndarray, np.ndarray]
) -> None:
    """A picture tells how many stand where, and nothing about who came first."""
    places, labels = people
    order = np.random.default_rng(3).permutation(len(labels))
    assert drawn(document, people) == drawn(document, (places[order], labels[order]))


def test_the_map_draws_the_cells_of_its_table(people: tuple[np.ndarray, np.ndarray]) -> None:
    """As many squares as cells with people; darker where there are more."""
    found = numbers_of_map(people)
    paths = shapes(charts.opinion_map(found), "path")
    squares = [one for one in paths if one.get("fill-opacity")]
    assert len(squares) == len(found["cells"])
    shades = {
        round(float(one.get("fill-opacity")), 3): cell["people"]
        for one, cell in zip(squares, found["cells"], strict=True)
    }
    assert [shades[s] for s in sorted(shades)] == sorted(shades.values())


def test_bars_and_labels_say_what_the_tables_say(document: dict[str, Any]) -> None:
    """Margins are written at their bars; a group that was too few has no sign in its row."""
    found = figures.figures(document)
    assert [row["people"] for row in found["margins"]["rows"]] == [3, 7]
    words = [one.text for one in shapes(charts.margins(found["margins"]), "text")]
    assert sorted(words) == sorted(["1", "2", "3", "7"])
    letters = [one.text for one in shapes(charts.support(found["common"]), "text")]
    assert letters.count("A") == 2
    assert letters.count("B") == 1


def test_a_share_stands_where_its_number_says(document: dict[str, Any]) -> None:
    """95 % stands to the right of 10 %, by 85 hundredths of the line from 0 to 100 %."""
    rows = figures.support_rows(figures.differences(document["clauses"]))
    assert [row["clause"] for row in rows["rows"]] == ["divide"]
    places = {
        one.text: float(re.match(r"translate\(([\d.]+)", one.get("transform"))[1])
        for one in shapes(charts.support(rows), "text")
    }
    line = 268  # pixels from 0 to 100 %
    assert places["A"] - places["B"] == pytest.approx(0.85 * line, abs=0.1)


def test_the_glance_draws_one_mark_per_clause_of_a_part(document: dict[str, Any]) -> None:
    """What was not adopted is told in words, and has no mark."""
    found = figures.glance(document["clauses"])
    assert {row["part"]: row["clauses"] for row in found["rows"]} == {
        **{"adopted": 2, "provisional": 0, "voice": 0, "plural": 1, "not_adopted": 1}
    }
    marks = [one for one in shapes(charts.glance(found), "path") if one.get("stroke")]
    assert len(marks) == 3


def test_pictures_keep_the_content_policy_and_follow_the_theme(
    document: dict[str, Any], people: tuple[np.ndarray, np.ndarray]
) -> None:
    """No style, script, id, link or fixed colour; every token stands in the stylesheet."""
    held = album.json.loads(drawn(document, people))["pictures"]
    tokens = set(re.findall(r"--([a-z-]+):", STYLES.read_text()))
    for name, one in held.items():
        svg = one["svg"]
        assert svg, name
        root = ElementTree.fromstring(svg)
        assert root.get("direction") == "ltr"
        for element in root.iter():
            assert element.tag.removeprefix(SVG) in {"svg", "g", "path", "line", "text"}
            allowed = {"style", "id", "href", "onload", "role", "aria-label"} & set(element.attrib)
            assert not allowed, (name, element.attrib)
            for paint in (element.get("fill"), element.get("stroke")):
                assert paint in (None, "none", "transparent") or re.fullmatch(
                    r"var\(--([a-z-]+)\)", paint
                ), (name, paint)
        assert set(re.findall(r"var\(--([a-z-]+)\)", svg)) <= tokens
        sizes = [float(size) for size in re.findall(r'font-size="([\d.]+)px"', svg)]
        assert min(sizes, default=kit.TEXT) >= kit.TEXT


def test_hostile_words_stay_words(document: dict[str, Any]) -> None:
    """A theme named like markup is drawn as its letters."""
    svg = charts.themes(figures.themes(document))
    words = " ".join(one.text or "" for one in shapes(svg, "text"))
    assert "</text><script>" in words
    assert "<script" not in svg
    assert not shapes(svg, "script")


def test_a_very_long_title_is_cut_and_never_spills() -> None:
    """Five thousand letters, joined marks and wide characters take as little room as others."""
    for title in ("x" * 5000, "a" + "\u0301" * 5000, "政" * 500, "word " * 900):
        lines = charts.wrapped(title, width=100, most=3)
        assert len(lines) <= 3
        assert all(charts.measure(line) <= 100 + kit.TEXT for line in lines)


def test_tiles_fill_their_box_in_proportion() -> None:
    """Areas are as the numbers are, whatever the shape of the box."""
    box = tiles.Box(0, 0, 320, 200)
    placed = tiles.tiles([8, 1, 4, 0, 3], box)
    areas = [one.width * one.height for one in placed]
    assert sum(areas) == pytest.approx(320 * 200)
    assert areas[0] == pytest.approx(8 * areas[1])
    assert areas[3] == 0


def test_a_picture_that_fails_leaves_its_numbers(
    document: dict[str, Any],
    people: tuple[np.ndarray, np.ndarray],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The others are drawn, and the table beside the missing one says the same."""

    def broken(_numbers: object) -> str:
        raise RuntimeError("no drawing today")

    monkeypatch.setitem(charts.CHARTS, "margins", broken)
    held = album.json.loads(drawn(document, people))["pictures"]
    assert held["margins"]["svg"] == ""
    assert held["margins"]["numbers"]["least"] == 3
    assert held["map"]["svg"]


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_groups_stand_out_from_what_they_are_drawn_on(theme: int) -> None:
    """Each group's colour has a contrast of 3 to 1 at least (WCAG 1.4.11), light and dark."""
    colours = re.findall(r"--([a-z-]+):\s*(#[0-9a-f]{6})", STYLES.read_text())
    values: dict[str, list[str]] = {}
    for name, value in colours:
        values.setdefault(name, []).append(value)
    for letter in "abcde":
        for ground in ("surface", "page", "sunken"):
            lights = sorted(
                (luminance(values[f"group-{letter}"][theme]), luminance(values[ground][theme]))
            )
            assert (lights[1] + 0.05) / (lights[0] + 0.05) >= 3, (letter, ground)
