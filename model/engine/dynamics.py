"""Pure array functions that equations share: guarded division, exits over a step, queues with limited room, delays."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np

Numbers: TypeAlias = np.ndarray | float
"""One number, or an array of them."""

TINY = 1e-9
"""Amount of people, staff, beds or money that counts as none in a denominator."""

SMALLEST = 1e-300
"""Floor of a denominator that changes no number above zero."""


def safe_ratio(amount: Numbers, total: Numbers, floor: float = TINY, where_empty: Numbers | None = None) -> np.ndarray:
    """Divide without dividing by zero: ``amount / max(total, floor)``.

    Args:
        amount: numerator.
        total: denominator, not negative.
        floor: lowest denominator.
        where_empty: result where ``total`` is zero; the numerator over the floor where left out.
    """
    ratio: np.ndarray = amount / np.maximum(total, floor)
    return ratio if where_empty is None else np.where(total > 0.0, ratio, where_empty)


def share_of_total(amount: np.ndarray) -> np.ndarray:
    """Return the share of each entry of the first axis in their sum."""
    return safe_ratio(amount, amount.sum(axis=0))


def relative_to_first(now: np.ndarray, first: np.ndarray) -> np.ndarray:
    """Return a signal relative to its first value above zero; 1 until there is one.

    Args:
        now: the signal.
        first: its first value, zero where there was none yet; filled in place.
    """
    np.copyto(first, now, where=(first == 0.0) & (now > 0.0))
    return np.divide(now, first, out=np.ones_like(now), where=first > 0.0)


def share_leaving(rate: Numbers, span: float) -> np.ndarray:
    """Return the share of a stock that leaves over ``span`` at a constant ``rate``: 1 - exp(-rate x span)."""
    return -np.expm1(-rate * span)


def filled_and_left(stock: np.ndarray, inflow: np.ndarray, rate: Numbers, span: float) -> np.ndarray:
    """Return the amount that leaves a stock over ``span`` with a steady inflow and first-order exits, solved exactly.

    With dS/dt = a - rate S the exits over the step are S0 + a span - S(span): right for time constants far below
    and far above the step, never more than there is.

    Args:
        stock: amount at the beginning.
        inflow: amount that enters over the whole step, evenly (not yet added to ``stock``).
        rate: exits per unit of time.
        span: length of the step in the same unit.

    Returns:
        Amount leaving over the step, between 0 and ``stock + inflow``.
    """
    turned = np.maximum(rate * span, 1e-12)
    gone = -np.expm1(-turned)
    return stock * gone + inflow * (1.0 - gone / turned)


def entries_until_full(stock: np.ndarray, capacity: Numbers, rate: Numbers, span: float) -> np.ndarray:
    """Return the amount that may enter places evenly over ``span`` so that they are just full at its end.

    The counterpart of ``filled_and_left``: with full places and exits at ``rate`` it is ``capacity x rate x span``,
    whatever the step.
    """
    turned = np.maximum(rate * span, 1e-12)
    stays = np.exp(-turned)
    return np.maximum(capacity - stock * stays, 0.0) * (turned / -np.expm1(-turned))


def served(
    stock: np.ndarray, inflow: np.ndarray, rate: Numbers, limit: np.ndarray, span: float, elsewhere: Numbers = 0.0
) -> np.ndarray:
    """Return the amount served over ``span`` from a queue that empties at ``rate``, within the ``limit`` there is.

    While the queue is long enough to use the room at the beginning and at the end of the step, the room is used;
    where the room does not bind, the exits are those of ``filled_and_left``.

    Args:
        stock: queue at the beginning.
        inflow: amount that joins over the step, evenly.
        rate: exits per unit of time of those who need not queue.
        limit: most that can be served over the step.
        span: length of the step.
        elsewhere: rate of exits other than by being served, which compete.
    """
    total = rate + elsewhere
    free = filled_and_left(stock, inflow, total, span) * (rate / total)
    queue = np.minimum(stock, stock + inflow - limit)
    return np.minimum(np.maximum(free, queue * rate * span), limit)


def competing_shares(rates: list[np.ndarray], span: float) -> list[np.ndarray]:
    """Return the shares of a stock that leave by competing exits over ``span``; they add up to at most one.

    For exits that are slow against the step from a stock that is filled meanwhile: ``rate x span``, so that a stock
    in balance has the same level whatever the step.
    """
    total = sum(rates[1:], start=rates[0])
    time = np.minimum(span, safe_ratio(1.0, total, SMALLEST))
    return [rate * time for rate in rates]


def approach(level: np.ndarray, target: Numbers, delay: Numbers, span: float) -> np.ndarray:
    """Return ``level`` moved towards ``target`` over ``span``: a first-order information delay of mean ``delay``."""
    return level + (target - level) * -np.expm1(-span / delay)
