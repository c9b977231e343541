"""The test on figures that the fit has not seen: fit up to a cut-off, forecast what follows, score by series."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from model.calibration.backtest.forecast import forecast, hide_value
from model.calibration.backtest.naive_forecasts import (
    KnownFigures,
    ReferenceForecast,
    known_figures,
    middle_month,
    reference_forecasts,
)
from model.calibration.backtest.scores import crps_of_draws, crps_of_normal
from model.calibration.backtest.settings import SETTINGS, BacktestFile, CutOff, read_cut_off, read_settings
from model.calibration.backtest.truncated_history import truncate_priors
from model.calibration.fit import CalibrationProblem, Fit, FitOptions, FitProgress, check_options, read_problem, run_fit
from model.calibration.forward_model import Forward
from model.calibration.priors import PRIORS
from model.calibration.targets import SERIES, CalibrationTarget, read_targets
from model.registry.calendar import months_between
from model.registry.errors import Exit, UserError
from model.results.observations import OBSERVATIONS, Observation, read_observations

LEAST_FIGURES = 12
"""Fitted figures that must be known at a cut-off."""

QUANTILES = (0.1, 0.25, 0.5, 0.75, 0.9)
"""Of every forecast: median, 50% and 80% interval."""


@dataclass(frozen=True, eq=False)
class BacktestFiles:
    """Files that a backtest reads."""

    priors: Path = PRIORS
    observations: Path = OBSERVATIONS
    series: Path = SERIES
    settings: Path = SETTINGS


@dataclass(frozen=True, eq=False)
class Trial:
    """What is known at one cut-off, and what is forecast.

    Attributes:
        cut_off: the last month known.
        problem: history, priors and figures as known then.
        asked: figures to forecast, blind.
        answers: these figures as they came, shape ``(asked,)``; only scores may read them.
        pasts: known figures of every series, those from before the run included.
        settings: assumptions of the future.
        text: the file of the assumptions.
    """

    cut_off: CutOff
    problem: CalibrationProblem
    asked: tuple[CalibrationTarget, ...]
    answers: np.ndarray
    pasts: Mapping[str, KnownFigures]
    settings: BacktestFile
    text: str

    def fingerprint(self, options: FitOptions) -> str:
        """Return a digest of everything on which the fit of this cut-off depends."""
        digest = hashlib.sha256(f"{self.cut_off.name}\n{self.problem.fingerprint(options)}".encode())
        return digest.hexdigest()


@dataclass(frozen=True, eq=False)
class SeriesForecast:
    """Forecasts of the figures of one series, and the figures as published.

    Attributes:
        series: its id.
        unit: its unit.
        use: how the fit uses it.
        first: first of its days for each figure, as ``2021-04-01``, shape ``(figures,)``.
        ids: ids of the figures.
        months: middles of their periods, in months since the year 0, shape ``(figures,)``.
        ahead: months from the cut-off to the end of each period, shape ``(figures,)``.
        observed: the figures, shape ``(figures,)``.
        quantiles: of the forecasts at ``QUANTILES``, shape ``(quantiles, figures)``.
        crps: score of each forecast, shape ``(figures,)``.
        references: reference forecasts by name.
        reference_crps: their scores by name, each of shape ``(figures,)``.
        past: what was known.
    """

    series: str
    unit: str
    use: str
    ids: tuple[str, ...]
    months: np.ndarray
    ahead: np.ndarray
    observed: np.ndarray
    quantiles: np.ndarray
    crps: np.ndarray
    references: Mapping[str, ReferenceForecast]
    reference_crps: Mapping[str, np.ndarray]
    past: KnownFigures

    @property
    def median(self) -> np.ndarray:
        """Median of each forecast."""
        return self.quantiles[QUANTILES.index(0.5)]

    def inside(self, share: float) -> np.ndarray:
        """Return whether each figure lies in the central interval that holds ``share`` of its forecast."""
        low, high = (self.quantiles[QUANTILES.index(round(end, 3))] for end in ((1 - share) / 2, (1 + share) / 2))
        return (low <= self.observed) & (self.observed <= high)


@dataclass(frozen=True, eq=False)
class BacktestOutcome:
    """Fit, forecasts and scores of one cut-off.

    Attributes:
        trial: what was known and asked.
        fit: the fit to what was known.
        runs: runs of the model that it took.
        series: forecasts by series, in the order of their names.
    """

    trial: Trial
    fit: Fit
    runs: int
    series: tuple[SeriesForecast, ...]


def read_trials(texts: Sequence[str] = (), files: BacktestFiles | None = None) -> list[Trial]:
    """Read everything and truncate it at every cut-off; run nothing.

    Args:
        texts: cut-offs as the user writes them; those of the file of assumptions where there are none.
        files: what is read.

    Raises:
        UserError: an error of a file, or a cut-off with too few figures before it or none after it.
    """
    files = files or BacktestFiles()
    problem = read_problem(priors=files.priors, observations=files.observations, series=files.series)
    settings = read_settings(problem.registry, files.settings)
    from_file = not texts
    names = settings.cut_offs if from_file else texts
    cut_offs = sorted({read_cut_off(name, key="cut_offs" if from_file else "--cut-off") for name in names})
    observed = read_observations(files.observations)
    text = files.settings.read_text(encoding="utf-8")
    return [_trial(problem, cut_off, observed, settings, text, files) for cut_off in cut_offs]


def _trial(
    problem: CalibrationProblem,
    cut_off: CutOff,
    observed: Sequence[Observation],
    settings: BacktestFile,
    text: str,
    files: BacktestFiles,
) -> Trial:
    later = [row for row in problem.targets.rows if row.last > cut_off.last_day]
    begin = min(row.first for row in problem.targets.rows)
    if not later or cut_off.month < begin:
        last = max(row.last for row in problem.targets.rows)
        message = f"figures run from {begin:%Y-%m} to {last:%Y-%m}; choose a month with figures before and after it."
        raise UserError(message, key=cut_off.name, code=Exit.USAGE)
    known_targets = read_targets(
        problem.scenario, problem.registry, files.observations, files.series, until=cut_off.last_day
    )
    count = int(known_targets.fitted.sum()) if len(known_targets) else 0
    if count < LEAST_FIGURES:
        message = f"only {count} figures that are fitted are known then; at least {LEAST_FIGURES} are needed."
        raise UserError(message, key=cut_off.name, code=Exit.USAGE)
    pasts = {
        name: known_figures([row for row in observed if row.series == name and row.dates[1] <= cut_off.last_day])
        for name in dict.fromkeys(row.series for row in later)
    }
    cut = replace(problem, priors=truncate_priors(problem.priors, cut_off.origin), targets=known_targets)
    return Trial(
        cut_off,
        cut,
        tuple(hide_value(row) for row in later),
        np.array([row.value for row in later]),
        pasts,
        settings,
        text,
    )


def run_trial(
    trial: Trial,
    options: FitOptions,
    forward: Forward,
    progress: FitProgress = lambda stage, done, total: None,
    runs: Callable[[], int] = lambda: 0,
) -> BacktestOutcome:
    """Fit, forecast and score at one cut-off.

    Args:
        trial: what is known and asked.
        options: choices of the fit; its seed is also that of the forecast.
        forward: the forward operator of the trial's problem, such as a checkpoint of it.
        progress: receives the progress of each stage.
        runs: gives the runs of the model made so far.

    Raises:
        UserError: too few members for the numbers fitted.
    """
    check_options(trial.problem, options)
    fit = run_fit(trial.problem, options, forward, progress)
    values = trial.problem.priors.values(fit.sample.scores)
    progress("forecast", 0, 1)
    prediction = forecast(trial.problem, trial.asked, values, trial.settings, trial.cut_off, options.seed)
    progress("forecast", 1, 1)
    names = [row.series for row in trial.asked]
    series = [
        _scored(trial, np.flatnonzero([other == name for other in names]), prediction.draws)
        for name in sorted(set(names))
    ]
    return BacktestOutcome(trial, fit, runs(), tuple(series))


def _scored(trial: Trial, indices: np.ndarray, draws: np.ndarray) -> SeriesForecast:
    """Score the figures of one series."""
    rows = [trial.asked[index] for index in indices]
    observed, of_series = trial.answers[indices], draws[indices]
    months = np.array([middle_month(row.first, row.last) for row in rows])
    end = trial.cut_off.origin
    ahead = np.array([months_between(end, row.last) + 1 for row in rows])
    past = trial.pasts[rows[0].series]
    against = reference_forecasts(past, months, trial.settings.single_figure)
    return SeriesForecast(
        rows[0].series,
        rows[0].unit,
        rows[0].use,
        tuple(row.id for row in rows),
        months,
        ahead,
        observed,
        np.quantile(of_series, QUANTILES, axis=1),
        crps_of_draws(of_series, observed),
        against,
        {name: crps_of_normal(forecast.mean, forecast.deviation, observed) for name, forecast in against.items()},
        past,
    )
