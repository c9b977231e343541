"""The agreed principles for the terminal: totals and ranks, scores by principle, and how weights decide the ranking."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.text import Text

from model.appraisal.prioritisation.scoring import Ranking
from model.cli.console.model_tables import plain_table
from model.results.number_format import format_number
from model.results.run import in_words

ABREAST = 7
"""Options side by side in a table."""


def render_ranking(ranking: Ranking) -> Group:
    """Return options from the first to the last, their scores by principle, and how weights decide the ranking."""
    parts: list[RenderableType] = [_totals(ranking)]
    for first in range(0, len(ranking.order), ABREAST):
        parts.append(_scores(ranking, ranking.order[first : first + ABREAST]))
    parts += [Text(text, style="dim") for text in ranking.omissions]
    parts.append(Text(" ".join(_weight_sentences(ranking))))
    note = (
        f"Scores of 0 to 100 by {ranking.principles.file}; {ranking.span}, money at {ranking.prices} prices. "
        f"Interval: {ranking.interval}."
    )
    return Group(*parts, Text(note, style="dim"))


def _totals(ranking: Ranking) -> RenderableType:
    ranks, sensitivity = ranking.ranks, ranking.sensitivity
    rows = []
    for index in ranking.order:
        name = ranking.options[index]
        spread = ranking.spread(ranking.totals_members[index])
        total = format_number(float(ranking.totals[index]), 1)
        total += f"\n[dim]{format_number(spread.low, 1)} to {format_number(spread.high, 1)}[/dim]" if spread else ""
        dominated = ", ".join(f"{in_words(option.by)} ({option.share:.0%})" for option in ranking.dominated[name])
        rows.append(
            (
                "" if ranks is None else str(ranks[index]),
                f"{in_words(name)}\n[dim]{ranking.balance[name]}[/dim]",
                total,
                "" if sensitivity is None else f"{sensitivity.by_members[index, 0]:.0%}",
                "" if sensitivity is None else f"{sensitivity.by_both[index, 0]:.0%}",
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


def _scores(ranking: Ranking, options: list[int]) -> RenderableType:
    """Scores by principle, some options across; the criteria are in the tables."""
    rows = [
        (
            principle.title,
            f"{ranking.weights[column]:.0%}",
            *(format_number(float(ranking.by_principle[option, column]), 0) for option in options),
        )
        for column, principle in enumerate(ranking.principles.principles)
    ]
    names = (in_words(ranking.options[option]).replace(" ", "\n") for option in options)
    return plain_table("Scores, from 0 to 100", ("principle", "weight", *names), rows, widest=0)


def _weight_sentences(ranking: Ranking) -> list[str]:
    """How the ranking depends on the weights, in sentences."""
    sensitivity = ranking.sensitivity
    if sensitivity is None or ranking.ranks is None:
        return ["One option: scored, not ranked."]
    titles = {principle.name: principle.title for principle in ranking.principles.principles}
    first = {name for name, rank in zip(ranking.options, ranking.ranks, strict=True) if rank == 1}
    if steps := [step for step in sensitivity.steps if set(step.first) != first]:
        changes = "; ".join(
            f"'{titles[step.principle]}' {'halved' if step.factor < 1 else 'doubled'} ({_names(step.first)})"
            for step in steps
        )
        sentences = [f"Another option comes first with one weight changed: {changes}."]
    else:
        sentences = ["The first stays first when any one weight is halved or doubled."]
    if (change := sensitivity.smallest) is not None:
        sentences.append(
            f"The smallest change of one weight that brings another first: '{titles[change.principle]}' from "
            f"{change.now:.1%} to {change.then:.1%} ({in_words(change.first)})."
        )
    return sentences


def _names(names: tuple[str, ...]) -> str:
    return " and ".join(in_words(name) for name in names)
