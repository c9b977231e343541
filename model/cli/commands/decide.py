"""The commands ``decide`` and ``report``: from packages to one answer, with tables, workbook and a report."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from model.cli.assessment_options import judging_options
from model.cli.context import Session, common_options
from model.cli.run_options import Choices, run_options
from model.registry.errors import Exit, UserError

if TYPE_CHECKING:
    from model.analysis.attribution.study import Attribution
    from model.analysis.attribution.study import Plan as AttributionPlan
    from model.analysis.portfolio.candidates import Candidates
    from model.analysis.portfolio.study import Plan as PortfolioPlan
    from model.analysis.portfolio.study import Portfolio
    from model.analysis.sensitivity.objectives import Objective
    from model.cli.console.progress import Bar
    from model.reporting.board.decision_results import Findings
    from model.scenarios.decision_file import DecisionFile, Handful
    from model.scenarios.resolved import ResolvedScenario
    from model.scenarios.validated_file import Source
    from model.workflows.plan import Plan

FEWEST = 2
"""Interventions from which there is something to take apart."""
MEMBERS_APART, MOST_RUNS_APART = 4, 600
"""Ensemble size and runs for each package that is taken apart, where nothing is said."""


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What is to be decided.

    Attributes:
        question: in words.
        scenarios: names or files.
        name: of the folder of results; ``{}`` becomes the names of the scenarios.
        apart: scenarios that are taken apart; None takes all that use several interventions.
        members_apart: ensemble size of that.
        most_runs: runs of the model for each, beyond which orders are sampled.
        each: whether every intervention is judged by itself, too.
        costing: file of costing assumptions.
        principles: file of principles and weights.
        handful: a choice of interventions within a budget, if one is asked for.
    """

    question: str
    scenarios: tuple[str, ...]
    name: str
    apart: tuple[str, ...] | None = None
    members_apart: int = MEMBERS_APART
    most_runs: int = MOST_RUNS_APART
    each: bool = False
    costing: Path | None = None
    principles: Path | None = None
    handful: Handful | None = None


@dataclass(frozen=True, eq=False)
class Apart:
    """Scenarios to be taken apart, resolved for it, with how that is done."""

    scenarios: tuple[ResolvedScenario, ...]
    plans: tuple[AttributionPlan, ...]


@dataclass(frozen=True, eq=False)
class Choosing:
    """A choice of a handful, checked before anything runs."""

    handful: Handful
    candidates: Candidates
    objectives: tuple[Objective, ...]
    plan: PortfolioPlan


@click.command(
    short_help="Carry out a decision: run, cost, rank, report.",
    epilog="Example: run.py decide six_packages. docs/decision.md says what a decision file holds.",
)
@click.argument("decision", metavar="DECISION")
@click.option("--name", help="Name of the folder of results [default: that of the decision].")
@run_options
@common_options
@click.pass_obj
def decide(session: Session, decision: str, name: str | None, **options: Any) -> None:
    """Carry out a DECISION: the name of one that comes with the model, or a YAML file.

    Its scenarios are run against the baseline, costed, set against the principles of prioritisation and taken apart;
    all of it is written with a workbook and a report for a board. Options given here take the place of the file's.
    """
    from model.scenarios.decision_file import read_decision

    source = read_decision(decision)
    asked = asked_by(source)
    _carry_out(replace(asked, name=name or asked.name), choices_of(source.content, options), session)


