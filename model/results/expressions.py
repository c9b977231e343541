"""Results named in one line of text: ``a + b[dim=x|y] / c``, checked against the registry and read from a run.

A term is a registered name with, in brackets, the labels kept of its dimensions; all its dimensions are then added up.
Terms are added; at most one `` / `` divides the sum before it by the sum after it, each taken over the period first.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

import numpy as np

from model.registry.catalogue import Registry
from model.registry.declarations import Parameter
from model.registry.dimensions import DIMENSIONS
from model.registry.errors import UserError, nearest_names
from model.results.run import Run

_TERM = re.compile(r"^(?P<name>[a-z_0-9]+(?:\.[a-zA-Z_0-9]+)+)(?:\[(?P<where>[^\]]+)\])?$")


class Statistic(StrEnum):
    """How months become one value of a period."""

    SUM = "sum"
    MEAN = "mean"
    AT_END = "at end"
    """The value of the last month: at its end for a stock, its mean for an output that is a level."""


@dataclass(frozen=True)
class Term:
    """One registered name and the labels kept: pairs of a dimension and its labels."""

    name: str
    where: tuple[tuple[str, tuple[str, ...]], ...] = ()


@dataclass(frozen=True)
class Expression:
    """A sum of terms, divided by another sum where there is one."""

    text: str
    numerator: tuple[Term, ...]
    denominator: tuple[Term, ...] = ()

    @property
    def terms(self) -> tuple[Term, ...]:
        """All terms."""
        return self.numerator + self.denominator


@lru_cache(maxsize=512)
def parse_expression(text: str) -> Expression:
    """Read an expression.

    Raises:
        UserError: the text is not of the form ``a + b[dim=x|y] / c``.
    """
    sides = text.split(" / ")
    if len(sides) > 2:
        raise UserError("an expression may divide once only.", key=text)
    return Expression(text, *(tuple(_term(term.strip(), text) for term in side.split(" + ")) for side in sides))


def _term(text: str, whole: str) -> Term:
    match = _TERM.match(text)
    if not match:
        raise UserError(f"'{text}' is not of the form sector.name or sector.name[dimension=label|label].", key=whole)
    where: list[tuple[str, tuple[str, ...]]] = []
    for selection in (match["where"] or "").split(","):
        if selection:
            dim, _, labels = selection.partition("=")
            where.append((dim.strip(), tuple(label.strip() for label in labels.split("|"))))
    return Term(match["name"], tuple(where))


def errors_in(expression: Expression, registry: Registry) -> list[UserError]:
    """Return all that the registry does not know in an expression: names, dimensions, labels, results not recorded."""
    errors: list[UserError] = []
    for term in expression.terms:
        entry = registry.entries.get(term.name)
        if entry is None or isinstance(entry, Parameter):
            names = [name for name, known in registry.entries.items() if not isinstance(known, Parameter)]
            message = "no stock, flow or output of this name is registered."
            errors.append(UserError(message, key=term.name, nearest=nearest_names(term.name, names)))
            continue
        if term.name not in registry.recorded:
            errors.append(UserError("this result is not recorded; a table cannot use it.", key=term.name))
        for dim, labels in term.where:
            if dim not in entry.dims:
                message = f"'{dim}' is not a dimension of it (it has: {', '.join(entry.dims) or 'none'})."
                errors.append(UserError(message, key=term.name))
                continue
            for label in labels:
                if label not in DIMENSIONS[dim]:
                    message = f"'{label}' is not a label of {dim}."
                    errors.append(UserError(message, key=term.name, nearest=nearest_names(label, DIMENSIONS[dim])))
    return errors


def _monthly_term(run: Run, term: Term) -> np.ndarray:
    dims = run.registry.find(term.name).dims
    selected: list[tuple[int, list[int]]] = []
    for dim, labels in term.where:
        if dim not in dims:
            raise UserError(f"'{dim}' is not a dimension of it.", key=term.name, nearest=nearest_names(dim, dims))
        selected.append((1 + dims.index(dim), [DIMENSIONS[dim].index(label) for label in labels]))
    blocks: list[np.ndarray] = []
    for values in run.blocks(term.name):
        for axis, positions in selected:
            values = np.take(values, positions, axis=axis)
        blocks.append(values.sum(axis=tuple(range(1, values.ndim - 1)), dtype=np.float64))
    return blocks[0] if len(blocks) == 1 else np.concatenate(blocks, axis=-1)


def _monthly_sum(run: Run, terms: tuple[Term, ...]) -> np.ndarray:
    first, *others = (_monthly_term(run, term) for term in terms)
    for other in others:
        first = first + other
    return first


def over_period(run: Run, monthly: np.ndarray, months: slice, statistic: Statistic) -> np.ndarray:
    """Return a period's value from monthly values ``(months, members)``, shape ``(members,)``; means weigh days."""
    values = monthly[months]
    if statistic is Statistic.SUM:
        return np.asarray(values.sum(axis=0))
    if statistic is Statistic.MEAN:
        days = run.days[months][:, None]
        return np.asarray((values * days).sum(axis=0) / days.sum())
    return np.asarray(values[-1])


def ratio(above: np.ndarray, below: np.ndarray, otherwise: float = np.nan) -> np.ndarray:
    """Divide an array by another that has its shape, or can be spread over it.

    Args:
        above: what is divided.
        below: what it is divided by.
        otherwise: the quotient where ``below`` is zero.
    """
    return np.divide(above, below, out=np.full(above.shape, otherwise), where=below != 0)


def evaluate(run: Run, expression: Expression, months: slice, statistic: Statistic) -> np.ndarray:
    """Return the value of an expression over a period, shape ``(members,)``; not a number where the divisor is zero."""
    above = over_period(run, _monthly_sum(run, expression.numerator), months, statistic)
    if not expression.denominator:
        return above
    return ratio(above, over_period(run, _monthly_sum(run, expression.denominator), months, statistic))


def evaluate_years(run: Run, expression: Expression, statistic: Statistic) -> dict[str, np.ndarray]:
    """Return the value of each complete financial year, each of shape ``(members,)``; worked out once for a run."""
    key = (expression.text, statistic)
    if key not in run.by_year:
        run.by_year[key] = _by_year(run, expression, statistic)
    return dict(run.by_year[key])


def _by_year(run: Run, expression: Expression, statistic: Statistic) -> dict[str, np.ndarray]:
    above = _monthly_sum(run, expression.numerator)
    below = _monthly_sum(run, expression.denominator) if expression.denominator else None
    by_year: dict[str, np.ndarray] = {}
    for year, months in run.financial_years.items():
        by_year[year] = over_period(run, above, months, statistic)
        if below is not None:
            by_year[year] = ratio(by_year[year], over_period(run, below, months, statistic))
    return by_year


def evaluate_monthly(run: Run, expression: Expression) -> np.ndarray:
    """Return the monthly values of an expression, shape ``(months, members)``."""
    above = _monthly_sum(run, expression.numerator)
    return ratio(above, _monthly_sum(run, expression.denominator)) if expression.denominator else above
