"""What a fit says: how near each series is before and after, and what the data told about each fitted number."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtri

from model.calibration.fitting import Fit

if TYPE_CHECKING:
    from rich.table import Table

QUANTILES = (0.1, 0.5, 0.9)
EDGE = 2.0
"""Prior standard deviations from the middle beyond which a fitted number is said to press on its range."""

LEAST_WIDTH = 24
"""Columns kept for names, which are folded beyond."""

NAME_WIDTH = 30
"""The same for names of fitted numbers."""


@dataclass(frozen=True)
class SeriesRow:
    """Fit of one series, before and after.

    Attributes:
        series: its id.
        use: fitted, judged or both.
        figures: how many.
        unit: of the root mean square errors.
        rmse_before: root mean square error with central values.
        rmse_after: the same of the posterior median.
        bias_before: mean difference in units of error, model and measurement together; above zero, the model is high.
        bias_after: the same of the posterior median.
        inside: share of the figures within the 80% interval of the posterior, measurement and discrepancy left out.
    """

    series: str
    use: str
    figures: int
    unit: str
    rmse_before: float
    rmse_after: float
    bias_before: float
    bias_after: float
    inside: float


@dataclass(frozen=True)
class PriorRow:
    """Prior and posterior of one fitted number.

    Attributes:
        name: what it moves.
        unit: its unit.
        prior: 10%, 50% and 90% points of the prior.
        posterior: the same of the posterior.
        central: value before the fit.
        informed: share of the prior variance of its score that the data took away; below zero where they widened it.
        shift: posterior mean of its score: prior standard deviations from the middle of the prior.
        source: evidence of the range.
    """

    name: str
    unit: str
    prior: tuple[float, float, float]
    posterior: tuple[float, float, float]
    central: float
    informed: float
    shift: float
    source: str

    @property
    def at_an_end(self) -> bool:
        """Whether it presses on an end of its range, which then deserves a second look."""
        return abs(self.shift) > EDGE


@dataclass(frozen=True)
class KeyRow:
    """A figure that must hold.

    Attributes:
        title: what it is.
        unit: unit of all figures of the row.
        observed: published figure.
        before: the model's with the values before the fit.
        low: lower end of the 80% interval of what would be published: draws, discrepancy and measurement together.
        median: median of the draws.
        high: upper end.
        within: how near the median must come.
    """

    title: str
    unit: str
    observed: float
    before: float
    low: float
    median: float
    high: float
    within: float

    @property
    def holds(self) -> bool:
        """Whether the median is near enough and the figure lies within the interval."""
        return abs(self.median - self.observed) <= self.within and self.low <= self.observed <= self.high


def key_table(fit: Fit) -> list[KeyRow]:
    """Figures that must hold."""
    targets = fit.problem.targets
    position = {row.id: place for place, row in enumerate(targets.rows)}
    found: list[KeyRow] = []
    for key in targets.keys:
        places = np.array([position[figure] for figure in key.figures])
        draws = fit.sample.predictions[places].mean(axis=0)
        spread = -float(ndtri(QUANTILES[0])) * float(np.sqrt(draws.var() + targets.covariance(places).mean()))
        median = float(np.median(draws))
        row = KeyRow(
            key.title, targets.rows[int(places[0])].unit, float(targets.observed[places].mean()),
            float(fit.before[places].mean()), median - spread, median, median + spread, key.within,
        )  # fmt: skip
        found.append(row)
    return found


def series_table(fit: Fit) -> list[SeriesRow]:
    """Fit of every series, in the order of their names."""
    targets = fit.problem.targets
    low, median, high = np.quantile(fit.sample.predictions, QUANTILES, axis=1)
    found: list[SeriesRow] = []
    for name, places in targets.series.items():
        observed, deviation = targets.observed[places], targets.deviation[places]
        before, after = fit.before[places] - observed, median[places] - observed
        inside = (low[places] <= observed) & (observed <= high[places])
        first = targets.rows[int(places[0])]
        row = SeriesRow(
            name, first.use, places.size, first.unit, _root_mean_square(before), _root_mean_square(after),
            float(np.mean(before / deviation)), float(np.mean(after / deviation)), float(inside.mean()),
        )  # fmt: skip
        found.append(row)
    return found


def prior_table(fit: Fit) -> list[PriorRow]:
    """Prior against posterior of every fitted number, those that the data told most about first."""
    scores = fit.sample.scores
    values = fit.problem.priors.values(scores)
    found: list[PriorRow] = []
    for each, score, value in zip(fit.problem.priors.fitted, scores, values, strict=True):
        before, after = each.range.value(ndtri(np.array(QUANTILES))), np.quantile(value, QUANTILES)
        row = PriorRow(
            each.name, each.unit, _three(before), _three(after), each.range.central,
            1.0 - float(score.var()), float(score.mean()), each.source,
        )  # fmt: skip
        found.append(row)
    return sorted(found, key=lambda row: -row.informed)


def _three(values: np.ndarray) -> tuple[float, float, float]:
    return float(values[0]), float(values[1]), float(values[2])


def _root_mean_square(values: np.ndarray) -> float:
    return float(np.sqrt(np.mean(values**2)))


def _table(title: str, columns: tuple[tuple[str, bool], ...]) -> Table:
    from rich import box
    from rich.table import Table

    table = Table(title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, pad_edge=False)
    for name, right in columns:
        table.add_column(name, justify="right" if right else "left", no_wrap=right, overflow="fold")
    table.columns[0].min_width = LEAST_WIDTH
    return table


def _short(value: float) -> str:
    """A number with three significant figures, thousands apart."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def render_series(rows: list[SeriesRow]) -> Table:
    """The fit of each series for the terminal."""
    table = _table(
        "Fit by series: before (central values) and after (posterior median); bias in units of error",
        (("series", False), ("use", False), ("n", True), ("RMSE before", True), ("after", True), ("unit", False),
         ("bias before", True), ("after", True), ("in 80%", True)),
    )  # fmt: skip
    for row in rows:
        table.add_row(
            row.series, row.use, str(row.figures), _short(row.rmse_before), _short(row.rmse_after), row.unit,
            f"{row.bias_before:+.2f}", f"{row.bias_after:+.2f}", f"{row.inside:.0%}",
        )  # fmt: skip
    return table


