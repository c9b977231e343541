"""Scenarios that were run and compared with the baseline: headlines, labelled data, charts, statements and costing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from model.registry.errors import Exit, UserError, nearest_names

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

    from model.appraisal.assessment import Assessment
    from model.reporting.figures.style import NotebookFigure
    from model.results.comparison import HeadlineRow
    from model.results.run import Run
    from model.scenarios.resolved import ResolvedScenario
    from model.workflows.task_result import TaskResult

RESULTS_FILE = "results.nc"
"""File of a folder of results from which it can be opened again."""

Chart = Literal["headlines", "effects", "money", "segments"]


class Comparison:
    """Runs of scenarios, the baseline first.

    Args:
        scenarios: what was run, in the order of the runs; empty where results are opened again.
        folder: folder in which the results were written, if any.
        runs: the runs; read from the folder when they are first needed where left out.
    """

    def __init__(
        self, scenarios: Sequence[ResolvedScenario] = (), folder: Path | None = None, runs: Sequence[Run] | None = None
    ) -> None:
        self.scenarios = tuple(scenarios)
        self.folder = folder
        self._runs = None if runs is None else tuple(runs)
        self._headline_rows: list[HeadlineRow] | None = None

    @property
    def runs(self) -> tuple[Run, ...]:
        """The runs, the baseline first.

        Raises:
            UserError: the file of results is missing or not readable.
        """
        if self._runs is None:
            from model.results.dataset import read_runs

            if self.folder is None:
                raise ValueError("neither runs nor a folder to read them from")
            self._runs = tuple(read_runs(self.folder / RESULTS_FILE))
        return self._runs

    @property
    def baseline(self) -> Run:
        """What the others are compared with."""
        return self.runs[0]

    def release(self) -> None:
        """Let go of the runs where they were written to a folder, keeping the headlines by horizon."""
        self.headline_rows()
        if self.folder is not None:
            self._runs = None

    def headline_rows(self) -> list[HeadlineRow]:
        """Return the headlines by horizon, the baseline's first; none where no horizon lies within the run."""
        if self._headline_rows is None:
            from model.results.comparison import headline_table

            self._headline_rows = headline_table(self.runs, self.baseline)
        return self._headline_rows

    def headlines(self, by: Literal["horizon", "year"] = "horizon") -> pd.DataFrame:
        """Return the headline results as a table, one result of one scenario in one year a row.

        Args:
            by: ``horizon`` for the financial year of each horizon, ``year`` for every complete financial year.

        Returns:
            The value in ``unit`` (the median over the members), its 80% interval, the paired difference from the
            baseline (empty for the baseline itself) with its 80% interval, and the share of members in which the
            difference is an improvement (empty with one member).
        """
        import pandas as pd

        from model.results.comparison import headline_years

        if by not in ("horizon", "year"):
            raise UserError("expected 'horizon' or 'year'.", key=by, nearest=nearest_names(by, ("horizon", "year")))
        rows = self.headline_rows() if by == "horizon" else headline_years(self.runs, self.baseline)
        return pd.DataFrame([_headline_cells(row) for row in rows], columns=HEADLINE_COLUMNS)

    @property
    def dataset(self) -> xr.Dataset:
        """All results that were kept, by month, labelled, with units and the provenance of each scenario."""
        from model.results.dataset import to_dataset

        return to_dataset(self.runs)

    def statement(self, years: Sequence[str] | None = None) -> pd.DataFrame:
        """Return income and expenditure by scenario, financial year, organisation and line, in £ of each year.

        Args:
            years: financial years such as ``2025/26``; all that are complete where left out.
        """
        import pandas as pd

        from model.results.statement import income_and_expenditure

        rows = [row for run in self.runs for row in income_and_expenditure(run, years)]
        return pd.DataFrame([vars(row) for row in rows])

    def plot(self, chart: Chart = "headlines") -> NotebookFigure:
        """Draw a chart.

        Args:
            chart: ``headlines`` (over time), ``effects`` (what each scenario changes), ``money`` (expenditure) or
                ``segments`` (people by need).

        Raises:
            UserError: no such chart, or one that needs a horizon within the run or a scenario beside the baseline.
        """
        charts = self._charts()
        if chart not in charts:
            raise UserError(f"expected one of {', '.join(charts)}.", key=chart, nearest=nearest_names(chart, charts))
        return charts[chart]()

    def _charts(self) -> Mapping[str, Callable[[], NotebookFigure]]:
        from model.reporting.figures.effects import draw_effects
        from model.reporting.figures.expenditure import draw_money
        from model.reporting.figures.segments import draw_segments
        from model.reporting.figures.trajectories import draw_trajectories
        from model.results.observations import read_observations

        horizons = list(self.baseline.horizon_years)
        return {
            "headlines": lambda: draw_trajectories(self.runs, self.baseline, observations=read_observations()),
            "effects": partial(draw_effects, self.runs, self.baseline),
            "money": partial(draw_money, self.runs, self.baseline, horizon=horizons[-1] if horizons else "long"),
            "segments": partial(draw_segments, self.runs, self.baseline),
        }

    def cost(self) -> TaskResult[Assessment]:
        """Return what the scenarios cost and gain against the baseline; ``.tables()["appraisal"]`` has the sums.

        Raises:
            UserError: results that were opened again, which do not know the costs of their interventions.
        """
        from model.workflows.cost import cost_of_runs

        if not self.scenarios:
            message = "results that are opened again cannot be costed; cost the scenarios: api.cost('home_first')."
            raise UserError(message, file=self.folder, code=Exit.USAGE)
        return cost_of_runs(self.scenarios, self.runs)

    def _repr_html_(self) -> str:
        table = self.headlines("horizon" if self.headline_rows() else "year").drop(columns=["headline"])
        return str(table.to_html(index=False, float_format=lambda value: f"{value:,.2f}", na_rep=""))

    def __repr__(self) -> str:
        names = ", ".join(run.scenario for run in self.runs[1:]) or "no other scenario"
        first = self.baseline
        return (
            f"Comparison of {names} with {first.scenario}: {first.month_starts[0]} to {first.month_ends[-1]}, "
            f"{first.members} member{'s' if first.members > 1 else ''}"
        )


