"""Scores of a backtest: of every series, good and bad, by cut-off and by months ahead."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from model.calibration.backtest.naive_forecasts import REFERENCE_NAMES
from model.calibration.backtest.rolling_origin import QUANTILES, BacktestOutcome, SeriesForecast
from model.calibration.backtest.scores import skill
from model.results.atomic_files import write_csv

MODEL = "model"
ALL_MONTHS = "all"
HORIZONS = ((1, 6), (7, 12), (13, 24), (25, 1200))
"""Months ahead, first and last, by which scores are shown."""


@dataclass(frozen=True)
class ScoreRow:
    """Scores of one series at one cut-off.

    Attributes:
        cut_off: last month known, ``2021-03``.
        series: its id.
        unit: unit of errors and CRPS.
        use: how the fit uses the series.
        ahead: months ahead in words, or ``all``.
        known: figures known at the cut-off.
        figures: figures scored.
        observed: mean of these.
        error: mean absolute error by forecast: ``model`` (its median), ``last value``, ``seasonal``, ``trend``.
        crps: mean continuous ranked probability score by forecast.
        inside50: share of the figures within the model's 50% intervals.
        inside80: share within its 80% intervals.
    """

    cut_off: str
    series: str
    unit: str
    use: str
    ahead: str
    known: int
    figures: int
    observed: float
    error: Mapping[str, float]
    crps: Mapping[str, float]
    inside50: float
    inside80: float

    def skill(self, reference: str = REFERENCE_NAMES[0]) -> float:
        """Return the share of the CRPS of a reference forecast that is saved; not a number without that forecast."""
        return skill(self.crps[MODEL], self.crps[reference]) if reference in self.crps else float("nan")

    @property
    def compared(self) -> bool:
        """Whether there is a last value to compare with."""
        return REFERENCE_NAMES[0] in self.crps

    @property
    def beats(self) -> bool:
        """Whether the model's score is better than that of the last value."""
        return self.compared and self.crps[MODEL] < self.crps[REFERENCE_NAMES[0]]

    @property
    def verdict(self) -> str:
        """``better``, ``worse`` or ``no history``: the comparison with the last value."""
        if not self.compared:
            return "no history"
        return "better" if self.beats else "worse"


@dataclass(frozen=True)
class CutOffSummary:
    """Scores of one cut-off in a line.

    Attributes:
        cut_off: last month known.
        series: series forecast.
        compared: those with a last value to compare with.
        beaten: by reference forecast, pairs of series in which the model is better and series compared.
        median_skill: median over the series compared, against the last value.
        figures: figures scored.
        inside50: share of all figures within 50% intervals.
        inside80: share within 80% intervals.
    """

    cut_off: str
    series: int
    compared: int
    beaten: Mapping[str, tuple[int, int]]
    median_skill: float
    figures: int
    inside50: float
    inside80: float

    @property
    def holds(self) -> bool:
        """Whether the model is better than the last value in most series."""
        better, of = self.beaten[REFERENCE_NAMES[0]]
        return better > of / 2

    @property
    def words(self) -> str:
        """The summary as a sentence."""
        against = "; ".join(
            f"{name}: better in {better} of {of} series" for name, (better, of) in self.beaten.items() if of
        )
        return (
            f"{self.cut_off}: {against}. Median skill against the last value {self.median_skill:+.2f}. Of "
            f"{self.figures} figures {self.inside50:.0%} lie in the 50% and {self.inside80:.0%} in the 80% interval."
        )


def score_table(outcomes: Sequence[BacktestOutcome]) -> list[ScoreRow]:
    """Return scores of every series at every cut-off."""
    return [
        _row(outcome, forecast, np.ones(len(forecast.ids), dtype=bool), ALL_MONTHS)
        for outcome in outcomes
        for forecast in outcome.series
    ]


def horizon_table(outcomes: Sequence[BacktestOutcome]) -> list[ScoreRow]:
    """Return scores by months ahead, where there are figures."""
    rows: list[ScoreRow] = []
    for outcome in outcomes:
        for forecast in outcome.series:
            for first, last in HORIZONS:
                within = (forecast.ahead >= first) & (forecast.ahead <= last)
                if within.any():
                    words = f"{first} to {last} months" if last < HORIZONS[-1][1] else f"over {first - 1} months"
                    rows.append(_row(outcome, forecast, within, words))
    return rows


