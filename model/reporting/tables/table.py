"""The one table of reports: columns with title, unit and format, and rows of values.

Pages, slides and the terminal show its texts; CSV files hold its values.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, ClassVar, Literal

from model.results.atomic_files import write_csv

Mark = Literal["", "good", "bad", "aside"]


@dataclass(frozen=True)
class Statement:
    """What a reader must know of the numbers of a table or a chart.

    Attributes:
        unit: of the numbers, or where each has its own, where that stands.
        prices: price base of money; why there is none where it holds no money.
        horizon: years that the numbers are for.
        interval: what the interval is, or why there is none.
        source: what they were computed from.
    """

    unit: str
    prices: str
    horizon: str
    interval: str
    source: str

    @property
    def rows(self) -> tuple[tuple[str, str], ...]:
        """Each with its name for people."""
        return (
            ("Unit", self.unit),
            ("Prices", self.prices),
            ("Horizon", self.horizon),
            ("Interval", self.interval),
            ("Source", self.source),
        )


@dataclass(frozen=True)
class Cell:
    """One cell of a table.

    Attributes:
        value: what a file holds.
        mark: ``good`` or ``bad`` for a verdict, which its text must give too; ``aside`` for what matters less.
        text: how people read it; as its column writes the value where left out.
    """

    value: Any
    mark: Mark = ""
    text: str = ""


Row = Sequence[Any]
"""Values and cells, as many as columns; or one alone, which heads the rows that follow."""


def as_text(value: Any) -> str:
    """Return a value as it is; None as an empty text."""
    return "" if value is None else str(value)


@dataclass(frozen=True)
class Column:
    """One column of a table.

    Attributes:
        title: its heading for people; they do not see a column without one.
        number: whether it holds numbers, which stand to the right.
        key: its heading in a file; a column without one is not written.
        unit: unit of all its values, shown behind the title.
        format: how people read a value; a text is left as it is.
    """

    title: str
    number: bool = False
    key: str = ""
    unit: str = ""
    format: Callable[[Any], str] = as_text

    @property
    def heading(self) -> str:
        """Title and unit."""
        return f"{self.title}, {self.unit}" if self.unit else self.title

    def show(self, value: Any) -> Cell:
        """Return the cell of a value, with its text."""
        cell = value if isinstance(value, Cell) else Cell(value)
        if cell.text:
            return cell
        return replace(cell, text=cell.value if isinstance(cell.value, str) else self.format(cell.value))


@dataclass(frozen=True)
class Table:
    """A table.

    Attributes:
        caption: what it shows, with units where they are not in the columns.
        columns: from the left; the first that people see names the row.
        rows: values by column.
        note: small print below it.
        statement: unit, prices, horizon, interval and source of its numbers.
        constants: what holds for every row of a file, such as prices and source: further columns by name.
    """

    kind: ClassVar[str] = "table"
    caption: str
    columns: tuple[Column, ...]
    rows: Sequence[Row]
    note: str = ""
    statement: Statement | None = None
    constants: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for row in self.rows:
            if len(row) not in (1, len(self.columns)):
                raise ValueError(f"{len(row)} cells for {len(self.columns)} columns in '{self.caption}'")

    @property
    def shown(self) -> tuple[Column, ...]:
        """Columns that people see."""
        return tuple(column for column in self.columns if column.title)

    @property
    def cells(self) -> list[list[Cell]]:
        """Cells that people see, each with its text; a row of one cell heads those that follow."""
        return [
            [column.show(value) for column, value in zip(self.columns, row, strict=False) if column.title]
            for row in self.rows
        ]

    def first(self, count: int) -> Table:
        """Return the table with so many rows at most."""
        return replace(self, rows=self.rows[:count])

    def only(self, *names: str) -> Table:
        """Return the table with some columns only, in the order of the table.

        Args:
            names: titles; of a column that only a file has, its key, which becomes its title.
        """
        chosen = [index for index, column in enumerate(self.columns) if (column.title or column.key) in names]
        columns = tuple(
            replace(self.columns[index], title=self.columns[index].title or self.columns[index].key) for index in chosen
        )
        rows = [row if len(row) == 1 else [row[index] for index in chosen] for row in self.rows]
        return replace(self, columns=columns, rows=rows)

    def write(self, path: Path) -> Path:
        """Write the values as a CSV file, whole or not at all; numbers with ten significant figures.

        Raises:
            UserError: the file cannot be written.
        """
        keyed = [index for index, column in enumerate(self.columns) if column.key]
        rows = ([_value(row[index]) for index in keyed] for row in self.rows if len(row) == len(self.columns))
        return write_csv(path, [self.columns[index].key for index in keyed], rows, self.constants)


def file_table(
    meaning: str, keys: Sequence[str], rows: Iterable[Row], constants: Mapping[str, str] | None = None
) -> Table:
    """Return a table that is written to a file only.

    Args:
        meaning: what the file holds, in a sentence.
        keys: headings of its columns.
        rows: values by column.
        constants: what holds for every row: further columns by name.
    """
    return Table(meaning, tuple(Column("", key=key) for key in keys), list(rows), constants=constants or {})


def write_files(tables: Mapping[str, Table], folder: Path) -> list[tuple[str, str]]:
    """Write tables as CSV files.

    Args:
        tables: by name of the file.
        folder: where.

    Returns:
        Name and meaning of each file.

    Raises:
        UserError: a file cannot be written.
    """
    for name, table in tables.items():
        table.write(folder / name)
    return [(name, table.caption) for name, table in tables.items()]


def _value(value: Any) -> Any:
    """What a file holds of a value or a cell: None as an empty text."""
    value = value.value if isinstance(value, Cell) else value
    return "" if value is None else value
