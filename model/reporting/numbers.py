"""Numbers as people read them in a report, all written by ``format_number``."""

from __future__ import annotations

import numpy as np

from model.results.number_format import MILLION, format_number

MISSING = "–"
SMALLEST_PROBABILITY = 0.001
MOST_DECIMALS = 6
JOINED = "\u2060"
"""Letter without width that keeps a line from being broken between a sign and its amount."""


def number(value: float | None, *, signed: bool = False) -> str:
    """Return three significant figures, or all before the point; a dash where there is no number."""
    if value is None:
        return MISSING
    if not np.isfinite(value) or value == 0.0:
        return format_number(value, 0)
    # The first figure is that of the rounded value: 0.9999 is 1.00.
    decimals = max(0, 2 - int(np.floor(np.log10(abs(float(f"{value:.2e}"))))))
    if decimals > MOST_DECIMALS:
        return f"{value:{'+' if signed else ''}.2e}".replace("-", "−")
    return format_number(value, decimals, signed=signed)


def between(low: float, high: float) -> str:
    """Return an interval."""
    return f"{number(low)} to {number(high)}"


def share(value: float, *, signed: bool = False) -> str:
    """Return a share in per cent, without decimals."""
    return f"{format_number(100 * value, 0, signed=signed)}%" if np.isfinite(value) else MISSING


def deviations(value: float) -> str:
    """Return a signed number of standard deviations."""
    return format_number(value, 1, signed=True)


def correlation(value: float) -> str:
    """Return a correlation with two decimals."""
    return format_number(value, 2)


def skill(value: float) -> str:
    """Return the skill of a forecast with its sign and two decimals."""
    return format_number(value, 2, signed=True)


def probability(value: float) -> str:
    """Return a probability in per cent; one below a thousandth as such."""
    if value < SMALLEST_PROBABILITY:
        return "under 0.1%"
    return f"{value:.1%}" if value < 0.1 else f"{value:.0%}"


def millions(value: float, decimals: int = 2) -> str:
    """Return an amount in £ as millions; 0 where it rounds to that."""
    return format_number(value / MILLION, decimals) if abs(value) >= MILLION / 2 / 10**decimals else "0"


def money(value: float, *, signed: bool = False) -> str:
    """Return an amount in £m, or in £ where it is small: ``£7.4m``, ``−£80,000``."""
    sign = "−" if value < 0 else "+" if signed and value > 0 else ""
    size = abs(value)
    text = f"{format_number(size / MILLION, 1)}m" if size >= MILLION / 10 else format_number(size, 0)
    return f"{sign}£{text}"


def three_figures(values: np.ndarray) -> int:
    """Return the digits after the point by which the largest of some numbers shows three figures."""
    largest = float(np.max(np.abs(values), initial=0.0))
    return max(2 - int(np.floor(np.log10(largest))), 0) if largest > 0 else 0


def axis_number(value: float, *, signed: bool = False) -> str:
    """Return the number beside a tick: six significant figures, no needless noughts."""
    return f"{value:{'+' if signed and value else ''},.6g}".replace("-", "−")
