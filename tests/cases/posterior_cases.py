"""A small file of fitted draws for tests: one number of each kind, with draws that nothing was fitted to."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import xarray as xr

from model.calibration.priors import read_priors
from model.registry.catalogue import Registry
from model.scenarios.resolver import resolve
from model.scenarios.uncertainty.posterior import TITLE, FittedNumber, described, registered_parameters
from model.sectors.model_registry import registry

DRAWS = 24

PRIORS = """\
parameters:
  - parameter: waiting_lists.urgent_share
    source: assumption
  - parameter: discharge.process_days
    factor: {low: 0.8, high: 1.2}
    source: assumption
  - parameter: demand.segment_rate
    where: {service: [emergency_admission]}
    factor: {low: 0.9, high: 1.1}
    source: assumption
  - parameter: finance.allocation_growth
    where: {financial_year: [2022/23]}
    amount: {low: -0.006, central: 0, high: 0.006}
    source: assumption
history:
  - parameter: discharge.process_multiplier
    factor: {low: 0.5, high: 1.5}
    source: assumption
changes:
  - parameter: waiting_lists.capacity_multiplier
    points: {2019-04: 0, 2019-06: 1}
    size: {low: -0.3, central: 0, high: 0.3}
    source: assumption
"""


def small_fitted(folder: Path) -> tuple[FittedNumber, ...]:
    """The numbers that are fitted."""
    path = folder / "priors.yaml"
    path.write_text(PRIORS, encoding="utf-8")
    baseline = resolve("baseline", registry(), changes={"parameters": "central"})
    return read_priors(baseline, registry(), path).fitted


def write_draws(path: Path, fitted: tuple[FittedNumber, ...], known: Registry | None = None, **attributes: str) -> Path:
    """Write draws of the numbers, which lie about two thirds up their ranges and are correlated.

    Args:
        path: the file.
        fitted: the numbers.
        known: registry to which they were fitted; that of the model where left out.
        attributes: further attributes of the file.
    """
    generator = np.random.default_rng(3)
    common = generator.standard_normal(DRAWS)
    scores = 0.4 + 0.3 * common + 0.3 * generator.standard_normal((len(fitted), DRAWS))
    values = np.stack([number.range.value(row) for number, row in zip(fitted, scores, strict=True)])
    point = np.array([float(number.range.value(np.array(0.45))) for number in fitted])
    dataset = xr.Dataset(
        {"value": (("draw", "fitted"), values.T), "point_value": ("fitted", point)},
        {**described(fitted), **registered_parameters(known or registry())},
        {"title": TITLE, "history": "pandemic", "newest_figure": "2023-07-31", **attributes},
    )
    dataset.to_netcdf(path, engine="netcdf4")
    return path
