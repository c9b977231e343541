"""New figures: read and checked like those of the fit, with the fit's errors of the model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import numpy as np

from model.calibration.targets import SERIES, CalibrationTarget, CalibrationTargets, SeriesFile, read_targets
from model.registry.catalogue import Registry
from model.registry.error_collector import ErrorCollector
from model.registry.errors import UserError, nearest_names
from model.results.observations import OBSERVATIONS, Observation, read_observations
from model.scenarios.resolved import ResolvedScenario
from model.scenarios.validated_file import ValidatedFile


@dataclass(frozen=True, eq=False)
class NewObservations:
    """New figures to compare with a projection.

    Attributes:
        file: where they stand.
        targets: the figures with their errors.
        observed: rows of the file that are compared, by id.
        known: rows of the record that was fitted, by id.
        not_compared: ids of rows of the file that name no result.
    """

    file: Path
    targets: CalibrationTargets
    observed: Mapping[str, Observation]
    known: Mapping[str, Observation]
    not_compared: tuple[str, ...]

    @property
    def repeated(self) -> tuple[str, ...]:
        """Ids of figures that the record has already: the model was fitted to them, so they test nothing."""
        return tuple(row.id for row in self.targets.rows if row.id in self.known)

    @property
    def last(self) -> date:
        """Last day of the last period."""
        return max(row.last for row in self.targets.rows)

    def title(self, series: str) -> str:
        """Return the name of a series for people."""
        return next((row.quantity for row in self.observed.values() if row.series == series), series)

    def history(self, series: str) -> list[Observation]:
        """Return figures of a series in the record that the file does not repeat, in the order of their dates."""
        new = {row.id for row in self.targets.rows}
        rows = [row for row in self.known.values() if row.series == series and row.output and row.id not in new]
        return sorted(rows, key=lambda row: row.dates)


def read_new_observations(
    file: Path, scenario: ResolvedScenario, registry: Registry, *, series: Path = SERIES, known: Path = OBSERVATIONS
) -> NewObservations:
    """Read new figures and check them as the figures of the fit are checked.

    Args:
        file: rows in the form of ``calibration/observations.csv``.
        scenario: what is run.
        registry: all declarations.
        series: use of every series, for the model's own error.
        known: the record that was fitted.

    Raises:
        UserError: all errors of the file, each with its line: a wrong unit, an unknown result or series, an impossible
            value or date, a missing error, or no row that is compared.
    """
    rows = read_observations(file)
    errors = ErrorCollector()
    series_file = ValidatedFile.read(SeriesFile, series)
    plain = {name for name, entry in series_file.content.series.items() if entry.operator is None}
    unknown: dict[str, Observation] = {}
    for row in rows:
        if row.output is not None and row.series not in plain:
            unknown.setdefault(row.series, row)
    for name, row in unknown.items():
        message = (
            f"no entry of {series.name} says how far the model may be off in this series; give the series the name of "
            "one that is there, or add an entry."
        )
        errors.add(UserError(message, file=file, line=row.line, key=name, nearest=nearest_names(name, plain)))
    compared = {row.id: row for row in rows if row.output is not None}
    if not compared:
        errors.add(
            UserError("no row names a result of the model in 'output', so no figure can be compared.", file=file)
        )
    with errors.caught():
        # With a last day, entries of series that the file does not hold are passed over.
        targets = read_targets(scenario, registry, file, series, until=date.max)
    errors.raise_all()
    return NewObservations(
        file,
        targets,
        compared,
        {row.id: row for row in read_observations(known)},
        tuple(row.id for row in rows if row.output is None),
    )


def with_projected_errors(targets: CalibrationTargets, predictions: np.ndarray) -> CalibrationTargets:
    """Return the figures with model errors that are shares of the projection, where they are stated as shares.

    In a fit the share is taken of the observed mean; here what is observed is in question.

    Args:
        targets: new figures.
        predictions: of the members, shape ``(figures, members)``.
    """
    middle = np.median(predictions, axis=1)
    level = {name: float(np.abs(middle[indices]).mean()) for name, indices in targets.series.items()}

    def moved(row: CalibrationTarget) -> CalibrationTarget:
        share = row.discrepancy_share
        return row if share is None else replace(row, discrepancy=share * level[row.series])

    return CalibrationTargets([moved(row) for row in targets.rows], targets.unused)
