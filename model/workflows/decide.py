"""Carry out a decision: run, cost, rank, attribute, choose a portfolio, and write a report for a board."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack

from model.registry.errors import Exit, UserError, nearest_names
from model.registry.extras import require_extra
from model.workflows.analysis_task import processes_for
from model.workflows.assess import audit_trail, plan_assessment, read_rules, run_and_assess
from model.workflows.comparison import Comparison
from model.workflows.execution import chunk_store, folder_of_store
from model.workflows.plan import RunPlan, ScenarioContent, ScenarioSource, notes_on, resolve_all, sources_and_options
from model.workflows.progress import SILENT, Progress
from model.workflows.results_folder import whole_folder
from model.workflows.run_options import RunKeywords, RunOptions

if TYPE_CHECKING:
    import pandas as pd

    from model.analysis.attribution.contributions import Attribution, AttributionPlan
    from model.analysis.portfolio.candidates import Candidates
    from model.analysis.portfolio.portfolio_search import Portfolio, PortfolioPlan
    from model.analysis.sensitivity.objectives import Objective
    from model.appraisal.assessment import Assessment, AssessmentRules
    from model.scenarios.decision_file import DecisionFile, PortfolioFields
    from model.scenarios.resolved import ResolvedScenario
    from model.scenarios.validated_file import ValidatedFile

FEWEST = 2
"""Interventions from which a package can be attributed to them."""
ATTRIBUTION_MEMBERS, ATTRIBUTION_RUNS = 4, 600
"""Ensemble size and runs for each package that is attributed, where none are given."""
REPORT = "report.html"
QUESTION = "What would these packages do, for whom, and at whose cost, against no decision?"


@dataclass(frozen=True, kw_only=True)
class DecisionRequest:
    """What is to be decided.

    Attributes:
        question: in words.
        scenarios: names or files.
        name: of the folder of results; ``{}`` becomes the names of the scenarios.
        attributed: scenarios whose effect is attributed to their interventions; None takes all that use several.
        attribution_members: ensemble size of that.
        attribution_runs: runs of the model for each, beyond which orders are sampled.
        each_intervention: whether every intervention is assessed by itself, too.
        assumptions: file of costing assumptions.
        principles: file of principles and weights.
        handful: a choice of interventions within a budget, if one is asked for.
    """

    question: str
    scenarios: Sequence[ScenarioSource]
    name: str
    attributed: Sequence[str] | None = None
    attribution_members: int = ATTRIBUTION_MEMBERS
    attribution_runs: int = ATTRIBUTION_RUNS
    each_intervention: bool = False
    assumptions: Path | None = None
    principles: Path | None = None
    handful: PortfolioFields | None = None


@dataclass(frozen=True, eq=False)
class PlannedPortfolio:
    """A choice of a portfolio, checked before anything runs."""

    handful: PortfolioFields
    candidates: Candidates
    objectives: tuple[Objective, ...]
    plan: PortfolioPlan


@dataclass(frozen=True, eq=False)
class PlannedDecision:
    """A decision, checked before anything runs.

    Attributes:
        request: what is to be decided.
        options: options of the run.
        rules: by what scenarios are assessed.
        runs: what is run.
        requested: number of scenarios that were asked for; they come first in what is run.
        attributions: scenarios to attribute to their interventions, and how.
        portfolio: the choice of a portfolio, if one is asked for.
    """

    request: DecisionRequest
    options: RunOptions
    rules: AssessmentRules
    runs: RunPlan
    requested: int
    attributions: tuple[tuple[ResolvedScenario, AttributionPlan], ...]
    portfolio: PlannedPortfolio | None


@dataclass(frozen=True, eq=False)
class Decision:
    """What a decision gave.

    Attributes:
        question: what was asked.
        comparison: the baseline and the scenarios that were asked for.
        assessment: costing, equity and principles of these, and of single interventions if they were asked for.
        attributions: effects of packages, attributed to their interventions.
        portfolio: the choice of interventions within a budget, if one was asked for.
        folder: folder of results; None where no files were written.
    """

    question: str
    comparison: Comparison
    assessment: Assessment
    attributions: tuple[Attribution, ...]
    portfolio: Portfolio | None
    folder: Path | None

    def headlines(self) -> pd.DataFrame:
        """Return the headline results by horizon; see ``Comparison.headlines``."""
        return self.comparison.headlines()

    def tables(self) -> dict[str, pd.DataFrame]:
        """Return every table of the assessment by its name, such as ``appraisal`` or ``ranking``."""
        from model.workflows.cost import assessment_result

        return assessment_result(self.assessment, self.folder, ()).tables()

    def _repr_html_(self) -> str:
        folder = f"<p>Files: <code>{escape(str(self.folder))}</code></p>" if self.folder else ""
        return f"<p><b>{escape(self.question)}</b></p>{folder}{self.comparison._repr_html_()}"


def decide(
    decision: str | Path, *, name: str | None = None, progress: Progress = SILENT, **options: Unpack[RunKeywords]
) -> Decision:
    """Carry out a decision: the name of one that comes with the model, or a file.

    Its scenarios are run against the baseline, costed, set against the principles of prioritisation and attributed to
    their interventions; all of it is written with a workbook and a report for a board.

    Args:
        decision: name or file.
        name: name of the folder of results; that of the decision where left out.
        progress: receives stages and remarks.
        options: options that take the place of those of the file; see ``RunOptions``.

    Raises:
        UserError: whatever is wrong in the decision or anything that it names, before anything runs.

    Example:
        >>> decision = decide("six_packages", members=8, output=Path("outputs"))
        >>> decision.headlines()
    """
    from model.scenarios.decision_file import read_decision

    source = read_decision(str(decision))
    request = request_of(source)
    chosen = options_of(source.content, RunOptions(**options))
    return _carry_out(plan_decision(replace(request, name=name or request.name), chosen), progress)


def report(
    *scenarios: ScenarioSource,
    attributed: Sequence[str] | None = None,
    attribution_members: int = ATTRIBUTION_MEMBERS,
    attribution_runs: int = ATTRIBUTION_RUNS,
    each_intervention: bool = False,
    assumptions: Path | None = None,
    principles: Path | None = None,
    name: str | None = None,
    progress: Progress = SILENT,
    **options: Unpack[RunKeywords],
) -> Decision:
    """Run scenarios against the baseline and write all that a decision needs, with a report for a board.

    Args:
        scenarios: scenarios, packages or interventions, by name or file.
        attributed: scenarios whose effect is attributed to their interventions; where left out, all that use several.
        attribution_members: ensemble size of that.
        attribution_runs: runs of the model for each, beyond which orders are sampled.
        each_intervention: whether every intervention is assessed by itself, too.
        assumptions: file of costing assumptions; those that come with the model where left out.
        principles: file of principles and weights; those that come with the model where left out.
        name: name of the folder of results.
        progress: receives stages and remarks.
        options: options of all scenarios and of the baseline; see ``RunOptions``.

    Raises:
        UserError: whatever is wrong, before anything runs.

    Example:
        >>> report("home_first", "vcse_capacity", members=20, years=5, output=Path("outputs"))
    """
    request = DecisionRequest(
        question=QUESTION,
        scenarios=scenarios,
        name=name or "report_{}",
        attributed=attributed,
        attribution_members=attribution_members,
        attribution_runs=attribution_runs,
        each_intervention=each_intervention,
        assumptions=assumptions,
        principles=principles,
    )
    return _carry_out(plan_decision(request, RunOptions(**options)), progress)


def request_of(source: ValidatedFile[DecisionFile]) -> DecisionRequest:
    """Return what a file of a decision asks.

    Raises:
        UserError: a file that it names is not there.
    """
    from model.scenarios.decision_file import named_file, scenario_paths

    content, scenarios = source.content, scenario_paths(source)
    return DecisionRequest(
        question=content.description,
        scenarios=tuple(scenarios.values()),
        name=f"decision_{source.file.stem}",
        attributed=tuple(scenarios[name] for name in content.attribute.scenarios),
        attribution_members=content.attribute.members,
        attribution_runs=content.attribute.most_runs,
        each_intervention=content.each,
        assumptions=named_file(source, content.costing) if content.costing else None,
        principles=named_file(source, content.principles) if content.principles else None,
        handful=content.handful,
    )


def options_of(content: DecisionFile, options: RunOptions) -> RunOptions:
    """Return options of the run: those given, otherwise those of the decision."""
    filed: dict[str, Any] = {
        "members": options.members or content.members,
        "seed": content.seed if options.seed is None else options.seed,
        "baseline": content.baseline if options.baseline == RunOptions.baseline else options.baseline,
        "settings": {**content.set, **options.settings},
    }
    if options.end is None and options.years is None:
        filed |= {"end": content.end, "years": content.years}
    return replace(options, **filed)


def plan_decision(request: DecisionRequest, options: RunOptions) -> PlannedDecision:
    """Check a decision and all that it names.

    Raises:
        UserError: whatever is wrong.
    """
    from model.analysis.sensitivity.evaluation import run_calendar

    if options.output is not None:
        require_extra("report", "the report to a board")
    sources, options = sources_and_options(request.scenarios, options)
    rules = read_rules(request.assumptions, request.principles)
    plan, requested = plan_assessment(
        sources, options, rules, request.name, each_intervention=request.each_intervention
    )
    if not run_calendar(plan.baseline).horizon_years:
        raise UserError("no horizon lies within the run; give a later --end or more --years.", code=Exit.USAGE)
    return PlannedDecision(
        request,
        options,
        rules,
        plan,
        len(requested),
        _plan_attributions(request, options, requested),
        _plan_portfolio(request.handful, options, [source for source, _ in requested]) if request.handful else None,
    )


def _plan_attributions(
    request: DecisionRequest, options: RunOptions, requested: Sequence[tuple[ScenarioContent, ResolvedScenario]]
) -> tuple[tuple[ResolvedScenario, AttributionPlan], ...]:
    """Scenarios to attribute, resolved with an ensemble size of their own, and how each is attributed.

    Raises:
        UserError: a scenario that is not among those asked for, or with too few interventions.
    """
    from model.analysis.attribution.contributions import plan_attribution

    several = [source for source, scenario in requested if len(scenario.programmes) >= FEWEST]
    names = [source for source, _ in requested if isinstance(source, str)]
    sources = several if request.attributed is None else list(request.attributed)
    for source in sources:
        if source not in [text for text, _ in requested]:
            message = "is not among the scenarios of the report."
            raise UserError(message, key=str(source), nearest=nearest_names(str(source), names))
        if source not in several:
            message = "uses fewer than two interventions; there is nothing to take apart."
            raise UserError(message, key=str(source))
    members = min(requested[0][1].members, request.attribution_members)
    resolved = resolve_all(sources, {**options.changes(), "members": members}) if sources else []
    return tuple(
        (scenario, plan_attribution(len(scenario.programmes), scenario.members, request.attribution_runs))
        for scenario in resolved
    )


def _plan_portfolio(
    handful: PortfolioFields, options: RunOptions, requested: Sequence[ScenarioContent]
) -> PlannedPortfolio:
    """Read what may be chosen.

    Raises:
        UserError: whatever is wrong, or too many candidates.
    """
    from model.analysis.portfolio.portfolio_search import plan_portfolio
    from model.analysis.sensitivity.objectives import find_objective
    from model.scenarios.library import Library
    from model.sectors.model_registry import registry
    from model.workflows.portfolio import read_candidates

    known = Library().names("package")
    named = handful.packages or handful.interventions
    packages = [text for text in requested if isinstance(text, str) and text in known]
    candidates = read_candidates(
        handful.interventions,
        replace(options, members=handful.members),
        budget=handful.budget,
        packages=handful.packages if named else packages,
        stops=handful.stop,
        at_most=handful.at_most,
        starts=handful.starts,
        scales=handful.scales,
        posts=handful.posts,
        futures=handful.futures,
    )
    objectives = tuple(find_objective(name, registry()) for name in dict.fromkeys(handful.objectives))
    plan = plan_portfolio(candidates, handful.members, handful.most_runs, len(objectives))
    return PlannedPortfolio(handful, candidates, objectives, plan)


def _carry_out(planned: PlannedDecision, progress: Progress) -> Decision:
    """Run what is planned, assess it, and write the folder of results, if there is one."""
    from model.reporting.board.decision_results import DecisionResults
    from model.workflows.decision_outputs import write_decision

    plan, options, portfolio = planned.runs, planned.options, planned.portfolio
    for note in notes_on(plan.resolved):
        progress.note(note)
    progress.expect(len(plan.resolved) + len(planned.attributions) + (portfolio is not None) + 1)
    with chunk_store(plan.resolved, [plan], options, progress) as store:
        runs, assessment = run_and_assess(plan, planned.rules, store, options, progress, kept=planned.requested + 1)
        results = DecisionResults(
            planned.request.question,
            tuple(runs),
            assessment,
            tuple(_attribute(scenario, how, options, progress) for scenario, how in planned.attributions),
            audit_trail(plan.resolved, options),
            _choose(portfolio, options, progress) if portfolio is not None else None,
        )
        comparison = Comparison(plan.resolved[: planned.requested + 1], plan.folder, runs)
        if plan.folder is not None:
            progress.begin("writing results")
            with whole_folder(plan.folder, folder_of_store(store)) as folder:
                write_decision(folder, plan.resolved, results, comparison, figures=options.figures)
            progress.finish()
        comparison.release()
    return Decision(results.question, comparison, assessment, results.attributions, results.portfolio, plan.folder)


def _attribute(
    scenario: ResolvedScenario, plan: AttributionPlan, options: RunOptions, progress: Progress
) -> Attribution:
    from model.analysis.attribution.contributions import attribute
    from model.analysis.sensitivity.worker_pool import WorkerPool
    from model.results.headlines import HEADLINES

    progress.begin(f"taking {scenario.name} apart")
    pool = WorkerPool(progress.advance)
    with pool.open(processes_for(options.processes, plan.runs), options.scheduler):
        attribution = attribute(scenario, HEADLINES, plan, pool)
    progress.finish()
    return attribution


def _choose(portfolio: PlannedPortfolio, options: RunOptions, progress: Progress) -> Portfolio:
    from model.analysis.portfolio.portfolio_search import find_portfolio
    from model.analysis.portfolio.selection import SelectionCriterion
    from model.analysis.sensitivity.worker_pool import WorkerPool
    from model.sectors.model_registry import registry

    progress.begin("choosing a portfolio")
    pool = WorkerPool(progress.advance)
    with pool.open(processes_for(options.processes, portfolio.plan.runs), options.scheduler):
        chosen = find_portfolio(
            portfolio.candidates,
            portfolio.objectives,
            (),
            portfolio.plan,
            registry(),
            criterion=SelectionCriterion(portfolio.handful.choose_by),
            pool=pool,
        )
    progress.finish()
    return chosen
