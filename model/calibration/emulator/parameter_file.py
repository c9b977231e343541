"""The learnt numbers as a parameter file with provenance, and the points of simulated patients as a table."""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from model import __version__
from model.calibration.emulator.curve_fit import STEP_COLUMNS, fit_curves, mean_over_steps, standard_errors
from model.calibration.emulator.curves import LEARNT_NAMES, SHAPE_NAMES, FittedCurves, FixedParameters
from model.calibration.emulator.patient_experiment import (
    LEVELS,
    MEASURED,
    MEASURES,
    PERIOD,
    PRESSURES,
    SEED,
    STATED_DATE,
    STEP_DAYS,
    WARM_UP,
    ExperimentPoints,
    SteadyState,
)
from model.registry.catalogue import Registry
from model.registry.data_folders import SECTORS
from model.registry.dimensions import DIMENSIONS
from model.registry.yaml_source import plain, read_yaml
from model.results.atomic_files import whole_file, write_csv
from model.sectors.patient_level.equations import NETWORK

SECTOR = "urgent_care"
FILE = SECTORS / SECTOR / "emulator.yaml"
COMMAND = "python run.py fit-emulator"
FINGERPRINT_MARK = "# Fingerprint of what went in: "
ERRORS = 2.0
"""Standard errors from the learnt value to the ends of its range."""
DIGITS = 4
"""Significant figures written."""
CELLS = ("level", "pressure", "site")


@dataclass(frozen=True)
class LearntParameter:
    """A learnt parameter as the file states it."""

    description: str
    unit: str
    kind: str
    bounds: tuple[float, float]
    tabulated: bool = False


LEARNT: Mapping[str, LearntParameter] = {
    "wait_for_bed_response": LearntParameter(
        "Mean hours from decision to admit to a bed, against occupancy of open beds.",
        "hours",
        "duration",
        (0.0, 48.0),
        tabulated=True,
    ),
    "delay_per_nctr_share": LearntParameter(
        "Added hours of wait for a bed, at a given occupancy, per unit share of open beds held by patients without "
        "criteria to reside.",
        "hours",
        "duration",
        (0.0, 24.0),
    ),
    "long_wait_scale": LearntParameter(
        "Mean of the tail of the waits for a bed, over the mean wait of those who queue.", '"1"', "index", (0.3, 3.0)
    ),
    "long_wait_onset": LearntParameter(
        "Hours of mean wait for a bed, beyond that when beds are free, at which 63% of patients queue at all.",
        "hours",
        "duration",
        (0.05, 10.0),
    ),
    "handover_queue_hours": LearntParameter(
        "Mean hours for which an ambulance queues for a cubicle when beds are free.", "hours", "duration", (0.0, 2.0)
    ),
    "handover_per_boarding_hour": LearntParameter(
        "Added hours of ambulance handover where the mean wait for a bed is one hour longer than when beds are free.",
        '"1"',
        "index",
        (0.0, 2.0),
    ),
    "handover_power": LearntParameter(
        "Power with which handovers lengthen as the wait for a bed does; cubicles fill with those who wait.",
        '"1"',
        "index",
        (1.0, 4.0),
    ),
    "breach_base": LearntParameter(
        "Share of attendances over four hours at 85% occupancy, nobody waiting for a bed and the staffing of April "
        "2019.",
        '"1"',
        "share",
        (0.0, 1.0),
    ),
    "breach_per_crowding": LearntParameter(
        "Added share of attendances over four hours per patient waiting for a bed for each patient in assessment.",
        '"1"',
        "index",
        (0.0, 3.0),
    ),
    "cancellation_response": LearntParameter(
        "Share of planned elective overnight admissions cancelled for want of a bed, against occupancy of open beds.",
        '"1"',
        "share",
        (0.0, 1.0),
        tabulated=True,
    ),
    "outlier_onset": LearntParameter("Occupancy at which outlying begins.", '"1"', "share", (0.7, 0.99)),
    "outlier_share_at_full": LearntParameter(
        "Share of patients outside the ward of their specialty when occupancy is 100%.", '"1"', "share", (0.0, 1.0)
    ),
}
"""Learnt parameters, in the order in which they are written."""


def learnt_name(name: str) -> str:
    """Return the registered name of a learnt number."""
    return f"{SECTOR}.{name}"


def registered_value(registry: Registry, name: str) -> np.ndarray:
    """Return the registered central value of a parameter of the sector."""
    return np.asarray(registry.parameters[learnt_name(name)].value, dtype=float)


def fixed_parameters(registry: Registry, state: SteadyState) -> FixedParameters:
    """Return what is not learnt, from the registry and the system of the stated date."""
    return FixedParameters(
        uncrowded_wait=float(registered_value(registry, "uncrowded_wait_for_bed")),
        handover=float(registered_value(registry, "base_handover_hours")),
        breach_response=registered_value(registry, "breach_response"),
        breach_of_staffing=float(registered_value(registry, "breach_staffing_response")) * state.shortage,
        bounds={name: meaning.bounds for name, meaning in LEARNT.items()},
    )


def shipped_curves(registry: Registry) -> FittedCurves:
    """Return the learnt numbers in force."""
    values: dict[str, Any] = {}
    for name in LEARNT_NAMES:
        value = registered_value(registry, name)
        values[name] = value if value.ndim else float(value)
    return FittedCurves(**values)


