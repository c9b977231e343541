"""What a folder of results holds: data, tables, resolved scenarios, figures, and a guide to them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from model.registry.errors import UserError
from model.results.case_for_change import case_for_change, write_case_for_change
from model.results.comparison import headline_table, headline_years, write_headlines, write_monthly
from model.results.dataset import write_runs
from model.results.statement import write_statement
from model.workflows.folder_guide import guide
from model.workflows.results_folder import GUIDE, folder_name

if TYPE_CHECKING:
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


def data_products(resolved: Sequence[ResolvedScenario], runs: Sequence[Run]) -> list[Product]:
    """Data and tables; the baseline comes first among the runs."""
    baseline = runs[0]
    found = [
        Product(
            "results.nc",
            "All results kept, by month: labelled NetCDF (CF) with units, sources and the provenance of each scenario. "
            "Flows and means lie on 'time', stocks on 'time_end' (month ends).",
            lambda path: write_runs(runs, path),
        ),
        Product(
            "headlines.csv",
            "Headline results at each horizon (the financial year that ends so many years after the decision), with "
            "differences from the baseline. One figure a line.",
            lambda path: write_headlines(headline_table(runs, baseline), path),
        ),
        Product(
            "headlines_by_year.csv",
            "The same for every NHS financial year.",
            lambda path: write_headlines(headline_years(runs, baseline), path),
        ),
        Product(
            "monthly.csv",
            "Headline results of every month, with differences from the baseline.",
            lambda path: write_monthly(runs, path),
        ),
        Product(
            "statement.csv",
            "Income and expenditure of each organisation by financial year, £ of each year: income positive, "
            "expenditure negative; 'surplus' is their sum. Differences from the baseline beside it; more income, or "
            "less expenditure, is an improvement.",
            lambda path: write_statement(runs, path),
        ),
    ]
    found += [
        Product(
            f"scenario_{folder_name(each.name)}.resolved.yaml",
            f"Every setting, value and dated change of '{each.name}', with the file and line it comes from.",
            _text_writer(each),
        )
        for each in resolved
    ]
    return found


def _text_writer(each: ResolvedScenario) -> Callable[[Path], object]:
    return lambda path: path.write_text(each.to_yaml(), encoding="utf-8")


def case_product(baseline: Run) -> Product | None:
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
    """Figures, each as PNG and SVG; matplotlib is loaded when the first is asked for."""
    from model.reporting.figures.effects import plot_effects
    from model.reporting.figures.expenditure import plot_money
    from model.reporting.figures.feedback_loops import plot_loops
    from model.reporting.figures.segments import plot_segments
    from model.reporting.figures.stocks_and_flows import plot_stocks_and_flows
    from model.reporting.figures.trajectories import plot_trajectories
    from model.results.observations import read_observations

    baseline, registry = runs[0], runs[0].registry
    yield Product(
        "headlines.png",
        "Headline results over time: observed, baseline and scenarios.",
        lambda path: plot_trajectories(runs, baseline, path, observations=read_observations()),
    )
    if len(runs) > 1 and baseline.horizon_years:
        yield Product(
            "effects.png",
            "What scenarios change at each horizon: paired differences, 80% intervals, probability of improvement.",
            lambda path: plot_effects(runs, baseline, path),
        )
    if baseline.horizon_years:
        last = list(baseline.horizon_years)[-1]
        yield Product(
            "money.png",
            "Where the money goes: expenditure by organisation and line.",
            lambda path: plot_money(runs, baseline, path, horizon=last),
        )
    yield Product(
        "segments.png",
        "People by segment of multimorbidity, and who has most need by deprivation.",
        lambda path: plot_segments(runs, baseline, path),
    )
    yield Product(
        "loops.png", "Feedback loops, drawn from the model's declarations.", lambda path: plot_loops(registry, path)
    )
    for sector, title in registry.sectors.items():
        if any(stock.sector == sector for stock in registry.stocks.values()):
            yield Product(
                f"stocks_and_flows_{sector}.png",
                f"Stocks and flows of the sector '{title}'.",
                _structure_writer(plot_stocks_and_flows, registry, sector),
            )


def _structure_writer(plot: Callable[..., Path], registry: object, sector: str) -> Callable[[Path], object]:
    return lambda path: plot(registry, sector, path)


def write_products(
    folder: Path,
    resolved: Sequence[ResolvedScenario],
    runs: Sequence[Run],
    *,
    figures: bool,
    began: Callable[[str], None],
    finished: Callable[[], None],
) -> None:
    """Write everything into a folder that exists.

    Args:
        folder: where.
        resolved: scenarios, the baseline first.
        runs: their runs, in the same order.
        figures: whether figures are drawn.
        began: told of what is written next.
        finished: told when data, and when figures, are written.
    """
    written: list[tuple[str, str]] = []
    began("writing data")
    case = case_product(runs[0])
    for product in [*data_products(resolved, runs), *([case] if case else [])]:
        product.write(folder / product.name)
        written.append((product.name, product.meaning))
    finished()
    if figures:
        (folder / "figures").mkdir()
        for product in figure_products(runs):
            began(f"drawing {product.name}")
            product.write(folder / "figures" / product.name)
            written.append((f"figures/{product.name}", f"{product.meaning} Also as SVG."))
        finished()
    (folder / GUIDE).write_text(_guide(resolved, runs, written), encoding="utf-8")


def _guide(resolved: Sequence[ResolvedScenario], runs: Sequence[Run], written: Sequence[tuple[str, str]]) -> str:
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
        f"Versions: {baseline.provenance.get('versions', '')}, model {baseline.provenance.get('model_version', '')}.",
    )
    foot = (
        "Stocks are values at month ends, flows are totals over the month, other results are means over the month.",
        "A difference is scenario less baseline, member by member. A deficit is positive.",
    )
    return guide("", resolved, facts, written, baseline=resolved[0], foot=foot)
