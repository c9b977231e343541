"""A report with a chart of every sort, of invented numbers."""

from __future__ import annotations

import numpy as np

from model.reporting.html.blocks import Chart, Facts, Paragraphs, Report, Section, Tile, Tiles
from model.reporting.tables.table import Cell, Column, Statement, Table

STATED = Statement(
    "occupied beds, mean of the year",
    "none: no money",
    "2025 to 2030",
    "80% of 30 members of the posterior",
    "invented for a test",
)
PACKAGES = ("Home first & <discharge>", "Retention and recruitment of nurses across four employers", "Both together")
PLACES = ("Bristol", "North Somerset", "South Gloucestershire")


def table_of(rows, *titles) -> Table:
    columns = tuple(Column(title, position > 0) for position, title in enumerate(titles))
    return Table("The numbers of the chart", columns, [tuple(map(str, row)) for row in rows])


def fan() -> Chart:
    """Lines within bands, of a result that the reader chooses."""
    rows = [
        {
            "result": result,
            "package": package,
            "year": year,
            "middle": middle,
            "low": middle - year + 2020,
            "high": middle + year - 2020,
        }
        for result, start in (("Bed days", 900.0), ("Waiting list", 70_000.0))
        for index, package in enumerate(PACKAGES)
        for year in range(2025, 2031)
        for middle in [start + (year - 2025) * (3.0 - index * 4.0) * (start / 900.0) ** 0.5]
    ]
    packages = {"field": "package", "type": "nominal", "title": "Package", "sort": None}
    year = {
        "field": "year",
        "type": "quantitative",
        "title": None,
        "axis": {"format": "d", "tickMinStep": 1},
        "scale": {"zero": False},
    }
    return Chart(
        "fan",
        "How many beds, and how long the list, in every year?",
        "Both together fall from year to year; the others rise or hold.",
        {
            "data": {"values": rows},
            "params": [
                {
                    "name": "result",
                    "value": "Bed days",
                    "bind": {"input": "select", "options": ["Bed days", "Waiting list"], "name": "Result: "},
                }
            ],
            "transform": [{"filter": "datum.result == result"}],
            "encoding": {"x": year, "color": packages},
            "layer": [
                {
                    "mark": "area",
                    "encoding": {
                        "y": {
                            "field": "low",
                            "type": "quantitative",
                            "title": "each in its own unit",
                            "scale": {"zero": False},
                        },
                        "y2": {"field": "high"},
                    },
                },
                {
                    "mark": {"type": "line", "point": True},
                    "encoding": {"y": {"field": "middle", "type": "quantitative", "title": "each in its own unit"}},
                },
            ],
        },
        table_of([tuple(row.values()) for row in rows], "Result", "Package", "Year", "Middle", "Low", "High"),
        STATED,
    )


def bars() -> Chart:
    """Bars that lie, with long names and whiskers, in order of size or name as the reader likes."""
    rows = [
        {"package": package, "effect": effect, "low": effect - 4.0, "high": effect + 4.0}
        for package, effect in zip(PACKAGES, (np.float64(-12.0), 4.25, float("nan")), strict=True)
    ]
    names = {"field": "package", "type": "nominal", "title": None}
    return Chart(
        "bars",
        "What does each package change?",
        "Home first frees twelve beds.",
        {
            "data": {"values": rows},
            "params": [{"name": "whiskers", "value": True, "bind": {"input": "checkbox", "name": "Show intervals"}}],
            "encoding": {"y": names},
            "layer": [
                {"mark": "bar", "encoding": {"x": {"field": "effect", "type": "quantitative", "title": "beds"}}},
                {
                    "mark": {"type": "rule", "opacity": {"expr": "whiskers ? 1 : 0"}},
                    "encoding": {
                        "x": {"field": "low", "type": "quantitative", "title": "beds"},
                        "x2": {"field": "high"},
                    },
                },
            ],
        },
        table_of([("Home first", "−12", "−16 to −8"), ("Retention", "4.25", "0.25 to 8.25")], "Package", "Beds", "80%"),
        STATED,
    )


def waterfall() -> Chart:
    """Steps from the baseline to the package, standing."""
    steps = [
        ("Baseline", 0.0, 900.0, "total"),
        ("Home first", 900.0, 880.0, "less"),
        ("Retention of nurses", 880.0, 886.0, "more"),
        ("Overlap", 886.0, 890.0, "more"),
        ("Package", 0.0, 890.0, "total"),
    ]
    rows = [dict(zip(("step", "from", "to", "sort"), step, strict=True)) for step in steps]
    return Chart(
        "waterfall",
        "Where does the effect come from?",
        "Home first frees beds; the overlap takes some back.",
        {
            "data": {"values": rows},
            "params": [
                {
                    "name": "zoom",
                    "value": "parts",
                    "bind": {
                        "input": "radio",
                        "options": ["all", "parts"],
                        "labels": ["from zero", "parts only"],
                        "name": "Axis",
                    },
                }
            ],
            "transform": [{"calculate": "zoom == 'parts' && datum.from == 0 ? 870 : datum.from", "as": "bottom"}],
            "mark": "bar",
            "encoding": {
                "x": {"field": "step", "type": "nominal", "sort": None, "title": None},
                "y": {"field": "bottom", "type": "quantitative", "title": "beds", "scale": {"zero": False}},
                "y2": {"field": "to"},
                "color": {
                    "field": "sort",
                    "type": "nominal",
                    "title": None,
                    "scale": {"domain": ["less", "more", "total"], "range": ["#009E73", "#D55E00", "#6E6E6E"]},
                },
            },
        },
        table_of(steps, "Step", "From", "To", "Sort"),
        STATED,
    )