def open_results(folder: Path | str) -> Comparison:
    """Open a finished folder of results again; its data are read when they are asked for.

    Args:
        folder: folder that ``run``, ``compare``, ``decide`` or ``report`` wrote.

    Raises:
        UserError: the folder holds no results.

    Example:
        >>> open_results("outputs/home_first").headlines()
    """
    if not (Path(folder) / RESULTS_FILE).is_file():
        raise UserError(f"holds no {RESULTS_FILE}; give a folder of results.", file=folder, code=Exit.MISSING_FILE)
    return Comparison(folder=Path(folder))


def headlines(*runs: Run, by: Literal["horizon", "year"] = "year") -> pd.DataFrame:
    """Return the headline results of runs, compared with the first of them; see ``Comparison.headlines``.

    Args:
        runs: runs of equal length and members.
        by: ``year`` for every complete financial year, ``horizon`` for the financial year of each horizon.

    Example:
        >>> headlines(simulate("baseline"))
    """
    return Comparison(runs=runs).headlines(by)


HEADLINE_COLUMNS = (
    "scenario",
    "horizon",
    "financial_year",
    "headline",
    "title",
    "unit",
    "better",
    "value",
    "low_80",
    "high_80",
    "difference",
    "difference_low_80",
    "difference_high_80",
    "probability_of_improvement",
)


def _headline_cells(row: HeadlineRow) -> tuple[object, ...]:
    difference = row.difference
    return (
        row.scenario,
        row.horizon,
        row.financial_year,
        row.headline.name,
        row.headline.title,
        row.headline.unit,
        row.headline.better,
        row.value.median,
        row.value.low,
        row.value.high,
        *((difference.median, difference.low, difference.high) if difference is not None else (None, None, None)),
        row.improvement,
    )