def render_keys(rows: list[KeyRow]) -> Table:
    """Figures that must hold, for the terminal."""
    table = _table(
        "Figures that must hold (they are fitted too): median of the draws and 80% interval with all errors",
        (("figure", False), ("published", True), ("before", True), ("after", True), ("80% interval", True),
         ("unit", False), ("", False)),
    )  # fmt: skip
    for row in rows:
        table.add_row(
            row.title, _short(row.observed), _short(row.before), _short(row.median),
            f"{_short(row.low)} to {_short(row.high)}", row.unit, "holds" if row.holds else "[red]FAILS[/red]",
        )  # fmt: skip
    return table


def render_priors(rows: list[PriorRow]) -> Table:
    """Prior against posterior for the terminal."""
    from rich.markup import escape

    table = _table(
        "Prior against posterior: 80% intervals and median; informed is the share of prior variance removed; "
        "shift in its standard deviations; ! presses on an end",
        (("fitted", False), ("unit", False), ("prior", True), ("posterior", True), ("informed", True), ("shift", True)),
    )  # fmt: skip
    table.columns[0].min_width = NAME_WIDTH
    for row in rows:
        low, median, high = row.posterior
        table.add_row(
            escape(row.name), row.unit, f"{row.prior[0]:.3g} to {row.prior[2]:.3g}",
            f"{median:.3g} ({low:.3g} to {high:.3g})", f"{row.informed:.0%}",
            f"{row.shift:+.1f}{' !' if row.at_an_end else '  '}",
        )  # fmt: skip
    return table
