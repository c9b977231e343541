"""The one table: people read texts, files hold values, and the terminal shows what people read."""

from __future__ import annotations

import csv
import io

import pytest
from rich.console import Console

from model.cli.console.report_table import render_table
from model.reporting.html.blocks import Report, Section
from model.reporting.html.page import render
from model.reporting.numbers import number, share
from model.reporting.tables.table import Cell, Column, Table, file_table, write_files

COLUMNS = (
    Column("Package", key="package"),
    Column("Beds", True, "beds", unit="thousand", format=number),
    Column("", key="beds_exact"),
    Column("Interval", True),
    Column("Improves in", True, "probability", format=share),
)
ROWS = (
    ("home_first", -12.345678901234, -12.345678901234, "−16.0 to −8.0", Cell(0.96, "good")),
    ("[both] <together>", None, 1.0, "–", Cell(0.1, "bad", "one in ten")),
)
TABLE = Table("Beds by package", COLUMNS, ROWS, constants={"source": "a test"})


def read(path):
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.reader(stream))


def test_people_read_texts_of_the_columns_that_have_a_title():
    assert [column.heading for column in TABLE.shown] == ["Package", "Beds, thousand", "Interval", "Improves in"]
    texts = [[cell.text for cell in row] for row in TABLE.cells]
    assert texts == [["home_first", "−12.3", "−16.0 to −8.0", "96%"], ["[both] <together>", "–", "–", "one in ten"]]
    assert [row[-1].mark for row in TABLE.cells] == ["good", "bad"]


def test_a_file_holds_values_of_the_columns_that_have_a_key(tmp_path):
    rows = read(TABLE.write(tmp_path / "beds.csv"))
    assert rows == [
        ["package", "beds", "beds_exact", "probability", "source"],
        ["home_first", "-12.3456789", "-12.3456789", "0.96", "a test"],
        ["[both] <together>", "", "1", "0.1", "a test"],
    ]


def test_a_row_that_heads_others_is_shown_and_not_written(tmp_path):
    table = Table("t", (Column("a", key="a"), Column("b", True, "b")), (("Aim",), ("x", 1)))
    assert [[cell.text for cell in row] for row in table.cells] == [["Aim"], ["x", "1"]]
    assert read(table.write(tmp_path / "t.csv")) == [["a", "b"], ["x", "1"]]


def test_some_columns_and_rows_of_a_table():
    few = TABLE.only("Improves in", "beds_exact").first(1)
    assert [column.heading for column in few.shown] == ["beds_exact", "Improves in"]
    assert [[cell.text for cell in row] for row in few.cells] == [["-12.345678901234", "96%"]]


def test_a_page_shows_what_people_read():
    page = render(Report("t", "s", (Section("a", (TABLE,)),)))
    assert page.count("<th scope=") == 4 + len(ROWS)
    assert '<td class="number good">96%</td>' in page
    assert "-12.345678901234" not in page


def test_the_terminal_shows_the_same_texts_and_marks():
    console = Console(width=120, record=True, force_terminal=True, file=io.StringIO())
    console.print(render_table(TABLE))
    console.print(render_table(TABLE, title="Of a title", most_rows=1))
    styled = console.export_text(styles=True, clear=False)
    plain = console.export_text()
    for row in TABLE.cells:
        for cell in row:
            assert cell.text in plain
    assert "\x1b[32m96%" in styled
    assert "\x1b[31mone in ten" in styled
    first, second = plain.split("Of a title")
    assert "Beds by package" in first
    assert "home_first" in second
    assert "together" not in second


def test_files_are_written_by_name_with_their_meanings(tmp_path):
    table = file_table("What it holds.", ("a", "b"), ((1.5, None) for _ in range(2)), {"unit": "£"})
    assert write_files({"one.csv": table, "two.csv": TABLE}, tmp_path) == [
        ("one.csv", "What it holds."),
        ("two.csv", "Beds by package"),
    ]
    assert read(tmp_path / "one.csv") == [["a", "b", "unit"], ["1.5", "", "£"], ["1.5", "", "£"]]


def test_a_row_of_another_length_is_refused():
    with pytest.raises(ValueError, match="2 cells for 3 columns"):
        file_table("t", ("a", "b", "c"), [(1, 2)])
