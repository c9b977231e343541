"""Curves learnt from patients: the fit, the experiment, the shipped file, and how far curve and patients agree."""

from __future__ import annotations

from dataclasses import fields, replace
from functools import lru_cache

import numpy as np
import pytest

from model.calibration.emulator import curve_fit as fitting
from model.calibration.emulator import curves, parameter_file, patient_experiment
from model.calibration.emulator.curve_fit import fit_curves, rising_table, standard_errors
from model.calibration.emulator.curves import LEARNT_NAMES, OCCUPANCY_POINTS, FittedCurves, FixedParameters
from model.calibration.emulator.parameter_file import COMMAND, FILE, LEARNT
from model.calibration.emulator.patient_experiment import (
    LEVELS,
    MEASURES,
    ExperimentPoints,
    measure_points,
    steady_state,
)
from model.engine.views import Values
from model.registry.dimensions import DIMENSIONS
from model.registry.parameter_files import read_parameter_file
from model.sectors.model_registry import registry
from model.sectors.urgent_care import equations as urgent_care

RMS = {
    "wait": 0.6,
    "over_six": 0.03,
    "over_twelve": 0.025,
    "handover": 1.0,
    "over_four": 0.025,
    "cancelled": 0.04,
    "outlying": 0.015,
}
"""Scatter of settings and sites about the shipped curves that docs/emulator.md states, as an upper limit."""


@lru_cache(maxsize=1)
def given() -> FixedParameters:
    return parameter_file.fixed_parameters(registry(), steady_state())


def known_curves() -> FittedCurves:
    """Curves of the shapes that are learnt, but for nothing that is shipped."""
    return FittedCurves(
        wait_for_bed_response=np.interp(OCCUPANCY_POINTS, [0.80, 0.88, 0.94, 1.03], [1.0, 1.0, 3.0, 10.0]),
        delay_per_nctr_share=2.0,
        long_wait_scale=1.3,
        long_wait_onset=1.5,
        handover_queue_hours=0.2,
        handover_per_boarding_hour=0.15,
        handover_power=1.4,
        breach_base=0.2,
        breach_per_crowding=0.25,
        cancellation_response=np.interp(OCCUPANCY_POINTS, [0.80, 0.92, 1.03], [0.0, 0.0, 0.55]),
        outlier_onset=0.9,
        outlier_share_at_full=0.08,
    )


def synthetic(known: FittedCurves, replications: int = 3, noise: float = 0.0) -> ExperimentPoints:
    """Points on known curves, with chance as a share of each value."""
    chance = np.random.default_rng(1)
    pressures = np.linspace(0.80, 1.01, 20)
    shape = (len(LEVELS) * len(pressures), replications, 3)
    occupancy = np.broadcast_to(np.tile(pressures, len(LEVELS))[:, None, None], shape)
    level = np.repeat(np.arange(len(LEVELS)), len(pressures))
    held = np.broadcast_to(np.array([0.15 * of_process for of_process, _ in LEVELS])[level][:, None, None], shape)
    wait = curves.mean_wait(known, occupancy, held)
    # Attendances differ, so that crowding does not follow from occupancy.
    crowding = wait * np.array([0.05, 0.07, 0.09])
    values = {
        "occupancy": occupancy,
        "held": held,
        "wait": wait,
        "crowding": crowding,
        "over_six": curves.share_waiting_over(known, given(), wait, 6.0),
        "over_twelve": curves.share_waiting_over(known, given(), wait, 12.0),
        "over_four": curves.share_over_four(known, given(), occupancy, crowding),
        "handover": curves.mean_handover(known, given(), wait),
        "cancelled": curves.share_cancelled(known, occupancy),
        "outlying": curves.share_outlying(known, occupancy),
        "admissions": np.broadcast_to([80.0, 90.0, 30.0], shape),
        "attendances": np.broadcast_to([300.0, 340.0, 90.0], shape),
    }
    exact = ("occupancy", "held", "crowding")
    values = {
        name: value if name in exact else value * (1.0 + noise * chance.standard_normal(shape))
        for name, value in values.items()
    }
    return ExperimentPoints(level=level, steps=np.zeros((*shape[:2], 1, 3, 2)), **values)


