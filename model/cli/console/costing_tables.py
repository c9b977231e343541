"""Costing for the terminal."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.text import Text

from model.appraisal.costing.appraisal import Appraisal, Figure, figures_of, organisation_figures
from model.appraisal.costing.assumptions import SOCIETY
from model.cli.console.model_tables import plain_table
from model.registry.dimensions import DIMENSIONS
from model.results.number_format import format_number
from model.results.run import in_words

ABREAST = 3
"""Options beside each other in a table."""
MILLION = 1e6
ACROSS = {
    "programme_cost": "cost",
    "cash_releasing": "cash\nbenefit",
    "net_public": "net, public",
    "net_social": "net, society",
    "public_ratio": "benefit\nfor £1",
    "payback_public": "paid back",
    "cost_per_qaly": "£ for\na QALY",
}
"""Figures shown where there are many options, and their headings."""
WITH_INTERVAL = ("net_public", "net_social")
SMALL = 10.0
"""Numbers below this are shown with a decimal."""


def render_costing(found: Sequence[Appraisal]) -> Group:
    """Figures of a few options, who pays and who gains; of many options one line each."""
    basis, members = found[0].basis, found[0].option.members
    title = f"Costing against the baseline: discounted, £ at {basis.prices} prices, {_span(found[0])}"
    parts: list[RenderableType] = [_side_by_side(found, title), _organisations(found)]
    if len(found) > ABREAST:
        parts = [_one_line_each(found, title)]
    note = (
        f"Expected values, with optimism bias; discounted at {basis['discount_money']:.1%} a year, health at "
        f"{basis['discount_health']:.1%}. "
    )
    note += f"{members} paired members: below a figure its 80% interval." if members > 1 else "One run: no interval."
    note += " The rest is in the tables." if len(found) > ABREAST else ""
    return Group(*parts, Text(note, style="dim"))


def _side_by_side(found: Sequence[Appraisal], title: str) -> RenderableType:
    """All figures down, options across."""
    rows = [
        (each[0].title + (", £m" if _in_millions(each[0]) else ""), *(_shown(figure) for figure in each))
        for each in zip(*(figures_of(one) for one in found), strict=True)
    ]
    return plain_table(title, ("", *(one.option.name for one in found)), rows, widest=0)


def _one_line_each(found: Sequence[Appraisal], title: str) -> RenderableType:
    """Options down, in the order of the net present value to the public sector, the most important figures across."""
    tables = [(one, {each.name: each for each in figures_of(one)}) for one in found]
    tables.sort(key=lambda pair: -float(pair[1]["net_public"].discounted))
    rows = [
        (in_words(one.option.name), *(_shown(figures[name], interval=name in WITH_INTERVAL) for name in ACROSS))
        for one, figures in tables
    ]
    return plain_table(f"{title}; money in £m", ("option", *ACROSS.values()), rows, widest=0)


def _span(each: Appraisal) -> str:
    counted = [year for year, flag in zip(each.option.years, each.counted, strict=True) if flag]
    return f"{counted[0]} to {counted[-1]}"


def _in_millions(figure: Figure) -> bool:
    return figure.unit == "£" and not figure.name.startswith("cost_per")


def _number(value: float, *, millions: bool, unit: str) -> str:
    return format_number(value / MILLION, 1) if millions else format_number(value, _decimals(value, unit))


def _decimals(value: float, unit: str) -> int:
    return 2 if unit == "£ for £1" else int(abs(value) < SMALL)


def _shown(figure: Figure, *, interval: bool = True) -> str:
    if isinstance(figure.discounted, str):
        return figure.discounted
    shape = {"millions": _in_millions(figure), "unit": figure.unit}
    text = _number(figure.discounted, **shape)
    if figure.spread is not None and interval:
        low, high = (_number(end, **shape) for end in (figure.spread.low, figure.spread.high))
        text += f"\n[dim]{low} to {high}[/dim]"
    return text


def _organisations(found: Sequence[Appraisal]) -> RenderableType:
    """Discounted cost, benefit and net of every organisation."""
    rows = []
    for organisation in (*DIMENSIONS["organisation"], SOCIETY):
        cells = []
        for each in found:
            *_, cost, cash, other, societal, net = organisation_figures(each, organisation) / MILLION
            gain = cash + other + societal
            parts = (format_number(-cost, 1), format_number(gain, 1, signed=True), format_number(net, 1))
            cells.append("{} {} = {}".format(*parts))
        rows.append((organisation.replace("_", " "), *cells))
    title = "Who pays and who gains: cost, benefit (cash and other) = net, discounted £m"
    return plain_table(title, ("", *(each.option.name for each in found)), rows, widest=0)
