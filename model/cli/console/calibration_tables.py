"""The tables of a fit for the terminal, 120 columns wide at most."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from model.calibration.fit_summary import USES, CorrelationRow, KeyRow, PriorRow, SeriesRow
from model.calibration.screening import WORTH_FITTING, ScreenRow

if TYPE_CHECKING:
    from rich.table import Table

LEAST_WIDTH = 24
"""Columns kept for names, which are folded beyond."""

NAME_WIDTH = 30
"""The same for names of fitted numbers."""

MILLION = 1e6

MOST = 12
"""Pairs shown."""


def _table(title: str, columns: tuple[tuple[str, bool], ...]) -> Table:
    from rich import box
    from rich.table import Table

    table = Table(title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, pad_edge=False)
    for name, right in columns:
        table.add_column(name, justify="right" if right else "left", no_wrap=right, overflow="fold")
    table.columns[0].min_width = LEAST_WIDTH
    return table


def _short(value: float) -> str:
    """A number with three significant figures, thousands apart, from a million on in millions."""
    if abs(value) >= MILLION:
        return f"{value / MILLION:,.1f}m"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def render_series(rows: list[SeriesRow]) -> Table:
    """The fit of each series for the terminal."""
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
            f"{row.bias_before:+.2f}",
            f"{row.bias_after:+.2f}",
            f"{row.inside:.0%}",
        )
    return table


def render_keys(rows: list[KeyRow]) -> Table:
    """Figures that must hold, for the terminal."""
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


def render_priors(rows: list[PriorRow]) -> Table:
    """Prior against posterior for the terminal."""
    from rich.markup import escape

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
            f"{row.shift:+.1f}{' !' if row.at_an_end else '  '}",
        )
    return table


def render_correlations(rows: Sequence[CorrelationRow]) -> Table:
    """The strongest pairs for the terminal."""
    from rich.markup import escape

    table = _table(
        f"Numbers that the data tied together: the strongest of {len(rows)} pairs",
        (("one", False), ("other", False), ("correlation", True)),
    )
    for row in rows[:MOST]:
        table.add_row(escape(row.first), escape(row.second), f"{row.correlation:+.2f}")
    return table


def render_screen(rows: Sequence[ScreenRow], shown: int = 30) -> Table:
    """What moves the fitted figures most, for the terminal: all that is not fitted and worth it, then the largest."""
    from rich.markup import escape

    missing = [row for row in rows if not row.fitted and row.size >= WORTH_FITTING]
    others = [row for row in rows if row not in missing]
    table = _table(
        f"How far one prior standard deviation moves the fitted figures, in units of error (root sum of squares): "
        f"{len(missing)} of {len(rows)} are not fitted and move them by {WORTH_FITTING:g} or more",
        (("number", False), ("fitted", False), ("size", True), ("series that it moves most", False)),
    )
    for row in (*missing, *others[: max(shown - len(missing), 0)]):
        most = ", ".join(f"{name} {size:.1f}" for name, size in row.most() if size >= 0.05)
        table.add_row(escape(row.name), "yes" if row.fitted else "no", f"{row.size:.2f}", most)
    return table
