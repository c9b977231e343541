"""What a folder of results holds: data, tables, resolved scenarios, figures, and a guide to them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from model.registry.errors import UserError
from model.results.case_for_change import case_for_change, write_case_for_change
from model.results.comparison import headline_years, write_headlines, write_monthly
from model.results.dataset import write_runs
from model.results.statement import write_statement
from model.workflows.comparison import RESULTS_FILE, Comparison
from model.workflows.folder_guide import guide
from model.workflows.progress import Progress
from model.workflows.results_folder import GUIDE, folder_name

if TYPE_CHECKING:
    from model.results.comparison import HeadlineRow
    from model.results.run import Run
    from model.scenarios.resolved import ResolvedScenario


@dataclass(frozen=True)
class Product:
    """One file, or several of a kind.

    Attributes:
        name: file name within the folder.
        meaning: what is in it.
        write: makes it at a path.
    """

    name: str
    meaning: str
    write: Callable[[Path], object]


def data_products(
    resolved: Sequence[ResolvedScenario], runs: Sequence[Run], headline_rows: Sequence[HeadlineRow]
) -> list[Product]:
    """Return data and tables.

    Args:
        resolved: scenarios, the baseline first.
        runs: runs to write, the baseline first.
        headline_rows: their headlines by horizon.
    """
    baseline = runs[0]
    products = [
        Product(
            RESULTS_FILE,
            "All results kept, by month: labelled NetCDF (CF) with units, sources and the provenance of each scenario. "
            "Flows and means lie on 'time', stocks on 'time_end' (month ends).",
            partial(write_runs, runs),
        ),
        Product(
            "headlines.csv",
            "Headline results at each horizon (the financial year that ends so many years after the decision), with "
            "differences from the baseline. One number a line.",
            partial(write_headlines, headline_rows),
        ),
        Product(
            "headlines_by_year.csv",
            "The same for every NHS financial year.",
            lambda path: write_headlines(headline_years(runs, baseline), path),
        ),
        Product(
            "monthly.csv",
            "Headline results of every month, with differences from the baseline.",
            partial(write_monthly, runs),
        ),
        Product(
            "statement.csv",
            "Income and expenditure of each organisation by financial year, £ of each year: income positive, "
            "expenditure negative; 'surplus' is their sum. Differences from the baseline beside it; more income, or "
            "less expenditure, is an improvement.",
            partial(write_statement, runs),
        ),
    ]
    products += [
        scenario_product(scenario, f"scenario_{folder_name(scenario.name)}.resolved.yaml") for scenario in resolved
    ]
    if (case := _case_product(baseline)) is not None:
        products.append(case)
    return products


def scenario_product(scenario: ResolvedScenario, name: str) -> Product:
    """Return the file of a resolved scenario."""
    return Product(
        name,
        f"Every setting, value and dated change of '{scenario.name}', with the file and line it comes from.",
        lambda path: path.write_text(scenario.to_yaml(), encoding="utf-8"),
    )


def _case_product(baseline: Run) -> Product | None:
    """The baseline beside the published figures; None where the run does not cover the years of the figures."""
    try:
        rows = case_for_change(baseline)
    except UserError:
        return None
    return Product(
        "case_for_change.csv",
        "What the baseline gives for each published figure of the case for change, beside its target.",
        lambda path: write_case_for_change(rows, path),
    )


def figure_products(runs: Sequence[Run]) -> Iterator[Product]:
    """Yield figures, each as PNG and SVG; matplotlib is loaded when the first is asked for."""
    from model.reporting.figures.effects import plot_effects
    from model.reporting.figures.expenditure import plot_money
    from model.reporting.figures.segments import plot_segments
    from model.reporting.figures.trajectories import plot_trajectories
    from model.results.observations import read_observations

    baseline = runs[0]
    yield Product(
        "headlines.png",
        "Headline results over time: observed, baseline and scenarios.",
        lambda path: plot_trajectories(runs, baseline, path, observations=read_observations()),
    )
    if len(runs) > 1 and baseline.horizon_years:
        yield Product(
            "effects.png",
            "What scenarios change at each horizon: paired differences, 80% intervals, probability of improvement.",
            partial(plot_effects, runs, baseline),
        )
    if baseline.horizon_years:
        yield Product(
            "money.png",
            "Where the money goes: expenditure by organisation and line.",
            partial(plot_money, runs, baseline, horizon=list(baseline.horizon_years)[-1]),
        )
    yield Product(
        "segments.png",
        "People by segment of multimorbidity, and who has most need by deprivation.",
        partial(plot_segments, runs, baseline),
    )


def write_products(products: Sequence[Product], folder: Path) -> list[tuple[str, str]]:
    """Write files into a folder that exists; return the name and meaning of each."""
    for product in products:
        product.write(folder / product.name)
    return [(product.name, product.meaning) for product in products]


def write_comparison(folder: Path, comparison: Comparison, *, figures: bool, progress: Progress) -> None:
    """Write everything of a comparison into a folder that exists.

    Args:
        folder: where.
        comparison: what was run.
        figures: whether figures are drawn.
        progress: told of what is written next.
    """
    progress.begin("writing data")
    products = data_products(comparison.scenarios, comparison.runs, comparison.headline_rows())
    files = write_products(products, folder)
    progress.finish()
    if figures:
        progress.begin("drawing figures")
        (folder / "figures").mkdir()
        for product in figure_products(comparison.runs):
            product.write(folder / "figures" / product.name)
            files.append((f"figures/{product.name}", f"{product.meaning} Also as SVG."))
        progress.finish()
    (folder / GUIDE).write_text(_guide(comparison.scenarios, comparison.runs, files), encoding="utf-8")


def _guide(resolved: Sequence[ResolvedScenario], runs: Sequence[Run], files: Sequence[tuple[str, str]]) -> str:
    """Text of the guide: what was run, how, and what each file holds."""
    baseline = runs[0]
    last = baseline.month_ends[-1]
    horizons = ", ".join(f"{name} {year}" for name, year in baseline.horizon_years.items()) or "none within the run"
    members = (
        "1, each number at its most probable or central value (no interval)"
        if baseline.members == 1
        else f"{baseline.members}, paired: the same draws in every scenario; medians and 80% intervals"
    )
    facts = (
        f"Run from {baseline.start} to {last}, decisions from {baseline.decision}. Members: {members}.",
        f"Numbers that no file sets: {resolved[0].numbers}.",
        f"Seed: {resolved[0].seed}. Horizons (financial years): {horizons}.",
        f"Versions: {baseline.provenance.get('versions', '')}, model {baseline.provenance.get('model_version', '')}, "
        f"commit {baseline.provenance.get('commit', '')}.",
    )
    foot = (
        "Stocks are values at month ends, flows are totals over the month, other results are means over the month.",
        "A difference is scenario less baseline, member by member. A deficit is positive.",
    )
    return guide("", resolved, facts, files, baseline=resolved[0], foot=foot)
