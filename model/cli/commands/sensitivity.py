"""The command ``sensitivity``: what results depend on, and which uncertainty could change a choice."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from model.cli.analysis_options import forewarn, guide, question_options, resolved_with, workers
from model.cli.context import Session, common_options
from model.registry.errors import Exit, UserError

if TYPE_CHECKING:
    from model.analysis.sensitivity.study import Findings, Wanted
    from model.scenarios.resolved import ResolvedScenario

OF = ("nctr_before", "beds_required", "rtt", "vacancy", "underlying_deficit", "qalys")
"""Results looked at where none is named."""
OBJECTIVE = "net_benefit"
METHODS = ("leverage", "tornado", "screen")


@click.command(
    short_help="What results depend on, and what it is worth to know more.",
    epilog="Without a method, all of them are used: leverage, tornado, screening, and Sobol indices of the inputs that "
    "matter most. docs/sensitivity.md says how to read them.",
)
@click.argument("scenario")
@click.option("--of", "of", multiple=True, metavar="RESULT", help=f"Result in question [default: {', '.join(OF)}].")
@click.option("--against", metavar="SCENARIO", help="Look at the difference from this scenario.")
@click.option("--leverage", is_flag=True, help="Elasticity of every headline to every parameter.")
@click.option("--tornado", is_flag=True, help="Each input at the ends of its 80% interval, one at a time.")
@click.option("--screen", is_flag=True, help="Morris' screening of all uncertain inputs.")
@click.option("--sobol", multiple=True, metavar="INPUT", help="Sobol indices of an input, or of the 'top' ones.")
@click.option("--decision", multiple=True, metavar="PACKAGE", help="Worth of information to a choice with SCENARIO.")
@click.option(
    "--objective",
    multiple=True,
    metavar="NAME",
    help=f"What the choice is made by: a name, a file or a result [default: {OBJECTIVE}].",
)
@click.option("--top", type=click.IntRange(min=1), default=8, show_default=True, help="Inputs shown, and 'top' ones.")
@click.option("--trajectories", type=click.IntRange(min=2), default=8, show_default=True, help="Of the screening.")
@click.option("--samples", type=click.IntRange(min=2), default=64, show_default=True, help="Of Sobol's design.")
@question_options(500)
@common_options
@click.pass_obj
def sensitivity(session: Session, scenario: str, top: int, **options: Any) -> None:
    """Find what results of a SCENARIO depend on: which inputs matter, how, and when.

    Options that take a RESULT, INPUT, PACKAGE or NAME may be given again. A result is a headline
    ('run.py describe headlines') or an expression such as 'discharge.nctr_share_of_beds'.
    """
    from model.analysis.sensitivity.evaluation import Question
    from model.analysis.sensitivity.inputs import uncertain_inputs
    from model.analysis.sensitivity.study import check_study, study
    from model.analysis.sensitivity.worker_pool import Pool
    from model.cli.console.analysis_tables import render_sensitivity
    from model.cli.console.progress import bar
    from model.results.measures import measures
    from model.simulation.simulate import registry
    from model.workflows.results_folder import check_replaceable, folder_name

    asked = measures(options["of"] or OF, registry())
    against = options["against"]
    written = [scenario, against] if against else [scenario]
    resolved = resolved_with(written, options, one=True)
    wanted = _wanted(scenario, top, options)
    name = options["name"] or "_".join(["sensitivity", *(each.name for each in resolved)])
    target = options["output"] / folder_name(name)
    check_replaceable(target)
    with bar(max(wanted.stages, 1), quiet=session.quiet) as progress:
        pool = Pool(progress.advance)
        question = Question(resolved[0], resolved[1] if against else None, asked, pool)
        inputs = uncertain_inputs(question.scenarios, registry())
        check_study(question, wanted, inputs)
        runs = expected_runs(question.scenarios, wanted, len(inputs))
        forewarn(session, [*question.scenarios, *wanted.options], runs)
        with pool.open(workers(options, runs), options["scheduler"]):
            found = study(question, wanted, registry(), progress.begin, progress.finish)
    _write(found, wanted, target, figures=options["figures"])
    session.show(render_sensitivity(found, top))
    session.say(f"Results: {target}/")


def _wanted(scenario: str, top: int, options: dict[str, Any]) -> Wanted:
    from model.analysis.sensitivity.objectives import objective
    from model.analysis.sensitivity.study import TOP, Wanted
    from model.simulation.simulate import registry

    chosen = {name: options[name] for name in METHODS}
    sobol = options["sobol"]
    if not (any(chosen.values()) or sobol or options["decision"]):
        chosen, sobol = dict.fromkeys(METHODS, True), (TOP,)
    if options["objective"] and not options["decision"]:
        raise UserError("an objective belongs to a --decision.", key="--objective", code=Exit.USAGE)
    choice: tuple[ResolvedScenario, ...] = ()
    objectives = ()
    if options["decision"]:
        choice = tuple(resolved_with(list(dict.fromkeys([scenario, *options["decision"]])), options))
        objectives = tuple(objective(each, registry()) for each in dict.fromkeys(options["objective"] or (OBJECTIVE,)))
    return Wanted(
        **chosen,
        sobol=sobol,
        top=top,
        trajectories=options["trajectories"],
        samples=options["samples"],
        options=choice,
        objectives=objectives,
    )


def expected_runs(scenarios: tuple[ResolvedScenario, ...], wanted: Wanted, inputs: int) -> int:
    """Runs of the model that a study takes."""
    from model.analysis.sensitivity.methods import levers
    from model.simulation.simulate import registry

    runs = 0
    if wanted.leverage:
        runs += 1 + 2 * len(levers(scenarios, registry()))
    if wanted.tornado or wanted.ranks:
        runs += 1 + 2 * inputs
    if wanted.screen:
        runs += wanted.trajectories * (inputs + 1)
    if wanted.sobol:
        # The named inputs, the rest as one, and two base matrices.
        named = sum(name != "top" for name in wanted.sobol) + (wanted.top if "top" in wanted.sobol else 0)
        runs += wanted.samples * (named + 3)
    return runs * len(scenarios) + sum(each.members for each in wanted.options)


def _write(found: Findings, wanted: Wanted, target: Path, *, figures: bool) -> None:
    from model.reporting.figures.sensitivity_plot_data import figures_of
    from model.reporting.tables.sensitivity import write_tables
    from model.workflows.results_folder import GUIDE, folder_name, whole_folder

    scenarios = {each.name: each for each in (*found.question.scenarios, *wanted.options)}
    with whole_folder(target) as folder:
        written = write_tables(found, folder)
        for each in scenarios.values():
            file = f"scenario_{folder_name(each.name)}.resolved.yaml"
            (folder / file).write_text(each.to_yaml(), encoding="utf-8")
            written.append((file, f"Every setting, value and dated change of '{each.name}'."))
        if figures:
            (folder / "figures").mkdir()
            drawn = figures_of(found, folder / "figures")
            written += [(f"figures/{name}", f"{meaning} Also as SVG.") for name, meaning in drawn]
        remarks = f"{found.runs:,} runs of the model. docs/sensitivity.md says what was computed and how to read it."
        text = guide("what results depend on", list(scenarios.values()), remarks, written)
        (folder / GUIDE).write_text(text, encoding="utf-8")
