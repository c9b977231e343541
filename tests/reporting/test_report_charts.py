"""Charts of a report without a browser: theme, still pictures, the page's text, and the slides of a summary."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html import unescape
from xml.etree import ElementTree

import pytest
from report_cases import PACKAGES, STATED, bars, fan, heat, multiples, scatter, waterfall, whole_report

from model.registry.errors import UserError
from model.reporting.html.blocks import Report, Section
from model.reporting.html.charts import drawing, first_choices, framed, library, still_pictures
from model.reporting.html.page import numbers, render
from model.reporting.html.vega_lite import takes_any_width, themed
from model.reporting.slides import REST, Slide, write_slides
from model.reporting.tables.table import Column, Table
from model.reporting.theme import PALETTE

SVG = "{http://www.w3.org/2000/svg}"


def words_of(drawn: str) -> str:
    return " ".join(" ".join(element.itertext()) for element in ElementTree.fromstring(drawn).iter(f"{SVG}text"))


def size_of(drawn: str) -> tuple[float, float]:
    root = ElementTree.fromstring(drawn)
    return float(root.get("width")), float(root.get("height"))


def test_the_theme_gives_way_to_the_chart_and_leaves_it_as_it_was():
    specification = fan().specification | {"$schema": "https://example.org", "config": {"legend": {"orient": "right"}}}
    before = json.dumps(specification)
    result = themed(specification)
    assert json.dumps(specification) == before
    assert "$schema" not in result
    assert result["config"]["legend"]["orient"] == "right"
    assert result["config"]["range"]["category"] == list(PALETTE)
    assert [parameter["name"] for parameter in result["params"]] == ["result", "box_width"]


def test_what_is_no_number_is_nothing_and_numbers_of_the_machine_are_plain():
    values = themed(bars().specification)["data"]["values"]
    assert [row["effect"] for row in values] == [-12.0, 4.25, None]
    assert all(type(row["effect"]) in (float, type(None)) for row in values)


def test_bars_are_as_high_as_their_names_are_on_a_phone():
    # 'Retention and / recruitment of / nurses across / four employers': four lines of 14 pixels, and 8 more.
    assert themed(bars().specification)["height"] == {"step": 64}
    fixed = themed(bars().specification | {"height": 90})
    assert fixed["height"] == 90
    assert "axis" not in fixed["encoding"]["y"]


@pytest.mark.parametrize(("chart", "any_width"), [(fan, True), (heat, True), (multiples, False)])
def test_charts_of_several_views_keep_their_width(chart, any_width):
    assert takes_any_width(chart().specification) is any_width


@pytest.mark.parametrize(
    ("chart", "texts"),
    [(fan, ("Result: Bed days",)), (bars, ("Show intervals: yes",)), (waterfall, ("Axis: parts only",)), (heat, ())],
)
def test_first_choices_in_words(chart, texts):
    assert first_choices(chart().specification) == texts


def test_drawings_are_as_wide_as_asked_and_fold_their_names():
    for width in (360, 760):
        assert size_of(drawing(bars(), width))[0] == pytest.approx(width, abs=1)
    lines = {
        width: {line.text for line in ElementTree.fromstring(drawing(bars(), width)).iter(f"{SVG}tspan")}
        for width in (360, 760)
    }
    assert {"Retention and recruitment of", "nurses across four employers"} <= lines[760]
    assert {"Retention and", "recruitment of", "nurses across", "four employers"} <= lines[360]


def test_a_still_picture_says_all_by_itself(tmp_path):
    files = still_pictures(whole_report(), tmp_path)
    assert [path.name for path in files] == [f"{chart.name}.png" for chart in whole_report().charts]
    for chart, path in zip(whole_report().charts, files, strict=True):
        text = words_of(path.with_suffix(".svg").read_text(encoding="utf-8"))
        for expected in (chart.title, *first_choices(chart.specification), *(text for _, text in chart.statement.rows)):
            assert expected in text
        width, height = size_of(path.with_suffix(".svg").read_text(encoding="utf-8"))
        content = path.read_bytes()
        assert content.startswith(b"\x89PNG")
        pixels = [int.from_bytes(content[start : start + 4], "big") for start in (16, 20)]
        assert pixels == pytest.approx([2 * width, 2 * height], abs=2)
    assert sorted(path.suffix for path in tmp_path.iterdir()) == [".png"] * 6 + [".svg"] * 6


def test_long_texts_of_a_still_picture_stay_within_it():
    drawn = framed(replace(heat(), title="Wide words " * 20, alt="so many more " * 40))
    width, height = size_of(drawn)
    for element in ElementTree.fromstring(drawn).iter(f"{SVG}text"):
        if size := element.get("font-size", "").removesuffix("px"):
            assert 16 + len("".join(element.itertext())) * float(size) * 0.45 < width
            assert float(element.get("y") or 0) < height


def test_a_page_with_charts_runs_its_own_scripts_only_and_escapes_what_it_holds():
    page = render(whole_report())
    assert re.search(r"script-src 'sha256-[^']+' 'sha256-[^']+';", unescape(page))
    assert page.count("<script>") == 2
    assert page.count('<script type="application/json">') == page.count("</script>") - 2 == 6
    assert PACKAGES[0] not in page
    assert not re.search(r"</script|<!--", library(), flags=re.IGNORECASE)
    assert "<script" not in render(Report("t", "s", (Section("a", ()),)))


def test_every_chart_table_and_group_of_numbers_has_its_statement():
    page = render(whole_report())
    report = whole_report()
    stated = [block for section in report.sections for block in section.blocks if getattr(block, "statement", None)]
    assert page.count('<dl class="stated">') == len(stated) == 8
    assert page.count(f"<dt>Interval</dt> <dd>{STATED.interval}</dd>") == 8


def test_numbers_taken_away_are_numbers():
    table = Table("t", (Column("a"), Column("b", True)), [("x, y", "−1,234.5"), ("z", "40%")])
    lines = numbers(replace(scatter(), table=table)).splitlines()
    assert lines[:5] == ["a,b", '"x, y",-1234.5', "z,40%", "", f'Unit,"{STATED.unit}"']


@pytest.mark.parametrize("name", ["", "Fan", "1st", "a b", "../a"])
def test_a_chart_has_a_name_that_files_and_keys_can_take(name):
    with pytest.raises(ValueError, match="no name of a chart"):
        replace(heat(), name=name)


def test_two_charts_of_one_name_are_refused():
    with pytest.raises(ValueError, match="heat"):
        Report("t", "s", (Section("a", (heat(),)), Section("b", (heat(),))))


def slides(folder) -> list[Slide]:
    (picture,) = still_pictures(Report("t", "s", (Section("a", (fan(),)),)), folder)
    table = Table(
        "Packages",
        (Column("Package"), Column("Beds", True), Column("Net present value, £ million", True)),
        [(name, "−12", "1,234") for name in PACKAGES * 2],
    )
    points = (f"Point {index} {'of some words ' * 8}".strip() for index in range(4))
    words = ("Twelve beds, with nine chances in ten.", *points)
    return [
        Slide("Choose home first & retention together", words, picture=picture, alt="A fan of beds", statement=STATED),
        Slide("It pays for itself in three years", words[:2], replace(table, statement=STATED)),
    ]


def test_slides_are_read_back_with_all_within_them(tmp_path):
    from pptx import Presentation
    from pptx.util import Emu

    wanted = slides(tmp_path)
    deck = Presentation(str(write_slides(wanted, tmp_path / "summary.pptx")))
    assert deck.slide_width / deck.slide_height == pytest.approx(16 / 9, rel=1e-3)
    assert len(deck.slides) == 2
    for slide, expected_slide in zip(deck.slides, wanted, strict=True):
        assert slide.shapes.title.text_frame.text == expected_slide.title
        text = "\n".join(shape.text_frame.text for shape in slide.shapes if shape.has_text_frame)
        for expected in (*expected_slide.paragraphs, *(text.rstrip(".") for _, text in STATED.rows)):
            assert expected in text
        boxes = [(shape.left, shape.top, shape.left + shape.width, shape.top + shape.height) for shape in slide.shapes]
        for left, top, right, bottom in boxes:
            assert min(left, top) >= 0
            assert right <= deck.slide_width
            assert bottom <= deck.slide_height
        apart = Emu(0.02 * 914400)
        for index, first in enumerate(boxes):
            for second in boxes[index + 1 :]:
                assert (
                    first[2] <= second[0] + apart
                    or second[2] <= first[0] + apart
                    or first[3] <= second[1] + apart
                    or second[3] <= first[1] + apart
                )
    (picture,) = (shape for shape in deck.slides[0].shapes if shape.shape_type is not None and hasattr(shape, "image"))
    assert picture.width / picture.height == pytest.approx(picture.image.size[0] / picture.image.size[1], rel=1e-2)
    assert picture._element.nvPicPr.cNvPr.get("descr") == "A fan of beds"
    (table,) = (shape.table for shape in deck.slides[1].shapes if shape.has_table)
    assert [cell.text for cell in table.rows[1].cells] == [PACKAGES[0], "−12", "1,234"]


def test_what_does_not_fit_on_a_slide_is_left_to_the_report_and_the_slide_says_so(tmp_path):
    from pptx import Presentation

    long = Table("Long", (Column("a"), Column("b")), [(f"row {index}", "b") for index in range(60)])
    slides = [Slide("t", ("First. " + "word " * 200, "Second. " + "word " * 900), long), Slide("t", ("word " * 3000,))]
    deck = Presentation(str(write_slides(slides, tmp_path / "long.pptx")))
    texts = [[shape.text_frame.text for shape in slide.shapes if shape.has_text_frame][1] for slide in deck.slides]
    assert texts[0].startswith("First.")
    assert texts[0].endswith(REST)
    assert texts[1].endswith("…")
    (shape,) = (shape for shape in deck.slides[0].shapes if shape.has_table)
    cells = [row.cells[0].text for row in shape.table.rows]
    assert cells[:2] == ["a", "row 0"]
    assert cells[-1] == REST
    assert 10 < len(cells) < 40
    assert shape.top + shape.height < deck.slide_height


def test_a_picture_that_is_not_there_is_a_error_of_its_file(tmp_path):
    with pytest.raises(UserError, match="figure"):
        write_slides([Slide("t", ("a",), picture=tmp_path / "none.png")], tmp_path / "none.pptx")
    assert not list(tmp_path.iterdir())