def fingerprint(registry: Registry) -> str:
    """Return sixteen digits that change with the network, with the hospitals' other inputs, and with the experiment.

    Counted are the network file, comments apart, and the registered values of the two sectors that the patient-level
    hospital replaces, learnt ones apart.
    """
    learnt = {learnt_name(name) for name in LEARNT_NAMES}
    values = {
        name: np.asarray(parameter.value, dtype=float).tolist()
        for name, parameter in sorted(registry.parameters.items())
        if parameter.sector in (SECTOR, "discharge") and name not in learnt
    }
    design = [SEED, STATED_DATE.isoformat(), PRESSURES, LEVELS, WARM_UP, MEASURED, PERIOD, STEP_DAYS]
    content = json.dumps([plain(read_yaml(NETWORK)), values, design], default=str)
    return hashlib.blake2b(content.encode(), digest_size=8).hexdigest()


def points_file(file: Path) -> Path:
    """Return the path of the points behind a file of learnt parameters."""
    return file.parent / "tables" / f"{file.stem}_points.csv" if file == FILE else file.with_suffix(".points.csv")


def write_parameter_file(
    points: ExperimentPoints, registry: Registry, state: SteadyState, file: Path = FILE
) -> tuple[Path, Path]:
    """Fit the curves and write the parameter file and its points, each whole or not at all.

    Args:
        points: what was measured.
        registry: the model's declarations.
        state: the system on the stated date.
        file: the parameter file.

    Returns:
        The two files.

    Raises:
        UserError: a file cannot be written.
    """
    fixed = fixed_parameters(registry, state)
    curves = fit_curves(points, fixed)
    text = parameter_text(points, curves, standard_errors(points, fixed, curves), registry)
    table = write_csv(points_file(file), (*CELLS, *_columns()), _rows(points, fixed))
    with whole_file(file) as temporary:
        temporary.write_text(text, encoding="utf-8")
    return file, table


def parameter_text(
    points: ExperimentPoints, curves: FittedCurves, errors: Mapping[str, np.ndarray], registry: Registry
) -> str:
    """Write the text of the parameter file."""
    settings, replications, sites = points.wait.shape
    days = MEASURED * PERIOD * STEP_DAYS
    source = (
        f"experiment with patients ({COMMAND}, docs/emulator.md); network {NETWORK.stem}, {settings} settings x "
        f"{replications} replications x {sites} sites, {days:g} days each, system of {STATED_DATE.isoformat()}, "
        f"seed {SEED}, model {__version__}"
    )
    lines = [
        f"# Written by '{COMMAND}'. Do not edit: what stands here is replaced when the command runs again.",
        "# Curves of the stock-flow hospital learnt from the patient-level hospital; docs/emulator.md says how.",
        f"# low and high lie {ERRORS:g} standard errors from the value: chance, and differences of sites. What the",
        "# network assumes is not in them. A shape stands without a range; it is learnt with a size, which has one.",
        f"{FINGERPRINT_MARK}{fingerprint(registry)}",
    ]
    for name, meaning in LEARNT.items():
        value, error = np.asarray(getattr(curves, name), dtype=float), errors[name]
        ends = [np.clip(value + side * ERRORS * error, *meaning.bounds) for side in (-1.0, 1.0)]
        if meaning.tabulated:
            ends = [np.maximum.accumulate(end) for end in ends]
        lines += [f"{learnt_name(name)}:", f"  description: {meaning.description}"]
        lines += ["  dims: [occupancy_point]"] if meaning.tabulated else []
        lines += [f"  unit: {meaning.unit}", f"  kind: {meaning.kind}"]
        lines += [f"  bounds: [{meaning.bounds[0]:g}, {meaning.bounds[1]:g}]"]
        numbers = (
            {"value": value}
            if name in SHAPE_NAMES
            else dict(zip(("value", "low", "high"), (value, *ends), strict=True))
        )
        lines += [f"  {field}: {_written(amount)}" for field, amount in numbers.items()]
        lines += [f"  source: {source}"]
    return "\n".join(lines) + "\n"


def _written(value: np.ndarray) -> str:
    """Write a number, or a list of numbers, rounded."""
    if value.ndim:
        return "[" + ", ".join(_written(element) for element in value) + "]"
    return f"{float(value):.{DIGITS}g}"


def _columns() -> list[str]:
    return [column for name in MEASURES for column in (name, f"{name}_error")] + list(STEP_COLUMNS)


def _rows(points: ExperimentPoints, fixed: FixedParameters) -> list[Sequence[object]]:
    """Return one row for each setting and site: means over replications and their standard errors."""
    sites = DIMENSIONS["site"]
    count = points.wait.shape[1]
    per_level = len(points.level) // len(np.unique(points.level))
    over_steps = mean_over_steps(points, fixed)
    rows: list[Sequence[object]] = []
    for setting, level in enumerate(points.level):
        for site_index, site in enumerate(sites):
            row: list[object] = [int(level), PRESSURES[setting % per_level], site]
            for name in MEASURES:
                values = getattr(points, name)[setting, :, site_index]
                error = values.std(ddof=1) / np.sqrt(count) if count > 1 else 0.0
                row += [float(values.mean()), float(error)]
            rows.append([*row, *(float(column[setting, site_index]) for column in over_steps)])
    return rows


def read_points(file: Path) -> dict[str, np.ndarray]:
    """Read the columns of a table of points: text for the site, numbers for the rest."""
    with file.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    return {
        name: np.array([row[name] for row in rows]) if name == "site" else np.array([float(row[name]) for row in rows])
        for name in rows[0]
    }
