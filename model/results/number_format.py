"""The one way in which the package writes a number."""

from __future__ import annotations

from math import floor, isfinite, log10

SIGNIFICANT = 4
"""Significant figures of a number whose decimals are not given."""

MILLION = 1e6


def format_number(value: float, decimals: int | None = None, *, signed: bool = False) -> str:
    """Return a number as text, with thousands separators and a true minus sign, or a dash where there is none.

    Args:
        value: the number; one that is not finite gives a dash.
        decimals: digits after the point; four significant figures where it is None.
        signed: whether a positive number gets a plus sign.
    """
    if not isfinite(value):
        return "–"
    if decimals is None:
        size = floor(log10(abs(value))) if value else SIGNIFICANT
        decimals = min(max(SIGNIFICANT - 1 - size, 0), 2 * SIGNIFICANT)
    if round(abs(value), decimals) == 0:
        value = 0.0
    sign = "+" if signed and value != 0 else ""
    return f"{value:{sign},.{decimals}f}".replace("-", "−")


def format_millions(amount: float, decimals: int | None = None, *, signed: bool = False) -> str:
    """Return an amount in millions as text (see ``format_number``): ``1.23`` for 1,234,567 with two decimals."""
    return format_number(amount / MILLION, decimals, signed=signed)
