"""The agreed principles for the terminal: totals and ranks, scores by principle, and what the ranking hangs on."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.text import Text

from model.appraisal.prioritisation.scoring import Ranking
from model.cli.console.model_tables import plain_table
from model.results.number_format import format_number
from model.results.run import in_words

ABREAST = 7
"""Options beside each other in a table."""


def render_ranking(ranking: Ranking) -> Group:
    """Options from the first to the last, their scores by principle, and how the ranking hangs on the weights."""
    parts: list[RenderableType] = [_totals(ranking)]
    places = ranking.order
    for first in range(0, len(places), ABREAST):
        parts.append(_scores(ranking, places[first : first + ABREAST]))
    parts += [Text(text, style="dim") for text in ranking.omissions]
    parts.append(Text(" ".join(_words(ranking))))
    note = (
        f"Scores of 0 to 100 by {ranking.principles.file}; {ranking.span}, money at {ranking.prices} prices. "
        f"Interval: {ranking.interval}."
    )
    return Group(*parts, Text(note, style="dim"))


def _totals(ranking: Ranking) -> RenderableType:
    ranks, varied = ranking.ranks, ranking.sensitivity
    rows = []
    for place in ranking.order:
        name = ranking.options[place]
        spread = ranking.spread(ranking.totals_members[place])
        total = format_number(float(ranking.totals[place]), 1)
        total += f"\n[dim]{format_number(spread.low, 1)} to {format_number(spread.high, 1)}[/dim]" if spread else ""
        dominated = ", ".join(f"{in_words(each.by)} ({each.share:.0%})" for each in ranking.dominated[name])
        rows.append(
            (
                "" if ranks is None else str(ranks[place]),
                f"{in_words(name)}\n[dim]{ranking.balance[name]}[/dim]",
                total,
                "" if varied is None else f"{varied.by_members[place, 0]:.0%}",
                "" if varied is None else f"{varied.by_both[place, 0]:.0%}",
                dominated or "–",
                f"{ranking.reviews[name]:%b %Y}",
            )
        )
    columns = (
        "rank",
        "option, mortality and quality of life",
        "total",
        "first in\nmembers",
        "first, weights\nvary too",
        "dominated by\n(members)",
        "review",
    )
    return plain_table("Options by the agreed principles", columns, rows, widest=1)


def _scores(ranking: Ranking, places: list[int]) -> RenderableType:
    """Scores by principle, some options across; the criteria are in the tables."""
    rows = [
        (
            principle.title,
            f"{ranking.weights[number]:.0%}",
            *(format_number(float(ranking.by_principle[place, number]), 0) for place in places),
        )
        for number, principle in enumerate(ranking.principles.principles)
    ]
    names = (in_words(ranking.options[place]).replace(" ", "\n") for place in places)
    return plain_table("Scores, from 0 to 100", ("principle", "weight", *names), rows, widest=0)


def _words(ranking: Ranking) -> list[str]:
    """What the ranking hangs on, in sentences."""
    varied = ranking.sensitivity
    if varied is None:
        return ["One option: scored, not ranked."]
    titles = {each.name: each.title for each in ranking.principles.principles}
    first = {name for name, rank in zip(ranking.options, ranking.ranks, strict=True) if rank == 1}
    other = [step for step in varied.steps if set(step.first) != first]
    found = []
    if other:
        each = "; ".join(
            f"'{titles[step.principle]}' {'halved' if step.factor < 1 else 'doubled'} ({_names(step.first)})"
            for step in other
        )
        found.append(f"Another option comes first with one weight changed: {each}.")
    else:
        found.append("The first stays first when any one weight is halved or doubled.")
    if (change := varied.smallest) is not None:
        found.append(
            f"The smallest change of one weight that brings another first: '{titles[change.principle]}' from "
            f"{change.now:.1%} to {change.then:.1%} ({in_words(change.first)})."
        )
    return found


def _names(names: tuple[str, ...]) -> str:
    return " and ".join(in_words(name) for name in names)