def _row(outcome: BacktestOutcome, forecast: SeriesForecast, chosen: np.ndarray, ahead: str) -> ScoreRow:
    error = {MODEL: float(np.abs(forecast.median - forecast.observed)[chosen].mean())}
    crps = {MODEL: float(forecast.crps[chosen].mean())}
    for name, reference in forecast.references.items():
        error[name] = float(np.abs(reference.mean - forecast.observed)[chosen].mean())
        crps[name] = float(forecast.reference_crps[name][chosen].mean())
    return ScoreRow(
        outcome.trial.cut_off.name,
        forecast.series,
        forecast.unit,
        forecast.use,
        ahead,
        forecast.past.values.size,
        int(chosen.sum()),
        float(forecast.observed[chosen].mean()),
        error,
        crps,
        float(forecast.inside(0.5)[chosen].mean()),
        float(forecast.inside(0.8)[chosen].mean()),
    )


def summary_of(rows: Sequence[ScoreRow]) -> CutOffSummary:
    """Summarise the rows of one cut-off."""
    compared = [row for row in rows if row.compared]
    counts = np.array([row.figures for row in rows])
    beaten = {}
    for name in REFERENCE_NAMES:
        against = [row for row in rows if name in row.crps]
        beaten[name] = (sum(row.crps[MODEL] < row.crps[name] for row in against), len(against))
    return CutOffSummary(
        rows[0].cut_off,
        len(rows),
        len(compared),
        beaten,
        float(np.median([row.skill() for row in compared])) if compared else float("nan"),
        int(counts.sum()),
        float(np.average([row.inside50 for row in rows], weights=counts)),
        float(np.average([row.inside80 for row in rows], weights=counts)),
    )


def write_scores(rows: Sequence[ScoreRow], path: Path) -> Path:
    """Write scores as CSV; empty where a reference forecast has too little history."""
    names = (MODEL, *REFERENCE_NAMES)
    header = (
        "cut_off",
        "series",
        "unit",
        "use",
        "months_ahead",
        "figures_known",
        "figures_scored",
        "mean_observed",
        *(f"mean_absolute_error_{_column(name)}" for name in names),
        *(f"crps_{_column(name)}" for name in names),
        *(f"skill_against_{_column(name)}" for name in REFERENCE_NAMES),
        "inside_50",
        "inside_80",
        "verdict",
    )
    lines = (
        (
            row.cut_off,
            row.series,
            row.unit,
            row.use,
            row.ahead,
            row.known,
            row.figures,
            row.observed,
            *(row.error.get(name, "") for name in names),
            *(row.crps.get(name, "") for name in names),
            *(row.skill(name) if name in row.crps else "" for name in REFERENCE_NAMES),
            row.inside50,
            row.inside80,
            row.verdict,
        )
        for row in rows
    )
    return write_csv(path, header, lines)


def write_forecasts(outcomes: Sequence[BacktestOutcome], path: Path) -> Path:
    """Write every forecast beside what came, and the reference forecasts, as CSV."""
    header = (
        "cut_off",
        "series",
        "figure",
        "unit",
        "months_ahead",
        "observed",
        *(f"quantile_{quantile:g}" for quantile in QUANTILES),
        "crps",
        *(f"{_column(name)}_{statistic}" for name in REFERENCE_NAMES for statistic in ("mean", "deviation", "crps")),
    )
    lines = (
        (
            outcome.trial.cut_off.name,
            forecast.series,
            identifier,
            forecast.unit,
            int(forecast.ahead[index]),
            float(forecast.observed[index]),
            *(float(value) for value in forecast.quantiles[:, index]),
            float(forecast.crps[index]),
            *(value for name in REFERENCE_NAMES for value in _of_reference(forecast, name, index)),
        )
        for outcome in outcomes
        for forecast in outcome.series
        for index, identifier in enumerate(forecast.ids)
    )
    return write_csv(path, header, lines)


def _of_reference(forecast: SeriesForecast, name: str, index: int) -> tuple[float | str, float | str, float | str]:
    if name not in forecast.references:
        return "", "", ""
    reference = forecast.references[name]
    return float(reference.mean[index]), float(reference.deviation[index]), float(forecast.reference_crps[name][index])


def _column(name: str) -> str:
    return name.replace(" ", "_")
