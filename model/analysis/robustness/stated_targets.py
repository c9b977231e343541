"""Stated targets: ``discharge.nctr_share_of_beds <= 15 % by 2026-03``, read, checked and judged member by member."""

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
    """One target.

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
        """What is set against the limit, shape ``(members,)``: of several months the one furthest from the target."""
        if self.word == "in":
            return self.measure.by_year(run)[self.period]
        months = self.measure.monthly(run)
        place = run.months_of(self.period).start
        if self.word == "by":
            return months[place]
        return months[place:].max(axis=0) if self.sign.startswith("<") else months[place:].min(axis=0)

    def met(self, values: np.ndarray) -> np.ndarray:
        """Whether values meet the target, same shape."""
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
            known = list(run.financial_years)
            covered = f"{known[0]} to {known[-1]}" if known else "no complete financial year"
            raise UserError(f"the run covers {covered}.", key=self.text, code=Exit.USAGE)
        run.months_of(self.period)


def read_target(text: str, registry: Registry) -> StatedTarget:
    """Read a target.

    Raises:
        UserError: another form, an unknown result, a unit of another kind, or a month for a result that adds up.
    """
    found = _TARGET.match(text)
    if found is None or found["sign"] in ("=", "=="):
        raise UserError(f"a target is written {FORM}.", key=text, code=Exit.USAGE)
    word = found["word"]
    if word not in WORDS:
        message = f"expected 'by', 'in' or 'from' before the date, found '{word}'."
        raise UserError(message, key=text, nearest=nearest_names(word, WORDS), code=Exit.USAGE)
    wanted = measure(found["result"], registry)
    if not _is_period(found["period"], year=word == "in"):
        form = "a financial year such as 2025/26" if word == "in" else "a month such as 2026-03"
        raise UserError(f"'{word}' is followed by {form}, found {found['period']}.", key=text, code=Exit.USAGE)
    if word != "in" and wanted.adds_up:
        raise UserError(
            f"{wanted.name} adds up over time ({wanted.unit}); give a financial year: 'in 2025/26'.",
            key=text,
            code=Exit.USAGE,
        )
    limit = _limit(found["amount"], wanted, text)
    return StatedTarget(text.strip(), wanted, SIGNS.get(found["sign"], found["sign"]), limit, word, found["period"])


def read_targets(texts: Sequence[str], registry: Registry) -> tuple[StatedTarget, ...]:
    """Read several targets, each once.

    Raises:
        UserError: all errors together.
    """
    return read_all(dict.fromkeys(texts), lambda text: read_target(text, registry))


def _is_period(text: str, *, year: bool) -> bool:
    if year:
        found = re.fullmatch(r"(\d{4})/(\d{2})", text)
        return found is not None and (int(found[1]) + 1) % 100 == int(found[2])
    found = re.fullmatch(r"(\d{4})-(\d{2})", text)
    return found is not None and 1 <= int(found[2]) <= MONTHS_PER_YEAR and int(found[1]) >= date.min.year


def _limit(written: str, wanted: Measure, text: str) -> float:
    """The limit in the unit of the measure; a headline's own unit may be named or left out."""
    try:
        number, unit = parse(written)
        if unit in ("", wanted.unit):
            return number
        return convert(number, unit, wanted.unit)
    except UnitError as error:
        raise UserError(f"{error}; {wanted.name} is in {_named(wanted.unit)}.", key=text, code=Exit.USAGE) from error


def _named(unit: str) -> str:
    return "shares of 1 (15 % is 0.15)" if unit == "1" else f"'{unit}'"
