"""Headline results over time: what was observed, the baseline, and each scenario with its 80 % interval."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, MaxNLocator, MultipleLocator

from model.reporting.figures.style import heading, note, save, scenario_colours, styled
from model.reporting.theme import A4_PORTRAIT, BASELINE, FAINT, OBSERVED
from model.results.comparison import INTERVAL
from model.results.expressions import Statistic
from model.results.headlines import Measure, Place, headlines_shown
from model.results.observations import Observation
from model.results.run import Run, financial_year_of, period_dates

DAYS_PER_YEAR = 365.25
DAYS_PER_MONTH = DAYS_PER_YEAR / 12
BROKEN = (0, (3.5, 1.2))
"""Dashes of the baseline."""
COLUMNS = 3


def decimal_year(day: date) -> float:
    """A date as a decimal calendar year."""
    return day.year + (day.timetuple().tm_yday - 1) / DAYS_PER_YEAR


def year_place(year: str, statistic: Statistic) -> float:
    """Where a financial year stands on the axis: its end for a value at its end, else its middle."""
    first, last = (decimal_year(day) for day in period_dates(year))
    return last if statistic is Statistic.AT_END else (first + last) / 2


def observed_points(each: Measure, observations: Sequence[Observation], *, yearly: bool) -> list[tuple[float, float]]:
    """Observed figures of a headline as pairs of decimal year and value in its unit.

    By year, months become their year's total, mean or last value where all twelve (for a last value, March) are known;
    means of single months and quarters stay points of their own where the year is not complete.
    """
    alike = [row for row in observations if row.output is not None and row.output.text == each.expression]
    found: list[tuple[float, float]] = []
    months: dict[str, dict[date, float]] = {}
    for row in alike:
        first, last = row.dates
        if "-" in row.period and yearly:
            months.setdefault(financial_year_of(first), {})[first] = row.value
            continue
        totals_agree = each.statistic is not Statistic.SUM or ("/" in row.period and " " not in row.period) == yearly
        if totals_agree:
            middle = (decimal_year(first) + decimal_year(last)) / 2
            days = (last - first).days + 1
            # Months of unequal length would make a saw of an even flow.
            even = 1.0 if yearly or each.statistic is not Statistic.SUM else DAYS_PER_MONTH / days
            found.append((decimal_year(last) if each.statistic is Statistic.AT_END else middle, row.value * even))
    for year, values in months.items():
        place = year_place(year, each.statistic)
        if each.statistic is Statistic.AT_END:
            found += [
                (decimal_year(day) + 1 / 12, value)
                for day, value in values.items()
                if day.month == 3 or len(values) < 12
            ]
        elif len(values) == 12:
            total = sum(values.values())
            found.append((place, total if each.statistic is Statistic.SUM else total / 12))
        elif each.statistic is Statistic.MEAN:
            found += [(decimal_year(day) + 1 / 24, value) for day, value in values.items()]
    return sorted((place, value * each.scale) for place, value in found)


def _series(run: Run, each: Measure, *, yearly: bool) -> tuple[np.ndarray, np.ndarray]:
    """Places on the axis and values ``(times, members)``."""
    if yearly:
        by_year = each.by_year(run)
        return np.array([year_place(year, each.statistic) for year in by_year]), np.array(list(by_year.values()))
    places = [
        decimal_year(start) + (1 / 12 if each.statistic is Statistic.AT_END else 1 / 24) for start in run.month_starts
    ]
    even = DAYS_PER_MONTH / run.days[:, None] if each.statistic is Statistic.SUM else 1.0
    return np.array(places), each.monthly(run) * even


def _panel(
    axes: Axes,
    each: Measure,
    runs: Sequence[Run],
    colours: dict[str, str],
    observations: Sequence[Observation],
    *,
    yearly: bool,
) -> None:
    for order, run in enumerate(runs):
        places, values = _series(run, each, yearly=yearly)
        # The baseline is broken and on top, so that a scenario equal to it still shows beneath.
        base = colours[run.scenario] == BASELINE
        line = {"lw": 1.3, "ls": BROKEN, "zorder": 20} if base else {"lw": 1.9, "zorder": 3 + order}
        axes.plot(places, np.median(values, axis=1), color=colours[run.scenario], **line)
        if run.members > 1:
            low, high = np.quantile(values, INTERVAL, axis=1)
            axes.fill_between(places, low, high, color=colours[run.scenario], alpha=0.18, lw=0, zorder=2)
    points = observed_points(each, observations, yearly=yearly)
    if points:
        size = 14 if yearly else 6
        axes.scatter(*zip(*points, strict=True), s=size, facecolor="white", edgecolor=OBSERVED, lw=0.9, zorder=30)
    axes.axvline(decimal_year(runs[0].decision), color="#999999", lw=0.9, ls=(0, (4, 3)), zorder=1)
    in_months = not yearly and each.statistic is Statistic.SUM
    unit = each.unit.replace("a year", "a month") if in_months else each.unit
    title = each.title if yearly else each.title.removesuffix(", March")
    axes.set_title(f"{title}\n", fontsize=8, pad=3)
    arrow = "higher is better" if each.better == "higher" else "lower is better"
    axes.text(0, 1.03, f"{unit} · {arrow}", transform=axes.transAxes, fontsize=6.5, color="#555555")
    axes.xaxis.set_major_locator(MultipleLocator(5))
    axes.yaxis.set_major_locator(MaxNLocator(5))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.6g}".replace("-", "−")))
    low, high = axes.get_ylim()
    # A quantity that is never negative is shown from zero unless it hardly moves: then zero would hide its course.
    if low > 0 and low < 0.6 * high:
        axes.set_ylim(0, high)


def plot_trajectories(
    runs: Sequence[Run],
    baseline: Run,
    path: Path,
    *,
    headlines: Sequence[Measure] | None = None,
    observations: Sequence[Observation] = (),
    by: str = "financial_year",
) -> Path:
    """Small multiples of headline results.

    Args:
        runs: scenarios; the baseline may be among them.
        baseline: drawn grey.
        path: file; PNG and SVG are written.
        headlines: results, one panel each; those that are shown in figures where it is None.
        observations: history, drawn as points where a figure is compared with just that result.
        by: ``financial_year`` or ``month``.

    Returns:
        Path of the PNG.
    """
    shown = [baseline, *(run for run in runs if run.scenario != baseline.scenario)]
    colours = scenario_colours([run.scenario for run in shown], baseline.scenario)
    wanted = headlines_shown(Place.FIGURE) if headlines is None else headlines
    yearly = by == "financial_year"
    columns = min(COLUMNS, len(wanted))
    lines = -(-len(wanted) // columns)
    height = min(A4_PORTRAIT[1], 1.5 + 1.95 * lines)
    with styled():
        figure = Figure(figsize=(A4_PORTRAIT[0], height))
        grid = figure.subplots(lines, columns, squeeze=False)
        figure.subplots_adjust(
            left=0.08, right=0.975, top=1 - 1.22 / height, bottom=0.72 / height, hspace=0.55, wspace=0.27
        )
        for axes, each in zip(grid.flat, wanted, strict=False):
            _panel(axes, each, shown, colours, observations, yearly=yearly)
        for axes in grid.flat[len(wanted) :]:
            axes.set_visible(False)
        heading(figure, "Headline results", "by NHS financial year" if yearly else "by month")
        _legend(figure, shown, colours, any_observed=bool(observations))
        note(figure, _note(shown, yearly=yearly))
        return save(figure, path)


def _legend(figure: Figure, runs: Sequence[Run], colours: dict[str, str], *, any_observed: bool) -> None:
    keys = [
        Line2D([], [], color=colours[run.scenario], lw=1.9, ls=BROKEN if run is runs[0] else "-", label=run.heading)
        for run in runs
    ]
    if any_observed:
        keys.append(Line2D([], [], ls="", marker="o", markersize=4, mfc="white", mec=OBSERVED, label="observed"))
    keys.append(Line2D([], [], color="#999999", lw=0.9, ls=(0, (4, 3)), label=f"decision, {runs[0].decision:%B %Y}"))
    place = 1 - 0.56 / figure.get_figheight()
    columns = 4 if len(keys) > 5 else len(keys)
    figure.legend(
        handles=keys,
        loc="upper left",
        bbox_to_anchor=(0.01, place),
        ncols=columns,
        fontsize=7.5,
        handlelength=1.8,
        columnspacing=1.4,
        borderaxespad=0,
        edgecolor=FAINT,
    )


def _note(runs: Sequence[Run], *, yearly: bool) -> str:
    members = runs[0].members
    interval = (
        f"Line: median of {members} members; band: 80% interval of the level. What a scenario changes, member by "
        "member, is drawn in effects.png."
        if members > 1
        else "One run: no interval."
    )
    even = "" if yearly else "Monthly totals are put to months of equal length. "
    return (
        f"{interval} {even}Totals and means are drawn in the middle of their period, lists at their end. "
        "Source: BNSSG whole-system model. Observed: NHS England statistics and the BNSSG case for change, sources by "
        "figure in calibration/observations.csv."
    )
