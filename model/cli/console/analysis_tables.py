"""Tables of a sensitivity study and of a robustness experiment for the terminal."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import fill

import numpy as np
from rich.console import Group, RenderableType
from rich.markup import escape
from rich.text import Text

from model.analysis.robustness.experiment import Experiment, Failure
from model.analysis.sensitivity.methods import ENDS, REST
from model.analysis.sensitivity.study import Findings
from model.cli.console.model_tables import plain_table
from model.results.measures import written

HEADING = 11
"""Letters in a line of a heading that names a future."""
ABREAST = 9
"""Most columns of futures in one table; more follow in another."""
NO_SHARE = 0.005
"""Total index below which an input is left out of a printed table."""
STRONGEST = 3
"""Parameters named for each headline."""


def render_sensitivity(found: Findings, top: int) -> Group:
    """For each result the strongest inputs by every method used; leverage of the headlines; the decision."""
    year = list(found.question.horizons)[-1]
    parts: list[RenderableType] = []
    if found.tornado is not None or found.screening is not None:
        parts += [_inputs_of(found, number, year, top) for number in range(len(found.question.measures))]
    if found.indices is not None:
        parts += [_indices_of(found, number, year, top) for number in range(len(found.question.measures))]
    if found.leverage is not None:
        parts.append(_leverage(found))
    for each in range(len(found.decisions)):
        parts += _decision(found, each, top)
    remark = f"{found.runs:,} runs of the model. All inputs, years and horizons stand in the tables."
    parts.append(Text(remark, style="dim"))
    return Group(*parts)


def _subject(found: Findings) -> str:
    against = found.question.against
    return found.question.scenario.name + (f" less {against.name}" if against is not None else "")


def _inputs_of(found: Findings, number: int, year: str, top: int) -> RenderableType:
    """Strongest inputs of one result: effect at either end, size and spread of the screening."""
    each, column = found.question.measures[number], found.question.horizons[year]
    columns = ["input", "low to high"]
    decimals = _decimals(found, number, column)
    cells: list[list[str]] = [[] for _ in found.inputs]
    rank = np.zeros(len(found.inputs))
    if found.tornado is not None:
        columns += ["result at low", "at high"]
        own = found.tornado
        rank = own.swing[:, number, column]
        for place, row in enumerate(cells):
            row += [
                written(float(ends[place, number, column] - own.central[number, column]), decimals, signed=True)
                for ends in (own.low, own.high)
            ]
    if found.screening is not None:
        columns += ["mu*", "sigma"]
        size, spread, margin = found.screened(number, year)
        rank = rank if found.tornado is not None else size
        for place, row in enumerate(cells):
            row += [
                f"{written(float(size[place]), decimals)} ± {written(float(margin[place]), decimals)}",
                written(float(spread[place]), decimals),
            ]
    central = ""
    if found.tornado is not None:
        central = f"; changes from {each.write(float(found.tornado.central[number, column]))}"
    rows = []
    for place in np.argsort(-rank, kind="stable")[:top]:
        known = found.inputs[place]
        ends = " to ".join(f"{known.value(end):.3g}" for end in ENDS) + known.unit_shown
        ends = ends if known.is_number else "several numbers"
        rows.append((f"{escape(known.name)}\n[dim]{escape(known.title)}[/dim]", ends, *cells[place]))
    title = f"{each.title} ({each.unit}), {_subject(found)}, {year}{central}"
    table = plain_table(escape(title), columns, rows, widest=0)
    table.columns[0].no_wrap, table.columns[0].overflow = True, "ellipsis"
    return table


def _decimals(found: Findings, number: int, column: int) -> int:
    """Digits by which the largest effect on a result shows two figures, and no fewer than the result has."""
    largest = 0.0
    if found.tornado is not None:
        largest = float(found.tornado.swing[:, number, column].max())
    elif found.screening is not None:
        row = number * len(found.question.horizons) + len(found.question.horizons) - 1
        largest = float(found.screening.size[row].max())
    needed = 1 - int(np.floor(np.log10(largest))) if largest > 0 else 0
    return max(found.question.measures[number].decimals or 0, needed)


def _indices_of(found: Findings, number: int, year: str, top: int) -> RenderableType:
    """Sobol indices of one result."""
    assert found.indices is not None
    own, years = found.indices, found.question.years
    row = number * len(years) + years.index(year)
    rows = [
        (
            escape(own.groups[place]),
            _share(own.first[row, place], own.first_margin[row, place]),
            _share(own.total[row, place], own.total_margin[row, place]),
        )
        for place in np.argsort(-np.nan_to_num(own.total[row]), kind="stable")[: top + 1]
        if own.total[row, place] >= NO_SHARE or own.groups[place] == REST
    ]
    each = found.question.measures[number]
    title = f"{each.title}: shares of its variance, {_subject(found)}, {year}"
    return plain_table(escape(title), ("input", "first index", "total index"), rows, widest=0)


def _share(value: float, margin: float) -> str:
    return f"{value:.2f} ± {margin:.2f}".replace("-", "−") if np.isfinite(value) else "–"


def _leverage(found: Findings) -> RenderableType:
    """The strongest parameters of each headline with their elasticities, at the last horizon."""
    assert found.leverage is not None
    own = found.leverage
    year, column = list(found.headlines.horizons.items())[-1]
    rows = []
    for number, each in enumerate(found.headlines.measures):
        size = np.nan_to_num(np.abs(own.per_cent[:, number, column]))
        strongest = np.argsort(-size, kind="stable")[:STRONGEST]
        named = ", ".join(_elasticity(own.names[at], own.elasticity[at, number, column]) for at in strongest)
        rows.append((each.title, escape(named)))
    title = f"Leverage, {_subject(found)}, {year}: strongest parameters, per cent of the result for one per cent more"
    return plain_table(escape(title), ("headline result", "parameters and elasticity"), rows, widest=1)


def _elasticity(name: str, value: float) -> str:
    shown = "–" if not np.isfinite(value) else f"{value:+.2f}".replace("-", "−")
    return f"{name} {shown}"


def _decision(found: Findings, number: int, top: int) -> list[RenderableType]:
    """Options, what everything is worth to the choice, and the inputs worth most."""
    each = found.decisions[number]
    own, unit = each.information, each.objective.unit
    gains = each.payoffs - each.payoffs[0]
    rows = []
    for place, option in enumerate(each.options):
        low, high = np.quantile(gains[place], ENDS)
        difference = "–" if place == 0 else f"{written(float(gains[place].mean()))} ({written(low)} to {written(high)})"
        chosen = "best on average" if place == own.best else ""
        rows.append((option, difference, f"{own.preferred[place]:.0%}", chosen))
    members = each.payoffs.shape[1]
    title = f"Choice by {each.objective.name} ({unit}, {members} members): {each.objective.title}"
    columns = ("option", f"difference from {each.options[0]}", "best in", "")
    options = plain_table(escape(title), columns, rows, widest=1)
    worth = [("everything", written(own.perfect), "")]
    strongest = [place for place in np.argsort(-own.partial, kind="stable")[:top] if own.partial[place] > 0]
    for place in strongest:
        verdict = "" if own.partial[place] > own.chance else "no more than chance"
        worth.append((escape(each.inputs[place].name), written(float(own.partial[place])), verdict))
    if not strongest:
        worth.append(("any one input", written(0.0), "whatever it turns out to be, the choice stays the same"))
    title = f"Worth of knowing before choosing ({unit}); chance alone gives up to {written(own.chance)}"
    return [options, plain_table(escape(title), ("input", "worth", ""), worth, widest=0)]


def render_robustness(found: Experiment, failing: Sequence[Failure]) -> Group:
    """Regret by objective, probability of meeting each target, and the conditions of failure."""
    parts = [table for number in range(len(found.objectives)) for table in _regret(found, number)]
    parts += [table for number in range(len(found.targets)) for table in _targets(found, number)]
    told = [each for each in failing if each.box is not None]
    if told:
        parts.append(_failures(told))
    else:
        parts.append(Text("No conditions stand out under which a package fails.", style="dim"))
    note = (
        f"{found.members} members, the same in every package and future. ✓ best of the future; ◆ smallest worst regret "
        "(minimax)."
    )
    parts.append(Text(note, style="dim"))
    return Group(*parts)


def _grid(found: Experiment, title: str, cells: Sequence[Sequence[str]], last: str) -> list[RenderableType]:
    """Tables of packages by futures, some futures abreast; the last cell of a row stands in the last table.

    Args:
        found: the experiment.
        title: of all of them.
        cells: by package: one for each future, and the last.
        last: heading of the last column.
    """
    headings = [*(fill(future.replace("_", " "), HEADING) for future in found.grid.futures), last]
    tables: list[RenderableType] = []
    for first in range(0, len(headings), ABREAST):
        part = slice(first, first + ABREAST)
        rows = [
            (package.replace("_", " "), *row[part]) for package, row in zip(found.grid.packages, cells, strict=True)
        ]
        table = plain_table(escape(title), ("package", *headings[part]), rows, widest=0)
        table.columns[0].min_width = HEADING
        tables.append(table)
    return tables


def _regret(found: Experiment, number: int) -> list[RenderableType]:
    objective, own = found.objectives[number], found.regret(number)
    cells = [
        [
            *(written(float(value)) + (" ✓" if own.best[column] == row else "") for column, value in enumerate(values)),
            written(float(own.worst[row])) + (" ◆" if own.minimax == row else ""),
        ]
        for row, values in enumerate(own.regret)
    ]
    return _grid(found, f"Regret by {objective.name} ({objective.unit}): {objective.title}", cells, "worst")


def _targets(found: Experiment, number: int) -> list[RenderableType]:
    share = found.met(number).mean(axis=-1)
    cells = [[*(f"{value:.0%}" for value in values), f"{values.min():.0%}"] for values in share]
    return _grid(found, f"Probability of {found.targets[number].text}", cells, "lowest")


def _failures(failing: Sequence[Failure]) -> RenderableType:
    rows = []
    for each in failing:
        if each.box is None:
            continue
        shares = (f"{value:.0%}" for value in (each.share, each.box.density, each.box.coverage))
        failure = escape(f"{each.package.replace('_', ' ')} {each.what}")
        rows.append((failure, escape("\n".join(each.conditions())), *shares))
    columns = ("package and failure", "fails most when", "share", "density", "coverage")
    return plain_table("Conditions of failure", columns, rows, widest=1)
