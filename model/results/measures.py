"""A result that a question is asked of: a headline by its name, or an expression on registered results."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from model.registry.catalogue import Registry
from model.registry.declarations import Entry, Flow, Output, Stock
from model.registry.error_collector import raise_all, read_all
from model.registry.errors import UserError, nearest_names
from model.results.expressions import (
    Expression,
    Statistic,
    errors_in,
    evaluate_monthly,
    evaluate_years,
    parse_expression,
)
from model.results.headlines import HEADLINES, headline
from model.results.run import Run

FIGURES = 4
"""Significant figures of a result that is no headline."""


def written(value: float, decimals: int | None = None, *, signed: bool = False) -> str:
    """A number as text, with thousands separators, a true minus sign, and a dash where there is none.

    Args:
        value: the number.
        decimals: digits after the point; four significant figures where left out.
        signed: whether a plus sign is written.
    """
    if not np.isfinite(value):
        return "–"
    if decimals is None:
        size = int(np.floor(np.log10(abs(value)))) if value else FIGURES
        decimals = min(max(FIGURES - 1 - size, 0), 2 * FIGURES)
    if round(abs(value), decimals) == 0:
        value = 0.0
    sign = "+" if signed and value != 0 else ""
    return f"{value:{sign},.{decimals}f}".replace("-", "−")


@dataclass(frozen=True, kw_only=True)
class Measure:
    """One result by month and by financial year.

    Attributes:
        name: as the user writes it.
        title: for people.
        expression: what it is made of (see ``expressions``).
        statistic: how months become a year.
        unit: unit after scaling.
        better: ``lower``, ``higher``, or empty where neither is.
        scale: factor from the registered unit to ``unit``.
        decimals: digits after the point; None writes so many significant figures.
    """

    name: str
    title: str
    expression: str
    statistic: Statistic
    unit: str
    better: str = ""
    scale: float = 1.0
    decimals: int | None = None

    @property
    def parsed(self) -> Expression:
        """The expression, read."""
        return parse_expression(self.expression)

    @property
    def adds_up(self) -> bool:
        """Whether months add up to a year."""
        return self.statistic is Statistic.SUM

    def by_year(self, run: Run) -> dict[str, np.ndarray]:
        """Value of each complete financial year, each of shape ``(members,)``."""
        return {year: values * self.scale for year, values in evaluate_years(run, self.parsed, self.statistic).items()}

    def monthly(self, run: Run) -> np.ndarray:
        """Value of each month, shape ``(months, members)``."""
        return evaluate_monthly(run, self.parsed) * self.scale

    def write(self, value: float, *, signed: bool = False) -> str:
        """A value as text, with thousands separators, a true minus sign, and a dash where there is none."""
        return written(value, self.decimals, signed=signed)


def of_headline(name: str) -> Measure:
    """A headline as a measure.

    Raises:
        UserError: unknown name.
    """
    each = headline(name)
    return Measure(
        name=each.name,
        title=each.title,
        expression=each.expression,
        statistic=each.statistic,
        unit=each.unit,
        better=each.better,
        scale=each.scale,
        decimals=each.decimals,
    )


def measure(text: str, registry: Registry) -> Measure:
    """The measure of a text: a headline's name, or an expression such as ``urgent_care.beds_occupied[site=bri]``.

    A headline may be written with a dot, as registered names are: ``rtt.within_18_weeks``.

    Raises:
        UserError: neither, with the nearest names; all errors of an expression together.
    """
    if (name := text.replace(".", "_")) in {each.name for each in HEADLINES}:
        return of_headline(name)
    if "." not in text:
        names = [*(each.name for each in HEADLINES), *registry.recorded]
        message = "neither a headline ('run.py describe headlines') nor a registered result."
        raise UserError(message, key=text, nearest=nearest_names(text, names))
    expression = parse_expression(text)
    raise_all(errors_in(expression, registry))
    first = registry.find(expression.terms[0].name)
    return Measure(
        name=text,
        title=first.title if len(expression.terms) == 1 else text,
        expression=text,
        statistic=_statistic(first),
        unit=_unit(expression, registry),
        better=getattr(first, "better", ""),
    )


def measures(texts: Sequence[str], registry: Registry) -> tuple[Measure, ...]:
    """The measures of several texts, each once.

    Raises:
        UserError: all errors together.
    """
    return read_all(dict.fromkeys(texts), lambda text: measure(text, registry))


def names_read(wanted: Sequence[Measure]) -> tuple[str, ...]:
    """Registered results that some measures are made of."""
    return tuple(dict.fromkeys(term.name for each in wanted for term in each.parsed.terms))


def _statistic(entry: Entry) -> Statistic:
    if isinstance(entry, Stock):
        return Statistic.AT_END
    if isinstance(entry, Flow) or (isinstance(entry, Output) and entry.adds_up):
        return Statistic.SUM
    return Statistic.MEAN


def _unit(expression: Expression, registry: Registry) -> str:
    above = registry.find(expression.numerator[0].name).unit
    if not expression.denominator:
        return above
    below = registry.find(expression.denominator[0].name).unit
    return "1" if above == below else f"{above} / {below}"
