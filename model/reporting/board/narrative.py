"""The answer in words: what doing nothing means, what the scenarios do, what they cost, what stands in the way."""

from __future__ import annotations

from model.analysis.attribution.contributions import Attribution
from model.analysis.attribution.overlaps import find_interactions, interaction_sentence, strongest_interactions
from model.appraisal.costing.appraisal import AppraisalResult
from model.reporting.board.decision_results import DecisionResults, appraisal_figures
from model.reporting.board.effects import LIKELY, Effects, interval
from model.reporting.names import capitalised, listed
from model.reporting.numbers import JOINED, money, share
from model.results.comparison import HeadlineRow
from model.results.headlines import Measure, Place, headline, headlines_shown
from model.results.run import in_words

MOST_PAIRS, MOST_WORSE = 3, 2
"""Pairs of interventions, and scenarios that make a result worse, in a sentence."""


def value_and_unit(measure: Measure, text: str) -> tuple[str, str]:
    """Split a written value from its unit: ``+£7.4m`` and ``a year, 2022/23 prices``."""
    sign, digits = (text[0], text[1:]) if text[:1] in "+−" else ("", text)
    if measure.unit.startswith("£m"):
        return f"{sign}{JOINED if sign else ''}£{digits}m", measure.unit[2:].strip()
    if measure.unit == "%":
        return (text, "points") if sign else (f"{text}%", "")
    return text, measure.unit


def with_unit(measure: Measure, text: str) -> str:
    """Return a written value with the unit of its result: ``+£7.4m a year, 2022/23 prices``."""
    return " ".join(piece for piece in value_and_unit(measure, text) if piece)


def effect(row: HeadlineRow) -> str:
    """Return a difference with its unit and interval."""
    if row.difference is None:
        return ""
    return with_unit(row.headline, row.headline.format(row.difference.median, signed=True)) + interval(row)


def answer(results: DecisionResults, effects: Effects) -> tuple[tuple[str, str], ...]:
    """Return the answer: a heading and a paragraph for each part of it."""
    parts = (
        ("Without a decision", without_a_decision(effects)),
        ("What the scenarios change", what_they_do(effects)),
        ("Cost and value", what_they_cost(results)),
        ("Order by the principles", how_they_rank(results)),
        (
            "Not to be added up",
            " ".join(text for attribution in results.attributions if (text := double_counted(attribution))),
        ),
        ("The gap", " ".join(capitalised(text) for impact in results.equity for text in impact.warnings)),
    )
    return tuple((heading, text) for heading, text in parts if text)


def without_a_decision(effects: Effects) -> str:
    """Say where the baseline goes between the first horizon and the last."""
    first, last = next(iter(effects.horizons)), list(effects.horizons)[-1]
    changes = []
    for measure in headlines_shown(Place.ANSWER):
        before, after = effects.baseline[measure.name, first], effects.baseline[measure.name, last]
        title = _small(measure.title)
        start = with_unit(measure, measure.format(before.value.median))
        if first == last:
            changes.append(f"{title} {start}")
            continue
        changes.append(f"{title} from {start} to {measure.format(after.value.median)}")
    if first == last:
        return f"Without a decision, {effects.horizons[first]} has {listed(changes)}."
    span = f"between {effects.horizons[first]} and {effects.horizons[last]}"
    return f"Without a decision, {span}, the model expects: {'; '.join(changes)}."


def what_they_do(effects: Effects) -> str:
    """Say which scenario does most for each of the results asked for, at the middle horizon; and who makes it worse."""
    year, horizon = effects.horizons[effects.middle], effects.middle
    measures = headlines_shown(Place.ANSWER)
    if len(effects.scenarios) == 1:
        rows = [effects.row(measure.name, horizon, effects.scenarios[0]) for measure in measures]
        changes = "; ".join(f"{_small(row.headline.title)} {effect(row)}" for row in rows)
        return f"By {year}, {in_words(effects.scenarios[0])} changes: {changes}."
    sentences = []
    for measure in measures:
        better, worse = effects.better(measure.name, horizon), effects.worse(measure.name, horizon)
        text = f"None is likely ({share(LIKELY)} or more) to {measure.to_improve}"
        if better:
            text = f"{capitalised(in_words(better[0].scenario))} does most to {measure.to_improve}: {effect(better[0])}"
        if len(better) > 1:
            text += f"; next comes {in_words(better[1].scenario)}: {effect(better[1])}"
        if worse:
            text += f"; worse: {', '.join(f'{in_words(row.scenario)} {effect(row)}' for row in worse[:MOST_WORSE])}"
        sentences.append(f"{text}.")
    return f"By {year}: {' '.join(sentences)}"


