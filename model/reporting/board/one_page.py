"""One page: the answer in words and numbers, by the four aims, the three horizons, the packages and the life course."""

from __future__ import annotations

import numpy as np

from model.appraisal.costing.appraisal import Appraisal
from model.appraisal.equity.distributional_impact import GroupImpact
from model.appraisal.equity.groups import QALYS
from model.reporting.board.decision_results import DecisionResults, appraisal_figures
from model.reporting.board.effects import LIKELY, Effects, gain, interval, verdict
from model.reporting.board.narrative import answer, value_and_unit
from model.reporting.board.statements import NO_MONEY, of_costing, of_effects
from model.reporting.html.blocks import Block, Facts, Paragraphs, Section, Tile, Tiles
from model.reporting.numbers import MISSING, millions, money, share
from model.reporting.tables.table import Cell, Column, Mark, Statement, Table
from model.results.comparison import Spread, interval_of
from model.results.headlines import Measure, Place, headlines_by_aim, headlines_shown
from model.results.number_format import format_number
from model.results.run import in_words

MARKS: dict[str, Mark] = {"better": "good", "worse": "bad", "": "aside"}


def summary(results: DecisionResults) -> Section:
    """Return the first section of the report."""
    effects = Effects.of(results.runs)
    blocks: list[Block] = [
        Paragraphs((results.question,), "lead"),
        Facts(answer(results, effects)),
        *tiles(results, effects),
        by_aim(results, effects),
        at_a_glance(results, effects),
        life_course(results),
    ]
    return Section("The answer on one page", tuple(blocks))


def tiles(results: DecisionResults, effects: Effects) -> list[Tiles]:
    """Return, for each aim, what does most for its first results at the middle horizon."""
    year = effects.horizons[effects.middle]
    statement = of_effects(results.runs, horizon=f"{effects.middle}, {year}; so for all figures above")
    groups = []
    shown_by_aim = headlines_by_aim(Place.TILE)
    for aim, measures in shown_by_aim.items():
        aim_tiles = tuple(_tile(measure, effects) for measure in measures)
        groups.append(Tiles(aim.value, aim_tiles, statement if aim is list(shown_by_aim)[-1] else None))
    return groups


def _tile(measure: Measure, effects: Effects) -> Tile:
    horizon = effects.middle
    rows = [effects.row(measure.name, horizon, scenario) for scenario in effects.scenarios]
    best = effects.best(measure.name, horizon)
    row = best or max(rows, key=gain)
    value = measure.format(row.difference.median, signed=True) if row.difference else MISSING
    direction = verdict(row)
    if best is None:
        meaning = (
            f"Made worse; least by {in_words(row.scenario)}."
            if direction == "worse"
            else f"Not clearly improved; nearest: {in_words(row.scenario)}."
        )
    else:
        meaning = f"Best: {in_words(row.scenario)}."
        if row.improvement is not None:
            meaning += f" Improves in {share(row.improvement)} of members."
    value, unit = value_and_unit(measure, value)
    return Tile(measure.title, value, unit, interval(row).strip(" ()"), meaning, MARKS[direction])


def by_aim(results: DecisionResults, effects: Effects) -> Table:
    """Return, for each aim and result, what does most at each horizon, beside the baseline of the middle one."""
    year = effects.horizons[effects.middle]
    columns = (
        Column("Result"),
        Column(f"Without a decision, {year}", number=True),
        *(Column(f"{horizon.replace('_', ' ').capitalize()}: {year}") for horizon, year in effects.horizons.items()),
    )
    rows: list[tuple[str | Cell, ...]] = []
    for aim, measures in headlines_by_aim(Place.PAGE).items():
        rows.append((aim.value,))
        for measure in measures:
            base = measure.format(effects.baseline[measure.name, effects.middle].value.median)
            most = (_most(measure, effects, horizon) for horizon in effects.horizons)
            rows.append((f"{measure.title}, {measure.unit}", base, *most))
    note = (
        f"The scenario that improves a result most, by its median, if it does so in {LIKELY:.0%} of members or more; "
        "else none, and what is made worse."
    )
    return Table("What does most for each aim, and when", columns, rows, note, of_effects(results.runs))


def _most(measure: Measure, effects: Effects, horizon: str) -> Cell:
    best = effects.best(measure.name, horizon)
    if best is not None and best.difference is not None:
        who = f"{in_words(best.scenario)}: " if len(effects.scenarios) > 1 else ""
        return Cell(f"{who}{measure.format(best.difference.median, signed=True)}{interval(best)}", "good")
    worse = effects.worse(measure.name, horizon)
    if worse and worse[0].difference is not None:
        return Cell(
            f"none; worse by {in_words(worse[0].scenario)}: {measure.format(worse[0].difference.median, signed=True)}",
            "bad",
        )
    return Cell("none", "aside")


