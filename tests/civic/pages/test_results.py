"""The page of results and the report: exact sentences, every picture with its table, nobody else's
place, and one file that needs no network."""

from __future__ import annotations

import html
import itertools
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from civic.accounts.models import User
from civic.analysis.models import Run
from civic.analysis.pictures import album
from civic.consultations import files
from civic.consultations.models import Consultation, Membership
from civic.specs import report_files, reports, telling, wording
from civic.specs.models import SpecVersion
from civic.specs.redaction import GONE
from civic.specs.services import withdraw_spec

SignIn = Callable[[User | None], Client]
RESULTS = "/c/ai/results/"


@pytest.fixture
def crowded(published: SpecVersion, consultation: Consultation) -> SpecVersion:
    """The published version, in a consultation that shows cells of five people."""
    Consultation.objects.update(k=5)
    run = published.run
    run.consultation.k = 5
    document, groups = published.load(), files.read(run.groups_file)
    labels = album.np.array(album.json.loads(groups)["labels"])
    places = album.np.column_stack([labels * 4.0, labels * 0.0])
    content = album.drawn(document, places=places, labels=labels, k=5)
    Run.objects.filter(pk=run.pk).update(pictures_file=album.write(run, content))
    return SpecVersion.objects.get(pk=published.pk)


def words_of(page: str) -> str:
    """The text of a page as a person reads it."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


def test_three_sentences_say_exactly_what_was_found() -> None:
    """Numbers, singular and plural, from a known document."""
    document: dict[str, Any] = {
        "population": {"participants": 1089, "reactions": 35585},
        "groups": [{}, {}, {}],
        "clauses": [
            *({"status": "adopted", "tier": "common_ground"} for _ in range(30)),
            {"status": "provisional", "tier": "common_ground"},
            {"status": "contested", "tier": "plural"},
            *({"status": "contested", "tier": "voice"} for _ in range(2)),
        ],
    }
    assert telling.summary(document) == [
        "1,089 people gave 35,585 answers, and 3 groups of people who answer alike could be told "
        "apart.",
        "30 sentences found broad support in every group and are common ground; 1 more would be, "
        "if further answers confirm the first ones.",
        "On 1 sentence the groups clearly differ; 2 more come from a part of the people and are "
        "opposed by no group.",
    ]
    document |= {"clauses": [], "groups": []}
    assert telling.summary(document)[1:] == [
        "No sentence has found broad support in every group.",
        "No sentence divides people so clearly that the spec has to deal with it.",
    ]


def test_the_page_answers_in_the_order_of_the_questions(
    published: SpecVersion, client: Client
) -> None:
    """Three sentences first, then what is shared, what differs, who, the answer, how, how sure."""
    page = client.get(RESULTS).content.decode()
    marks = ['class="three"', *(f'<h2 id="{name}"' for name in ("glance", "common"))]
    marks += [f'<h2 id="{name}"' for name in ("differences", "groups", "voices", "answer")]
    marks += [f'<h2 id="{name}"' for name in ("mine", "themes", "how", "sure")]
    places = [page.index(mark) for mark in marks]
    assert places == sorted(places)
    for sentence in telling.summary(published.load()):
        assert sentence in words_of(page)


def test_every_picture_has_its_table_with_the_numbers_of_the_document(
    crowded: SpecVersion, client: Client
) -> None:
    """Each drawing is followed by a table, whose shares, bases and intervals are the spec's own."""
    page = client.get(RESULTS).content.decode()
    assert page.count('class="picture-drawing"') >= 5
    for name in re.findall(r'<figure class="picture" id="picture-(\w+)"', page):
        after = page[page.index(f'id="picture-{name}"') :]
        assert "<table" in after[: after.index("</section>")], name
    told = words_of(page)
    adopted = [c for c in crowded.load()["clauses"] if c["status"] == "adopted"]
    for clause in adopted[:6]:
        for cell in (clause["support"]["overall"], *clause["support"]["by_group"]):
            if not cell["n"]:
                continue
            share = wording.percent(cell["estimate"])
            answer = clause["support"]["measures"]
            told_as = f"{share} of {cell['n']} people {answer}".replace("\xa0", " ")
            assert told_as in told


def test_a_page_without_pictures_shows_the_tables_alone(
    published: SpecVersion, client: Client
) -> None:
    """Where a run kept no pictures, or their file is gone, nothing but the drawings is missing."""
    for name in ("", "runs/gone.json"):
        Run.objects.update(pictures_file=name)
        page = client.get(RESULTS)
        assert page.status_code == 200
        assert "picture-drawing" not in page.content.decode()
        assert page.content.count(b"<table") >= 4


