"""The population model alone, on tables that a user supplies."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from model.workflows.plan import result_folder
from model.workflows.results_folder import GUIDE, MARK, whole_folder
from model.workflows.run_options import RunOptions

if TYPE_CHECKING:
    import xarray as xr

PEOPLE, DATA = "people.csv", "population.nc"


@dataclass(frozen=True, eq=False)
class PopulationRun:
    """People by segment, year by year, of the population model alone.

    Attributes:
        dataset: people, births, deaths, migration, activity and cost by year, with units.
        text: people by segment in chosen years, and growth of activity and cost, as a table of text.
        folder: folder of results; None where no files were written.
    """

    dataset: xr.Dataset
    text: str
    folder: Path | None

    def _repr_html_(self) -> str:
        return f"<pre>{self.text}</pre>"


def population(tables: Path | str, *, output: Path | None = None) -> PopulationRun:
    """Run the population model alone on tables that you supply.

    Args:
        tables: a YAML file that names a table, such as ``scenarios/population/published_bnssg_2023.yaml``.
        output: folder in which the folder of results is made; None writes no files.

    Raises:
        UserError: an error in the tables with file and line, or a folder that cannot be written.

    Example:
        >>> population("scenarios/population/published_bnssg_2023.yaml").dataset["people"]
    """
    from model.simulation.population_alone import readable_table, run_alone

    tables = Path(tables)
    dataset = run_alone(tables)
    folder = result_folder(RunOptions(output=output), f"population_{tables.stem}")
    result = PopulationRun(dataset, readable_table(dataset), folder)
    if folder is not None:
        with whole_folder(folder) as temporary:
            _write(result, tables, temporary)
    return result


def _write(result: PopulationRun, tables: Path, folder: Path) -> None:
    result.dataset.to_netcdf(folder / DATA, engine="netcdf4")
    result.dataset["people"].to_series().reset_index().to_csv(folder / PEOPLE, index=False)
    guide = (
        f"{MARK}: the population model alone, on {tables}\n\n"
        f"  {DATA}: people by segment, births, deaths, migration, activity and cost by year, with units\n"
        f"  {PEOPLE}: people by year and segment\n\n{result.text}\n"
    )
    (folder / GUIDE).write_text(guide, encoding="utf-8")