def at_a_glance(results: DecisionResults, effects: Effects) -> Table:
    """Return the scenarios side by side: effects at the middle horizon, money, people, evidence, rank."""
    names = [scenario.name for scenario in results.scenarios]
    columns = (Column("Measure"), *(Column(in_words(name), number=True) for name in names))
    year = effects.horizons[effects.middle]
    rows: list[tuple[str | Cell, ...]] = []
    for measure in headlines_shown(Place.SIDE_BY_SIDE):
        measure_rows = [effects.row(measure.name, effects.middle, name) for name in names]
        rows.append(
            (
                f"{measure.title}, {measure.unit}",
                *(
                    Cell(
                        measure.format(row.difference.median, signed=True) if row.difference else MISSING,
                        MARKS[verdict(row)],
                    )
                    for row in measure_rows
                ),
            )
        )
    tables = [appraisal_figures(appraisal) for appraisal in results.appraisals]
    for key, title in (
        ("programme_cost", "Programme cost, £m"),
        ("net_cash", "Net present value, cash, £m"),
        ("net_public", "Net present value, public sector, £m"),
        ("net_social", "Net present value, society, £m"),
    ):
        rows.append((title, *(_amount(float(table[key].discounted), key) for table in tables)))
    rows.append(("Net public cost per QALY", *(_cost(table["cost_per_qaly"].discounted) for table in tables)))
    rows.append(("Paid back to the public sector in", *(str(table["payback_public"].discounted) for table in tables)))
    rows.append(
        ("Most posts needed in a year, WTE", *(format_number(_posts(appraisal), 0) for appraisal in results.appraisals))
    )
    ranking = results.assessment.ranking
    totals = dict(zip(ranking.options, ranking.totals, strict=True))
    rows.append(("Score by the eight principles, 0 to 100", *(format_number(totals[name], 0) for name in names)))
    statement = of_costing(results.appraisals, unit="in the first column")
    statement = Statement(
        statement.unit,
        f"effects: £ at 2022/23 prices; costing: {statement.prices}",
        f"effects: {year}; costing: {statement.horizon}",
        f"{statement.interval}: in the sections below",
        statement.source,
    )
    note = f"Green: better in {LIKELY:.0%} of members or more; red: worse in as many; grey: neither. Costing: means."
    return Table("The packages side by side", columns, rows, note, statement)


def _amount(value: float, key: str) -> Cell:
    mark: Mark = "" if key == "programme_cost" else "good" if value > 0 else "bad" if value < 0 else ""
    return Cell(millions(value, 1), mark)


def _cost(value: float | str) -> str:
    return value if isinstance(value, str) else money(value)


def _posts(appraisal: Appraisal) -> float:
    posts = [line.wte for line in appraisal.option.staff]
    return float(np.sum(posts, axis=0).max()) if posts else 0.0


def life_course(results: DecisionResults) -> Table:
    """Return health gained by stage of life."""
    gains = [impact.impact(QALYS, "stage") for impact in results.equity]
    first = gains[0]
    columns = (Column("Stage of life"), *(Column(in_words(impact.option)) for impact in results.equity))
    rows = [(label, *(_with_interval(gain, index) for gain in gains)) for index, label in enumerate(first.labels)]
    years = results.years
    statement = Statement(
        f"{first.unit}, more than without the package",
        NO_MONEY,
        f"{years[0]} to {years[-1]}, added up, not discounted",
        interval_of(results.members),
        "this run of the model (equity.csv)",
    )
    note = (
        "Start Well 0 to 24, Live Well 25 to 64, Age Well 65 and over. Die Well, the last year of life, is not a group "
        "of people in the model: 'Who gains' says what is known of it."
    )
    return Table("The life course: quality-adjusted life years gained", columns, rows, note, statement)


def _with_interval(gain: GroupImpact, index: int) -> Cell:
    values = gain.values[index]
    mean = float(values.mean())
    text = format_number(mean, 0, signed=True)
    if len(values) > 1:
        spread = Spread.of(values)
        text += f" ({format_number(spread.low, 0)} to {format_number(spread.high, 0)})"
        gaining = float((values > 0).mean())
        return Cell(text, "good" if gaining >= LIKELY else "bad" if gaining <= 1 - LIKELY else "aside")
    return Cell(text)