def test_the_fit_recovers_known_curves():
    known = known_curves()
    curves_of_points = fit_curves(synthetic(known), given())
    within = OCCUPANCY_POINTS <= 1.0
    for name in LEARNT_NAMES:
        wanted, got = np.asarray(getattr(known, name)), np.asarray(getattr(curves_of_points, name))
        if wanted.ndim:
            span = np.ptp(wanted[within])
            assert np.abs(got - wanted)[within].max() < 0.03 * span, name
            assert np.all(np.diff(got) >= -1e-12), name
        else:
            assert got == pytest.approx(wanted, rel=0.05, abs=0.01), name


def test_chance_shows_in_the_standard_errors_and_the_truth_lies_within_them():
    known = known_curves()
    points = synthetic(known, replications=6, noise=0.05)
    curves_of_points = fit_curves(points, given())
    errors = standard_errors(points, given(), curves_of_points)
    calm = standard_errors(synthetic(known, replications=6, noise=0.005), given(), known)
    for name in ("long_wait_scale", "breach_base", "outlier_share_at_full", "handover_queue_hours"):
        assert errors[name] > 2.0 * calm[name], name
        assert abs(getattr(curves_of_points, name) - getattr(known, name)) < 4.0 * errors[name] + 0.01, name


def test_a_table_never_falls_even_where_the_points_do():
    occupancy = np.linspace(0.8, 1.0, 40)
    table = rising_table(occupancy, np.cos(20.0 * occupancy), np.ones(40), -1.0)
    assert np.all(np.diff(table) >= -1e-12)
    assert table[0] == -1.0


@lru_cache(maxsize=2)
def small(seed: int = 7) -> ExperimentPoints:
    return measure_points(2, seed=seed, pressures=(0.9, 1.0), measured=2)


def test_the_experiment_gives_the_same_numbers_again_bit_for_bit():
    again = measure_points(2, seed=7, pressures=(0.9, 1.0), measured=2)
    for field in fields(ExperimentPoints):
        assert np.array_equal(getattr(small(), field.name), getattr(again, field.name)), field.name
    other = small(8)
    assert not np.array_equal(small().wait, other.wait)
    # A file of the same points is the same file.
    texts = [
        parameter_file.parameter_text(
            points, fit_curves(points, given()), standard_errors(points, given(), known_curves()), registry()
        )
        for points in (small(), again)
    ]
    assert texts[0] == texts[1]


def test_pressure_fills_the_hospital_and_process_days_raise_the_nctr_share():
    points = small()
    occupancy = points.occupancy.mean(axis=1).reshape(len(LEVELS), 2, 3)
    assert np.all(occupancy[:, 1] > occupancy[:, 0])
    held = points.held.mean(axis=1).reshape(len(LEVELS), 2, 3)
    assert np.all(held[1] > 1.2 * held[0])
    assert np.all(points.wait.mean(axis=1).reshape(len(LEVELS), 2, 3)[:, 1].mean(axis=1) > 1.2)
    for name in ("over_six", "over_twelve", "over_four", "cancelled", "outlying", "held"):
        values = getattr(points, name)
        assert np.all((values >= 0.0) & (values <= 1.0)), name


def test_what_is_learnt_does_not_depend_on_what_was_learnt_before():
    """The run up to the stated date knows none of the learnt numbers."""
    before = steady_state()
    known = registry()
    changed = {
        name: replace(entry, value=entry.value * 1.2)
        if name in map(parameter_file.learnt_name, LEARNT_NAMES)
        else entry
        for name, entry in known.parameters.items()
    }
    original = dict(known.parameters)
    try:
        known.parameters.update(changed)
        after = patient_experiment.steady_state.__wrapped__()
    finally:
        known.parameters.update(original)
    for field in fields(before.inputs):
        value = getattr(before.inputs, field.name)
        assert np.array_equal(value, getattr(after.inputs, field.name)), field.name
    assert before.shortage == after.shortage


def test_the_shipped_file_is_that_of_the_network_and_parameters_in_force():
    line = parameter_file.FINGERPRINT_MARK + parameter_file.fingerprint(registry())
    stale = f"{FILE.name} is stale: the network or a parameter changed. Run '{COMMAND}'."
    assert line in FILE.read_text(encoding="utf-8").splitlines(), stale


def test_the_shipped_file_holds_every_learnt_parameter_with_its_provenance():
    entries = {entry.name: entry for entry in read_parameter_file(FILE)}
    assert set(entries) == {parameter_file.learnt_name(name) for name in LEARNT}
    assert set(LEARNT) == set(LEARNT_NAMES)
    for entry in entries.values():
        for word in ("bnssg", "seed", "replications", COMMAND, "docs/emulator.md"):
            assert word in entry.source, entry.name
        assert np.all(entry.low <= entry.value), entry.name
        assert np.all(entry.value <= entry.high), entry.name


