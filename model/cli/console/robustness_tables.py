"""Tables of a robustness experiment for the terminal."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import fill

from rich.console import Group, RenderableType
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from model.analysis.robustness.experiment import Experiment, Failure
from model.cli.console.model_tables import plain_table
from model.results.number_format import format_number

HEADING = 11
"""Letters in a line of a heading that names a future."""
ABREAST = 9
"""Most columns of futures in one table; more follow in another."""


def render_robustness(experiment: Experiment, failures: Sequence[Failure]) -> Group:
    """Regret by objective, probability of meeting each target, and the conditions of failure."""
    parts: list[RenderableType] = []
    for index in range(len(experiment.objectives)):
        parts += _regret(experiment, index)
    for index in range(len(experiment.targets)):
        parts += _targets(experiment, index)
    if any(failure.box is not None for failure in failures):
        parts.append(_failures(failures))
    else:
        parts.append(Text("No conditions stand out under which a package fails.", style="dim"))
    note = (
        f"{experiment.members} members, the same in every package and future. ✓ best of the future; ◆ smallest worst "
        "regret (minimax)."
    )
    parts.append(Text(note, style="dim"))
    return Group(*parts)


def _grid(experiment: Experiment, title: str, cells: Sequence[Sequence[str]], last: str) -> list[RenderableType]:
    """Tables of packages by futures, some futures abreast; the last cell of a row is in the last table.

    Args:
        experiment: the experiment.
        title: of all of them.
        cells: by package: one for each future, and the last.
        last: heading of the last column.
    """
    headings = [*(fill(future.replace("_", " "), HEADING) for future in experiment.grid.futures), last]
    tables: list[RenderableType] = []
    for first in range(0, len(headings), ABREAST):
        columns = slice(first, first + ABREAST)
        rows = [
            (package.replace("_", " "), *row[columns])
            for package, row in zip(experiment.grid.packages, cells, strict=True)
        ]
        table = plain_table(escape(title), ("package", *headings[columns]), rows, widest=0)
        table.columns[0].min_width = HEADING
        tables.append(table)
    return tables


def _regret(experiment: Experiment, index: int) -> list[RenderableType]:
    objective, regret = experiment.objectives[index], experiment.regret(index)
    cells = [
        [
            *(
                format_number(float(value)) + (" ✓" if regret.best[column] == row else "")
                for column, value in enumerate(values)
            ),
            format_number(float(regret.worst[row])) + (" ◆" if regret.minimax == row else ""),
        ]
        for row, values in enumerate(regret.regret)
    ]
    return _grid(experiment, f"Regret by {objective.name} ({objective.unit}): {objective.title}", cells, "worst")


def _targets(experiment: Experiment, index: int) -> list[RenderableType]:
    shares = experiment.met(index).mean(axis=-1)
    cells = [[*(f"{share:.0%}" for share in row), f"{row.min():.0%}"] for row in shares]
    return _grid(experiment, f"Probability of {experiment.targets[index].text}", cells, "lowest")


def _failures(failures: Sequence[Failure]) -> Table:
    rows = []
    for failure in failures:
        if failure.box is None:
            continue
        shares = (f"{value:.0%}" for value in (failure.share, failure.box.density, failure.box.coverage))
        name = escape(f"{failure.package.replace('_', ' ')} {failure.what}")
        rows.append((name, escape("\n".join(failure.conditions())), *shares))
    columns = ("package and failure", "fails most when", "share", "density", "coverage")
    return plain_table("Conditions of failure", columns, rows, widest=1)
