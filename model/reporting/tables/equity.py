"""Who gains as tidy tables, one figure a line, with unit, prices, years and source."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from model.appraisal.costing.assumptions import MODEL_PRICES
from model.appraisal.equity.distributional_impact import PEOPLE_PER_RATE, DistributionalImpact
from model.appraisal.equity.equity_weighting import HealthDistribution
from model.appraisal.equity.groups import GROUP_LABELS
from model.results.atomic_files import write_csv
from model.results.comparison import Spread

Rows = Iterator[tuple[object, ...]]

GAINS, INDICES = "equity.csv", "equity_indices.csv"
END = ("statistic", "value", "unit", "prices", "years", "source")
NO_MONEY = "no money"


def write_tables(found: Sequence[DistributionalImpact], folder: Path) -> list[tuple[str, str]]:
    """Write both tables into a folder.

    Returns:
        Pairs of a file's name and its meaning.

    Raises:
        UserError: a file cannot be written.
    """
    write_csv(folder / GAINS, ("option", "result", "title", "division", "label", *END), _gains(found))
    write_csv(folder / INDICES, ("option", "index", "title", "figure", "label", *END), _indices(found))
    return [
        (
            GAINS,
            "Option less baseline by fifth of deprivation, place, age group and stage of life, added up over the "
            "years appraised, not discounted; with what it is per 1,000 people.",
        ),
        (
            INDICES,
            "Indices of inequality before, and their change; health by fifth, and its equally distributed equivalent.",
        ),
    ]


def statistics(members: np.ndarray, expected: float | None = None) -> list[tuple[str, float]]:
    """Expected value, and median and 80 % interval where there are several members.

    Args:
        members: shape ``(members,)``.
        expected: the expected value, where it is not the mean.
    """
    found = [("expected", float(members.mean()) if expected is None else expected)]
    if len(members) > 1:
        spread = Spread.of(members)
        found += [("median", spread.median), ("low_80", spread.low), ("high_80", spread.high)]
    return found


def period(each: DistributionalImpact) -> str:
    """The years appraised."""
    return each.years[0] if len(each.years) == 1 else f"{each.years[0]} to {each.years[-1]}"


def source(each: DistributionalImpact) -> str:
    """What the figures were worked out from."""
    return f"this model, {each.members} paired member{'s' if each.members > 1 else ''}"


def _gains(found: Sequence[DistributionalImpact]) -> Rows:
    for each in found:
        for gain in each.impacts:
            rates = gain.per_1000_people.mean(axis=1)
            for label, members, rate in zip(gain.labels, gain.values, rates, strict=True):
                begin = (each.option, gain.result, gain.title, gain.grouping, label)
                end = (NO_MONEY, period(each), source(each))
                for statistic, value in statistics(members):
                    yield (*begin, statistic, value, gain.unit, *end)
                yield (*begin, "per_1000_people", float(rate), f"{gain.unit} per {PEOPLE_PER_RATE:,.0f} people", *end)


def _indices(found: Sequence[DistributionalImpact]) -> Rows:
    for each in found:
        end = (period(each), source(each))
        for slope in each.indices:
            prices = MODEL_PRICES if "£" in slope.unit else NO_MONEY
            for figure, members in (("before", slope.before), ("change", slope.change)):
                for statistic, value in statistics(members):
                    yield each.option, slope.name, slope.title, figure, "", statistic, value, slope.unit, prices, *end
        for index, title, figure, label, unit, members, expected in _health(each.distribution):
            for statistic, value in statistics(members, expected):
                yield each.option, index, title, figure, label, statistic, value, unit, NO_MONEY, *end


def _health(one: HealthDistribution) -> Rows:
    """Index, title, figure, label, unit, members and expected value."""
    title = "Quality-adjusted life expectancy"
    for number, fifth in enumerate(GROUP_LABELS["deprivation"]):
        for figure, values in (("before", one.before), ("after", one.after)):
            yield "health_per_person", title, figure, fifth, "years", values[number], None
        yield "health_gained", "QALYs gained, discounted", "change", fifth, "QALYs", one.gained[number], None
    forgone = "QALYs that the net public cost would else have gained"
    yield "health_forgone", forgone, "change", "", "QALYs", one.forgone, None
    yield "plain_gain", "QALYs gained less those forgone", "change", "", "QALYs", one.plain, None
    means = one.expected()
    for aversion in sorted({one.aversion, *one.others}):
        label = f"inequality aversion {aversion:g}"
        yield (
            "equally_distributed",
            "Gain in equally distributed equivalent health",
            "change",
            label,
            "QALYs",
            one.worth(aversion),
            float(means.worth(aversion)[0]),
        )
        yield (
            "for_equality",
            "Part of it that is due to who gains",
            "change",
            label,
            "QALYs",
            one.for_equality(aversion),
            float(means.for_equality(aversion)[0]),
        )
