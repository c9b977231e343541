"""The posterior as a file: draws, predictions and how they came about, in NetCDF, whole or not at all."""

from __future__ import annotations

import platform
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from model import __version__
from model.calibration.fit import Fit
from model.registry.errors import Exit, UserError
from model.results.atomic_files import whole_file
from model.scenarios.uncertainty.posterior import TITLE, described, registered_parameters

if TYPE_CHECKING:
    import xarray as xr


def posterior_dataset(fit: Fit, runs: int) -> xr.Dataset:
    """Return draws and predictions of a fit as a labelled dataset.

    Args:
        fit: the fit.
        runs: runs of the model that it took.
    """
    import scipy
    import xarray as xr

    priors, targets, sample = fit.problem.priors, fit.problem.targets, fit.sample
    fitted, rows = priors.fitted, targets.rows

    def along(dim: str, values: Any, name: str) -> tuple[str, Any, dict[str, str]]:
        return dim, values, {"long_name": name}

    # Single precision: seven digits of a draw are more than it means, and the file is to be shipped.
    values, scores = (table.T.astype(np.float32) for table in (priors.values(sample.scores), sample.scores))
    variables: dict[str, Any] = {
        "value": (("draw", "fitted"), values, {"long_name": "fitted number, in its unit"}),
        "score": (("draw", "fitted"), scores, {"long_name": "normal score, prior N(0,1)", "units": "1"}),
        "log_posterior": along("draw", sample.log_posterior, "log posterior density but for a constant"),
        "prediction": (
            ("draw", "figure"),
            sample.predictions.T.astype(np.float32),
            {"long_name": "what the draw gives"},
        ),
        "point_value": along("fitted", priors.values(fit.point.scores[:, None])[:, 0], "most probable value"),
        "prediction_before": along("figure", fit.before, "prediction with the values before the fit"),
        "observed": along("figure", targets.observed, "published figure"),
        "error": along("figure", [row.error for row in rows], "measurement error, one standard deviation"),
        "discrepancy": along("figure", [row.discrepancy for row in rows], "error of the model, one standard deviation"),
        "correlation_time": along("fitted", sample.correlation_time, "autocorrelation time of the chains in steps"),
        "memory": along("fitted", sample.memory, "correlation of draws with where their chains began"),
        "drift": along("fitted", sample.drift, "drift of the chains in their second half, in standard deviations"),
    }
    coordinates = {
        **described(fitted),
        **registered_parameters(fit.problem.registry),
        "figure": along("figure", [row.id for row in rows], "series and period"),
        "use": along("figure", [row.use for row in rows], "whether it was fitted or judges the fit"),
        "figure_unit": along("figure", [row.unit for row in rows], "unit of the figure"),
        "draw": along("draw", np.arange(sample.scores.shape[1]), "equally weighted draw"),
    }
    attributes = {
        "title": TITLE,
        "Conventions": "CF-1.10",
        "model_version": __version__,
        "versions": f"python {platform.python_version()}, numpy {np.__version__}, scipy {scipy.__version__}",
        "fingerprint": fit.fingerprint,
        "runs": runs,
        "history": fit.problem.scenario.history,
        "newest_figure": max(row.last for row in rows).isoformat(),
        "priors": priors.text,
        "resolved_scenario": fit.problem.scenario.to_yaml(),
        "importance_size": sample.importance_size,
        "accepted": list(sample.accepted),
        "point_costs": list(fit.point.costs),
        **{f"option_{name}": value for name, value in asdict(fit.options).items()},
    }
    return xr.Dataset(variables, coordinates, attributes)


def write_posterior(fit: Fit, runs: int, path: Path) -> Path:
    """Write the posterior, whole or not at all.

    Raises:
        UserError: the file cannot be written.
    """
    dataset = posterior_dataset(fit, runs)
    numbers = [name for name, variable in dataset.data_vars.items() if variable.dtype.kind == "f"]
    encoding = {name: {"zlib": True, "complevel": 4, "shuffle": True} for name in numbers}
    with whole_file(path) as temporary:
        dataset.to_netcdf(temporary, engine="netcdf4", encoding=encoding)
    return path


def check_replaceable(path: Path) -> None:
    """Check that a path can take a posterior.

    Raises:
        UserError: the path holds a file that is not a posterior of this model.
    """
    import xarray as xr

    if not path.exists():
        return
    try:
        with xr.open_dataset(path) as dataset:
            ours = dataset.attrs.get("title") == TITLE
    except (OSError, ValueError):
        ours = False
    if not ours:
        message = "is not a posterior of this model, so it is not replaced; choose another path with --output."
        raise UserError(message, file=path, code=Exit.OUTPUT)
