"""What a task gives: its result, its tables as data frames, and the folder in which it is written."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from pandas import DataFrame

Result = TypeVar("Result")

Files = list[tuple[str, str]]
"""Name and meaning of each file that was written."""

TableWriter = Callable[[Path], Files]
"""Writes tables into a folder that exists and returns what it wrote."""


@dataclass(frozen=True, eq=False)
class TaskResult(Generic[Result]):
    """Result of a task, such as a sensitivity study.

    Attributes:
        title: what was done, in a few words.
        result: what it gave.
        folder: folder of results; None where no files were asked for.
        files: name and meaning of each file of the folder.
        write_tables: writes the tables of the result, also where there is no folder of results.
    """

    title: str
    result: Result
    folder: Path | None
    files: Sequence[tuple[str, str]]
    write_tables: TableWriter

    def tables(self) -> dict[str, DataFrame]:
        """Return every table of the result by its name, such as ``tornado``."""
        import pandas as pd

        with TemporaryDirectory() as name:
            folder = Path(name)
            files = [file for file, _ in self.write_tables(folder) if file.endswith(".csv")]
            return {Path(file).stem: pd.read_csv(folder / file) for file in files}

    def _repr_html_(self) -> str:
        """Return a summary for a notebook: the folder, and what each table holds."""
        with TemporaryDirectory() as name:
            tables = [(Path(file).stem, meaning) for file, meaning in self.write_tables(Path(name))]
        items = "".join(f"<li><code>{escape(table)}</code>: {escape(meaning)}</li>" for table, meaning in tables)
        folder = f"<p>Files: <code>{escape(str(self.folder))}</code></p>" if self.folder else ""
        return f"<p><b>{escape(self.title)}</b></p>{folder}<p>Tables (<code>.tables()</code>):</p><ul>{items}</ul>"
