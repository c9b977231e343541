"""Published figures (``calibration/observations.csv``) and what a run gives for each."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np

from model.registry.calendar import period_dates
from model.registry.data_folders import CALIBRATION
from model.registry.errors import Exit, UserError, nearest_names
from model.results.expressions import Expression, Statistic, evaluate, parse_expression
from model.results.run import Run

OBSERVATIONS = CALIBRATION / "observations.csv"

FIELDS = (
    "id",
    "quantity",
    "geography",
    "period",
    "value",
    "low",
    "high",
    "unit",
    "publisher",
    "title",
    "evidence_id",
    "definition",
    "output",
    "operator",
    "perimeter",
)

OPTIONAL = ("error",)
"""Columns that a file may leave out."""

NEEDED = ("id", "quantity", "geography", "period", "value", "unit", "publisher", "title", "evidence_id", "definition")


@dataclass(frozen=True)
class Observation:
    """One published figure.

    Attributes:
        id: series and period.
        quantity: what was counted.
        geography: where.
        period: month, financial year or quarter.
        value: the figure in ``unit``.
        low: lower end of the range that the source gives, else None.
        high: upper end.
        unit: unit of value, low and high.
        publisher: original publisher.
        title: original publication.
        evidence_id: ids in the evidence table, with the arithmetic of derived figures.
        definition: how it is counted.
        output: expression of the registered results it is compared with; None where there is none.
        operator: how the months of the result become the figure; None without output.
        perimeter: organisations and activity counted.
        error: measurement error of the figure, one standard deviation in ``unit``; None where it is not known.
        error_share: the same as a share of the figure, where it is written so.
        line: line of the file in which it stands.
    """

    id: str
    quantity: str
    geography: str
    period: str
    value: float
    low: float | None
    high: float | None
    unit: str
    publisher: str
    title: str
    evidence_id: str
    definition: str
    output: Expression | None
    operator: Statistic | None
    perimeter: str
    error: float | None = None
    line: int = 0
    error_share: float | None = None

    @property
    def series(self) -> str:
        """The id without its period."""
        return self.id.rsplit(".", 1)[0]

    @property
    def dates(self) -> tuple[date, date]:
        """First and last day of the period."""
        return period_dates(self.period)

    @property
    def source(self) -> str:
        """Publisher, publication and evidence ids in one line."""
        return f"{self.publisher}, {self.title} ({self.evidence_id})"


def read_observations(path: Path = OBSERVATIONS) -> tuple[Observation, ...]:
    """Read the file of published figures; lines that begin with ``#`` are comments.

    Raises:
        UserError: file or column missing, or a bad row, with file and line.
    """
    if not path.is_file():
        raise UserError("file not found.", file=path, code=Exit.MISSING_FILE)
    observations: dict[str, Observation] = {}
    with path.open(encoding="utf-8", newline="") as stream:
        numbered = [(index, line) for index, line in enumerate(stream, start=1) if not line.startswith("#")]
    if not numbered:
        raise UserError("the file holds no rows.", file=path)
    header = next(csv.reader([numbered[0][1]]))
    for name in header:
        if name not in (*FIELDS, *OPTIONAL):
            close = nearest_names(name, (*FIELDS, *OPTIONAL))
            raise UserError("not a column.", file=path, line=numbered[0][0], key=name, nearest=close)
    missing = [name for name in FIELDS if name not in header]
    if missing:
        raise UserError(f"columns missing: {', '.join(missing)}.", file=path, line=numbered[0][0])
    for index, line in numbered[1:]:
        if not line.strip():
            continue
        cells = next(csv.reader([line]))
        if len(cells) != len(header):
            raise UserError(f"{len(cells)} cells for {len(header)} columns.", file=path, line=index)
        row = _observation(dict(zip(header, cells, strict=True)), path, index)
        if row.id in observations:
            raise UserError("this id stands twice.", file=path, line=index, key=row.id)
        observations[row.id] = row
    return tuple(observations.values())


def _number(cells: dict[str, str], field: str, path: Path, line: int) -> float | None:
    if not cells[field]:
        return None
    try:
        value = float(cells[field])
    except ValueError as problem:
        raise UserError(f"'{cells[field]}' is not a number.", file=path, line=line, key=field) from problem
    if not np.isfinite(value):
        raise UserError("must be finite.", file=path, line=line, key=field)
    return value


def _error(cells: dict[str, str], size: float, path: Path, line: int) -> tuple[float | None, float | None]:
    """Measurement error in the unit of the figure, and as a share of it where it is written so, such as ``2%``."""
    text = cells.get("error", "").strip()
    if not text:
        return None, None
    relative = text.endswith("%")
    amount = _number({"error": text.removesuffix("%")}, "error", path, line)
    if amount is None or amount <= 0.0:
        raise UserError("a positive amount, or a share such as '2%', expected.", file=path, line=line, key="error")
    return (amount / 100.0 * abs(size), amount / 100.0) if relative else (amount, None)


def _observation(cells: dict[str, str], path: Path, line: int) -> Observation:
    for field in NEEDED:
        if not cells[field].strip():
            raise UserError("is empty.", file=path, line=line, key=field)
    try:
        period_dates(cells["period"])
    except ValueError as problem:
        expected = "a period is written 2022-04, 2022/23 or 2021/22 Q4"
        raise UserError(f"'{cells['period']}': {expected}.", file=path, line=line, key="period") from problem
    value, low, high = (_number(cells, field, path, line) for field in ("value", "low", "high"))
    if value is None or (low is not None and low > value) or (high is not None and high < value):
        raise UserError("the value must lie between low and high.", file=path, line=line, key=cells["id"])
    operators = [statistic.value for statistic in Statistic]
    if cells["output"] and cells["operator"] not in operators:
        raise UserError(f"must be one of {', '.join(operators)}.", file=path, line=line, key="operator")
    try:
        output = parse_expression(cells["output"]) if cells["output"] else None
    except UserError as problem:
        raise UserError(problem.message, file=path, line=line, key="output") from problem
    error, error_share = _error(cells, value, path, line)
    return Observation(
        cells["id"],
        cells["quantity"],
        cells["geography"],
        cells["period"],
        value,
        low,
        high,
        cells["unit"],
        cells["publisher"],
        cells["title"],
        cells["evidence_id"],
        cells["definition"],
        output,
        Statistic(cells["operator"]) if output else None,
        cells["perimeter"],
        error,
        line,
        error_share,
    )


def modelled(run: Run, observation: Observation) -> np.ndarray:
    """Return what the run gives for a published figure, shape ``(members,)``.

    Raises:
        UserError: the observation names no output, or its period lies outside the run.
    """
    if observation.output is None or observation.operator is None:
        raise UserError("this figure is not compared with any result of the model.", key=observation.id)
    return evaluate(run, observation.output, run.months_of(observation.period), observation.operator)
