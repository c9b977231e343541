"""The commands about files: ``validate``, ``new``, ``population``, ``schema`` and ``reference``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from model.cli.context import Session, common_options
from model.cli.run_options import RESULTS
from model.registry.errors import Exit, UserError, nearest_names

if TYPE_CHECKING:
    from model.scenarios.resolved import ResolvedScenario

KINDS = ("scenario", "package", "future", "history", "intervention", "network", "decision")
ALONE = "people.csv"


@click.command(short_help="Check scenarios without running them.")
@click.argument("scenarios", nargs=-1, required=True, metavar="FILE...")
@click.option("--resolved", is_flag=True, help="Print every value with the file and line it comes from.")
@common_options
@click.pass_obj
def validate(session: Session, scenarios: tuple[str, ...], resolved: bool) -> None:
    """Check scenarios, packages, futures, interventions, decisions or pathway networks without running them."""
    from model.registry.error_collector import ErrorCollector

    errors = ErrorCollector()
    found: list[ResolvedScenario | str] = []
    for written in scenarios:
        with errors.caught():
            if _is_network(written):
                found.append(_checked_network(written))
            else:
                found.append(_checked_decision(written) if _is_decision(written) else _checked(written))
    errors.raise_all()
    for written, each in zip(scenarios, found, strict=True):
        session.say(f"{written}: no error. {each if isinstance(each, str) else _summary(each)}")
        for note in () if isinstance(each, str) else each.notes:
            session.say(f"  Note: {note}")
        if resolved and not isinstance(each, str):
            session.say(each.to_yaml())


def _is_network(written: str) -> bool:
    """Whether a name or path is that of a pathway network: it is shipped as one, or has service points and streams."""
    from model.cli.commands.pathway import networks
    from model.registry.yaml_source import read_yaml

    path = Path(written)
    return written in networks() or (path.is_file() and {"points", "streams"} <= set(read_yaml(path)))


def _checked_network(written: str) -> str:
    """Read a pathway network; says what it consists of and what to beware of."""
    from model.cli.commands.pathway import find_network
    from model.hospital.network.network_file import read_network, warnings_of

    network = read_network(find_network(written))
    parts = (
        f"{len(network.points)} service points",
        f"{len(network.streams)} streams",
        f"{len(network.exits)} ways out",
    )
    return "\n".join((f"{', '.join(parts)}.", *(f"  beware: {each}" for each in warnings_of(network))))


def _is_decision(written: str) -> bool:
    """Whether a name or path is that of a decision: it is shipped as one, or lists scenarios."""
    from model.registry.yaml_source import read_yaml
    from model.scenarios.library import Library

    path = Path(written)
    return written in Library().names("decision") or (path.is_file() and "scenarios" in read_yaml(path))


def _checked_decision(written: str) -> str:
    """Read a decision and everything that it names; says what is asked."""
    from model.cli.assessment_options import judging_plan, read_rules
    from model.cli.commands.decide import asked_by, choices_of
    from model.scenarios.decision_file import read_decision

    source = read_decision(written)
    asked, choices = asked_by(source), choices_of(source.content, {})
    rules = read_rules(asked.costing, asked.principles)
    plan, scenarios = judging_plan(asked.scenarios, choices, rules, asked.name, each=False)
    apart = f", {len(asked.apart)} taken apart" if asked.apart else ""
    first = plan.baseline
    return (
        f"{asked.question} {len(scenarios)} scenarios{apart}; {first.start:%B %Y} to {first.end:%B %Y}, "
        f"{first.members} members, {first.numbers}."
    )


def _checked(written: str) -> ResolvedScenario:
    """Resolve a scenario or package, or the baseline with an intervention, a future or a history in use."""
    from model.scenarios.library import SUBFOLDERS, Library
    from model.scenarios.resolver import resolve
    from model.simulation.simulate import registry

    library = Library()
    scenario, changes = written, {}
    for kind in ("intervention", "future", "history"):
        named = written in library.names(kind) and not any(written in library.names(k) for k in ("scenario", "package"))
        path = Path(written).resolve()
        if named or (path.is_file() and path.parent.name == SUBFOLDERS[kind]):
            used = written if named else str(path)
            scenario, changes = "baseline", {"interventions": [used]} if kind == "intervention" else {kind: used}
    return resolve(scenario, registry(), library=library, changes=changes)


def _summary(each: ResolvedScenario) -> str:
    parts = [
        f"{each.start:%B %Y} to {each.end:%B %Y}, decisions from {each.decision:%B %Y}",
        f"{len(each.programmes)} interventions",
        f"{len(each.parameters)} parameters set",
        f"future {each.future}",
        f"{each.members} member{'s' if each.members > 1 else ''}",
        each.numbers,
    ]
    return ", ".join(parts) + "."


@click.command(short_help="Write a commented scenario to start from.")
@click.argument("path", type=click.Path(path_type=Path), default=Path("my_scenario.yaml"))
@common_options
@click.pass_obj
def new(session: Session, path: Path) -> None:
    """Write a commented scenario to start from; a file that is there stays as it is."""
    from model.scenarios.precedence import PRECEDENCE
    from model.scenarios.template import SCENARIO

    if path.suffix not in (".yaml", ".yml"):
        raise UserError("a scenario file ends in .yaml.", file=path, code=Exit.USAGE)
    try:
        with path.open("x", encoding="utf-8") as stream:
            stream.write(SCENARIO.format(name=path, precedence=PRECEDENCE))
    except FileExistsError as error:
        raise UserError("is there already; give another name.", file=path, code=Exit.OUTPUT) from error
    except OSError as error:
        raise UserError(f"cannot write: {error.strerror}.", file=path, code=Exit.OUTPUT) from error
    session.say(f"Wrote {path}. Next: python run.py validate {path}")


@click.command(short_help="Run the population alone on your tables.")
@click.argument("tables", type=click.Path(path_type=Path))
@click.option(
    "--output",
    type=click.Path(path_type=Path, file_okay=False),
    default=RESULTS,
    show_default=True,
    help="Folder in which the folder of results is made.",
)
@common_options
@click.pass_obj
def population(session: Session, tables: Path, output: Path) -> None:
    """Run the population model alone on tables that you supply."""
    from model.simulation.population_alone import readable_table, run_alone
    from model.workflows.results_folder import GUIDE, MARK, check_replaceable, folder_name, whole_folder

    results = run_alone(tables)
    target = output / folder_name(f"population_{tables.stem}")
    check_replaceable(target)
    table = readable_table(results)
    with whole_folder(target) as folder:
        results.to_netcdf(folder / "population.nc", engine="netcdf4")
        people = results["people"].to_series().reset_index()
        people.to_csv(folder / ALONE, index=False)
        guide = (
            f"{MARK}: the population model alone, on {tables}\n\n"
            "  population.nc: people by segment, births, deaths, migration, activity and cost by year, with units\n"
            f"  {ALONE}: people by year and segment\n\n{table}\n"
        )
        (folder / GUIDE).write_text(guide, encoding="utf-8")
    session.say(f"{table}\n\nResults: {target}/")


@click.command(short_help="Print the JSON Schema of a kind of file.")
@click.argument("kind")
@common_options
@click.pass_obj
def schema(session: Session, kind: str) -> None:
    """Print the JSON Schema of a kind of file, for editors that check YAML while it is written.

    KIND is scenario, package, future, history, intervention, network or decision.
    """
    import json

    if kind not in KINDS:
        raise UserError(
            f"expected one of {', '.join(KINDS)}.", key=kind, nearest=nearest_names(kind, KINDS), code=Exit.USAGE
        )
    if kind == "network":
        from model.hospital.network.network_file import network_json_schema

        found = network_json_schema()
    elif kind == "decision":
        from model.scenarios.decision_file import DecisionFile

        found = DecisionFile.model_json_schema()
    else:
        from model.scenarios.schema import json_schema

        found = json_schema(kind)
    session.say(json.dumps(found, indent=2, ensure_ascii=False))


@click.command(short_help="Write the reference of the model as Markdown.")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), default=Path("docs/reference"))
@common_options
@click.pass_obj
def reference(session: Session, folder: Path) -> None:
    """Write every declaration as Markdown pages, one for each sector."""
    from model.simulation.simulate import registry
    from model.workflows.reference import write_reference

    try:
        folder.mkdir(parents=True, exist_ok=True)
        written = write_reference(registry(), folder)
    except OSError as error:
        raise UserError(f"cannot write: {error.strerror}.", file=folder, code=Exit.OUTPUT) from error
    session.say(f"Wrote {len(written)} pages to {folder}/.")
