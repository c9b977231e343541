"""The sheet of principles: weights and anchors as inputs, scores, totals, ranks and domination as formulas."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from model.appraisal.costing.appraisal import NO_GAIN, SAVES
from model.appraisal.costing.assumptions import GRADES
from model.appraisal.prioritisation.criteria import MeasuredCriterion, unbounded_cost
from model.appraisal.prioritisation.principles import BEST, EQUAL, Criterion
from model.appraisal.prioritisation.scoring import Ranking
from model.reporting.workbook.input_sheets import CellReferences, level
from model.reporting.workbook.sheets import DASH, Book, Sheet, here, there
from model.results.run import in_words

PRINCIPLES = "Principles"
PRICES, SOURCE, WEIGHT, SHARE, ZERO, HUNDRED, OPTIONS = 3, 5, 6, 7, 8, 9, 10
"""Columns of prices, sources, weights, their shares of the total, anchors, and the first option, which has two."""
WIDTHS = (42, 50, 15, 9, 20, 60, 9, 9, 13, 13)
LINE, HEADING_HEIGHT = 15, 46
"""Height of a line of a row, and of a row of headings, in points."""
LETTERS = 1.1
"""Letters of a text for each unit of width, which is that of a digit."""
HOW = {
    "evidence": "mean score of the evidence grades of its interventions, by what they cost",
    "breadth": "headline results that move for the better, less those for the worse, of all",
    "measurability": "of the headline results that move, those that are published monthly",
    "timeline": "effect in that year by the greatest of any year, mean of the results that move for the better",
}
"""How a criterion is measured, where each option has words of its own."""
SCALES = {"£": "money", "share of headline results": "share", "share of the greatest effect": "share"}


@dataclass
class _Rows:
    """Rows on the sheet, counted from 0: options, principles, criteria, matrix of domination, evidence grades."""

    options: dict[str, int] = field(default_factory=dict)
    principles: dict[str, int] = field(default_factory=dict)
    criteria: dict[str, int] = field(default_factory=dict)
    matrix: dict[str, int] = field(default_factory=dict)
    grades: dict[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, ranking: Ranking, first: int) -> _Rows:
        """Return rows of the blocks below each other, each under a heading and a line of its own."""
        rows_of_blocks, row = cls(), first
        measured = {criterion.principle for criterion in ranking.criteria}
        principles = [principle.name for principle in ranking.principles.principles if principle.name in measured]
        blocks: tuple[tuple[dict[str, int], Sequence[str]], ...] = (
            (rows_of_blocks.options, ranking.options),
            (rows_of_blocks.principles, principles),
            (rows_of_blocks.criteria, [criterion.name for criterion in ranking.criteria]),
            (rows_of_blocks.matrix, ranking.options),
            (rows_of_blocks.grades, GRADES),
        )
        for rows, names in blocks:
            rows |= {name: row + offset for offset, name in enumerate(names)}
            row += len(names) + 2
        return rows_of_blocks


def principles_sheet(book: Book, ranking: Ranking, references: CellReferences) -> None:
    """Write the ranking, scores by principle, criteria with what was measured, who dominates whom, grades.

    Args:
        book: with a sheet of this name, and the sheets of assumptions, prices and appraisal written.
        ranking: options that stand on the other sheets.
        references: where figures of costing stand; measures that are such figures follow them.
    """
    note = (
        "Blue weights and anchors are inputs; grey measures and shares are as run. A score is 0 at one anchor and 100 "
        "at the other, in a straight line; intervals are 80% over members. Ranks and domination are by expected scores."
    )
    widths = (*WIDTHS, *(14, 8) * len(ranking.options))
    sheet = book.sheet(PRINCIPLES, "The agreed principles of prioritisation", note, widths, freeze=(3, 1))
    agreed = ranking.principles
    description = (
        f"{agreed.description} Read from {agreed.file}. Prices of anchors in money, and factor to those shown:"
    )
    sheet.text(2, 0, description, "note")
    sheet.worksheet.write_string(2, WEIGHT, agreed.prices, book.number("plain", "input"))
    sheet.formula(2, SHARE, f"{level('price_base')}/{level(here(2, WEIGHT))}", ranking.factor, "factor")
    sheet.text(2, ZERO, "best score", "note")
    sheet.inputs(2, HUNDRED, [BEST], "plain")
    book.name("anchor_factor", there(PRINCIPLES, 2, SHARE))
    book.name("best_score", there(PRINCIPLES, 2, HUNDRED))
    rows = _Rows.of(ranking, 5)
    _ranking(sheet, ranking, rows)
    _principles(sheet, ranking, rows)
    _criteria(sheet, ranking, rows, references)
    _domination(sheet, ranking, rows)
    _grades(book, sheet, ranking, rows)
    last = max(rows.grades.values()) + 2
    for index, (name, reason) in enumerate(ranking.left_out.items()):
        sheet.text(last + index, 0, f"Left out: {name}, as {reason}.", "note")


def _headings(sheet: Sheet, row: int, titles: Sequence[str], right_from: int) -> None:
    """Headings of a block, with room for names of several words."""
    sheet.headings(row, titles, right_from=right_from)
    sheet.worksheet.set_row(row, HEADING_HEIGHT)


def _wrapped(sheet: Sheet, row: int, texts: Mapping[int, str]) -> None:
    """Texts by column, in a row high enough for the longest of them."""
    lines = 1
    for column, text in texts.items():
        sheet.text(row, column, text, "wrapped")
        lines = max(lines, len(textwrap.wrap(text, round(WIDTHS[column] * LETTERS))))
    sheet.worksheet.set_row(row, LINE * lines)


def _score_column(option: int) -> int:
    return OPTIONS + 2 * option + 1


def _block(rows: dict[str, int], column: int) -> str:
    """Range of one column over the rows of a block."""
    return here(min(rows.values()), column, max(rows.values()), column)


def _ranking(sheet: Sheet, ranking: Ranking, rows: _Rows) -> None:
    """Options down: total, rank, interval, how often first, who dominates."""
    titles = (
        "option",
        "mortality and quality of life",
        "total, of 100",
        "rank",
        "first review",
        "dominated by",
        "low of 80%",
        "high of 80%",
        "first, members vary",
        "first, weights vary too",
    )
    _headings(sheet, rows.options[ranking.options[0]] - 1, titles, 2)
    ranks, sensitivity = ranking.ranks, ranking.sensitivity
    for index, (name, row) in enumerate(rows.options.items()):
        sheet.text(row, 0, name)
        _wrapped(sheet, row, {1: ranking.balance[name]})
        scores = _block(rows.principles, _score_column(index))
        total = f"SUMPRODUCT({_block(rows.principles, SHARE)},{scores})"
        sheet.formula(row, 2, total, float(ranking.totals[index]), "count", total=True)
        sheet.worksheet.write_string(row, 4, f"{ranking.reviews[name]:%B %Y}", sheet.book.number("plain"))
        if (spread := ranking.spread(ranking.totals_members[index])) is not None:
            sheet.inputs(row, WEIGHT, (spread.low, spread.high), "count", "as_run")
        if ranks is None or sensitivity is None:
            continue
        sheet.formula(row, 3, f"RANK({here(row, 2)},{_block(rows.options, 2)})", float(ranks[index]), "plain")
        sheet.inputs(row, ZERO, (sensitivity.by_members[index, 0], sensitivity.by_both[index, 0]), "share", "as_run")
        columns = [_score_column(other) for other in range(len(ranking.options)) if other != index]
        flags = {column: here(rows.matrix[name], column) for column in columns}
        parts = "&".join(
            f'IF({flags[_score_column(other)]}=1,{here(rows.options[by], 0)}&" ","")'
            for other, by in enumerate(ranking.options)
            if other != index
        )
        by_whom = {domination.by for domination in ranking.dominated[name]}
        dominators = " ".join(by for by in ranking.options if by in by_whom) or DASH
        formula = f'IF({"+".join(flags.values())}=0,"{DASH}",TRIM({parts}))'
        sheet.formula(row, SOURCE, formula, dominators, "plain")


def _principles(sheet: Sheet, ranking: Ranking, rows: _Rows) -> None:
    """Principles down: weight, its share, and the score of every option."""
    names = [text for option in ranking.options for text in (in_words(option), "score")]
    titles = ("principle", "what it asks", "", "", "", "source of the weight", "weight", "share", "", "", *names)
    _headings(sheet, min(rows.principles.values()) - 1, titles, WEIGHT)
    weights = _block(rows.principles, WEIGHT)
    for index, principle in enumerate(ranking.principles.principles):
        if principle.name not in rows.principles:
            continue
        row, criteria = rows.principles[principle.name], [criterion for _, criterion in ranking.criteria_of(principle)]
        _wrapped(sheet, row, {0: principle.title, 1: principle.question, SOURCE: principle.source})
        sheet.inputs(row, WEIGHT, [principle.weight], "count")
        sheet.formula(row, SHARE, f"{here(row, WEIGHT)}/SUM({weights})", float(ranking.weights[index]), "share")
        criterion_weights = _block({criterion.name: rows.criteria[criterion.name] for criterion in criteria}, WEIGHT)
        for option in range(len(ranking.options)):
            column = _score_column(option)
            scores = _block({criterion.name: rows.criteria[criterion.name] for criterion in criteria}, column)
            formula = f"SUMPRODUCT({criterion_weights},{scores})/SUM({criterion_weights})"
            sheet.formula(row, column, formula, float(ranking.by_principle[option, index]), "count")


def _criteria(sheet: Sheet, ranking: Ranking, rows: _Rows, references: CellReferences) -> None:
    """Criteria down: weight, share of the total, anchors, and what was measured and scored for every option."""
    names = [text for option in ranking.options for text in (f"{in_words(option)}: measured", "score")]
    titles = (
        "criterion",
        "how it was measured",
        "unit",
        "prices",
        "years",
        "source of the anchors, and of the weight",
        "weight",
        "share of the total",
        "scores 0 at",
        "scores 100 at",
        *names,
    )
    _headings(sheet, min(rows.criteria.values()) - 1, titles, WEIGHT)
    for index, criterion in enumerate(ranking.criteria):
        row, kind = rows.criteria[criterion.name], SCALES.get(criterion.unit, "count")
        together = [other for other in ranking.criteria if other.principle == criterion.principle]
        group = {other.name: rows.criteria[other.name] for other in together}
        measurements = [ranking.measures[option, criterion.name] for option in ranking.options]
        texts = (
            criterion.title,
            _how(criterion, measurements),
            criterion.unit,
            measurements[0].prices or DASH,
            ", ".join(dict.fromkeys(measured.horizon for measured in measurements)),
            "; ".join(dict.fromkeys((*criterion.sources, criterion.weight_source))).removesuffix(f"; {EQUAL}"),
        )
        _wrapped(sheet, row, dict(enumerate(texts)))
        if criterion.in_money:
            sheet.formula(row, PRICES, "price_base", ranking.prices, "plain")
        sheet.inputs(row, WEIGHT, [criterion.weight], "count")
        share = f"{here(rows.principles[criterion.principle], SHARE)}*{here(row, WEIGHT)}/SUM({_block(group, WEIGHT)})"
        sheet.formula(row, SHARE, share, ranking.weight_of(criterion), "share")
        sheet.inputs(row, ZERO, (criterion.zero, criterion.hundred), kind)
        for option_index, (option, measured) in enumerate(zip(ranking.options, measurements, strict=True)):
            column = _score_column(option_index)
            if formula := _live(criterion, option, measured, references):
                sheet.formula(row, column - 1, formula, unbounded_cost(measured.expected) or measured.expected, kind)
            else:
                sheet.inputs(row, column - 1, [measured.expected], kind, "as_run")
            score = float(ranking.expected[option_index, index])
            sheet.formula(row, column, _score(criterion, row, column - 1), score, "count")


def _live(criterion: Criterion, option: str, measured: MeasuredCriterion, references: CellReferences) -> str:
    """Formula of what other sheets hold, so that it follows their assumptions; empty where it stays as run."""
    if criterion.origin == "figure":
        return references.figures[option, criterion.of][1]
    if criterion.origin == "headline":
        return references.headlines[option, criterion.of]
    if criterion.origin == "evidence" and measured.by_spending:
        grades, amounts = references.spending[option]
        points = "+".join(f'SUMIF({grades},"{grade}",{amounts})*points_{grade}' for grade in GRADES)
        return f"IF(SUM({amounts})>0,({points})/SUM({amounts}),0)"
    return ""


def _how(criterion: Criterion, measurements: Sequence[MeasuredCriterion]) -> str:
    """How a criterion was measured, in words that hold for all options; what differs is in the tables."""
    methods = list(dict.fromkeys(measured.why.partition(";")[0] for measured in measurements))
    return methods[0] if len(methods) == 1 and criterion.origin not in HOW else HOW[criterion.origin]


def _score(criterion: Criterion, row: int, column: int) -> str:
    """Formula of a score from what was measured."""
    cell, zero, hundred = here(row, column), here(row, ZERO), here(row, HUNDRED)
    factor = "*anchor_factor" if criterion.in_money else ""
    above, span = f"({cell}-{zero}{factor})", f"(({hundred}-{zero}){factor})"
    formula = f"MAX(0,MIN(1,{above}/{span}))*best_score"
    if criterion.of.startswith("cost_per_"):
        ends = (0, 1) if criterion.better == "lower" else (1, 0)
        formula = f'IF({cell}="{NO_GAIN}",{ends[0]}*best_score,IF({cell}="{SAVES}",{ends[1]}*best_score,{formula}))'
    return formula


def _grades(book: Book, sheet: Sheet, ranking: Ranking, rows: _Rows) -> None:
    """What each evidence grade scores, as inputs with names."""
    _headings(sheet, min(rows.grades.values()) - 1, ("evidence grade", "", "", "", "", "source", "score"), WEIGHT)
    for grade, row in rows.grades.items():
        points = ranking.principles.grades[grade]
        _wrapped(sheet, row, {0: grade, SOURCE: points.source})
        sheet.inputs(row, WEIGHT, [points.value], "count")
        book.name(f"points_{grade}", there(PRINCIPLES, row, WEIGHT))


def _domination(sheet: Sheet, ranking: Ranking, rows: _Rows) -> None:
    """For each option down, 1 under every other that is nowhere worse and somewhere better."""
    if ranking.sensitivity is None:
        return
    names = [text for option in ranking.options for text in (f"by {in_words(option)}", "1 or 0")]
    what = "1 where the other is nowhere worse and somewhere better, on criteria that weigh anything"
    _headings(sheet, min(rows.matrix.values()) - 1, ("dominated", what, *("",) * (OPTIONS - 2), *names), WEIGHT)
    weighs = f"({_block(rows.criteria, SHARE)}>0)"
    for index, option in enumerate(ranking.options):
        row = rows.matrix[option]
        sheet.text(row, 0, option)
        by_whom = {domination.by for domination in ranking.dominated[option]}
        scores = _block(rows.criteria, _score_column(index))
        for other, by in enumerate(ranking.options):
            if other == index:
                continue
            theirs = _block(rows.criteria, _score_column(other))
            worse, better = (f"SUMPRODUCT({weighs}*({a}>{b}))" for a, b in ((scores, theirs), (theirs, scores)))
            formula = f"IF({worse}=0,IF({better}>0,1,0),0)"
            sheet.formula(row, _score_column(other), formula, float(by in by_whom), "plain")
