"""A decision as data: which scenarios are compared, with how many members, and what is asked of them."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field

from model.registry.errors import nearest_names
from model.scenarios.library import Library
from model.scenarios.schema import Amount, Names, StrictModel
from model.scenarios.validated_file import ValidatedFile

ATTRIBUTION_MEMBERS, ATTRIBUTION_RUNS = 8, 10_000
"""Members with which packages are taken apart, and runs that this may take for each, where a file states neither."""


class AttributionFields(StrictModel):
    """Packages that are taken apart into what each of their interventions contributes."""

    scenarios: Names = Field((), description="those of the scenarios that are taken apart")
    members: int = Field(ATTRIBUTION_MEMBERS, ge=2, description="ensemble size of this part")
    most_runs: int = Field(
        ATTRIBUTION_RUNS, ge=100, description="runs of the model for each, beyond which orders are sampled"
    )


class PortfolioFields(StrictModel):
    """A choice of interventions within a budget, as ``run.py portfolio`` makes it."""

    budget: str = Field(description="most that may be spent in any year, such as £20m/year")
    at_most: int = Field(5, ge=1, description="most interventions")
    interventions: Names = Field((), description="interventions that may be chosen")
    packages: Names = Field((), description="packages from which may be chosen, too; those of the decision if no other")
    stop: Names = Field((), description="what may be stopped, or 'all'")
    starts: tuple[float, ...] = Field((), description="years after the decision at which interventions may start")
    scales: tuple[float, ...] = Field((1.0,), description="scales that may be chosen")
    posts: Names = Field((), description="most new posts: '200', 'acute=80', 'acute.nursing=40'")
    objectives: Names = Field(("net_benefit",), description="what is to be large; the first decides")
    futures: Names = Field((), description="futures in which choices are judged, or 'all'")
    choose_by: Literal["expected", "cvar", "regret"] = Field("expected", description="what best means")
    members: int = Field(4, ge=2, description="ensemble size of this part")
    most_runs: int = Field(2_000, ge=10, description="most runs of the model")


class DecisionFile(StrictModel):
    """A decision."""

    description: str = Field(description="the question that is to be answered")
    scenarios: Names = Field(min_length=1, description="scenarios, packages or interventions, in order")
    baseline: str = Field("baseline", description="scenario to compare with")
    members: int | None = Field(None, ge=1, le=100_000, description="ensemble size; 1 takes every central value")
    seed: int | None = Field(None, ge=0, description="seed of the ensemble")
    end: str | None = Field(None, description="first month after the run")
    years: int | None = Field(None, ge=1, description="length of the run after the decision")
    set: dict[str, Amount] = Field(default_factory=dict, description="parameters and settings of all scenarios")
    each: bool = Field(False, description="whether every intervention of the scenarios is costed by itself, too")
    attribute: AttributionFields = Field(default_factory=AttributionFields, description="packages that are taken apart")
    handful: PortfolioFields | None = Field(
        None, description="a choice of interventions within a budget, if one is asked for"
    )
    costing: str | None = Field(None, description="file of costing assumptions")
    principles: str | None = Field(None, description="file of the principles of prioritisation and their weights")


def read_decision(name: str) -> ValidatedFile[DecisionFile]:
    """Read a decision: by its name in the library, or by path.

    Raises:
        UserError: there is none, or all errors of the file.
    """
    source = ValidatedFile.read(DecisionFile, Library().find(name, "decision"))
    content = source.content
    if content.end is not None and content.years is not None:
        raise source.error(("years",), "'end' and 'years' say the same; keep one of them.")
    for index, scenario in enumerate(content.attribute.scenarios):
        if scenario not in content.scenarios:
            raise source.error(
                ("attribute", "scenarios", index),
                "is not among the scenarios of the decision.",
                nearest_names(scenario, content.scenarios),
                key=scenario,
            )
    return source


def scenario_paths(source: ValidatedFile[DecisionFile]) -> dict[str, str]:
    """Return the scenarios of a decision with where each is found: a file beside the decision, or its name."""
    beside = {name: source.file.parent / name for name in source.content.scenarios}
    return {name: str(path) if path.is_file() else name for name, path in beside.items()}


def named_file(source: ValidatedFile[DecisionFile], name: str) -> Path:
    """Return a file that a decision names: from the folder of the decision, or from here.

    Raises:
        UserError: there is none.
    """
    for path in (source.file.parent / name, Path(name)):
        if path.is_file():
            return path
    key = next((field for field in ("costing", "principles") if getattr(source.content, field) == name), name)
    raise source.error((key,), "no such file.", key=name)
