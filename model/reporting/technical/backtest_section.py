"""The backtest in the calibration report: scores that ``run.py backtest`` has written, every series, good and bad."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path

from model.registry.errors import UserError
from model.reporting.html.blocks import Paragraphs, Section
from model.reporting.numbers import number, share
from model.reporting.tables.table import Cell, Column, Table

SCORES = "scores.csv"
AGAINST = "skill_against_"
NEEDED = ("cut_off", "series", "use", "unit", "figures_scored", "crps_model", "inside_50", "inside_80")
NAIVE = "last_value"


def backtest_section(folder: Path) -> tuple[Section, ...]:
    """Return the section on the backtest; none where the folder has no backtest.

    Args:
        folder: results of a backtest.

    Raises:
        UserError: the scores lack a column.
    """
    path = folder / SCORES
    if not path.is_file():
        return ()
    with path.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    missing = [name for name in NEEDED if not rows or name not in rows[0]]
    if missing:
        raise UserError(f"lacks {', '.join(missing)}; run 'run.py backtest' again.", file=path)
    references = [name for name in rows[0] if name.startswith(AGAINST)]
    cut_offs = list(dict.fromkeys(row["cut_off"] for row in rows))
    tables = tuple(
        _table(cut_off, [row for row in rows if row["cut_off"] == cut_off], references) for cut_off in cut_offs
    )
    introduction = Paragraphs(
        (
            "For each month below the model was fitted to the figures up to that month only, its history cut "
            "there, and "
            "then scored on what followed (docs/backtest.md).",
            *(_beaten_in_words(cut_off, [row for row in rows if row["cut_off"] == cut_off]) for cut_off in cut_offs),
        )
    )
    return (Section("Tested on figures it had not seen", (introduction, *tables)),)


def _beaten_in_words(cut_off: str, rows: list[dict[str, str]]) -> str:
    compared = [float(row[AGAINST + NAIVE]) for row in rows if row.get(AGAINST + NAIVE)]
    better = sum(skill > 0.0 for skill in compared)
    return f"From {cut_off}: better CRPS than the last value on {better} of {len(compared)} series with a history."


def _table(cut_off: str, rows: list[dict[str, str]], references: list[str]) -> Table:
    columns = (
        Column("Series"),
        Column("Use"),
        Column("Figures", True),
        Column("CRPS", True, format=number),
        Column("Unit"),
        *(Column(f"Skill against {name.removeprefix(AGAINST).replace('_', ' ')}", True) for name in references),
        Column("In 50%", True, format=share),
        Column("In 80%", True, format=share),
    )
    cells = [
        (
            row["series"],
            row["use"],
            row["figures_scored"],
            float(row["crps_model"]),
            row["unit"],
            *(_skill(row, name) for name in references),
            float(row["inside_50"]),
            float(row["inside_80"]),
        )
        for row in rows
    ]
    note = (
        "CRPS: continuous ranked probability score, the mean error of a whole distribution. Skill: 1 less the ratio of "
        "CRPS; above zero the model is better, below it worse."
    )
    return Table(f"Forecasts from {cut_off}, every series", columns, cells, note)


def _skill(row: Mapping[str, str], name: str) -> Cell:
    if not row[name]:
        return Cell("no history", "aside")
    value = float(row[name])
    return Cell(share(value, signed=True), "good" if value > 0.0 else "bad")
