"""The report to a board: one page first, then effects, make-up, money, who gains, principles, grounds."""

from __future__ import annotations

from pathlib import Path

from model.appraisal.equity.distributional_impact import DistributionalImpact
from model.registry.extras import require_extra
from model.reporting.board.charts import chosen_portfolio as handful
from model.reporting.board.charts import contributions as attribution
from model.reporting.board.charts import headline_charts as results
from model.reporting.board.charts import payers as money
from model.reporting.board.charts import principle_scores as principles
from model.reporting.board.charts import value_for_money as value
from model.reporting.board.charts import who_gains as equity
from model.reporting.board.decision_results import Findings
from model.reporting.board.effects import Effects
from model.reporting.board.evidence_and_limits import grounds, limits, provenance
from model.reporting.board.narrative import answer, double_counted, lost_by_overlap
from model.reporting.board.one_page import at_a_glance, summary
from model.reporting.board.statements import of_costing
from model.reporting.html.blocks import Block, Facts, Report, Section, Words
from model.reporting.names import capitalised
from model.reporting.slides import Slide
from model.results.observations import read_observations
from model.results.run import in_words

READING = (
    "A difference is the scenario less the baseline, member by member with the same draws; the middle of the members "
    "is shown with the interval that holds 80% of them. A deficit is positive. Choose results and packages in the "
    "boxes."
)


def board_report(found: Findings) -> Report:
    """The whole report.

    Raises:
        UserError: the libraries of the extra ``report`` are not installed.
    """
    require_extra("report", "the report to a board")
    names = ", ".join(in_words(scenario.name) for scenario in found.scenarios)
    first = found.scenarios[0]
    subtitle = (
        f"{names}; against {in_words(found.baseline.scenario)}. Decisions from {first.decision:%B %Y}, run to "
        f"{first.end:%B %Y}, {found.members:,} member{'s' if found.members > 1 else ''}."
    )
    sections = (
        summary(found),
        effects_over_time(found),
        *make_up(found),
        what_it_costs(found),
        who_gains(found),
        by_principles(found),
        *the_handful(found),
        grounds(found),
        limits(),
        provenance(found),
    )
    return Report("What should the partnership do?", f"{subtitle[:1].upper()}{subtitle[1:]}", sections)


def effects_over_time(found: Findings) -> Section:
    """What the scenarios do to each result, when, and how surely."""
    charts = (
        results.fan_chart(found.runs, read_observations()),
        results.effects_chart(found.runs),
        results.probability_chart(found.runs),
    )
    blocks: list[Block] = [Words((READING,), "note"), *(each for each in charts if each)]
    return Section("What happens, and how sure that is", tuple(blocks))


def make_up(found: Findings) -> tuple[Section, ...]:
    """What each intervention contributes, and what is claimed twice."""
    if not found.attributions:
        return ()
    members = found.attributions[0].members
    words = [
        f"Contributions add up to the effect of the package, in each of the {members} members of this part; they come "
        "from an ensemble of its own, so that the whole differs a little from the figures above.",
        *(lost_by_overlap(each) for each in found.attributions),
        *(text for each in found.attributions if (text := double_counted(each))),
    ]
    chart = attribution.overlaps_chart(found.attributions)
    blocks = (Words(tuple(words)), attribution.waterfall_chart(found.attributions), *((chart,) if chart else ()))
    return (Section("What each intervention contributes", blocks),)


def what_it_costs(found: Findings) -> Section:
    """Costs, benefits, who bears them, and what the money buys."""
    appraisals = found.appraisals
    singles = found.judged.appraisals[found.asked :]
    charts = (
        money.organisations_chart(appraisals),
        money.streams_chart(appraisals),
        money.payback_chart(appraisals),
        value.frontier_chart(appraisals, singles),
        value.worth_chart(appraisals),
        value.acceptability_chart(appraisals),
    )
    note = f"Costing: {of_costing(appraisals).prices}. Change an assumption in the workbook and all figures follow."
    blocks: tuple[Block, ...] = (Words((note,), "note"), *(each for each in charts if each))
    return Section("What it costs, who pays and who gains", blocks)


def who_gains(found: Findings) -> Section:
    """Effects by deprivation, place, age and stage of life; the gap."""
    warnings = tuple(capitalised(text) for each in found.equity for text in each.warnings)
    findings = tuple((capitalised(each.title), _of_one(each)) for each in found.equity if each.findings)
    words = (
        Words(warnings or ("No package of these widens a gap that the model can see.",), "lead"),
        *((Facts(findings),) if findings else ()),
        Words(DIE_WELL, "note"),
    )
    charts = (
        equity.gains_chart(found.equity),
        equity.slopes_chart(found.equity),
        equity.fair_health_chart(found.equity),
    )
    return Section("Who gains", (*words, *charts))


def _of_one(each: DistributionalImpact) -> str:
    """What was found of one package, without its name before every sentence."""
    texts = (text.removeprefix(each.title).lstrip(": ") for text in each.findings)
    return " ".join(f"{capitalised(text.rstrip('.'))}." for text in texts)


DIE_WELL = (
    "Die Well: the model knows how many die, and at what age; it does not follow people through their last year of "
    "life. Deaths by age are among the results below; where people die, and in what comfort, it cannot tell.",
)


def by_principles(found: Findings) -> Section:
    """The eight principles."""
    ranking = found.judged.ranking
    charts = (principles.scores_chart(ranking), principles.totals_chart(ranking), principles.ranks_chart(ranking))
    reviews = "; ".join(f"{in_words(name)} {day:%B %Y}" for name, day in ranking.reviews.items())
    words = (
        *(f"{capitalised(in_words(name))}: {text}." for name, text in ranking.balance.items()),
        f"First review: {reviews}.",
        *ranking.omissions,
    )
    return Section("The eight principles of prioritisation", (Words(words), *(each for each in charts if each)))


def the_handful(found: Findings) -> tuple[Section, ...]:
    """The best choice of interventions within a budget, and what comes near it."""
    if found.portfolio is None:
        return ()
    message, chosen = found.portfolio.message(), found.portfolio.selection.allowed.any()
    words = (message,) if message else ()
    blocks: tuple[Block, ...] = (Words(words, "lead"),) if words else ()
    if chosen:
        blocks += (
            handful.best_table(found.portfolio),
            handful.near_table(found.portfolio),
            handful.budget_chart(found.portfolio),
        )
    return (Section("Which handful, within what budget", blocks),)


def board_slides(found: Findings, pictures: Path) -> tuple[Slide, ...]:
    """Two slides: the answer, and one picture."""
    effects = Effects.of(found.runs)
    texts = tuple(text for _, text in answer(found, effects))
    title = "What should the partnership do?"
    return (
        Slide(title, texts[1:4], table=at_a_glance(found, effects)),
        Slide("What each package changes, by horizon", texts[:1] + texts[4:], picture=pictures / "effects.png"),
    )
