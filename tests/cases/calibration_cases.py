"""Small problems for tests of the fit: a linear model with a known posterior, and a short run of the whole model."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from itertools import product
from pathlib import Path

import numpy as np

from model.calibration.fit import CalibrationProblem, read_problem
from model.calibration.targets import CalibrationTarget, CalibrationTargets
from model.results.observations import FIELDS

HEADER = (*FIELDS, "error")

PRIORS = """\
description: Three numbers.
parameters:
  - parameter: waiting_lists.clock_starts_at_start
    factor: {low: 0.8, high: 1.2}
    source: assumption
  - parameter: demand.segment_rate
    where: {service: [emergency_admission]}
    factor: {low: 0.8, high: 1.2}
    source: assumption
changes:
  - parameter: waiting_lists.capacity_multiplier
    points: {2019-04: 0, 2019-06: 1}
    size: {low: -0.3, central: 0, high: 0.3}
    source: assumption
"""

SERIES = """\
series:
  rtt_list: {use: fit, discrepancy: 0.2%, key: {title: list in August 2019, first: 2019-08, within: 1%}}
  clock_starts: {use: fit, discrepancy: 0.2%}
  emergency_admissions: {use: fit, discrepancy: 0.2%}
"""

RESULTS = {
    "rtt_list": {"output": "waiting_lists.rtt_total", "operator": "at end", "unit": "pathways"},
    "clock_starts": {"output": "waiting_lists.clock_starts", "operator": "sum", "unit": "pathways"},
    "emergency_admissions": {"output": "urgent_care.emergency_admissions", "operator": "sum", "unit": "patients"},
}
MONTHS = ("2019-06", "2019-07", "2019-08")


def observed_row(**changes: str) -> dict[str, str]:
    """A good row of observed figures, with changes."""
    row = {
        "id": "rtt_list.2019-06",
        "quantity": "q",
        "geography": "BNSSG",
        "period": "2019-06",
        "value": "80000",
        "low": "",
        "high": "",
        "unit": "pathways",
        "publisher": "p",
        "title": "t",
        "evidence_id": "E0001",
        "definition": "d",
        "output": "waiting_lists.rtt_total",
        "operator": "at end",
        "perimeter": "all",
        "error": "1%",
    }
    return row | changes


def write_rows(path: Path, rows: list[dict[str, str]]) -> Path:
    """Write rows of observed figures; the first stands in line 2."""
    lines = [",".join(HEADER), *(",".join(row[field] for field in HEADER) for row in rows)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def three_series(values: Callable[[str], str] = lambda identifier: "80000") -> list[dict[str, str]]:
    """Rows of three series over the first summer."""
    return [
        observed_row(
            id=(name := f"{series}.{month}"), period=month, value=values(name), error="0.5%", **RESULTS[series]
        )
        for series in RESULTS
        for month in MONTHS
    ]


def short_problem(folder: Path, truth: np.ndarray | None = None) -> CalibrationProblem:
    """Three numbers fitted to nine figures of the first summer, which the model gives itself at scores ``truth``."""
    paths = {name: folder / f"{name}.yaml" for name in ("priors", "series")}
    paths["priors"].write_text(PRIORS, encoding="utf-8")
    paths["series"].write_text(SERIES, encoding="utf-8")
    paths["observations"] = write_rows(folder / "observations.csv", three_series())
    problem = read_problem(**paths)
    if truth is None:
        return problem
    predictions = problem.forward()(truth[:, None])[:, 0]
    by_id = {row.id: f"{value:.8g}" for row, value in zip(problem.targets.rows, predictions, strict=True)}
    write_rows(paths["observations"], three_series(by_id.__getitem__))
    return read_problem(**paths)


def linear_targets(figures: int = 12) -> CalibrationTargets:
    """Two series of invented figures, one of which only judges in its last month."""
    generator = np.random.default_rng(5)
    rows = []
    for series, month in product(("first", "second"), range(1, figures // 2 + 1)):
        row = CalibrationTarget(
            f"{series}.{month}",
            series,
            "fit",
            "patients",
            float(generator.normal(10.0, 2.0)),
            0.7,
            0.9,
            3.0,
            date(2020, month, 1),
            date(2020, month, 28),
            (),
            lambda run: np.zeros(1),
            "invented",
        )
        rows.append(row)
    rows[-1] = replace(rows[-1], use="judge")
    return CalibrationTargets(rows)
