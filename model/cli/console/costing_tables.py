"""Costing for the terminal."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.text import Text

from model.appraisal.costing.appraisal import Appraisal, AppraisalResult, appraisal_results, organisation_totals
from model.appraisal.costing.assumptions import SOCIETY
from model.cli.console.model_tables import plain_table
from model.registry.dimensions import DIMENSIONS
from model.results.number_format import MILLION, format_number
from model.results.run import in_words

ABREAST = 3
"""Options side by side in a table."""
COLUMNS = {
    "programme_cost": "cost",
    "cash_releasing": "cash\nbenefit",
    "net_public": "net, public",
    "net_social": "net, society",
    "public_ratio": "benefit\nfor £1",
    "payback_public": "paid back",
    "cost_per_qaly": "£ for\na QALY",
}
"""Results shown where there are many options, and their headings."""
WITH_INTERVAL = ("net_public", "net_social")
SMALL = 10.0
"""Numbers below this are shown with a decimal."""


def render_costing(appraisals: Sequence[Appraisal]) -> Group:
    """Return results of a few options, who pays and who gains; of many options one line each."""
    assumptions, members = appraisals[0].assumptions, appraisals[0].option.members
    title = f"Costing against the baseline: discounted, £ at {assumptions.prices} prices, {_years(appraisals[0])}"
    parts: list[RenderableType] = [_side_by_side(appraisals, title), _organisations(appraisals)]
    if len(appraisals) > ABREAST:
        parts = [_one_line_each(appraisals, title)]
    note = (
        f"Expected values, with optimism bias; discounted at {assumptions['discount_money']:.1%} a year, health at "
        f"{assumptions['discount_health']:.1%}. "
    )
    note += f"{members} paired members: below a number its 80% interval." if members > 1 else "One run: no interval."
    note += " The rest is in the tables." if len(appraisals) > ABREAST else ""
    return Group(*parts, Text(note, style="dim"))


def _side_by_side(appraisals: Sequence[Appraisal], title: str) -> RenderableType:
    """All results down, options across."""
    rows = [
        (results[0].title + (", £m" if _in_millions(results[0]) else ""), *(_cell(result) for result in results))
        for results in zip(*(appraisal_results(appraisal) for appraisal in appraisals), strict=True)
    ]
    return plain_table(title, ("", *(appraisal.option.name for appraisal in appraisals)), rows, widest=0)


def _one_line_each(appraisals: Sequence[Appraisal], title: str) -> RenderableType:
    """Options down, in the order of the net present value to the public sector, the most important results across."""
    options = [
        (appraisal.option.name, {result.name: result for result in appraisal_results(appraisal)})
        for appraisal in appraisals
    ]
    options.sort(key=lambda option: -float(option[1]["net_public"].discounted))
    rows = [
        (in_words(name), *(_cell(results[column], interval=column in WITH_INTERVAL) for column in COLUMNS))
        for name, results in options
    ]
    return plain_table(f"{title}; money in £m", ("option", *COLUMNS.values()), rows, widest=0)


def _years(appraisal: Appraisal) -> str:
    years = [year for year, counts in zip(appraisal.option.years, appraisal.counted, strict=True) if counts]
    return f"{years[0]} to {years[-1]}"


def _in_millions(result: AppraisalResult) -> bool:
    return result.unit == "£" and not result.name.startswith("cost_per")


def _number(value: float, result: AppraisalResult) -> str:
    if _in_millions(result):
        return format_number(value / MILLION, 1)
    return format_number(value, 2 if result.unit == "£ for £1" else int(abs(value) < SMALL))


def _cell(result: AppraisalResult, *, interval: bool = True) -> str:
    if isinstance(result.discounted, str):
        return result.discounted
    text = _number(result.discounted, result)
    if result.spread is not None and interval:
        text += f"\n[dim]{_number(result.spread.low, result)} to {_number(result.spread.high, result)}[/dim]"
    return text


def _organisations(appraisals: Sequence[Appraisal]) -> RenderableType:
    """Discounted cost, benefit and net of every organisation."""
    rows = []
    for organisation in (*DIMENSIONS["organisation"], SOCIETY):
        cells = []
        for appraisal in appraisals:
            *_, cost, cash, other, societal, net = organisation_totals(appraisal, organisation) / MILLION
            gain = format_number(cash + other + societal, 1, signed=True)
            cells.append(f"{format_number(-cost, 1)} {gain} = {format_number(net, 1)}")
        rows.append((organisation.replace("_", " "), *cells))
    title = "Who pays and who gains: cost, benefit (cash and other) = net, discounted £m"
    return plain_table(title, ("", *(appraisal.option.name for appraisal in appraisals)), rows, widest=0)
