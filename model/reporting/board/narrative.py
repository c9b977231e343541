"""The answer in words: what doing nothing means, what the scenarios do, what they cost, what stands in the way."""

from __future__ import annotations

from model.analysis.attribution.contributions import Attribution
from model.analysis.attribution.overlaps import find_interactions, strongest_interactions
from model.analysis.attribution.overlaps import interaction_sentence as overlap_in_words
from model.appraisal.costing.appraisal import Appraisal, AppraisalResult, appraisal_results
from model.reporting.board.decision_results import Findings
from model.reporting.board.effects import LIKELY, Effects, interval, listed, shown
from model.reporting.names import capitalised
from model.results.comparison import HeadlineRow
from model.results.headlines import Measure, Place, headline, headlines_shown
from model.results.run import in_words

MILLION = 1e6
JOINED = "\u2060"
"""Letter without width that keeps a line from being broken between a sign and its amount."""
PAIRS_TOLD, TOLD_WORSE = 3, 2


def money(value: float, *, signed: bool = False) -> str:
    """An amount in £m, or in £ where it is small."""
    sign = "−" if value < 0 else "+" if signed and value > 0 else ""
    size = abs(value)
    return f"{sign}£{size / MILLION:,.1f}m" if size >= MILLION / 10 else f"{sign}£{size:,.0f}"


def value_and_unit(each: Measure, text: str) -> tuple[str, str]:
    """A written value and its unit: ``+£7.4m`` and ``a year, 2022/23 prices``."""
    sign, number = (text[0], text[1:]) if text[:1] in "+−" else ("", text)
    if each.unit.startswith("£m"):
        return f"{sign}{JOINED if sign else ''}£{number}m", each.unit[2:].strip()
    if each.unit == "%":
        return (text, "points") if sign else (f"{text}%", "")
    return text, each.unit


def with_unit(each: Measure, text: str) -> str:
    """A written value with the unit of its result: ``+£7.4m a year, 2022/23 prices``."""
    return " ".join(part for part in value_and_unit(each, text) if part)


def effect(row: HeadlineRow) -> str:
    """A difference with its unit and interval."""
    if row.difference is None:
        return ""
    return with_unit(row.headline, shown(row.headline, row.difference.median)) + interval(row)


def answer(found: Findings, effects: Effects) -> tuple[tuple[str, str], ...]:
    """The answer: a heading and a paragraph for each part of it."""
    parts = (
        ("Without a decision", without_a_decision(effects)),
        ("Bed days, waiting list, deficit", what_they_do(effects)),
        ("Cost and value", what_they_cost(found)),
        ("Order by the principles", how_they_rank(found)),
        ("Not to be added up", " ".join(text for each in found.attributions if (text := double_counted(each)))),
        ("The gap", " ".join(capitalised(text) for each in found.equity for text in each.warnings)),
    )
    return tuple((heading, text) for heading, text in parts if text)


def without_a_decision(effects: Effects) -> str:
    """Where the baseline goes between the first horizon and the last."""
    first, last = next(iter(effects.horizons)), list(effects.horizons)[-1]
    told = []
    for each in headlines_shown(Place.ANSWER):
        before, after = effects.baseline[each.name, first], effects.baseline[each.name, last]
        title = _small(each.title)
        start = with_unit(each, shown(each, before.value.median, signed=False))
        if first == last:
            told.append(f"{title} {start}")
            continue
        told.append(f"{title} from {start} to {shown(each, after.value.median, signed=False)}")
    if first == last:
        return f"Without a decision, {effects.horizons[first]} has {listed(told)}."
    span = f"between {effects.horizons[first]} and {effects.horizons[last]}"
    return f"Without a decision, {span}, the model expects: {'; '.join(told)}."