@click.command(
    short_help="Run packages and write a report for a board.",
    epilog="Example: run.py report home_first vcse_capacity --members 50. docs/decision.md says what is in it.",
)
@click.argument("scenarios", nargs=-1, required=True, metavar="SCENARIO...")
@click.option(
    "--apart",
    multiple=True,
    metavar="SCENARIO",
    help="Take this one apart into its interventions; may be given again [default: all of them, roughly].",
)
@click.option("--no-apart", is_flag=True, help="Take none apart.")
@click.option(
    "--apart-members",
    type=click.IntRange(min=2),
    default=MEMBERS_APART,
    show_default=True,
    help="Ensemble size for taking apart.",
)
@click.option(
    "--apart-runs",
    type=click.IntRange(min=100),
    default=MOST_RUNS_APART,
    show_default=True,
    help="Runs for each scenario that is taken apart.",
)
@judging_options
@common_options
@click.pass_obj
def report(session: Session, scenarios: tuple[str, ...], **options: Any) -> None:
    """Run SCENARIOS against the baseline and write everything that a decision needs, with a report for a board.

    A SCENARIO is a scenario, a package, or an intervention by name. The report is one HTML file that needs no network.
    """
    keys = ("apart", "no_apart", "apart_members", "apart_runs", "each", "assumptions", "principles", "name")
    apart, none, members, runs, each, costing, principles, name = (options.pop(key) for key in keys)
    if strange := [one for one in apart if one not in scenarios]:
        raise UserError("is not among the scenarios of the report.", key=strange[0])
    asked = Asked(
        question="What would these packages do, for whom, and at whose cost, against no decision?",
        scenarios=scenarios,
        name=name or "report_{}",
        apart=() if none else apart or None,
        members_apart=members,
        most_runs=runs,
        each=each,
        costing=costing,
        principles=principles,
    )
    _carry_out(asked, Choices(**options), session)


def asked_by(source: Source[DecisionFile]) -> Asked:
    """What a file of a decision asks.

    Raises:
        UserError: a file that it names is not there.
    """
    from model.scenarios.decision_file import beside, scenarios_of

    content, places = source.content, scenarios_of(source)
    return Asked(
        question=content.description,
        scenarios=tuple(places.values()),
        name=f"decision_{source.file.stem}",
        apart=tuple(places[name] for name in content.attribute.scenarios),
        members_apart=content.attribute.members,
        most_runs=content.attribute.most_runs,
        each=content.each,
        costing=beside(source, content.costing) if content.costing else None,
        principles=beside(source, content.principles) if content.principles else None,
        handful=content.handful,
    )


def choices_of(content: DecisionFile, options: dict[str, Any]) -> Choices:
    """Options of the run: those given, else those of the decision."""
    given = {key: value for key, value in options.items() if value not in (None, ())}
    filed: dict[str, Any] = {"members": content.members, "seed": content.seed, "baseline": content.baseline}
    if not {"end", "years"} & given.keys():
        filed |= {"end": content.end, "years": content.years}
    if given.get("baseline") == Choices.baseline:
        given.pop("baseline")
    asked = given.get("settings", ())
    named = {text.partition("=")[0].strip() for text in asked}
    settings = tuple(f"{key}={value}" for key, value in content.set.items() if key not in named)
    return Choices(**{**filed, **given, "settings": (*settings, *asked)})


def _carry_out(asked: Asked, choices: Choices, session: Session) -> None:
    from model.analysis.sensitivity.evaluation import calendar
    from model.cli.assessment_options import judging_plan, read_rules, run_and_judge, store_of, trail
    from model.cli.console.headline_table import render_headlines
    from model.cli.console.progress import bar
    from model.cli.console.ranking_tables import render_ranking
    from model.reporting.board.decision_results import Findings
    from model.workflows.plan import notes_on

    rules = read_rules(asked.costing, asked.principles)
    plan, scenarios = judging_plan(asked.scenarios, choices, rules, asked.name, each=asked.each)
    if not calendar(plan.baseline).horizon_years:
        raise UserError("no horizon lies within the run; give a later --end or more --years.", code=Exit.USAGE)
    apart = _apart(asked, choices, scenarios)
    choosing = _choosing(asked.handful, choices, list(scenarios)) if asked.handful else None
    if not session.quiet:
        for text in notes_on(plan.resolved):
            click.echo(text, err=True)
    store = store_of(plan, choices, session)
    try:
        parts = len(plan.resolved) + len(apart.scenarios) + bool(choosing) + 1
        with store, bar(parts, quiet=session.quiet) as progress:
            runs, judged = run_and_judge(plan, rules, store, choices, progress, keep=len(scenarios))
            taken = _taken_apart(apart, choices, progress)
            chosen = _chosen(choosing, choices, progress) if choosing else None
            found = Findings(asked.question, tuple(runs), judged, tuple(taken), trail(plan, choices), chosen)
            progress.begin("writing results")
            rows = _write(plan, found, store.folder, choices)
            progress.finish()
    finally:
        if store.kept:
            click.echo("Finished parts are kept: the same command with --resume goes on with them.", err=True)
    if rows:
        session.show(render_headlines(rows))
    session.show(render_ranking(found.judged.ranking))
    session.say(f"Results: {plan.target}/; begin with {plan.target}/report.html")


