"""The report to a board: one page first, then effects, contributions, money, who gains, principles, evidence."""

from __future__ import annotations

from pathlib import Path

from model.appraisal.equity.distributional_impact import DistributionalImpact
from model.registry.extras import require_extra
from model.reporting.board.charts.chosen_portfolio import best_table, budget_chart, near_table
from model.reporting.board.charts.contributions import overlaps_chart, waterfall_chart
from model.reporting.board.charts.headline_charts import effects_chart, fan_chart, probability_chart
from model.reporting.board.charts.payers import organisations_chart, payback_chart, streams_chart
from model.reporting.board.charts.principle_scores import ranks_chart, scores_chart, totals_chart
from model.reporting.board.charts.value_for_money import acceptability_chart, frontier_chart, worth_chart
from model.reporting.board.charts.who_gains import fair_health_chart, gains_chart, slopes_chart
from model.reporting.board.decision_results import DecisionResults
from model.reporting.board.effects import Effects
from model.reporting.board.evidence_and_limits import evidence_and_assumptions, limits, provenance
from model.reporting.board.narrative import answer, double_counted, lost_by_overlap
from model.reporting.board.one_page import at_a_glance, summary
from model.reporting.board.statements import of_costing
from model.reporting.html.blocks import Block, Facts, Paragraphs, Report, Section
from model.reporting.names import capitalised
from model.reporting.slides import Slide
from model.results.observations import read_observations
from model.results.run import in_words

READING = (
    "A difference is the scenario less the baseline, member by member with the same draws; the middle of the members "
    "is shown with the interval that holds 80% of them. A deficit is positive. Choose results and packages in the "
    "boxes."
)


def board_report(results: DecisionResults) -> Report:
    """Return the whole report.

    Raises:
        UserError: the libraries of the extra ``report`` are not installed.
    """
    require_extra("report", "the report to a board")
    names = ", ".join(in_words(scenario.name) for scenario in results.scenarios)
    first = results.scenarios[0]
    subtitle = (
        f"{names}; against {in_words(results.baseline.scenario)}. Decisions from {first.decision:%B %Y}, run to "
        f"{first.end:%B %Y}, {results.members:,} member{'s' if results.members > 1 else ''}."
    )
    sections = (
        summary(results),
        effects_over_time(results),
        *contributions(results),
        what_it_costs(results),
        who_gains(results),
        by_principles(results),
        *chosen_portfolio(results),
        evidence_and_assumptions(results),
        limits(),
        provenance(results),
    )
    return Report("What should the partnership do?", f"{subtitle[:1].upper()}{subtitle[1:]}", sections)


def effects_over_time(results: DecisionResults) -> Section:
    """Return what the scenarios do to each result, when, and how surely."""
    charts = (
        fan_chart(results.runs, read_observations()),
        effects_chart(results.runs),
        probability_chart(results.runs),
    )
    blocks: list[Block] = [Paragraphs((READING,), "note"), *(chart for chart in charts if chart)]
    return Section("What happens, and how sure that is", tuple(blocks))


def contributions(results: DecisionResults) -> tuple[Section, ...]:
    """Return what each intervention contributes, and what is claimed twice."""
    if not results.attributions:
        return ()
    members = results.attributions[0].members
    paragraphs = [
        f"Contributions add up to the effect of the package, in each of the {members} members of this part; they come "
        "from an ensemble of its own, so that the whole differs a little from the figures above.",
        *(lost_by_overlap(attribution) for attribution in results.attributions),
        *(text for attribution in results.attributions if (text := double_counted(attribution))),
    ]
    chart = overlaps_chart(results.attributions)
    blocks = (Paragraphs(tuple(paragraphs)), waterfall_chart(results.attributions), *((chart,) if chart else ()))
    return (Section("What each intervention contributes", blocks),)


def what_it_costs(results: DecisionResults) -> Section:
    """Return costs, benefits, who bears them, and what the money buys."""
    appraisals = results.appraisals
    singles = results.assessment.appraisals[results.count :]
    charts = (
        organisations_chart(appraisals),
        streams_chart(appraisals),
        payback_chart(appraisals),
        frontier_chart(appraisals, singles),
        worth_chart(appraisals),
        acceptability_chart(appraisals),
    )
    note = f"Costing: {of_costing(appraisals).prices}. Change an assumption in the workbook and all figures follow."
    blocks: tuple[Block, ...] = (Paragraphs((note,), "note"), *(chart for chart in charts if chart))
    return Section("What it costs, who pays and who gains", blocks)


def who_gains(results: DecisionResults) -> Section:
    """Return effects by deprivation, place, age and stage of life; the gap."""
    warnings = tuple(capitalised(text) for impact in results.equity for text in impact.warnings)
    findings = tuple((capitalised(impact.title), _of_one(impact)) for impact in results.equity if impact.findings)
    text_blocks = (
        Paragraphs(warnings or ("No package of these widens a gap that the model can see.",), "lead"),
        *((Facts(findings),) if findings else ()),
        Paragraphs(DIE_WELL, "note"),
    )
    charts = (gains_chart(results.equity), slopes_chart(results.equity), fair_health_chart(results.equity))
    return Section("Who gains", (*text_blocks, *charts))


def _of_one(impact: DistributionalImpact) -> str:
    """What was found of one package, without its name before every sentence."""
    texts = (text.removeprefix(impact.title).lstrip(": ") for text in impact.findings)
    return " ".join(f"{capitalised(text.rstrip('.'))}." for text in texts)


DIE_WELL = (
    "Die Well: the model knows how many die, and at what age; it does not follow people through their last year of "
    "life. Deaths by age are among the results below; where people die, and in what comfort, it cannot tell.",
)


def by_principles(results: DecisionResults) -> Section:
    """Return scores, totals and ranks by the eight principles."""
    ranking = results.assessment.ranking
    charts = (scores_chart(ranking), totals_chart(ranking), ranks_chart(ranking))
    reviews = "; ".join(f"{in_words(name)} {day:%B %Y}" for name, day in ranking.reviews.items())
    paragraphs = (
        *(f"{capitalised(in_words(name))}: {text}." for name, text in ranking.balance.items()),
        f"First review: {reviews}.",
        *ranking.omissions,
    )
    return Section(
        "The eight principles of prioritisation", (Paragraphs(paragraphs), *(chart for chart in charts if chart))
    )


def chosen_portfolio(results: DecisionResults) -> tuple[Section, ...]:
    """Return the best choice of interventions within a budget, and what comes near it."""
    if results.portfolio is None:
        return ()
    message, chosen = results.portfolio.message(), results.portfolio.selection.allowed.any()
    paragraphs = (message,) if message else ()
    blocks: tuple[Block, ...] = (Paragraphs(paragraphs, "lead"),) if paragraphs else ()
    if chosen:
        blocks += (best_table(results.portfolio), near_table(results.portfolio), budget_chart(results.portfolio))
    return (Section("Which handful, within what budget", blocks),)


def board_slides(results: DecisionResults, pictures: Path) -> tuple[Slide, ...]:
    """Return two slides: the answer, and one picture."""
    effects = Effects.of(results.runs)
    texts = tuple(text for _, text in answer(results, effects))
    title = "What should the partnership do?"
    return (
        Slide(title, texts[1:4], table=at_a_glance(results, effects)),
        Slide("What each package changes, by horizon", texts[:1] + texts[4:], picture=pictures / "effects.png"),
    )