def what_they_do(effects: Effects) -> str:
    """Which scenario does most for each of the results asked for, at the middle horizon; and who makes it worse."""
    year, horizon = effects.horizons[effects.middle], effects.middle
    asked = headlines_shown(Place.ANSWER)
    if len(effects.scenarios) == 1:
        rows = [effects.row(each.name, horizon, effects.scenarios[0]) for each in asked]
        told = "; ".join(f"{_small(row.headline.title)} {effect(row)}" for row in rows)
        return f"By {year}, {in_words(effects.scenarios[0])} changes: {told}."
    sentences = []
    for each in asked:
        better, worse = effects.better(each.name, horizon), effects.worse(each.name, horizon)
        text = f"None is likely ({LIKELY:.0%} or more) to {each.to_improve}"
        if better:
            text = f"{capitalised(in_words(better[0].scenario))} does most to {each.to_improve}: {effect(better[0])}"
        if len(better) > 1:
            text += f"; next comes {in_words(better[1].scenario)}: {effect(better[1])}"
        if worse:
            text += f"; worse: {', '.join(f'{in_words(row.scenario)} {effect(row)}' for row in worse[:TOLD_WORSE])}"
        sentences.append(f"{text}.")
    return f"By {year}: {' '.join(sentences)}"


def _small(title: str) -> str:
    """A title within a sentence; what is written in capitals stays so."""
    return title if title[:3].isupper() else title[:1].lower() + title[1:]


def figures(each: Appraisal) -> dict[str, AppraisalResult]:
    """Figures of an appraisal by name."""
    return {figure.name: figure for figure in appraisal_results(each)}


def what_they_cost(found: Findings) -> str:
    """What the scenarios cost, and which of them give back more than they take."""
    tables = {each.option.name: figures(each) for each in found.appraisals}
    first = found.appraisals[0]
    costs = {name: float(table["programme_cost"].discounted) for name, table in tables.items()}
    basis, years = first.assumptions, found.years
    lead = (
        f"Over {years[0]} to {years[-1]}, at {basis.prices} prices and discounted, programmes cost "
        + ", ".join(f"{money(cost)} ({in_words(name)})" for name, cost in costs.items())
        + "."
    )
    told = []
    for key, what in (("net_cash", "in cash"), ("net_public", "to the public sector"), ("net_social", "to society")):
        paying = [
            name
            for name, table in tables.items()
            if costs[name] > 0 and float(table[key].discounted) > 0 and _likely(table[key])
        ]
        told.append(f"{what} {listed(paying) if paying else 'none'}")
    return f"{lead} Worth more than they cost, likely: {'; '.join(told)}."


def _likely(figure: AppraisalResult) -> bool:
    return figure.favourable is None or figure.favourable >= LIKELY


def how_they_rank(found: Findings) -> str:
    """The order by the principles, how it hangs on the weights, and who is dominated."""
    ranking, asked = found.judged.ranking, {scenario.name for scenario in found.scenarios}
    if ranking.sensitivity is None:
        return ""
    order = [place for place in ranking.order if ranking.options[place] in asked]
    names = [in_words(ranking.options[place]) for place in order]
    first = float(ranking.sensitivity.by_weights[order[0], 0])
    text = (
        f"By the eight principles of prioritisation and their weights, the order is {', '.join(names)}. "
        f"{capitalised(names[0])} comes first in {first:.0%} of other weightings."
    )
    beaten = [
        f"{in_words(name)} (by {listed(each.by for each in by)})"
        for name, by in ranking.dominated.items()
        if by and name in asked
    ]
    return text + (f" No better on any criterion than another: {', '.join(beaten)}." if beaten else "")


def double_counted(each: Attribution) -> str:
    """Where interventions of a package claim the same gain, in words."""
    told = [pair for pair in find_interactions(each) if pair.share < 0]
    beds = [pair for pair in told if pair.same_bed_days]
    if not told:
        return ""
    text = " ".join(overlap_in_words(pair) for pair in strongest_interactions(beds or told, PAIRS_TOLD))
    return f"In {in_words(each.scenario.name)}: {text.replace('_', ' ')}"


def lost_by_overlap(each: Attribution, name: str = "bed_days") -> str:
    """What the interventions of a package claim one by one, and what they give together, at the last horizon."""
    column = [one.name for one in each.measures].index(name)
    known = headline(name)
    alone = float(each.alone[:, column, -1].sum(axis=0).mean())
    whole = float(each.effect[column, -1].mean())
    year = list(each.horizons.values())[-1]
    relation = "less than" if abs(whole) < abs(alone) else "more than"
    return (
        f"{capitalised(in_words(each.scenario.name))}, {known.title.lower()} in {year}: by themselves its "
        f"interventions would claim {with_unit(known, shown(known, alone))}; together they give {shown(known, whole)}, "
        f"{relation} the sum by {shown(known, abs(whole - alone), signed=False)}."
    )
