"""Numbers as people read them in a report."""

from __future__ import annotations

import numpy as np

MISSING = "–"
SMALLEST_PROBABILITY = 0.001


def number(value: float, *, signed: bool = False) -> str:
    """Three significant figures, or all before the point; thousands apart, a true minus sign."""
    if not np.isfinite(value):
        return MISSING
    if value == 0.0:
        return "0"
    # The first figure is that of the rounded value: 0.9999 is 1.00.
    decimals = max(0, 2 - int(np.floor(np.log10(abs(float(f"{value:.2e}"))))))
    written = f"{value:{'+' if signed else ''},.{decimals}f}"
    if decimals > 6:
        written = f"{value:{'+' if signed else ''}.2e}"
    return written.replace("-", "−")


def between(low: float, high: float) -> str:
    """An interval."""
    return f"{number(low)} to {number(high)}"


def share(value: float, *, signed: bool = False) -> str:
    """A share in per cent, without decimals."""
    if not np.isfinite(value):
        return MISSING
    # A share that rounds to nothing has no sign.
    return f"{value:{'+' if signed else ''}.0%}".replace("-", "−") if abs(value) >= 0.005 else "0%"


def deviations(value: float) -> str:
    """A signed number of standard deviations."""
    if not np.isfinite(value):
        return MISSING
    return f"{value:+.1f}".replace("-", "−") if abs(value) >= 0.05 else "0.0"


def probability(value: float) -> str:
    """A probability in per cent; what is below a thousandth is said to be so."""
    if value < SMALLEST_PROBABILITY:
        return "under 0.1%"
    return f"{value:.1%}" if value < 0.1 else f"{value:.0%}"


def listed(names: list[str]) -> str:
    """Names as a list in a sentence."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}" if names else "none"