def _apart(asked: Asked, choices: Choices, scenarios: Mapping[str, ResolvedScenario]) -> Apart:
    """What is taken apart, resolved with its own ensemble size.

    Raises:
        UserError: a scenario with too few interventions.
    """
    from model.analysis.attribution.study import plan_of
    from model.workflows.plan import resolve_all

    several = [name for name, each in scenarios.items() if len(each.programmes) >= FEWEST]
    wanted = several if asked.apart is None else list(asked.apart)
    if few := [name for name in wanted if name not in several]:
        raise UserError("uses fewer than two interventions; there is nothing to take apart.", key=few[0])
    members = min(next(iter(scenarios.values())).members, asked.members_apart)
    resolved = resolve_all(wanted, {**choices.changes(), "members": members}) if wanted else []
    return Apart(
        tuple(resolved), tuple(plan_of(len(each.programmes), each.members, asked.most_runs) for each in resolved)
    )


def _taken_apart(apart: Apart, choices: Choices, progress: Bar) -> list[Attribution]:
    from model.analysis.attribution.study import attribute
    from model.analysis.sensitivity.worker_pool import Pool
    from model.cli.analysis_options import workers
    from model.results.headlines import HEADLINES
    from model.results.measures import of_headline

    measures = tuple(of_headline(each.name) for each in HEADLINES)
    found = []
    for scenario, plan in zip(apart.scenarios, apart.plans, strict=True):
        progress.begin(f"taking {scenario.name} apart")
        pool = Pool(progress.advance)
        with pool.open(workers({"processes": choices.processes}, plan.runs), choices.scheduler):
            found.append(attribute(scenario, measures, plan, pool))
        progress.finish()
    return found


def _choosing(handful: Handful, choices: Choices, scenarios: list[str]) -> Choosing:
    """Read what may be chosen.

    Raises:
        UserError: whatever is wrong, or too many candidates.
    """
    from model.analysis.portfolio.study import plan_of
    from model.analysis.sensitivity.objectives import objective
    from model.cli.commands.portfolio import candidates_of
    from model.scenarios.library import Library
    from model.simulation.simulate import registry

    known = Library().names("package")
    named = bool(handful.packages or handful.interventions)
    packages = handful.packages if named else tuple(name for name in scenarios if name in known)
    options = {
        "budget": handful.budget,
        "at_most": handful.at_most,
        "packages": packages,
        "stops": handful.stop,
        "starts": handful.starts,
        "scales": handful.scales,
        "posts": handful.posts,
        "futures": handful.futures,
        "baseline": choices.baseline,
        "members": handful.members,
        "seed": choices.seed,
        "end": choices.end,
        "years": choices.years,
        "settings": choices.settings,
    }
    found = candidates_of(handful.interventions, options)
    objectives = tuple(objective(each, registry()) for each in dict.fromkeys(handful.objectives))
    return Choosing(handful, found, objectives, plan_of(found, handful.members, handful.most_runs, len(objectives)))


def _chosen(choosing: Choosing, choices: Choices, progress: Bar) -> Portfolio:
    from model.analysis.portfolio.selection import Criterion
    from model.analysis.portfolio.study import find_portfolio
    from model.analysis.sensitivity.worker_pool import Pool
    from model.cli.analysis_options import workers
    from model.simulation.simulate import registry

    progress.begin("choosing a handful")
    pool = Pool(progress.advance)
    with pool.open(workers({"processes": choices.processes}, choosing.plan.runs), choices.scheduler):
        found = find_portfolio(
            choosing.candidates,
            choosing.objectives,
            (),
            choosing.plan,
            registry(),
            criterion=Criterion(choosing.handful.choose_by),
            pool=pool,
        )
    progress.finish()
    return found


def _write(plan: Plan, found: Findings, room: Path, choices: Choices) -> list[Any]:
    """Write the folder of results; the headline table of the scenarios that were asked for."""
    from model.results.comparison import headline_table
    from model.workflows.decision_outputs import write_decision
    from model.workflows.results_folder import whole_folder

    with whole_folder(plan.target, room) as folder:
        write_decision(folder, plan, found, figures=choices.figures)
    return headline_table(found.runs, found.baseline)
