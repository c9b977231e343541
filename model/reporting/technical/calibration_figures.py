"""Figures of the calibration report: what a fit holds, laid out for drawing."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from model.calibration.fit import Fit
from model.calibration.fit_summary import PriorRow
from model.calibration.residuals import ResidualRow
from model.reporting.figures.fit import (
    DrawQuantiles,
    SeriesFit,
    plot_correlations,
    plot_prior_posterior,
    plot_residuals,
    plot_series_fit,
)
from model.reporting.html.blocks import Picture
from model.reporting.names import capitalised, file_name
from model.reporting.numbers import share
from model.reporting.time_axis import middle_of
from model.results.observations import read_observations

FEWEST_DRAWN = 2
"""Figures of a series from which it gets a picture of its own; a single figure is in the tables."""

MOST_CORRELATED = 20
"""Fitted numbers in the picture of correlations: those with the strongest."""

DRAWS_FOR_ERRORS = 50
"""Draws of the errors to each draw of the posterior."""


def titles(fit: Fit) -> dict[str, str]:
    """Return what each series is, in words."""
    of_keys = {key.figures[0].rsplit(".", 1)[0]: capitalised(key.title) for key in fit.problem.targets.keys}
    of_rows = {row.series: capitalised(row.quantity) for row in read_observations()}
    return {name: of_rows.get(name) or of_keys.get(name, name) for name in fit.problem.targets.series}


def middles(fit: Fit, indices: np.ndarray) -> np.ndarray:
    """Return the middle of the period of each figure as a decimal year."""
    rows = [fit.problem.targets.rows[index] for index in indices]
    return np.array([middle_of(row.first, row.last) for row in rows])


def series_fit(fit: Fit, name: str, title: str) -> SeriesFit:
    """Lay out one series for drawing; errors are drawn with a seed of the fit, so that the picture stays the same."""
    targets, indices = fit.problem.targets, fit.problem.targets.series[name]
    draws = fit.sample.predictions[indices]
    generator = np.random.default_rng([fit.options.seed, 4])
    normals = generator.standard_normal((indices.size, draws.shape[1], DRAWS_FOR_ERRORS))
    published = draws[..., None] + targets.deviation[indices][:, None, None] * normals
    first = targets.rows[int(indices[0])]
    return SeriesFit(
        title,
        first.unit,
        first.use,
        middles(fit, indices),
        targets.observed[indices],
        np.array([targets.rows[index].error for index in indices]),
        fit.before[indices],
        DrawQuantiles.of(draws),
        DrawQuantiles.of(published.reshape(indices.size, -1)),
    )


def series_pictures(fit: Fit, folder: Path) -> list[Picture]:
    """Draw every series with more than one figure."""
    pictures: list[Picture] = []
    for name, title in titles(fit).items():
        if fit.problem.targets.series[name].size < FEWEST_DRAWN:
            continue
        series = series_fit(fit, name, title)
        path = plot_series_fit(series, folder / f"series_{file_name(name)}.png")
        inside = np.mean((series.published.low80 <= series.observed) & (series.observed <= series.published.high80))
        alt = (
            f"{title}: {series.observed.size} published figures beside the model before and after the fit; "
            f"{share(float(inside))} lie within the 80% interval with all errors."
        )
        pictures.append(Picture(path, alt))
    return pictures


def residual_picture(fit: Fit, rows: list[ResidualRow], folder: Path) -> Picture:
    """Draw residuals of all series over time."""
    residuals = [(row.series, middles(fit, row.indices), row.residuals) for row in rows]
    largest = max(rows, key=lambda row: row.size)
    return Picture(
        plot_residuals(residuals, folder / "residuals.png"),
        f"Residuals of {len(rows)} series over time; the largest are those of {largest.series}.",
        "Median of the draws less the published figure, in standard deviations of measurement and model error.",
    )


def prior_picture(rows: list[PriorRow], folder: Path) -> Picture:
    """Draw prior against posterior of every fitted number."""
    numbers = [(row.name, row.prior, row.posterior) for row in rows]
    return Picture(
        plot_prior_posterior(numbers, folder / "prior_posterior.png"),
        f"Posterior of {len(rows)} fitted numbers on the scale of their priors; the best informed is {rows[0].name}.",
        "Bars over the whole grey band: the record said nothing. Beyond it: the record pulls out of the likely range.",
    )


def correlation_picture(fit: Fit, folder: Path) -> Picture:
    """Draw correlations among the fitted numbers that are most tied to others."""
    correlations = np.corrcoef(fit.sample.scores)
    apart = np.abs(correlations - np.eye(len(correlations)))
    strongest = np.sort(np.argsort(-apart.max(axis=0), kind="stable")[:MOST_CORRELATED])
    names = [fit.problem.priors.fitted[index].name for index in strongest]
    return Picture(
        plot_correlations(names, correlations[np.ix_(strongest, strongest)], folder / "correlations.png"),
        f"Correlations of the draws among {len(strongest)} fitted numbers; the strongest is {apart.max():.2f} in size.",
        f"The {len(strongest)} fitted numbers with the strongest correlations.",
    )
