"""The history truncated at a date: what was known of every dated change then, and courses it may take from there.

Until the cut-off a dated change is exactly what the history says. Its points after the cut-off are dropped. What is in
force then lasts for a time that is drawn for every member, and ends; and what the history had moved by then may move
again, by a further change of unknown sign. Nothing here reads a point after the cut-off, but for one thing: a course
between two points is a straight line, so that its level at the cut-off is interpolated.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from itertools import pairwise

import numpy as np
from scipy.special import ndtr, ndtri

from model.calibration.backtest.settings import BacktestFile, Duration
from model.calibration.priors import Priors
from model.registry.calendar import DAYS_PER_MONTH, shift_date
from model.scenarios.specs import DatedLevels, ModifierSpec, calendar_profile
from model.scenarios.uncertainty.draws import stratified, triangular
from model.scenarios.uncertainty.posterior import FITTED, HISTORY

COURSES = 8
"""Number of equally likely durations; members of one duration share a course."""

PAST_ROLES = (HISTORY, FITTED)
"""Roles of dated changes that describe the past."""

DRIFT = "drift"
FOREVER = 1200.0
"""Months after which a disturbance that stays has ended: beyond any forecast."""


def known_points(points: DatedLevels, origin: date) -> DatedLevels:
    """Return a course as known at ``origin``: its points before, and its level then, which it keeps."""
    level = calendar_profile(points).at(origin.toordinal())
    return (*((day, level) for day, level in points if day < origin), (origin, level))


def months_disturbed(points: DatedLevels, origin: date) -> float:
    """Return months since a course that ends at ``origin`` was last normal; 0 where it is normal then."""
    course = known_points(points, origin)
    sign = np.sign(course[-1][1])
    if sign == 0.0:
        return 0.0
    began = float(course[0][0].toordinal())
    for (day, level), (next_day, next_level) in pairwise(course):
        if level * sign <= 0.0:
            # The line from here to the next point crosses zero, or leaves it.
            share = level / (level - next_level) if level != next_level else 1.0
            began = day.toordinal() + min(max(share, 0.0), 1.0) * (next_day.toordinal() - day.toordinal())
    return (origin.toordinal() - began) / DAYS_PER_MONTH


def truncate_priors(priors: Priors, origin: date) -> Priors:
    """Return priors of a fit at ``origin``: dated changes as known then, without those that act only later."""
    modifiers = tuple(_cut(spec, origin) for spec in priors.modifiers)
    fitted = [
        fitted_number
        if fitted_number.change is None
        else replace(fitted_number, change=_cut(fitted_number.change, origin))
        for fitted_number in priors.fitted
    ]
    still_fitted = tuple(
        fitted_number
        for fitted_number in fitted
        if not fitted_number.needs_history
        or any(_ever_in_force(modifiers[index]) for index in fitted_number.positions(modifiers))
    )
    return replace(priors, fitted=still_fitted, modifiers=modifiers)


def _cut(spec: ModifierSpec, origin: date) -> ModifierSpec:
    return replace(spec, points=known_points(spec.points, origin)) if spec.role in PAST_ROLES else spec


def _ever_in_force(spec: ModifierSpec) -> bool:
    return any(level != 0.0 for _, level in spec.points)


def months_to_end(disturbed: float, shares: np.ndarray, exception: Duration | None = None) -> np.ndarray:
    """Return how many more months a disturbance lasts, at quantiles.

    By the argument of Gott (1993) a thing seen at no special moment of its life lasts longer than ``r`` times its age
    again with probability ``1 / (1 + r)``.

    Args:
        disturbed: months for which it has lasted.
        shares: quantiles between 0 and 1.
        exception: another duration, where one is stated.
    """
    if exception is None:
        return disturbed * shares / (1.0 - shares)
    if exception.months is None:
        return np.full(shares.shape, FOREVER)
    ends = (np.asarray(end) for end in (exception.months.low, exception.months.central, exception.months.high))
    return triangular(shares, *ends)


def future_courses(
    specs: Sequence[ModifierSpec],
    sizes: Sequence[np.ndarray],
    origin: date,
    settings: BacktestFile,
    seed: int,
    members: int,
) -> tuple[tuple[ModifierSpec, ...], list[np.ndarray]]:
    """Return dated changes with the courses that they may take, for every member.

    Every change in force at the cut-off is there once for each duration, with its size for the members of that duration
    and 0 for the others, so that each member follows one course and all of them are alike until the cut-off.

    Args:
        specs: dated changes as known at the cut-off.
        sizes: their sizes, one number or shape ``(members,)``.
        origin: first day that is not known.
        settings: assumptions.
        seed: seed of the forecast.
        members: members.

    Returns:
        Dated changes and their sizes, in the order of precedence.
    """
    exceptions = {exception.parameter: exception for exception in settings.returns.exceptions}
    shares = (np.arange(COURSES) + 0.5) / COURSES
    stream = f"backtest|{origin:%Y-%m}"
    common = ndtri(stratified(seed, f"{stream}|duration", members))
    changes: list[ModifierSpec] = []
    change_sizes: list[np.ndarray] = []
    drifting: dict[str, ModifierSpec] = {}
    for spec, size in zip(specs, sizes, strict=True):
        if spec.role in PAST_ROLES and _ever_in_force(spec):
            drifting.setdefault(f"{spec.target}{spec.where}", spec)
        if spec.role not in PAST_ROLES or spec.points[-1][1] == 0.0:
            changes.append(spec)
            change_sizes.append(size)
            continue
        age = max(months_disturbed(spec.points, origin), settings.returns.shortest_age)
        months = months_to_end(age, shares, exceptions.get(spec.target))
        # A change that sets a value cannot be taken apart by size, so that all members share its middle course.
        course = (
            np.full(members, COURSES // 2)
            if spec.operation == "set"
            else _courses(common, settings.returns.correlation, seed, f"{stream}|duration|{spec.target}{spec.where}")
        )
        for course_index in np.unique(course):
            changes.append(
                replace(spec, points=_ended(spec.points, float(months[course_index]), settings.returns.end_months))
            )
            change_sizes.append(size if spec.operation == "set" else np.where(course == course_index, size, 0.0))
    full = shift_date(origin, settings.drift.months)
    largest = np.asarray(settings.drift.size)
    for name, spec in drifting.items():
        change = replace(
            spec,
            operation="multiply",
            size=(-settings.drift.size, 0.0, settings.drift.size),
            role=DRIFT,
            points=((origin, 0.0), (full, 1.0)),
            stream=DRIFT,
        )
        changes.append(change)
        drawn = stratified(seed, f"{stream}|{DRIFT}|{name}", members)
        change_sizes.append(triangular(drawn, -largest, np.asarray(0.0), largest))
    return tuple(changes), change_sizes


def _ended(points: DatedLevels, months: float, end_months: float) -> DatedLevels:
    """Return a course that stays at its last level for so many months and then ends."""
    origin, level = points[-1]
    return (*points, (shift_date(origin, months), level), (shift_date(origin, months + end_months), 0.0))


def _courses(common: np.ndarray, correlation: float, seed: int, stream: str) -> np.ndarray:
    """Return the number of the course that each member follows, shape ``(members,)``."""
    individual = ndtri(stratified(seed, stream, common.size))
    share = ndtr(np.sqrt(correlation) * common + np.sqrt(1.0 - correlation) * individual)
    return np.minimum((share * COURSES).astype(int), COURSES - 1)