def test_only_she_herself_sees_where_she_stands(
    crowded: SpecVersion, member: Membership, bob: User, alice: User, sign_in: SignIn
) -> None:
    """The mark is on Bob's page and on nobody else's, be it the organizer's."""
    places = album.pack_places([member.key, "z-other"], album.np.array([[4.0, 0.0], [0.0, 0.0]]))
    Run.objects.update(positions_file=files.write("runs/places.npz", [places]))
    assert "you-are-here" in sign_in(bob).get(RESULTS).content.decode()
    for other in (None, alice):
        page = sign_in(other).get(RESULTS).content.decode()
        assert "you-are-here" not in page
        assert member.key not in page


def test_a_place_is_found_by_its_key_alone(published: SpecVersion) -> None:
    """The run keeps one place per person who answered; an unknown key has none."""
    run = published.run
    assert album.place_of(run, "p3") is not None
    assert album.place_of(run, "nobody") is None
    run.positions_file = "runs/not-there.npz"
    assert album.place_of(run, "p3") is None


def test_a_map_of_smaller_cells_than_allowed_now_is_not_shown(
    crowded: SpecVersion, client: Client
) -> None:
    """Who raises k takes the old map away; the rest stays."""
    assert 'id="picture-map"' in client.get(RESULTS).content.decode()
    Consultation.objects.update(k=20)
    page = client.get(RESULTS).content.decode()
    assert 'id="picture-map"' not in page
    assert 'id="picture-common"' in page


def test_what_the_organizers_say_is_text_with_paragraphs(
    published: SpecVersion, client: Client
) -> None:
    """Announcement, signature and reply are shown; markup in them is not obeyed."""
    SpecVersion.objects.update(announcement="We **will** act.", signed_as="<b>Minister</b>")
    Consultation.objects.update(reply="<script>alert(1)</script>\n\nThank you.")
    page = client.get(RESULTS).content.decode()
    assert "<strong>will</strong>" in page
    assert "&lt;b&gt;Minister&lt;/b&gt;" in page
    assert "<script>alert" not in page
    assert "Thank you." in page


def test_no_result_yet_is_said_so(consultation: Consultation, client: Client) -> None:
    """The tab leads to a page that explains, with 200."""
    assert "No spec has been published" in client.get(RESULTS).content.decode()


def test_erased_words_leave_a_sign_on_every_page(
    published: SpecVersion, client: Client, rewrite: Callable[..., None]
) -> None:
    """Results, part, clause page and report say that words were removed, and keep the numbers."""
    document = published.load()
    clause = next(c for c in document["clauses"] if c["status"] == "adopted")
    clause["text"] = clause["evidence"][0]["quote"] = GONE
    rewrite(published, document)
    row = published.clauses.get(key=clause["id"])
    row.data, row.text = clause, GONE
    row.save()
    row.evidence.update(quote=GONE)
    paths = [
        RESULTS,
        "/c/ai/spec/",
        "/c/ai/spec/1/parts/adopted/",
        "/c/ai/spec/1/files/report.html",
    ]
    for path in [*paths, reverse("specs:clause", args=["ai", 1, clause["id"]])]:
        page = client.get(path).content.decode()
        assert 'class="tombstone"' in page, path
        assert f"“{html.escape(GONE)}”" not in page, path


# --- The report


def report_of(spec: SpecVersion, language: str = "en") -> str:
    return reports.report_html(spec, language=language).decode()


