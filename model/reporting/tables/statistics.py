"""Statistics over ensemble members as tidy tables name them."""

from __future__ import annotations

import numpy as np

from model.results.comparison import Spread


def interval_statistics(spread: Spread) -> list[tuple[str, float]]:
    """Return median and ends of the 80 % interval by name."""
    return [("median", spread.median), ("low_80", spread.low), ("high_80", spread.high)]


def member_statistics(members: np.ndarray, expected: float | None = None) -> list[tuple[str, float]]:
    """Return the expected value, and median and 80 % interval where there are several members, by name.

    Args:
        members: shape ``(members,)``.
        expected: the expected value, where it is not the mean.
    """
    statistics = [("expected", float(members.mean()) if expected is None else expected)]
    return statistics + (interval_statistics(Spread.of(members)) if len(members) > 1 else [])


def yearly_statistics(members: np.ndarray) -> list[tuple[str, np.ndarray]]:
    """Return the same by year, each of shape ``(years,)``; names are those of the workbook.

    Args:
        members: shape ``(years, members)``.
    """
    statistics = [("expected", members.mean(axis=1))]
    if members.shape[1] > 1:
        spreads = Spread.several(members)
        statistics += [
            ("median", np.array([spread.median for spread in spreads])),
            ("low of 80%", np.array([spread.low for spread in spreads])),
            ("high of 80%", np.array([spread.high for spread in spreads])),
        ]
    return statistics
