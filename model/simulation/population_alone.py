"""The population model alone, on tables that the user supplies: people by core segment, year by year.

A small YAML names a table (CSV with the columns table, row, column, value, unit) that holds ``initial_adults``,
``survivors_transition``, ``births``, ``net_migration``, ``deaths``, ``share_of_birth``, ``share_of_migration``,
``share_of_death`` and, if wanted, ``per_person`` activity and cost rates. The order of events in a year is that of the
published model: deaths leave, survivors move between segments, births and migrants are added.

The whole-system sector works with rates by age and reconciles deaths to ONS; this run takes the user's numbers as they
are, which is what makes it comparable with the published case.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from model.registry.errors import Exit, UserError, nearest_names
from model.registry.yaml_source import line_of, read_yaml

if TYPE_CHECKING:
    import xarray as xr

FIELDS = ("name", "description", "table", "first_year", "years")
COLUMNS = ("table", "row", "column", "value", "unit")
NEEDED = (
    "initial_adults",
    "survivors_transition",
    "births",
    "net_migration",
    "deaths",
    "share_of_birth",
    "share_of_migration",
    "share_of_death",
)
OPTIONAL = ("per_person",)
ROUNDING = 1e-6
"""How far shares and rows of the matrix may be from one: the rounding of tables, not a modelling choice."""


@dataclass(frozen=True)
class TableValue:
    """One value of the table with its line and unit."""

    value: float
    line: int
    unit: str


@dataclass(frozen=True)
class PopulationCase:
    """A complete and checked set of tables.

    Attributes:
        name: name of the case.
        segments: labels of the segments, in the order of the initial counts.
        first_year: calendar year of the initial counts.
        initial: people by segment.
        transition: yearly moves of survivors, [origin, target], rows sum to one.
        births: people who enter by birth (or by coming of age) in each year.
        migration: net arrivals in each year.
        deaths: deaths in each year.
        birth_share: split of births over segments.
        migration_share: split of net arrivals over segments.
        death_share: split of deaths over segments.
        per_person: yearly activity and cost per person by name, each by segment.
        units: unit of each of them.
    """

    name: str
    segments: tuple[str, ...]
    first_year: int
    initial: np.ndarray
    transition: np.ndarray
    births: np.ndarray
    migration: np.ndarray
    deaths: np.ndarray
    birth_share: np.ndarray
    migration_share: np.ndarray
    death_share: np.ndarray
    per_person: dict[str, np.ndarray]
    units: dict[str, str]


def year_on(
    people: np.ndarray, transition: np.ndarray, births: np.ndarray, migration: np.ndarray, deaths: np.ndarray
) -> np.ndarray:
    """Return people by segment after a year: deaths leave, survivors move, births and migrants are added."""
    survivors = people - deaths
    moved = (survivors[:, None] * transition).sum(axis=0)
    return moved + births + migration


def run_alone(path: Path | str) -> xr.Dataset:
    """Run the case that a YAML file describes.

    Args:
        path: the YAML file.

    Returns:
        People by year (0 at the start) and segment; births, deaths and net migration by year from 1; activity and cost
        by year where rates per person are given.

    Raises:
        UserError: with file and line, for a missing table, a matrix whose rows do not sum to one, or negative counts.
    """
    path = Path(path)
    table, case = read_case(path)
    people = [case.initial]
    for year in range(case.births.size):
        deaths = case.deaths[year] * case.death_share
        over = np.flatnonzero(deaths > people[-1])
        if over.size:
            raise UserError(
                f"year {year + 1} has {deaths[over[0]]:,.0f} deaths in {case.segments[over[0]]}, where there are "
                f"{people[-1][over[0]]:,.0f} people.",
                file=table.path,
                line=table.line("deaths", f"year {year + 1}"),
                key="deaths",
            )
        born, migrated = case.births[year] * case.birth_share, case.migration[year] * case.migration_share
        people.append(year_on(people[-1], case.transition, born, migrated, deaths))
        if np.any(people[-1] < 0.0):
            raise UserError(
                f"more people leave by migration in year {year + 1} than there are.",
                file=table.path,
                line=table.line("net_migration", f"year {year + 1}"),
                key="net_migration",
            )
    return as_dataset(case, np.array(people))


def as_dataset(case: PopulationCase, people: np.ndarray) -> xr.Dataset:
    """Return results with labels, units and calendar years.

    Args:
        case: the case that was run.
        people: people by year and segment, from year 0.
    """
    import xarray as xr

    after = np.arange(1, people.shape[0])
    data: dict[str, tuple] = {
        "people": (("year", "segment"), people, {"units": "people", "long_name": "People by core segment"})
    }
    for name, values in (("births", case.births), ("net_migration", case.migration), ("deaths", case.deaths)):
        data[name] = (("year_of_flow",), values, {"units": "people/year"})
    for name, rates in case.per_person.items():
        unit = case.units[name].replace(" per person", "").replace("per person", "contacts").replace("/person", "")
        data[name] = (("year",), (people * rates).sum(axis=1), {"units": unit, "long_name": name})
    coordinates = {
        "year": np.arange(people.shape[0]),
        "calendar_year": ("year", case.first_year + np.arange(people.shape[0])),
        "year_of_flow": after,
        "segment": list(case.segments),
    }
    return xr.Dataset(data, coordinates, attrs={"title": case.name, "Conventions": "CF-1.10"})


def readable_table(results: xr.Dataset, years: tuple[int, ...] = (0, 1, 5, 10, 20)) -> str:
    """Return people by segment in chosen years, and the growth of activity and cost, as text."""
    segments = [str(label) for label in results.segment.values]
    last = int(results.year[-1])
    lines = ["year  " + "".join(f"{label:>11}" for label in [*segments, "total"])]
    for year in (year for year in years if year <= last):
        row = results.people.sel(year=year).values
        lines.append(f"{year:<6}" + "".join(f"{value:>11,.0f}" for value in [*row, row.sum()]))
    growth = activity_growth(results)
    if growth:
        lines += ["", f"growth over {last} years at constant rates per person"]
        lines += [f"  {name:<32}{share:>+8.1%}" for name, share in growth.items()]
    return "\n".join(lines)


def activity_growth(results: xr.Dataset) -> dict[str, float]:
    """Return the growth of each activity and cost from the first to the last year, as a share."""
    names = [str(name) for name, values in results.data_vars.items() if values.dims == ("year",)]
    return {name: float(results[name][-1] / results[name][0] - 1.0) for name in names}


class PopulationTable:
    """The user's table: values by table, row and column, each with its line."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.values: dict[tuple[str, str, str], TableValue] = {}
        header: list[str] | None = None
        with path.open(encoding="utf-8", newline="") as stream:
            for line, fields in enumerate(csv.reader(stream), start=1):
                if not fields or fields[0].startswith("#"):
                    continue
                if header is None:
                    header = fields
                    if tuple(header) != COLUMNS:
                        raise UserError(f"the columns must be {', '.join(COLUMNS)}.", file=path, line=line)
                    continue
                self._add(line, fields)

    def _add(self, line: int, fields: list[str]) -> None:
        if len(fields) != len(COLUMNS):
            raise UserError(f"expected {len(COLUMNS)} fields, found {len(fields)}.", file=self.path, line=line)
        table, row, column, text, unit = fields
        if table not in (*NEEDED, *OPTIONAL):
            raise UserError(
                "not a table of the population model.",
                file=self.path,
                line=line,
                key=table,
                nearest=nearest_names(table, (*NEEDED, *OPTIONAL)),
            )
        try:
            value = float(text)
        except ValueError as error:
            raise UserError(f"'{text}' is not a number.", file=self.path, line=line, key=table) from error
        if not np.isfinite(value):
            raise UserError(f"'{text}' is not a finite number.", file=self.path, line=line, key=table)
        if (table, row, column) in self.values:
            raise UserError(f"{row} {column} is given twice.", file=self.path, line=line, key=table)
        if value < 0.0 and table != "net_migration":
            raise UserError(f"{row} {column} is negative ({value:g}).", file=self.path, line=line, key=table)
        self.values[table, row, column] = TableValue(value, line, unit)

    def rows(self, table: str) -> list[str]:
        """Return row labels of a table, in their order in the file."""
        labels = list(dict.fromkeys(row for name, row, _ in self.values if name == table))
        if not labels and table in NEEDED:
            raise UserError("this table is missing.", file=self.path, key=table)
        return labels

    def line(self, table: str, row: str, column: str = "") -> int | None:
        """Return the line of a value."""
        value = self.values.get((table, row, column))
        return value.line if value else None

    def value(self, table: str, row: str, column: str = "") -> float:
        """Return one value; an error if it is missing."""
        if (table, row, column) not in self.values:
            label = f"row '{row}'" + (f", column '{column}'" if column else "")
            raise UserError(f"no value for {label}.", file=self.path, key=table)
        return self.values[table, row, column].value

    def by_segment(self, table: str, segments: tuple[str, ...]) -> np.ndarray:
        """Return values of a table for every segment; a segment that the initial counts lack is an error."""
        for row in self.rows(table):
            if row not in segments:
                first_line = next(value.line for key, value in self.values.items() if key[:2] == (table, row))
                raise UserError(
                    f"'{row}' is not among the initial counts.",
                    file=self.path,
                    line=first_line,
                    key=table,
                    nearest=nearest_names(row, segments),
                )
        return np.array([self.value(table, segment) for segment in segments])

    def share(self, table: str, segments: tuple[str, ...]) -> np.ndarray:
        """Return a split over segments that adds up to one."""
        values = self.by_segment(table, segments)
        if abs(values.sum() - 1.0) > ROUNDING:
            line = self.line(table, segments[0])
            raise UserError(f"the shares sum to {values.sum():.6f}, not to one.", file=self.path, line=line, key=table)
        return values

    def yearly(self, table: str, years: int) -> np.ndarray:
        """Return values for year 1 to ``years``."""
        self.rows(table)
        return np.array([self.value(table, f"year {year}") for year in range(1, years + 1)])

    def transition(self, segments: tuple[str, ...]) -> np.ndarray:
        """Return yearly moves of survivors; every row must sum to one."""
        name = "survivors_transition"
        self.rows(name)
        matrix = np.array([[self.value(name, origin, target) for target in segments] for origin in segments])
        for origin, total in zip(segments, matrix.sum(axis=1), strict=True):
            if abs(total - 1.0) > ROUNDING:
                raise UserError(
                    f"row '{origin}' sums to {total:.6f}, not to one (survivors only, without death).",
                    file=self.path,
                    line=self.line(name, origin, segments[0]),
                    key=name,
                )
        return matrix


