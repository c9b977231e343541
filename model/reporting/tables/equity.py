"""Who gains as tidy tables, one figure a line, with unit, prices, years and source."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from model.appraisal.costing.assumptions import MODEL_PRICES
from model.appraisal.equity.distributional_impact import PEOPLE_PER_RATE, DistributionalImpact
from model.appraisal.equity.equity_weighting import HealthDistribution
from model.appraisal.equity.groups import GROUP_LABELS
from model.reporting.tables.statistics import member_statistics
from model.reporting.tables.table import Row, file_table, write_files

GAINS, INDICES = "equity.csv", "equity_indices.csv"
LAST_KEYS = ("statistic", "value", "unit", "prices", "years", "source")
NO_MONEY = "no money"


def write_tables(impacts: Sequence[DistributionalImpact], folder: Path) -> list[tuple[str, str]]:
    """Write both tables into a folder.

    Returns:
        Pairs of a file's name and its meaning.

    Raises:
        UserError: a file cannot be written.
    """
    tables = {
        GAINS: file_table(
            "Option less baseline by fifth of deprivation, place, age group and stage of life, added up over the "
            "years appraised, not discounted; with what it is per 1,000 people.",
            ("option", "result", "title", "division", "label", *LAST_KEYS),
            _gains(impacts),
        ),
        INDICES: file_table(
            "Indices of inequality before, and their change; health by fifth, and its equally distributed equivalent.",
            ("option", "index", "title", "figure", "label", *LAST_KEYS),
            _indices(impacts),
        ),
    }
    return write_files(tables, folder)


def period(impact: DistributionalImpact) -> str:
    """Return the years appraised."""
    return impact.years[0] if len(impact.years) == 1 else f"{impact.years[0]} to {impact.years[-1]}"


def source(impact: DistributionalImpact) -> str:
    """Return what the numbers were computed from."""
    return f"this model, {impact.members} paired member{'s' if impact.members > 1 else ''}"


def _gains(impacts: Sequence[DistributionalImpact]) -> Iterator[Row]:
    for impact in impacts:
        for gain in impact.impacts:
            rates = gain.per_1000_people.mean(axis=1)
            for label, members, rate in zip(gain.labels, gain.values, rates, strict=True):
                begin = (impact.option, gain.result, gain.title, gain.grouping, label)
                end = (NO_MONEY, period(impact), source(impact))
                for statistic, value in member_statistics(members):
                    yield (*begin, statistic, value, gain.unit, *end)
                yield (*begin, "per_1000_people", float(rate), f"{gain.unit} per {PEOPLE_PER_RATE:,.0f} people", *end)


def _indices(impacts: Sequence[DistributionalImpact]) -> Iterator[Row]:
    for impact in impacts:
        end = (period(impact), source(impact))
        for slope in impact.indices:
            prices = MODEL_PRICES if "£" in slope.unit else NO_MONEY
            begin = (impact.option, slope.name, slope.title)
            for quantity, members in (("before", slope.before), ("change", slope.change)):
                for statistic, value in member_statistics(members):
                    yield *begin, quantity, "", statistic, value, slope.unit, prices, *end
        for index, title, quantity, label, unit, members, expected in _health(impact.distribution):
            for statistic, value in member_statistics(members, expected):
                yield impact.option, index, title, quantity, label, statistic, value, unit, NO_MONEY, *end


def _health(weighting: HealthDistribution) -> Iterator[Row]:
    """Index, title, figure, label, unit, members and expected value."""
    title = "Quality-adjusted life expectancy"
    for fifth_index, fifth in enumerate(GROUP_LABELS["deprivation"]):
        for quantity, values in (("before", weighting.before), ("after", weighting.after)):
            yield "health_per_person", title, quantity, fifth, "years", values[fifth_index], None
        yield "health_gained", "QALYs gained, discounted", "change", fifth, "QALYs", weighting.gained[fifth_index], None
    forgone = "QALYs that the net public cost would else have gained"
    yield "health_forgone", forgone, "change", "", "QALYs", weighting.forgone, None
    yield "plain_gain", "QALYs gained less those forgone", "change", "", "QALYs", weighting.plain, None
    means = weighting.expected()
    for aversion in sorted({weighting.aversion, *weighting.others}):
        label = f"inequality aversion {aversion:g}"
        yield (
            "equally_distributed",
            "Gain in equally distributed equivalent health",
            "change",
            label,
            "QALYs",
            weighting.worth(aversion),
            float(means.worth(aversion)[0]),
        )
        yield (
            "for_equality",
            "Part of it that is due to who gains",
            "change",
            label,
            "QALYs",
            weighting.for_equality(aversion),
            float(means.for_equality(aversion)[0]),
        )