def test_the_report_holds_every_clause_and_needs_nothing_from_elsewhere(
    published: SpecVersion, client: Client
) -> None:
    """One file: no script, no address, no custom property left, each clause with its numbers."""
    answer = client.get("/c/ai/spec/1/files/report.html")
    page = answer.content.decode()
    assert answer["Content-Disposition"].startswith("inline")
    assert "script-src" not in answer["Content-Security-Policy"]
    assert "default-src 'none'" in answer["Content-Security-Policy"]
    assert not re.search(r"<script|<link|<img|<iframe|@import|url\(|\son\w+=|\sstyle=", page)
    assert not re.search(r"(?:href|src)=\"(?!#)", page)
    assert "http" not in page.replace("http://www.w3.org/2000/svg", "")
    assert "var(" not in page
    for clause in published.load()["clauses"]:
        assert clause["text"] in page
        assert f'id="{clause["id"]}"' in page
    levels = [int(level) for level in re.findall(r"<h([1-6])", page)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert max(b - a for a, b in itertools.pairwise(levels)) <= 1


def test_the_report_is_a_pure_function(published: SpecVersion) -> None:
    """The same version in the same language is the same bytes; another language is another file."""
    assert report_of(published) == report_of(published)
    arabic = report_of(published, "ar")
    assert '<html lang="ar" dir="rtl">' in arabic
    assert 'dir="auto"' not in arabic
    assert re.search(r'class="words" dir="ltr" lang="en">“AI should', arabic)
    assert report_files.find(published, b"other", language="en") is None


def test_hostile_words_are_text_in_the_report(
    published: SpecVersion, rewrite: Callable[..., None]
) -> None:
    """Title, question, theme and clause may look like markup; they stay words."""
    document = published.load()
    hostile = '"></style><script>alert(1)</script><img src=//evil.example/x> var(--ink)'
    document |= {"title": hostile, "question": hostile}
    for clause in document["clauses"]:
        clause["text"] = hostile
    for section in document["sections"]:
        section["title"] = hostile
    rewrite(published, document)
    page = report_of(published)
    assert "<script" not in page
    assert "<img" not in page
    assert page.count("</style>") == 1
    assert page.count("x&gt; var(--ink)") > len(document["clauses"])


def test_the_printed_report_can_be_read_and_searched(
    published: SpecVersion, tmp_path: Path, client: Client
) -> None:
    """The PDF is tagged, holds every clause as text, and is served once the worker made it."""
    pytest.importorskip("weasyprint", exc_type=(ImportError, OSError))
    assert client.get("/c/ai/spec/1/files/report.pdf").status_code == 503
    report_files.make(published.pk, language="en")
    answer = client.get("/c/ai/spec/1/files/report.pdf")
    assert answer["Content-Type"] == "application/pdf"
    assert b"/MarkInfo" in answer.content or b"/ObjStm" in answer.content
    if shutil.which("pdftotext") is None:
        pytest.skip("no pdftotext here to read it with")
    file = tmp_path / "report.pdf"
    file.write_bytes(answer.content)
    done = subprocess.run(["pdftotext", file, "-"], capture_output=True, text=True, check=True)
    told = " ".join(done.stdout.split())
    for clause in published.load()["clauses"]:
        assert clause["text"] in told
    assert telling.summary(published.load())[0] in told


def test_what_was_erased_while_it_was_printed_is_not_kept(
    published: SpecVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Printing takes seconds: a version that changed meanwhile leaves no print of its old words."""

    def slow(_page: bytes) -> bytes:
        SpecVersion.objects.filter(pk=published.pk).update(sha256="another")
        report_files.forget(published)
        return b"old words"

    monkeypatch.setattr(reports, "pdf", slow)
    report_files.make(published.pk, language="en")
    folder = files.path_of(f"specs/{published.uuid}")
    assert not list(folder.glob("*.pdf"))


def test_without_a_printer_the_page_says_how_to_get_the_report(
    published: SpecVersion, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where WeasyPrint or libpango is missing, a person is sent to the page that prints itself."""

    def missing(_page: bytes) -> bytes:
        raise OSError("cannot load library 'libpango-1.0-0'")

    monkeypatch.setattr(reports, "pdf", missing)
    report_files.make(published.pk, language="en")
    answer = client.get("/c/ai/spec/1/files/report.pdf")
    assert answer.status_code == 503
    assert "print it from your browser" in words_of(answer.content.decode())
    assert reverse("specs:report", args=["ai", 1]) in answer.content.decode()


def test_a_draft_has_its_report_for_the_team_alone(
    draft: SpecVersion, alice: User, sign_in: SignIn
) -> None:
    """Strangers get nothing, and no cache may hold it."""
    path = f"/c/ai/spec/{draft.number}/files/report.html"
    assert sign_in(None).get(path).status_code == 401
    answer = sign_in(alice).get(path)
    assert answer["Cache-Control"] == "private, no-store"
    assert "Draft: not public" in answer.content.decode()


def test_a_withdrawn_version_leaves_no_report(
    published: SpecVersion, alice: User, client: Client, django_capture_on_commit_callbacks: Any
) -> None:
    """Neither the page nor the print is given out any more, and the prints are removed."""
    kept = files.path_of(f"specs/{published.uuid}/report-en-0.pdf")
    files.write(f"specs/{published.uuid}/report-en-0.pdf", [b"%PDF"])
    with django_capture_on_commit_callbacks(execute=True):
        withdraw_spec(published, by=alice, reason="A count was wrong.")
    assert not kept.exists()
    for name in ("report.html", "report.pdf"):
        assert client.get(f"/c/ai/spec/1/files/{name}").status_code == 404
