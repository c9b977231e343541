"""The tables of a fit and of a screening for the terminal, 120 columns wide at most."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import fill

from rich import box
from rich.console import Group, RenderableType
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from model.calibration.fit import Fit
from model.calibration.fit_summary import (
    USES,
    CorrelationRow,
    KeyRow,
    PriorRow,
    SeriesRow,
    correlation_table,
    key_table,
    prior_table,
    series_table,
)
from model.calibration.screening import WORTH_FITTING, ScreeningRow
from model.results.number_format import MILLION, format_number

LEAST_WIDTH = 24
"""Columns kept for names, which are folded beyond."""

NAME_WIDTH = 30
"""The same for names of fitted numbers."""

TEXT_WIDTH = 116
"""Columns of sentences."""

MOST_PAIRS = 12
"""Pairs of fitted numbers shown."""

MOST_NUMBERS = 30
"""Numbers of a screening shown."""


def render_fit(fit: Fit, runs: int) -> Group:
    """Fit by series, figures that must hold, prior against posterior, pairs, and the quality of the draws.

    Args:
        fit: a finished fit.
        runs: runs of the model that it took.
    """
    parts: list[RenderableType] = [_series(series_table(fit))]
    if fit.problem.targets.keys:
        parts.append(_keys(key_table(fit)))
    parts += [_priors(prior_table(fit)), _correlations(correlation_table(fit))]
    parts.append(Text("\n".join(fill(sentence, TEXT_WIDTH) for sentence in fit_sentences(fit, runs))))
    return Group(*parts)


def fit_sentences(fit: Fit, runs: int) -> tuple[str, ...]:
    """Return misfit, quality of the draws and cost of a fit in words."""
    sample, steps = fit.sample, fit.options.steps
    accepted = f"{sum(sample.accepted) / len(sample.accepted):.0%} of steps accepted" if sample.accepted else "no steps"
    return (
        f"Mean square of the fitted residuals in units of error: {fit.misfit(fit.before):.2f} before, "
        f"{fit.misfit(fit.point_predictions):.2f} at the point fit.",
        f"Ends of the starts (half the sum of squares): {', '.join(f'{cost:.1f}' for cost in fit.point.costs)}.",
        f"Draws: {sample.scores.shape[1]}, each the end of a chain of {steps} steps; {accepted}.",
        f"Autocorrelation time {sample.correlation_time.mean():.1f} steps in the mean, at most "
        f"{sample.correlation_time.max():.1f}; correlation of end and start at most {abs(sample.memory).max():.2f}; "
        f"drift in the second half at most {abs(sample.drift).max():.2f} standard deviations.",
        f"Effective number of draws of the normal approximation by importance: {sample.importance_size:.0f}.",
        f"{runs:,} runs of the model.",
        f"Series not used: {', '.join(fit.problem.targets.unused) or 'none'}.",
    )


def _table(title: str, columns: tuple[tuple[str, bool], ...]) -> Table:
    """Return an empty table.

    Args:
        title: its title.
        columns: heading of each column, and whether it holds numbers.
    """
    table = Table(title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, pad_edge=False)
    for name, numbers in columns:
        table.add_column(name, justify="right" if numbers else "left", no_wrap=numbers, overflow="fold")
    table.columns[0].min_width = LEAST_WIDTH
    return table


def _short(value: float) -> str:
    """A number with three significant figures, in millions from a million on."""
    if abs(value) >= MILLION:
        return f"{format_number(value / MILLION, 1)}m"
    return format_number(value, 0) if abs(value) >= 100 else f"{value:.3g}".replace("-", "−")


def _series(rows: Sequence[SeriesRow]) -> Table:
    """The fit of each series."""
    table = _table(
        "Fit by series: before (central values) and after (posterior median); bias in units of error",
        (
            ("series", False),
            ("use", False),
            ("n", True),
            ("RMSE\nbefore", True),
            ("\nafter", True),
            ("unit", False),
            ("bias\nbefore", True),
            ("\nafter", True),
            ("in\n80%", True),
        ),
    )
    for row in rows:
        table.add_row(
            row.series,
            USES[row.use],
            str(row.figures),
            _short(row.rmse_before),
            _short(row.rmse_after),
            row.unit,
            format_number(row.bias_before, 2, signed=True),
            format_number(row.bias_after, 2, signed=True),
            f"{row.inside:.0%}",
        )
    return table


def _keys(rows: Sequence[KeyRow]) -> Table:
    """Figures that must hold."""
    table = _table(
        "Figures of the case for change: median of the draws and 80% interval with all errors; what is fitted was made "
        "to hold",
        (
            ("figure", False),
            ("use", False),
            ("published", True),
            ("before", True),
            ("after", True),
            ("80% interval", True),
            ("unit", False),
            ("", False),
        ),
    )
    for row in rows:
        table.add_row(
            row.title,
            USES[row.use],
            _short(row.observed),
            _short(row.before),
            _short(row.median),
            f"{_short(row.low)} to {_short(row.high)}",
            row.unit,
            "holds" if row.holds else "[red]FAILS[/red]",
        )
    return table


def _priors(rows: Sequence[PriorRow]) -> Table:
    """Prior against posterior of each fitted number."""
    table = _table(
        "Prior against posterior: 80% intervals and median; informed is the share of prior variance removed; "
        "shift in its standard deviations; ! presses on an end",
        (("fitted", False), ("unit", False), ("prior", True), ("posterior", True), ("informed", True), ("shift", True)),
    )
    table.columns[0].min_width = NAME_WIDTH
    for row in rows:
        low, median, high = row.posterior
        table.add_row(
            escape(row.name),
            row.unit,
            f"{row.prior[0]:.3g} to {row.prior[2]:.3g}",
            f"{median:.3g} ({low:.3g} to {high:.3g})",
            f"{row.informed:.0%}",
            f"{format_number(row.shift, 1, signed=True)}{' !' if row.at_an_end else '  '}",
        )
    return table


def _correlations(rows: Sequence[CorrelationRow]) -> Table:
    """The strongest pairs of fitted numbers."""
    table = _table(
        f"Numbers that the data tied together: the strongest of {len(rows)} pairs",
        (("one", False), ("other", False), ("correlation", True)),
    )
    for row in rows[:MOST_PAIRS]:
        table.add_row(escape(row.first), escape(row.second), format_number(row.correlation, 2, signed=True))
    return table


def render_screen(rows: Sequence[ScreeningRow]) -> Table:
    """What moves the fitted figures most: all numbers that are not fitted and worth it, then the largest."""
    missing = [row for row in rows if not row.fitted and row.size >= WORTH_FITTING]
    others = [row for row in rows if row not in missing]
    table = _table(
        f"How far one prior standard deviation moves the fitted figures, in units of error (root sum of squares): "
        f"{len(missing)} of {len(rows)} are not fitted and move them by {WORTH_FITTING:g} or more",
        (("number", False), ("fitted", False), ("size", True), ("series that it moves most", False)),
    )
    for row in (*missing, *others[: max(MOST_NUMBERS - len(missing), 0)]):
        most = ", ".join(f"{name} {size:.1f}" for name, size in row.most() if size >= 0.05)
        table.add_row(escape(row.name), "yes" if row.fitted else "no", f"{row.size:.2f}", most)
    return table