def scatter() -> Chart:
    """Points with names, of the second radio group of the page."""
    rows = [
        {"package": package, "cost": 10.0 * rank + 1.23456, "beds": (5.0 + len(place)) * rank**2, "place": place}
        for rank, package in enumerate(PACKAGES)
        for place in PLACES[:2]
    ]
    return Chart(
        "scatter",
        "What does it cost?",
        "More money, more beds.",
        {
            "data": {"values": rows},
            "params": [
                {
                    "name": "zoom",
                    "value": "Bristol",
                    "bind": {"input": "radio", "options": list(PLACES[:2]), "name": "Place"},
                }
            ],
            "transform": [{"filter": "datum.place == zoom"}],
            "mark": "point",
            "encoding": {
                "x": {"field": "cost", "type": "quantitative", "title": "£ million"},
                "y": {"field": "beds", "type": "quantitative", "title": "beds freed"},
                "color": {"field": "package", "type": "nominal", "title": None},
            },
        },
        table_of([tuple(row.values()) for row in rows], "Package", "£ million", "Beds", "Place"),
        STATED,
    )


def heat() -> Chart:
    """A map of colours."""
    rows = [
        {"package": package, "place": place, "gain": first - second}
        for first, package in enumerate(PACKAGES)
        for second, place in enumerate(PLACES)
    ]
    return Chart(
        "heat",
        "Who gains where?",
        "Bristol gains most.",
        {
            "data": {"values": rows},
            "mark": "rect",
            "encoding": {
                "x": {"field": "place", "type": "nominal", "title": None},
                "y": {"field": "package", "type": "nominal", "title": None},
                "color": {
                    "field": "gain",
                    "type": "quantitative",
                    "title": "QALYs per 1,000 people",
                    "scale": {"domainMid": 0},
                },
            },
        },
        table_of([tuple(row.values()) for row in rows], "Package", "Place", "Gain"),
        STATED,
    )


def multiples() -> Chart:
    """Several small views, which keep a width of their own."""
    rows = [{"place": place, "year": year, "beds": 10.0 * year} for place in PLACES for year in range(5)]
    return Chart(
        "multiples",
        "And in each place?",
        "The same everywhere.",
        {
            "data": {"values": rows},
            "columns": 3,
            "facet": {"field": "place", "type": "nominal", "title": None},
            "spec": {
                "width": 200,
                "height": 120,
                "mark": "line",
                "encoding": {
                    "x": {"field": "year", "type": "quantitative", "title": "year"},
                    "y": {"field": "beds", "type": "quantitative", "title": "beds"},
                },
            },
        },
        table_of([tuple(row.values()) for row in rows], "Place", "Year", "Beds"),
        STATED,
    )


def whole_report() -> Report:
    """A page with every kind of block that needs no file."""
    tiles = (
        Tile("Beds freed in 2028/29", "−12", "beds", "−16 to −8", "Fewer patients wait for care at home.", "good"),
        Tile("Recurrent cost a year", "£4.1m", "", "£3.8 m to £4.6 m", "Met by the councils: worse for them.", "bad"),
        Tile("Waiting list", "70,000", "pathways", "69,000 to 71,000", "None that can be told from chance.", "aside"),
        Tile("QALYs gained", "310", "", "40 to 590", "Most of them among people over 75."),
    )
    table = Table(
        "Beds by package",
        (Column("Package"), Column("Beds", True), Column("Verdict")),
        [("Home first", "−12", Cell("better", "good")), ("Retention", "+4.25", Cell("worse", "bad"))],
        "Against the baseline, member by member.",
        STATED,
    )
    return Report(
        "Which handful?",
        "Three packages against the baseline, April 2025 to March 2030",
        (
            Section(
                "Summary",
                (
                    Paragraphs(
                        ("Choose home first and retention together: twelve beds, with nine chances in ten.",), "answer"
                    ),
                    Paragraphs(("In short. All numbers are invented.",), "lead"),
                    Tiles("Better outcomes", tiles, STATED),
                    Tiles("Value for money", tiles[:2]),
                ),
            ),
            Section("Over the years", (fan(), waterfall())),
            Section("Package by package", (bars(), scatter(), table)),
            Section("Who gains", (heat(), multiples())),
            Section("Provenance", (Facts((("Members", "30"), ("Seed", "1"))), Paragraphs(("Small print.",), "note"))),
        ),
    )
