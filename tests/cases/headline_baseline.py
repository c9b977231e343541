"""The stored baseline: every headline of every shipped package and future, and what has moved since it was stored."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from math import isclose, isnan
from pathlib import Path

from model.results.headlines import HEADLINES
from model.scenarios.library import Library
from model.scenarios.resolver import resolve
from model.sectors.model_registry import registry
from model.simulation.simulate import simulate

FILE = Path(__file__).parents[1] / "baseline" / "headlines.csv"
HEADER = ("scenario", "headline", "unit", "financial_year", "value")
RELATIVE = 1e-9
"""Share by which a value may differ: ten significant digits are stored."""
IN_FUTURE = " in "

Values = Mapping[tuple[str, str], tuple[str, float]]
"""Unit and value by headline and financial year."""


def scenario_names() -> list[str]:
    """The baseline, every shipped package, and the baseline in every shipped future."""
    library = Library()
    futures = [f"baseline{IN_FUTURE}{name}" for name in library.names("future")]
    return ["baseline", *library.names("package"), *futures]


def run_headlines(name: str) -> Values:
    """Run one member of a scenario of ``scenario_names`` and read all its headlines."""
    scenario, _, future = name.partition(IN_FUTURE)
    changes = {"future": future} if future else {}
    run = simulate(resolve(scenario, registry(), changes=changes), processes=1)
    return {
        (measure.name, year): (measure.unit, float(value))
        for measure in HEADLINES
        for year, (value,) in measure.by_year(run).items()
    }


def read_baseline(path: Path = FILE) -> dict[str, dict[tuple[str, str], tuple[str, float]]]:
    """Read the stored values by scenario."""
    stored: dict[str, dict[tuple[str, str], tuple[str, float]]] = {}
    with path.open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            values = stored.setdefault(row["scenario"], {})
            values[row["headline"], row["financial_year"]] = (row["unit"], float(row["value"]))
    return stored


def write_baseline(scenarios: Mapping[str, Values], path: Path = FILE) -> None:
    """Write values with ten significant digits, one a line."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(HEADER)
        for scenario, values in scenarios.items():
            for (headline, year), (unit, value) in values.items():
                writer.writerow((scenario, headline, unit, year, f"{value:.10g}"))


def changes(scenario: str, stored: Values, current: Values) -> list[str]:
    """One line for each value that is missing, new, in another unit, or not the same to nine digits."""
    return [line for key in dict.fromkeys([*stored, *current]) for line in _change(scenario, key, stored, current)]


def _change(scenario: str, key: tuple[str, str], stored: Values, current: Values) -> Iterable[str]:
    headline, year = key
    where = f"{scenario}, {headline}, {year}"
    if key not in current:
        yield f"{where}: stored, but no longer a result"
    elif key not in stored:
        yield f"{where}: a result, but not stored"
    else:
        (unit, before), (unit_now, now) = stored[key], current[key]
        if unit != unit_now:
            yield f"{where}: unit was '{unit}' and is '{unit_now}'"
        if not isclose(before, now, rel_tol=RELATIVE) and not (isnan(before) and isnan(now)):
            moved = f" ({(now - before) / abs(before):+.3%})" if before else ""
            yield f"{where}: was {before:.10g} and is {now:.10g} {unit_now}{moved}"
