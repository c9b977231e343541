"""Stated targets: ``discharge.nctr_share_of_beds <= 15 % by 2026-03``, read, checked and tested member by member."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from model.registry.calendar import MONTHS_PER_YEAR
from model.registry.catalogue import Registry
from model.registry.error_collector import read_all
from model.registry.errors import Exit, UserError, nearest_names
from model.results.headlines import Measure, measure
from model.results.run import Run
from model.scenarios.units import UnitError, convert, parse

FORM = "RESULT <= NUMBER by YYYY-MM (or >=, <, >; 'in YYYY/YY' for a financial year, 'from YYYY-MM' for every month on)"
_TARGET = re.compile(
    r"^\s*(?P<result>.+?)\s*(?P<sign><=|>=|≤|≥|<|>|==?)\s*(?P<amount>.+?)\s+(?P<word>[a-z]+)\s+(?P<period>[\d/-]+)\s*$"
)
WORDS = ("by", "in", "from")
SIGNS = {"≤": "<=", "≥": ">="}


@dataclass(frozen=True)
class StatedTarget:
    """A limit on a result at a date, as the user states it.

    Attributes:
        text: as the user wrote it.
        measure: what is looked at.
        sign: ``<=``, ``<``, ``>=`` or ``>``.
        limit: in the unit of the measure.
        word: ``by`` a month, ``in`` a financial year, or ``from`` a month to the end of the run.
        period: month (``2026-03``) or financial year (``2025/26``).
    """

    text: str
    measure: Measure
    sign: str
    limit: float
    word: str
    period: str

    def values(self, run: Run) -> np.ndarray:
        """Return what is compared with the limit, shape ``(members,)``: of several months the furthest from it."""
        if self.word == "in":
            return self.measure.by_year(run)[self.period]
        months = self.measure.monthly(run)
        month = run.months_of(self.period).start
        if self.word == "by":
            return months[month]
        return months[month:].max(axis=0) if self.sign.startswith("<") else months[month:].min(axis=0)

    def met(self, values: np.ndarray) -> np.ndarray:
        """Return whether values meet the target, same shape."""
        if self.sign == "<=":
            return values <= self.limit
        if self.sign == "<":
            return values < self.limit
        return values >= self.limit if self.sign == ">=" else values > self.limit

    def check(self, run: Run) -> None:
        """Check that a run covers the period.

        Raises:
            UserError: it does not.
        """
        if self.word == "in" and self.period not in run.financial_years:
            years = list(run.financial_years)
            covered = f"{years[0]} to {years[-1]}" if years else "no complete financial year"
            raise UserError(f"the run covers {covered}.", key=self.text, code=Exit.USAGE)
        run.months_of(self.period)


def read_target(text: str, registry: Registry) -> StatedTarget:
    """Read a target.

    Raises:
        UserError: another form, an unknown result, a unit of another kind, or a month for a result that adds up.
    """
    match = _TARGET.match(text)
    if match is None or match["sign"] in ("=", "=="):
        raise UserError(f"a target is written {FORM}.", key=text, code=Exit.USAGE)
    word = match["word"]
    if word not in WORDS:
        message = f"expected 'by', 'in' or 'from' before the date, found '{word}'."
        raise UserError(message, key=text, nearest=nearest_names(word, WORDS), code=Exit.USAGE)
    target_measure = measure(match["result"], registry)
    if not _is_period(match["period"], year=word == "in"):
        form = "a financial year such as 2025/26" if word == "in" else "a month such as 2026-03"
        raise UserError(f"'{word}' is followed by {form}, found {match['period']}.", key=text, code=Exit.USAGE)
    if word != "in" and target_measure.adds_up:
        raise UserError(
            f"{target_measure.name} adds up over time ({target_measure.unit}); give a financial year: 'in 2025/26'.",
            key=text,
            code=Exit.USAGE,
        )
    limit = _limit(match["amount"], target_measure, text)
    return StatedTarget(
        text.strip(), target_measure, SIGNS.get(match["sign"], match["sign"]), limit, word, match["period"]
    )


def read_targets(texts: Sequence[str], registry: Registry) -> tuple[StatedTarget, ...]:
    """Read several targets, each once.

    Raises:
        UserError: all errors together.
    """
    return read_all(dict.fromkeys(texts), lambda text: read_target(text, registry))


def _is_period(text: str, *, year: bool) -> bool:
    if year:
        match = re.fullmatch(r"(\d{4})/(\d{2})", text)
        return match is not None and (int(match[1]) + 1) % 100 == int(match[2])
    match = re.fullmatch(r"(\d{4})-(\d{2})", text)
    return match is not None and 1 <= int(match[2]) <= MONTHS_PER_YEAR and int(match[1]) >= date.min.year


def _limit(amount: str, target_measure: Measure, text: str) -> float:
    """Return the limit in the unit of the measure; a headline's own unit can be named or left out."""
    try:
        limit, unit = parse(amount)
        if unit in ("", target_measure.unit):
            return limit
        return convert(limit, unit, target_measure.unit)
    except UnitError as error:
        raise UserError(
            f"{error}; {target_measure.name} is in {_named(target_measure.unit)}.", key=text, code=Exit.USAGE
        ) from error


def _named(unit: str) -> str:
    return "shares of 1 (15 % is 0.15)" if unit == "1" else f"'{unit}'"
