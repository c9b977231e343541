"""What a report is made of: sections of text, facts, tables and figures. Plain text throughout; the page escapes it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Literal

from model.reporting.tables.table import Mark, Statement, Table


@dataclass(frozen=True)
class Paragraphs:
    """Paragraphs.

    Attributes:
        paragraphs: each a text of its own.
        weight: ``answer`` for the one answer of the page, ``lead`` for what comes first in a section, ``note`` for
            small print.
    """

    kind: ClassVar[str] = "paragraphs"
    paragraphs: tuple[str, ...]
    weight: Literal["", "answer", "lead", "note"] = ""


@dataclass(frozen=True)
class Tile:
    """One number with what it means.

    Attributes:
        heading: what it is the number of.
        value: the number.
        unit: its unit, short.
        interval: around it; why there is none is said by the statement below the tiles.
        meaning: what it means, in a sentence.
        mark: ``good`` or ``bad`` for a verdict, which its meaning must give too; ``aside`` for what matters less.
    """

    heading: str
    value: str
    unit: str = ""
    interval: str = ""
    meaning: str = ""
    mark: Mark = ""


@dataclass(frozen=True)
class Tiles:
    """Numbers of a summary, side by side where there is room.

    Attributes:
        heading: of the group.
        tiles: in order.
        statement: unit, prices, horizon, interval and source of their numbers.
    """

    kind: ClassVar[str] = "tiles"
    heading: str
    tiles: tuple[Tile, ...]
    statement: Statement | None = None


@dataclass(frozen=True)
class Facts:
    """Names with a text to each, such as provenance."""

    kind: ClassVar[str] = "facts"
    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Picture:
    """A figure from a file; the page takes it in.

    Attributes:
        path: PNG or SVG; where an SVG stands beside a PNG, the SVG is taken.
        alt: what it shows, for those who do not see it.
        caption: what to read in it, with units and source.
    """

    path: Path
    alt: str
    caption: str = ""


@dataclass(frozen=True)
class Pictures:
    """Figures: one over the whole width, or several small ones side by side where there is room."""

    kind: ClassVar[str] = "pictures"
    pictures: tuple[Picture, ...]


@dataclass(frozen=True)
class Chart:
    """A figure that the reader can work with; a table below it holds its numbers for those who cannot.

    Attributes:
        name: key of the chart on the page, and stem of its files as a still picture: small letters, digits, hyphens
            and underscores, beginning with a letter.
        title: what it answers.
        alt: what is to be seen, in a sentence or two.
        specification: Vega-Lite, with its data, without title and width: the page gives it the width that there is.
            A parameter with ``bind`` becomes a control above it.
        table: the numbers.
        statement: unit, prices, horizon, interval and source of the numbers.
    """

    kind: ClassVar[str] = "chart"
    name: str
    title: str
    alt: str
    specification: Mapping[str, Any]
    table: Table
    statement: Statement

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[a-z][a-z0-9_-]*", self.name):
            raise ValueError(f"'{self.name}' is no name of a chart")


Block = Paragraphs | Facts | Table | Tiles | Pictures | Chart


@dataclass(frozen=True)
class Section:
    """A part of the page under a heading of its own."""

    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Report:
    """A page.

    Attributes:
        title: its heading.
        subtitle: of what, and when.
        sections: in order; the contents are made of their titles.
        foot: what stands at the end of the page.
    """

    title: str
    subtitle: str
    sections: tuple[Section, ...]
    foot: str = "BNSSG whole-system model. This page needs no network: all that it shows is in this file."

    def __post_init__(self) -> None:
        names = Counter(chart.name for chart in self.charts)
        if several := [name for name, times in names.items() if times > 1]:
            raise ValueError(f"charts of one name: {', '.join(several)}")

    @property
    def charts(self) -> tuple[Chart, ...]:
        """All charts, in order."""
        return tuple(block for section in self.sections for block in section.blocks if isinstance(block, Chart))