def _small(title: str) -> str:
    """A title within a sentence; what is written in capitals stays so."""
    return title if title[:3].isupper() else title[:1].lower() + title[1:]


def what_they_cost(results: DecisionResults) -> str:
    """Say what the scenarios cost, and which of them give back more than they take."""
    tables = {appraisal.option.name: appraisal_figures(appraisal) for appraisal in results.appraisals}
    first = results.appraisals[0]
    costs = {name: float(table["programme_cost"].discounted) for name, table in tables.items()}
    basis, years = first.assumptions, results.years
    lead = (
        f"Over {years[0]} to {years[-1]}, at {basis.prices} prices and discounted, programmes cost "
        + ", ".join(f"{money(cost)} ({in_words(name)})" for name, cost in costs.items())
        + "."
    )
    worth = []
    for key, what in (("net_cash", "in cash"), ("net_public", "to the public sector"), ("net_social", "to society")):
        paying = [
            name
            for name, table in tables.items()
            if costs[name] > 0 and float(table[key].discounted) > 0 and _likely(table[key])
        ]
        worth.append(f"{what} {listed(map(in_words, paying))}")
    return f"{lead} Worth more than they cost, likely: {'; '.join(worth)}."


def _likely(result: AppraisalResult) -> bool:
    return result.favourable is None or result.favourable >= LIKELY


def how_they_rank(results: DecisionResults) -> str:
    """Say the order by the principles, how it depends on the weights, and who is dominated."""
    ranking, in_question = results.assessment.ranking, {scenario.name for scenario in results.scenarios}
    if ranking.sensitivity is None:
        return ""
    order = [index for index in ranking.order if ranking.options[index] in in_question]
    names = [in_words(ranking.options[index]) for index in order]
    first = float(ranking.sensitivity.by_weights[order[0], 0])
    text = (
        f"By the eight principles of prioritisation and their weights, the order is {', '.join(names)}. "
        f"{capitalised(names[0])} comes first in {share(first)} of other weightings."
    )
    dominated = [
        f"{in_words(name)} (by {listed(in_words(domination.by) for domination in by)})"
        for name, by in ranking.dominated.items()
        if by and name in in_question
    ]
    return text + (f" No better on any criterion than another: {', '.join(dominated)}." if dominated else "")


def double_counted(attribution: Attribution) -> str:
    """Say where interventions of a package claim the same gain."""
    overlapping = [pair for pair in find_interactions(attribution) if pair.share < 0]
    beds = [pair for pair in overlapping if pair.same_bed_days]
    if not overlapping:
        return ""
    text = " ".join(interaction_sentence(pair) for pair in strongest_interactions(beds or overlapping, MOST_PAIRS))
    return f"In {in_words(attribution.scenario.name)}: {text.replace('_', ' ')}"


def lost_by_overlap(attribution: Attribution, name: str = "bed_days") -> str:
    """Say what interventions claim one by one, and what they give together, at the last horizon."""
    column = [measure.name for measure in attribution.measures].index(name)
    measure = headline(name)
    alone = float(attribution.alone[:, column, -1].sum(axis=0).mean())
    whole = float(attribution.effect[column, -1].mean())
    year = list(attribution.horizons.values())[-1]
    relation = "less than" if abs(whole) < abs(alone) else "more than"
    return (
        f"{capitalised(in_words(attribution.scenario.name))}, {measure.title.lower()} in {year}: by themselves its "
        f"interventions would claim {with_unit(measure, measure.format(alone, signed=True))}; together they give "
        f"{measure.format(whole, signed=True)}, {relation} the sum by {measure.format(abs(whole - alone))}."
    )