def test_the_shipped_points_give_the_shipped_curves():
    """The tables stand beside each other: a fit to the shipped means is the shipped file."""
    rows = parameter_file.read_points(parameter_file.points_file(FILE))
    sites = len(DIMENSIONS["site"])

    def by_site(name: str) -> np.ndarray:
        return rows[name].reshape(-1, sites)

    # Two replications that lie one standard error of the mean to either side have its mean and its error.
    values = {
        name: np.stack([by_site(name) - by_site(f"{name}_error"), by_site(name) + by_site(f"{name}_error")], axis=1)
        for name in MEASURES
    }
    level = by_site("level")[:, 0].astype(int)
    curves_of_points = fit_curves(
        ExperimentPoints(level=level, steps=np.zeros((len(level), 2, 1, sites, 2)), **values), given()
    )
    shipped = parameter_file.shipped_curves(registry())
    for name in LEARNT_NAMES:
        assert getattr(curves_of_points, name) == pytest.approx(getattr(shipped, name), rel=2e-3, abs=2e-3), name


def agreement() -> dict[str, tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Patients, curve and weight by measure, at settings and sites in steady state, from what is shipped."""
    rows = parameter_file.read_points(parameter_file.points_file(FILE))
    rows = {name: values[rows["wait"] < fitting.STEADY_WAIT_HOURS] for name, values in rows.items()}
    shipped = parameter_file.shipped_curves(registry())
    wait = curves.mean_wait(shipped, rows["occupancy"], rows["held"])
    of_curve = {
        "wait": wait,
        "over_six": curves.share_waiting_over(shipped, given(), rows["wait"], 6.0),
        "over_twelve": curves.share_waiting_over(shipped, given(), rows["wait"], 12.0),
        "handover": curves.mean_handover(shipped, given(), rows["wait"]),
        "over_four": curves.share_over_four(shipped, given(), rows["occupancy"], rows["crowding"]),
        "cancelled": curves.share_cancelled(shipped, rows["occupancy"]),
        "outlying": curves.share_outlying(shipped, rows["occupancy"]),
    }
    return {name: (rows[name], values, rows["admissions"]) for name, values in of_curve.items()}


@pytest.mark.parametrize("name", RMS)
def test_curve_and_patients_agree_within_the_stated_error(name):
    patients, curve, weight = agreement()[name]
    assert np.sqrt(np.average((curve - patients) ** 2, weights=weight)) < RMS[name]
    assert abs(np.average(curve - patients, weights=weight)) < 0.5 * RMS[name]


def test_averaging_over_chance_lengthens_waits():
    """Jensen's gap: where the curve bends upwards, the mean of waits exceeds the wait at the mean occupancy."""
    rows = parameter_file.read_points(parameter_file.points_file(FILE))
    bend = (rows["occupancy"] > 0.90) & (rows["occupancy"] < 0.96)
    gap = rows["wait_mean_of_steps"][bend] - rows["wait_at_mean_step"][bend]
    assert np.average(gap, weights=rows["admissions"][bend]) > 0.1


def test_the_sector_computes_the_curves_that_were_learnt():
    known = registry()
    occupancy = np.broadcast_to(np.linspace(0.75, 1.05, 31), (3, 31))
    p = Values(
        {name: np.asarray(entry.value, dtype=float)[..., None] for name, entry in known.parameters.items()},
        "urgent_care",
    )
    one = np.ones(1)
    shipped, held = parameter_file.shipped_curves(known), np.full((3, 31), 0.2)
    wait = urgent_care.wait_for_bed_hours(p, one, occupancy, held)
    np.testing.assert_allclose(wait, curves.mean_wait(shipped, occupancy, held), rtol=1e-12)
    for hours in (6.0, 12.0):
        over_hours = urgent_care.share_waiting_over(p, wait, hours)
        np.testing.assert_allclose(over_hours, curves.share_waiting_over(shipped, given(), wait, hours), rtol=1e-12)
    over_hours = urgent_care.handover_hours(p, wait)
    np.testing.assert_allclose(over_hours, curves.mean_handover(shipped, given(), wait), rtol=1e-12)
    electives_kept = urgent_care.share_of_electives_kept(p, one, occupancy)
    np.testing.assert_allclose(1.0 - electives_kept, curves.share_cancelled(shipped, occupancy), atol=1e-12)
