"""Files that a user writes: check them without running, write one to start from, give their fields as JSON Schema."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from model.registry.errors import Exit, UserError, nearest_names

if TYPE_CHECKING:
    from model.scenarios.resolved import ResolvedScenario

KINDS = ("scenario", "package", "future", "history", "intervention", "network", "decision")
"""Kinds of file that a user may write."""


@dataclass(frozen=True)
class CheckedFile:
    """A file without an error.

    Attributes:
        source: name or path, as given.
        summary: what it holds, in a sentence.
        notes: what the user should know of it.
        resolved: every value that it gives, where it is or makes a scenario.
    """

    source: str
    summary: str
    notes: tuple[str, ...] = ()
    resolved: ResolvedScenario | None = None


def validate(*sources: str | Path) -> list[CheckedFile]:
    """Check scenarios, packages, futures, interventions, decisions or pathway networks without running them.

    Args:
        sources: names or paths.

    Raises:
        UserError: all errors of all of them.

    Example:
        >>> validate("my_scenario.yaml", "stroke")
    """
    from model.registry.error_collector import read_all

    return list(read_all([str(source) for source in sources], _checked))


def _checked(source: str) -> CheckedFile:
    if _is_network(source):
        return _checked_network(source)
    return _checked_decision(source) if _is_decision(source) else _checked_scenario(source)


def _is_network(source: str) -> bool:
    """Whether a name or path is that of a pathway network: it is shipped as one, or has service points and streams."""
    from model.registry.yaml_source import read_yaml
    from model.workflows.pathway import networks

    path = Path(source)
    return source in networks() or (path.is_file() and {"points", "streams"} <= set(read_yaml(path)))


def _checked_network(source: str) -> CheckedFile:
    from model.hospital.network.network_file import read_network
    from model.hospital.network.warnings import warnings_of
    from model.workflows.pathway import find_network

    network = read_network(find_network(source))
    summary = f"{len(network.points)} service points, {len(network.streams)} streams, {len(network.exits)} ways out."
    return CheckedFile(source, summary, tuple(warnings_of(network)))


def _is_decision(source: str) -> bool:
    """Whether a name or path is that of a decision: it is shipped as one, or lists scenarios."""
    from model.registry.yaml_source import read_yaml
    from model.scenarios.library import Library

    path = Path(source)
    return source in Library().names("decision") or (path.is_file() and "scenarios" in read_yaml(path))


def _checked_decision(source: str) -> CheckedFile:
    """Read a decision and everything that it names."""
    from model.scenarios.decision_file import read_decision
    from model.workflows.decide import options_of, plan_decision, request_of
    from model.workflows.run_options import RunOptions

    decision = read_decision(source)
    planned = plan_decision(request_of(decision), options_of(decision.content, RunOptions()))
    first = planned.runs.baseline
    apart = f", {len(planned.attributions)} taken apart" if planned.attributions else ""
    summary = (
        f"{planned.request.question} {planned.requested} scenarios{apart}; {first.start:%B %Y} to {first.end:%B %Y}, "
        f"{first.members} members, {first.numbers}."
    )
    return CheckedFile(source, summary)


def _checked_scenario(source: str) -> CheckedFile:
    """Resolve a scenario or package, or the baseline with an intervention, a future or a history in use."""
    from model.scenarios.library import SUBFOLDERS, Library
    from model.workflows.plan import resolve_all

    library = Library()
    is_scenario = any(source in library.names(kind) for kind in ("scenario", "package"))
    scenario: str = source
    changes: dict[str, Any] = {}
    for kind in ("intervention", "future", "history"):
        named = source in library.names(kind) and not is_scenario
        path = Path(source).resolve()
        if named or (path.is_file() and path.parent.name == SUBFOLDERS[kind]):
            used = source if named else str(path)
            scenario, changes = "baseline", {"interventions": [used]} if kind == "intervention" else {kind: used}
    (resolved,) = resolve_all([scenario], changes)
    return CheckedFile(source, _summary(resolved), resolved.notes, resolved)


def _summary(resolved: ResolvedScenario) -> str:
    parts = (
        f"{resolved.start:%B %Y} to {resolved.end:%B %Y}, decisions from {resolved.decision:%B %Y}",
        f"{len(resolved.programmes)} interventions",
        f"{len(resolved.parameters)} parameters set",
        f"future {resolved.future}",
        f"{resolved.members} member{'s' if resolved.members > 1 else ''}",
        resolved.numbers,
    )
    return ", ".join(parts) + "."


def new_scenario(path: Path) -> Path:
    """Write a commented scenario to start from; a file that is there stays as it is.

    Raises:
        UserError: no name of a YAML file, a file that is there already, or a folder that cannot be written to.
    """
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
    return path


def json_schema(kind: str) -> dict[str, Any]:
    """Return the JSON Schema of a kind of file, for editors that check YAML while it is written.

    Args:
        kind: one of ``KINDS``.

    Raises:
        UserError: no such kind, with the nearest.
    """
    if kind not in KINDS:
        raise UserError(
            f"expected one of {', '.join(KINDS)}.", key=kind, nearest=nearest_names(kind, KINDS), code=Exit.USAGE
        )
    if kind == "network":
        from model.hospital.network.schema import network_json_schema

        return dict(network_json_schema())
    if kind == "decision":
        from model.scenarios.decision_file import DecisionFile

        return DecisionFile.model_json_schema()
    from model.scenarios.schema import json_schema as scenario_json_schema

    return scenario_json_schema(kind)
