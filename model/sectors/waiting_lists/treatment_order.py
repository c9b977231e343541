"""Rules of waiting lists as pure functions: ageing, unreported removal, order of treatment, counts over a threshold.

The same rules hold for the referral-to-treatment list and the six other lists. How a capacity is shared out
(``share_out``) is that of the published compartment model, which a test reproduces.

Arrays have the shape ``(lists, weeks, members)``: weeks waited on the middle axis, the last open-ended, members last.
"""

from __future__ import annotations

import numpy as np

from model.engine.dynamics import SMALLEST, Numbers, safe_ratio

DAYS_PER_WEEK = 7.0


def week_boundaries(day: float, span: float) -> int:
    """Weeks that begin in a step starting on ``day``: those since the step before it began.

    People age as a week begins, before its arrivals, so that at its end the first cell holds that week's arrivals,
    whatever the length of the step.
    """
    return int(np.floor(day / DAYS_PER_WEEK) - np.floor((day - span) / DAYS_PER_WEEK))


def elapsed_share_of_week(day: float) -> float:
    """Share of the current week elapsed at the end of a step (``day``); 1 at the end of a week."""
    share = float(day / DAYS_PER_WEEK - np.floor(day / DAYS_PER_WEEK))
    return share if share > 0.0 else 1.0


def over_threshold(waiting: np.ndarray, week: int, elapsed: Numbers) -> np.ndarray:
    """Number waiting at least ``week`` weeks, shape ``(lists, members)``.

    A cell holds waits between ``week - 1 + elapsed`` and ``week + elapsed``; within it they are even.
    """
    return waiting[:, week:].sum(axis=1) - (1.0 - elapsed) * waiting[:, week]


def share_within(completed: np.ndarray, weeks: Numbers) -> np.ndarray:
    """Share of completed waits not longer than ``weeks``.

    Who arrives evenly in one week and is treated evenly in the week ``k`` later waited between k - 1 and k + 1 weeks,
    k in the mean: the cumulative share is read off at k + 1/2 and linear between.

    Args:
        completed: number treated by weeks waited, shape ``(weeks, members)``.
        weeks: limit, a number or one per member.

    Returns:
        Share by member; 1 where nobody was treated.
    """
    position = np.clip(weeks - 0.5, 0.0, len(completed) - 1.0)
    counted = np.clip(position - np.arange(len(completed))[:, None] + 1.0, 0.0, 1.0)
    within, total = (completed * counted).sum(axis=0), completed.sum(axis=0)
    return safe_ratio(within, total, floor=SMALLEST, where_empty=1.0)


def removal_rate(
    weeks: np.ndarray,
    always: np.ndarray,
    rising: np.ndarray,
    half_point: np.ndarray,
    slope: np.ndarray,
    gain: np.ndarray,
) -> np.ndarray:
    """Rate per week at which people leave a list untreated, by weeks waited.

    A constant rate (validation, moves, deaths) and one that rises with the wait along a logistic curve (reneging:
    people give up, pay or recover). ``gain`` scales the rising part alone: it is the balancing loop.

    Args:
        weeks: weeks waited, shape ``(weeks, 1)``.
        always: constant rate, 1/week, shape ``(lists, 1, members or 1)``.
        rising: rate reached after a very long wait, 1/week, same shape.
        half_point: wait at which half of it is reached, weeks, same shape.
        slope: weeks over which it rises, same shape.
        gain: gain of the loop, shape ``(members or 1,)``.
    """
    return always + gain * (rising / (1.0 + np.exp((half_point - weeks) / slope)))


def share_out(weighted: np.ndarray, total: np.ndarray, capacity: np.ndarray, axis: int) -> np.ndarray:
    """Treatments that share ``capacity`` in proportion to ``weighted`` (weight x number waiting) along ``axis``.

    Args:
        weighted: weight x number waiting.
        total: its sum along the axis.
        capacity: number to treat, shape of ``total``.
        axis: axis of the weeks or compartments.
    """
    return weighted * np.expand_dims(safe_ratio(capacity, total, floor=SMALLEST), axis)


def take_longest(waiting: np.ndarray, capacity: np.ndarray) -> np.ndarray:
    """Treat those who have waited longest until ``capacity`` is used.

    The number reached on going back from the longest wait, cut off at the capacity; its steps are the treatments.

    Args:
        waiting: number waiting, ``(lists, weeks, members)``.
        capacity: number to treat, ``(lists, members)``, at most the list.
    """
    reached = np.minimum(np.cumsum(waiting[:, ::-1], axis=1), capacity[:, None])
    return np.concatenate([reached[:, :1], reached[:, 1:] - reached[:, :-1]], axis=1)[:, ::-1]


def treated_in_order(
    waiting: np.ndarray,
    capacity: np.ndarray,
    urgent_share: np.ndarray,
    longest_first_share: np.ndarray,
    urgent_weight: np.ndarray,
) -> np.ndarray:
    """Whom a capacity treats: long waiters, urgent patients, and the rest in proportion to those waiting.

    Args:
        waiting: number waiting, shape ``(lists, weeks, members)``.
        capacity: number that can be treated, shape ``(lists, members)``.
        urgent_share: share of treatments kept for urgent patients, ``(lists or 1, members or 1)``.
        longest_first_share: share of treatments given to those who have waited longest, same shape.
        urgent_weight: share of those waiting who are urgent, by weeks waited, ``(weeks, members or 1)``; at most 1.

    Returns:
        Treatments by weeks waited: the lesser of capacity and list in total, never more than wait in a cell.
    """
    total = waiting.sum(axis=1)
    treated = np.minimum(capacity, total)
    longest = treated * longest_first_share
    taken = take_longest(waiting, longest)
    rest = waiting - taken
    weighted = rest * urgent_weight
    eligible = np.maximum(weighted.sum(axis=1), 0.0)
    urgent = np.minimum(np.minimum(treated * urgent_share, treated - longest), eligible)
    weighted = share_out(weighted, eligible, urgent, axis=1)
    routine = np.maximum(treated - longest - urgent, 0.0)
    rest = share_out(rest - weighted, total - longest - urgent, routine, axis=1)
    return np.minimum(taken + weighted + rest, waiting)