def read_case(path: Path) -> tuple[PopulationTable, PopulationCase]:
    """Read and check the YAML file and its table."""
    document = read_yaml(path)
    for key in document:
        if key not in FIELDS:
            raise UserError(
                "not a field of a population run.",
                file=path,
                line=line_of(document, key),
                key=str(key),
                nearest=nearest_names(str(key), FIELDS),
            )
    for key in ("table", "years", "first_year"):
        if key not in document:
            raise UserError(f"the field '{key}' is missing.", file=path, line=1)
    for key in ("years", "first_year"):
        years = document[key]
        if isinstance(years, bool) or not isinstance(years, int) or years < 1:
            raise UserError(
                f"expected a whole number of years above 0, found {years!r}.",
                file=path,
                line=line_of(document, key),
                key=key,
            )
    table_path = path.parent / str(document["table"])
    if not table_path.is_file():
        raise UserError(
            f"table not found: {table_path}",
            file=path,
            line=line_of(document, "table"),
            key="table",
            code=Exit.MISSING_FILE,
        )
    table = PopulationTable(table_path)
    segments, length = tuple(table.rows("initial_adults")), int(document["years"])
    rates = list(dict.fromkeys(column for name, _, column in table.values if name == "per_person"))
    case = PopulationCase(
        name=str(document.get("name", path.stem)),
        segments=segments,
        first_year=int(document["first_year"]),
        initial=table.by_segment("initial_adults", segments),
        transition=table.transition(segments),
        births=table.yearly("births", length),
        migration=table.yearly("net_migration", length),
        deaths=table.yearly("deaths", length),
        birth_share=table.share("share_of_birth", segments),
        migration_share=table.share("share_of_migration", segments),
        death_share=table.share("share_of_death", segments),
        per_person={
            name: np.array([table.value("per_person", segment, name) for segment in segments]) for name in rates
        },
        units={name: table.values["per_person", segments[0], name].unit for name in rates},
    )
    return table, case
