"""The command ``cost``: prioritisation costing of interventions and packages, as tables and as a workbook."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from model.cli.choices import Choices, run_options
from model.cli.session import Session, announce_compiling, common_options
from model.registry.errors import Exit, UserError

if TYPE_CHECKING:
    from model.cli.plans import Plan
    from model.cli.progress import Bar
    from model.costing.appraisal import Appraisal
    from model.costing.basis import Basis
    from model.ensembles.store import Folder
    from model.scenarios.resolved import ResolvedScenario

IN_THE_FOLDER = "-"
WORKBOOK = "costing.xlsx"
OF_PROGRAMMES = ("effect", "cost", "staff", "vcse_capacity")
"""Roles of the dated changes that come from interventions."""


@click.command(
    short_help="Cost interventions and packages for prioritisation.",
    epilog="Example: run.py cost home_first vcse_capacity --members 50 --years 10 --workbook. docs/costing.md says "
    "what is counted, and how.",
)
@click.argument("scenarios", nargs=-1, required=True, metavar="SCENARIO...")
@click.option(
    "--workbook", is_flag=False, flag_value=IN_THE_FOLDER, metavar="[FILE.xlsx]",
    help=f"Also write a workbook with live formulas, to FILE.xlsx or to {WORKBOOK} among the results.",
)  # fmt: skip
@click.option("--each", is_flag=True, help="Cost every intervention of the scenarios by itself, too.")
@click.option(
    "--assumptions", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE.yaml",
    help="Other assumptions of costing [default: scenarios/costing/appraisal.yaml].",
)  # fmt: skip
@click.option("--name", help="Name of the folder of results [default: the names of the scenarios].")
@run_options
@common_options
@click.pass_obj
def cost(session: Session, scenarios: tuple[str, ...], **options: Any) -> None:
    """Cost SCENARIOS against the baseline: who pays, who gains, present values, ratios, payback, cost per QALY.

    A SCENARIO is a scenario, a package, or an intervention by name; an intervention is costed on the baseline.
    """
    from model.cli.costing_tables import render_costing
    from model.cli.progress import bar
    from model.costing.basis import BASIS, read_basis
    from model.simulation import registry

    workbook, each, assumptions, name = (options.pop(key) for key in ("workbook", "each", "assumptions", "name"))
    _check_workbook(workbook)
    choices = Choices(**options)
    basis = read_basis(registry(), assumptions or BASIS)
    plan = _plan(scenarios, choices, basis, name, each=each)
    for note in sorted({note for scenario in plan.resolved for note in scenario.notes}):
        if not session.quiet:
            click.echo(f"Note: {note}", err=True)
    store = _store(plan, choices, session)
    try:
        with store, bar(len(plan.resolved) + 1, quiet=session.quiet) as progress:
            found = _appraised(plan, basis, store, choices, progress)
            progress.begin("writing results")
            _write(plan, found, store.folder, choices, workbook)
            progress.finish()
    finally:
        if store.kept:
            click.echo("Finished parts are kept: the same command with --resume goes on with them.", err=True)
    session.show(render_costing(found))
    session.say(f"Results: {plan.target}/" + (f" and {workbook}" if workbook not in (None, IN_THE_FOLDER) else ""))


def _check_workbook(workbook: str | None) -> None:
    if workbook in (None, IN_THE_FOLDER):
        return
    if Path(workbook).suffix != ".xlsx":
        raise UserError(
            "the name of a workbook ends in .xlsx; without a name, put --workbook after the scenarios.", key=workbook,
            code=Exit.USAGE,
        )  # fmt: skip
    place = Path(workbook).absolute()
    if place.is_dir() or not place.parent.is_dir() or not os.access(place.parent, os.W_OK):
        raise UserError("cannot write a file here.", file=workbook, code=Exit.OUTPUT)


def _plan(written: Sequence[str], choices: Choices, basis: Basis, name: str | None, *, each: bool) -> Plan:
    """Scenarios, packages and interventions resolved, with the results that costing reads, and their baseline.

    Raises:
        UserError: whatever is wrong, in all of them.
    """
    from model.cli.plans import comparison_of
    from model.costing.option import names_to_keep
    from model.registry.faults import Faults

    faults = Faults()
    resolved: list[ResolvedScenario] = []
    for text in dict.fromkeys(written):
        with faults.caught():
            resolved.append(_resolved(text, choices))
    faults.settle()
    if each:
        names = dict.fromkeys(programme.name for scenario in resolved for programme in scenario.programmes)
        alone = [scenario for scenario in resolved if len(scenario.programmes) > 1]
        own = {scenario.name for scenario in resolved}
        resolved += [single for scenario in alone for single in _alone(scenario, names, own)]
    kept = names_to_keep(basis)
    resolved = [replace(one, outputs=tuple(dict.fromkeys((*one.outputs, *kept)))) for one in resolved]
    plan = comparison_of(resolved, name or _words(resolved), choices)
    if not plan.scenarios:
        raise UserError("is the baseline itself; name a package or an intervention.", key=written[0], code=Exit.USAGE)
    return plan


def _words(resolved: Sequence[ResolvedScenario]) -> str:
    few = 4
    words = [each.name for each in resolved[:few]] + ([f"{len(resolved) - few}_more"] if len(resolved) > few else [])
    return "_".join(["cost", *words])


def _resolved(written: str, choices: Choices) -> ResolvedScenario:
    """A scenario or package, or an intervention on the baseline under its own name."""
    from model.cli.plans import resolve_all
    from model.scenarios.library import SUBFOLDERS, Library

    library, changes = Library(), choices.changes()
    interventions = library.names("intervention")
    scenarios = {**library.names("scenario"), **library.names("package")}
    path = Path(written)
    beside = path.is_file() and path.resolve().parent.name == SUBFOLDERS["intervention"]
    if not beside and (written in scenarios or written not in interventions):
        return resolve_all([written], changes)[0]
    file = path if beside else interventions[written]
    used = {**changes, "interventions": [str(file.resolve()) if beside else written]}
    found = resolve_all([choices.baseline], used)[0]
    programme = found.programmes[0]
    return replace(found, name=file.stem, description=programme.description, file=str(file))


def _alone(scenario: ResolvedScenario, names: dict[str, None], taken: set[str]) -> list[ResolvedScenario]:
    """Each intervention of a scenario as that scenario uses it, with everything else as it is in the scenario.

    Dated changes of the other interventions are left out; names that are costed already are not costed again.
    """
    found = []
    for programme in scenario.programmes:
        if programme.name in taken:
            continue
        taken.add(programme.name)
        others = names.keys() - {programme.name}
        kept = tuple(
            spec for spec in scenario.modifiers if spec.role not in OF_PROGRAMMES or spec.label not in others
        )
        found.append(
            replace(scenario, name=programme.name, description=programme.description, modifiers=kept,
                    programmes=(programme,))
        )  # fmt: skip
    return found


def _store(plan: Plan, choices: Choices, session: Session) -> Folder:
    from model.cli.folder import working_folder
    from model.ensembles.store import Folder
    from model.scenarios.hospitals import PATIENT_LEVEL
    from model.simulation import jobs_of, lasting

    if any(each.hospital == PATIENT_LEVEL for each in plan.resolved):
        announce_compiling(session)
    return Folder(
        working_folder(choices.output, [plan.target.name]),
        jobs_of(plan.resolved, checked=choices.checked, processes=choices.processes),
        resume=choices.resume, lasting=lasting(plan.resolved),
    )  # fmt: skip


def _appraised(plan: Plan, basis: Basis, store: Folder, choices: Choices, progress: Bar) -> list[Appraisal]:
    """Run what is planned; of each run only what costing reads is kept."""
    from model.costing.appraisal import appraise
    from model.costing.option import Observed, observe, option_of
    from model.simulation import runs_of

    observed: dict[int, Observed] = {}
    coming = runs_of(
        plan.resolved, store, processes=choices.processes, scheduler=choices.scheduler,
        progress=progress.beside(f"running {len(plan.resolved)} scenarios", len(plan.resolved)),
    )  # fmt: skip
    with closing(coming):
        for place, run in coming:
            observed[place] = observe(run, basis)
    return [
        appraise(option_of(scenario, observed[place], observed[0], basis), basis)
        for place, scenario in enumerate(plan.scenarios, start=1)
    ]


def _write(plan: Plan, found: Sequence[Appraisal], room: Path, choices: Choices, workbook: str | None) -> None:
    from model.cli.folder import GUIDE, folder_name, whole_folder
    from model.cli.questions import guide
    from model.costing.tables import write_tables
    from model.workbook.writing import write_workbook

    trail = _trail(plan, choices)
    with whole_folder(plan.target, room) as folder:
        written = write_tables(found, folder)
        for each in plan.resolved:
            file = f"scenario_{folder_name(each.name)}.resolved.yaml"
            (folder / file).write_text(each.to_yaml(), encoding="utf-8")
            written.append((file, f"Every setting, value and dated change of '{each.name}'."))
        if workbook == IN_THE_FOLDER:
            write_workbook(found, trail, folder / WORKBOOK)
            written.append((WORKBOOK, "All of it with live formulas: change an assumption and results follow."))
        if choices.figures:
            from model.costing.figure import draw_costing

            draw_costing(found, folder / "figures" / "costing.png")
            written.append(("figures/costing.png", "What each option costs and gains. Also as SVG."))
        basis = found[0].basis
        remarks = (
            f"Money at {basis.prices} prices, {basis.years} years appraised, discounted at "
            f"{basis['discount_money']:.1%} (health {basis['discount_health']:.1%}). "
            "docs/costing.md says what is counted, and how."
        )
        text = guide("prioritisation costing", list(plan.resolved), remarks, written)
        (folder / GUIDE).write_text(text, encoding="utf-8")
    if workbook is not None and workbook != IN_THE_FOLDER:
        write_workbook(found, trail, Path(workbook))


def _trail(plan: Plan, choices: Choices) -> dict[str, str]:
    """How the figures came about, for the workbook."""
    from model.simulation import provenance

    first = plan.baseline
    versions = provenance(first)
    return {
        "compared with": f"{first.name} ({first.file})",
        **{f"option {each.name}": f"{each.file}, future {each.future}" for each in plan.scenarios},
        "run": f"{first.start} to {first.end}, decisions from {first.decision}",
        "members": f"{first.members}, paired; seed {first.seed}; sampling {first.sampling}",
        "numbers that no file sets": first.numbers,
        "changed on the command line": ", ".join(choices.settings) or "nothing",
        "versions": f"{versions['versions']}, model {versions['model_version']}",
    }
