"""Targets of the fit: observed figures, their errors, and how the model gives each (``series.yaml``)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import Literal

import numpy as np
from pydantic import Field

from model.calibration.observation_operators import OPERATORS, NamedOperator
from model.registry.calendar import DAYS_PER_MONTH, period_dates
from model.registry.catalogue import Registry
from model.registry.data_folders import CALIBRATION
from model.registry.declarations import Kind
from model.registry.error_collector import ErrorCollector
from model.registry.errors import UserError, nearest_names
from model.results.expressions import errors_in
from model.results.observations import OBSERVATIONS, Observation, modelled, read_observations
from model.results.run import Run
from model.scenarios.resolved import ResolvedScenario
from model.scenarios.schema import StrictModel
from model.scenarios.units import UnitError, convert
from model.scenarios.validated_file import Location, ValidatedFile

SERIES = CALIBRATION / "series.yaml"
PURE = ("share", "1", "ratio", "index")


class KeyEntry(StrictModel):
    """A figure that must hold: the mean of a series over a period, and how near the fit must come to it."""

    title: str = Field(description="what it is")
    first: str = Field("", description="first period of the mean; the first of the series where left out")
    within: str | float = Field(description="tolerance: amount, or '5%' of the figure")


class SeriesEntry(StrictModel):
    """How a series of observed figures is used."""

    use: Literal["fit", "judge", "fit and judge"] = Field(
        description="whether it is fitted, kept to judge the fit, or both"
    )
    discrepancy: str | float = Field(
        description="standard deviation of the model's own error: amount, or '5%' of the mean"
    )
    correlation_months: float = Field(6.0, ge=0, le=120, description="months over which that error stays alike")
    operator: str | None = Field(None, description="named operator, where the figure is not one result over one period")
    key: KeyEntry | None = Field(None, description="the mean of its figures over a period as a figure that must hold")
    note: str = Field("", description="what a reader must know")


class SeriesFile(StrictModel):
    """Use of every series that the fit knows."""

    description: str = Field("", description="what it is")
    series: dict[str, SeriesEntry] = Field(min_length=1, description="by the id of the series")


@dataclass(frozen=True, eq=False)
class CalibrationTarget:
    """One observed figure and the model's counterpart of it.

    Attributes:
        id: series and period.
        series: the id without its period.
        use: ``fit``, ``judge`` or both.
        unit: unit of value and errors.
        value: the figure.
        error: measurement error, one standard deviation.
        discrepancy: standard deviation of the model's own error.
        correlation_months: months over which that stays alike within the series.
        first: first day of the period.
        last: last day.
        results: registered names that the model's value is made of.
        model: the model's value, shape ``(members,)``.
        source: publication and evidence ids.
        error_share: measurement error as a share of the figure, where it is stated so.
        discrepancy_share: the model's own error as a share of the mean of the series, where it is stated so.
    """

    id: str
    series: str
    use: str
    unit: str
    value: float
    error: float
    discrepancy: float
    correlation_months: float
    first: date
    last: date
    results: tuple[str, ...]
    model: Callable[[Run], np.ndarray]
    source: str
    error_share: float | None = None
    discrepancy_share: float | None = None

    @property
    def fitted(self) -> bool:
        """Whether the fit uses it."""
        return self.use != "judge"

    @property
    def deviation(self) -> float:
        """Standard deviation of the difference between model and figure: measurement and model together."""
        return float(np.hypot(self.error, self.discrepancy))


@dataclass(frozen=True, eq=False)
class KeyFigure:
    """A figure that must hold.

    Attributes:
        title: what it is.
        figures: ids of the figures whose mean it is.
        within: tolerance, in their unit.
    """

    title: str
    figures: tuple[str, ...]
    within: float


class CalibrationTargets:
    """All figures of a fit as vectors.

    Args:
        rows: the figures, those of a series in the order of their dates.
        keys: figures that must hold.
        unused: series of the file of figures that are not compared with the model.
    """

    def __init__(
        self, rows: Sequence[CalibrationTarget], unused: Sequence[str] = (), keys: Sequence[KeyFigure] = ()
    ) -> None:
        self.keys = tuple(keys)
        self.rows = tuple(sorted(rows, key=lambda row: (row.series, row.first)))
        self.unused = tuple(unused)
        self.observed = np.array([row.value for row in self.rows])
        self.deviation = np.array([row.deviation for row in self.rows])
        self.fitted = np.array([row.fitted for row in self.rows], dtype=bool)
        self._factors = [(indices, np.linalg.cholesky(self.covariance(indices))) for indices in self._blocks()]

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def results(self) -> frozenset[str]:
        """Registered names that the figures read."""
        return frozenset(name for row in self.rows for name in row.results)

    @property
    def end(self) -> date:
        """First day after the last figure."""
        return max(row.last for row in self.rows) + timedelta(days=1)

    @property
    def series(self) -> dict[str, np.ndarray]:
        """Positions of the figures of each series."""
        names = [row.series for row in self.rows]
        return {name: np.flatnonzero([other == name for other in names]) for name in dict.fromkeys(names)}

    def predict(self, run: Run) -> np.ndarray:
        """Return what a run gives for all figures, shape ``(figures, members)``."""
        return np.stack([row.model(run) for row in self.rows])

    def whitened(self, predictions: np.ndarray) -> np.ndarray:
        """Return residuals of the fitted figures in units of error, uncorrelated and of unit variance.

        Args:
            predictions: shape ``(figures, members)``.

        Returns:
            Shape ``(fitted figures, members)``; larger where the model gives more than was observed.
        """
        residuals = predictions - self.observed[:, None]
        return np.concatenate([np.linalg.solve(factor, residuals[indices]) for indices, factor in self._factors])

    def _blocks(self) -> list[np.ndarray]:
        fitted = (indices[self.fitted[indices]] for indices in self.series.values())
        return [indices for indices in fitted if indices.size]

    def covariance(self, indices: np.ndarray) -> np.ndarray:
        """Return the covariance of model less figure within one series, shape ``(indices, indices)``.

        Measurement errors are apart, the model's own error is alike in neighbouring months.
        """
        rows = [self.rows[index] for index in indices]
        middle = np.array([(row.first.toordinal() + row.last.toordinal()) / 2 for row in rows])
        months = np.abs(middle[:, None] - middle) / DAYS_PER_MONTH
        memory = max(rows[0].correlation_months, 1e-9)
        discrepancies = np.array([row.discrepancy for row in rows])
        return np.diag([row.error**2 for row in rows]) + np.outer(discrepancies, discrepancies) * np.exp(
            -months / memory
        )


def read_targets(
    scenario: ResolvedScenario,
    registry: Registry,
    observations: Path = OBSERVATIONS,
    series: Path = SERIES,
    until: date | None = None,
) -> CalibrationTargets:
    """Read the observed figures and the use of their series.

    Args:
        scenario: what is run.
        registry: all declarations.
        observations: file of the figures.
        series: file of the use of their series.
        until: last day that is known: figures of periods that end later are left out, with series of which none is
            left, and figures that must hold, which are of today. All figures where it is left out.

    Raises:
        UserError: all errors of both files, each with its line.
    """
    source = ValidatedFile.read(SeriesFile, series)
    observed = {row.id: row for row in read_observations(observations)}
    entries = dict(source.content.series)
    errors = ErrorCollector()
    for row in observed.values():
        if row.output is not None:
            with errors.caught():
                _check(row, observations, scenario, registry)
    errors.raise_all()
    if until is not None:
        observed = {name: row for name, row in observed.items() if row.dates[1] <= until}
        entries = {name: entry for name, entry in entries.items() if _left(name, entry, observed)}
    by_series: dict[str, list[Observation]] = {}
    for row in observed.values():
        by_series.setdefault(row.series, []).append(row)
    targets: list[CalibrationTarget] = []
    keys: list[KeyFigure] = []
    for name, entry in entries.items():
        with errors.caught():
            targets.extend(_targets(name, entry, source, observed, by_series.get(name, ()), observations))
            if until is None:
                keys.extend(_key(name, entry, source, targets))
    errors.raise_all()
    used = {row.series for row in targets} | {
        _series_of(figure) for operator in OPERATORS.values() for figure in operator.figures
    }
    return CalibrationTargets(targets, [name for name in by_series if name not in used], keys)


def _left(name: str, entry: SeriesEntry, observed: dict[str, Observation]) -> bool:
    """Return whether figures of a series are left, or all of which its named operator is made."""
    if entry.operator in OPERATORS:
        return all(figure in observed for figure in OPERATORS[entry.operator].figures)
    return any(row.series == name and row.output is not None for row in observed.values())


def _targets(
    name: str,
    entry: SeriesEntry,
    source: ValidatedFile[SeriesFile],
    observed: dict[str, Observation],
    of_series: Sequence[Observation],
    file: Path,
) -> list[CalibrationTarget]:
    if entry.operator is not None:
        return [_by_operator(name, entry, source, observed)]
    rows = [row for row in of_series if row.output is not None]
    if not rows:
        nearest = nearest_names(name, {row.series for row in observed.values()})
        message = f"no row of {file.name} of this series names a result of the model."
        raise source.error(("series", name), message, nearest, key=name)
    return _of_series(rows, entry, source, name, file)


def _key(
    name: str, entry: SeriesEntry, source: ValidatedFile[SeriesFile], targets: Sequence[CalibrationTarget]
) -> list[KeyFigure]:
    if entry.key is None:
        return []
    try:
        first = period_dates(entry.key.first)[0] if entry.key.first else date.min
    except ValueError as error:
        raise source.error(("series", name, "key", "first"), "a period is written 2022-04 or 2022/23.") from error
    rows = [row for row in targets if row.series == name and row.first >= first]
    if not rows:
        raise source.error(("series", name, "key"), f"no figure of the series from {entry.key.first} on.")
    mean = float(np.mean([row.value for row in rows]))
    within = _share_or_amount(entry.key.within, mean, source, ("series", name, "key", "within"))
    return [KeyFigure(entry.key.title, tuple(row.id for row in rows), within)]


def _series_of(identifier: str) -> str:
    return identifier.rsplit(".", 1)[0]


def _share_or_amount(value: str | float, mean: float, source: ValidatedFile[SeriesFile], location: Location) -> float:
    """Return an amount as it is, or a share of ``mean``."""
    amount, share = _amount_or_share(value, source, location)
    return amount if share is None else share * abs(mean)


def _amount_or_share(
    value: str | float, source: ValidatedFile[SeriesFile], location: Location
) -> tuple[float, float | None]:
    """Read a number, and return it with the share where it is one."""
    text = str(value).strip()
    try:
        amount = float(text.removesuffix("%"))
    except ValueError:
        amount = np.nan
    if not np.isfinite(amount) or amount < 0.0:
        message = f"'{text}': an amount that is not negative, or a share such as '5%', expected."
        raise source.error(location, message)
    return amount, amount / 100.0 if text.endswith("%") else None


def _of_series(
    rows: Sequence[Observation], entry: SeriesEntry, source: ValidatedFile[SeriesFile], name: str, file: Path
) -> list[CalibrationTarget]:
    location: Location = ("series", name, "discrepancy")
    mean = float(np.mean([row.value for row in rows]))
    discrepancy = _share_or_amount(entry.discrepancy, mean, source, location)
    share = _amount_or_share(entry.discrepancy, source, location)[1]
    targets: list[CalibrationTarget] = []
    for row in rows:
        if row.error is None:
            raise UserError(
                "a figure that is used needs its measurement error, such as '2%'.",
                file=file,
                line=row.line,
                key="error",
            )
        results = tuple(term.name for term in row.output.terms) if row.output is not None else ()
        target = CalibrationTarget(
            row.id,
            row.series,
            entry.use,
            row.unit,
            row.value,
            row.error,
            discrepancy,
            entry.correlation_months,
            *row.dates,
            results,
            partial(modelled, observation=row),
            row.source,
            row.error_share,
            share,
        )
        targets.append(target)
    return targets


def _by_operator(
    name: str, entry: SeriesEntry, source: ValidatedFile[SeriesFile], observed: dict[str, Observation]
) -> CalibrationTarget:
    operator = OPERATORS.get(entry.operator or "")
    if operator is None:
        nearest = nearest_names(str(entry.operator), OPERATORS)
        raise source.error(("series", name, "operator"), "not a named operator.", nearest, key=str(entry.operator))
    missing = [figure for figure in operator.figures if figure not in observed]
    if missing:
        raise source.error(("series", name), f"the observed figures lack {', '.join(missing)}.", key=name)
    observations = [observed[figure] for figure in operator.figures]
    value = operator.record(observed)
    error = _joint_error(operator, observations, value)
    location: Location = ("series", name, "discrepancy")
    return CalibrationTarget(
        f"{name}.{_period(observations)}",
        name,
        entry.use,
        operator.unit,
        value,
        error,
        _share_or_amount(entry.discrepancy, value, source, location),
        entry.correlation_months,
        min(row.dates[0] for row in observations),
        max(row.dates[1] for row in observations),
        operator.results,
        lambda run: operator.model(run, observed),
        observations[0].source,
        error / abs(value),
        _amount_or_share(entry.discrepancy, source, location)[1],
    )


def _joint_error(operator: NamedOperator, observations: Sequence[Observation], value: float) -> float:
    shares = [(row.error or 0.0) / abs(row.value) for row in observations]
    if not any(shares):
        raise UserError("figures that are used need their measurement error.", key=", ".join(operator.figures))
    return abs(value) * float(np.linalg.norm(shares))


def _period(observations: Sequence[Observation]) -> str:
    return observations[0].period.replace("/", "-")


def _check(row: Observation, file: Path, scenario: ResolvedScenario, registry: Registry) -> None:
    """Check a row that is compared with the model: known results, unit, possible value, a period that can be run.

    Raises:
        UserError: the first error, with file, line and advice.
    """
    if row.output is None:
        return
    for error in errors_in(row.output, registry):
        raise UserError(error.message, file=file, line=row.line, key=error.key, nearest=error.nearest)
    if row.dates[0] < scenario.start:
        message = f"begins before the run ({scenario.start}); leave 'output' empty to keep it for the record."
        raise UserError(message, file=file, line=row.line, key="period")
    if row.dates[1] > date.today():
        message = f"ends on {row.dates[1]}, which is yet to come; a published figure lies in the past."
        raise UserError(message, file=file, line=row.line, key="period")
    entry = registry.find(row.output.numerator[0].name)
    unit = entry.unit
    if row.output.denominator:
        below = registry.find(row.output.denominator[0].name).unit
        unit = "1" if below == unit else f"{unit}/{below}"
    pure = unit in PURE
    if not (pure and row.unit in PURE):
        try:
            factor = convert(1.0, row.unit, unit)
        except UnitError as error:
            raise UserError(f"{error}.", file=file, line=row.line, key="unit") from error
        if not np.isclose(factor, 1.0):
            message = f"figures of {entry.name} are compared in '{unit}', not '{row.unit}'; convert the figure."
            raise UserError(message, file=file, line=row.line, key="unit")
    kind = getattr(entry, "kind", None)
    if kind is Kind.SHARE and not 0.0 <= row.value <= 1.0:
        raise UserError(
            f"{row.value:g} is no share; 0 to 1 expected (5% is 0.05).", file=file, line=row.line, key="value"
        )
    if row.value < 0.0 and kind in (Kind.COUNT, Kind.FLOW, Kind.STOCK, Kind.DURATION):
        raise UserError(f"{row.value:g} is negative; a count cannot be.", file=file, line=row.line, key="value")
