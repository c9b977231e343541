"""A finished fit read back from its file, so that it can be reported without a run of the model."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from model.calibration.fit import CalibrationProblem, Fit, FitOptions, read_problem
from model.calibration.point_fit import PointFit
from model.calibration.posterior import Gaussian, PosteriorSample
from model.calibration.priors import Priors
from model.calibration.targets import CalibrationTarget, CalibrationTargets, KeyFigure
from model.registry.errors import Exit, UserError
from model.scenarios.uncertainty.posterior import read_posterior

if TYPE_CHECKING:
    import xarray as xr

REFIT_ADVICE = "fit again with 'run.py calibrate'"


def read_saved_fit(path: Path, problem: CalibrationProblem | None = None) -> tuple[Fit, int]:
    """Read a fit: fitted numbers, draws and predictions from its file, descriptions of the figures from the data.

    Figures that have come to the data since are left out; those of the file are taken with the values and errors to
    which they were fitted. The file does not keep the predictions of the most probable vector; those of the
    most probable draw replace them.

    Args:
        path: file of the posterior.
        problem: what was fitted to what; read from ``calibration/`` where left out.

    Returns:
        The fit, and how many runs of the model it took.

    Raises:
        UserError: no such file, no posterior, or one of figures that the data have no more.
    """
    import xarray as xr

    if not path.is_file():
        raise UserError(f"there is no posterior here; {REFIT_ADVICE}.", file=path, code=Exit.MISSING_FILE)
    fitted_problem = problem or read_problem()
    posterior = read_posterior(path, fitted_problem.registry)
    with xr.open_dataset(path) as opened:
        dataset = opened.load()
    attributes = dataset.attrs
    priors = Priors(posterior.fitted, fitted_problem.scenario.modifiers, str(attributes["priors"]))
    targets, order = _targets(dataset, fitted_problem.targets, path)
    scores, predictions = dataset["score"].values.T, dataset["prediction"].values.T.astype(float)[order]
    options = {name.removeprefix("option_"): int(value) for name, value in attributes.items() if "option_" in name}
    point = np.array(
        [
            fitted_number.range.score(float(value))
            for fitted_number, value in zip(posterior.fitted, posterior.point, strict=True)
        ]
    )
    sample = PosteriorSample(
        scores,
        predictions,
        dataset["log_posterior"].values,
        Gaussian(scores.mean(axis=1), np.cov(scores)),
        float(attributes["importance_size"]),
        _numbers(attributes["accepted"]),
        dataset["correlation_time"].values,
        dataset["memory"].values,
        dataset["drift"].values,
    )
    fit = Fit(
        replace(fitted_problem, priors=priors, targets=targets),
        FitOptions(**options),
        dataset["prediction_before"].values[order],
        PointFit(point, np.empty((0, point.size)), _numbers(attributes["point_costs"]), 0),
        predictions[:, int(np.argmax(sample.log_posterior))],
        sample,
        str(attributes["fingerprint"]),
    )
    return fit, int(attributes["runs"])


def _numbers(attribute: Any) -> tuple[float, ...]:
    """Return a list that a file may have kept as a single number."""
    return tuple(float(value) for value in np.atleast_1d(attribute))


def _targets(dataset: xr.Dataset, targets: CalibrationTargets, path: Path) -> tuple[CalibrationTargets, np.ndarray]:
    """Return the figures of the file as the data describe them, and the position of each in the file."""
    positions = {str(name): position for position, name in enumerate(dataset["figure"].values)}
    ids = {row.id for row in targets.rows}
    lost = sorted(set(positions) - ids)
    if lost:
        message = f"holds {len(lost)} figures that the data have no more ({', '.join(lost[:3])}); {REFIT_ADVICE}."
        raise UserError(message, file=path)
    rows = [_as_fitted(row, dataset, positions[row.id]) for row in targets.rows if row.id in positions]
    keys = [
        KeyFigure(key.title, figures, key.within)
        for key in targets.keys
        if (figures := tuple(figure for figure in key.figures if figure in positions))
    ]
    fitted_targets = CalibrationTargets(rows, targets.unused, keys)
    return fitted_targets, np.array([positions[row.id] for row in fitted_targets.rows])


def _as_fitted(row: CalibrationTarget, dataset: xr.Dataset, position: int) -> CalibrationTarget:
    """Return a figure with the value and errors that the fit used."""

    def at(name: str) -> Any:
        return dataset[name].values[position].item()

    return replace(row, value=at("observed"), error=at("error"), discrepancy=at("discrepancy"), use=str(at("use")))
