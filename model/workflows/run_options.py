"""Options of a run, from the command line or a notebook, and the changes of every scenario that they make."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict

from model.registry.errors import Exit, UserError, nearest_names

if TYPE_CHECKING:
    from model.engine.stepper import Engine

COMMAND_LINE = "command line"
RESULTS = Path("outputs")
"""Folder in which folders of results are made where none is named."""


class AnalysisKeywords(TypedDict, total=False):
    """Fields of ``RunOptions`` that all analyses have as keyword arguments."""

    seed: int | None
    end: str | None
    years: int | None
    settings: Mapping[str, Any]
    output: Path | None
    processes: int | None
    scheduler: str | None
    figures: bool


class RunKeywords(AnalysisKeywords, total=False):
    """The fields of ``RunOptions`` as keyword arguments."""

    members: int | None
    baseline: str
    resume: bool
    checked: bool
    engine: Engine


@dataclass(frozen=True, kw_only=True)
class RunOptions:
    """Options that hold for every scenario and for the baseline alike.

    Attributes:
        members: ensemble size.
        seed: seed of the ensemble.
        end: first month after the run, such as ``2030-04``.
        years: years after the decision.
        settings: further settings and parameters by name, such as ``{"future": "high_inflation",
            "loops.R7_poaching": 0}``.
        baseline: what scenarios are compared with.
        output: folder in which folders of results are made; None writes no files.
        processes: most processes to use.
        scheduler: address of a Dask scheduler, or ``local``, in place of processes.
        resume: whether an unfinished run is completed.
        figures: whether figures are drawn.
        checked: whether conservation is audited at every step.
        engine: whether equations are compiled or run as they stand, in numpy.
    """

    members: int | None = None
    seed: int | None = None
    end: str | None = None
    years: int | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)
    baseline: str = "baseline"
    output: Path | None = None
    processes: int | None = None
    scheduler: str | None = None
    resume: bool = False
    figures: bool = True
    checked: bool = False
    engine: Engine = "compiled"

    def changes(self) -> dict[str, Any]:
        """Return the changes to every scenario, in the form of a scenario file.

        Raises:
            UserError: a setting that is given twice, or a name without a dot that is no setting.
        """
        from model.scenarios.schema import FROM

        given = {"members": self.members, "seed": self.seed, "end": self.end, "years_after_decision": self.years}
        changes: dict[str, Any] = {key: value for key, value in given.items() if value is not None}
        parameters: dict[str, Any] = {}
        for key, value in self.settings.items():
            check_setting_name(key)
            if key == "parameters" and isinstance(value, Mapping):
                _add(parameters, value)
            elif key == "parameters":
                _add(parameters, {FROM: value})
            elif "." in key:
                _add(parameters, {key: value})
            else:
                _add(changes, {key: value})
        return {**changes, "parameters": parameters} if parameters else changes


def _add(settings: dict[str, Any], more: Mapping[str, Any]) -> None:
    """Add settings to others; none may be there already."""
    for key, value in more.items():
        if key in settings:
            raise _option_error("given twice; keep one of them.", key)
        settings[key] = value


def check_setting_name(key: str) -> None:
    """Check that a name is that of a setting of scenarios, or dotted as the name of a parameter is.

    Raises:
        UserError: neither, with the nearest names.
    """
    from model.scenarios.schema import SETTINGS

    if "." not in key and key not in (*SETTINGS, "parameters"):
        raise _option_error(
            "not a setting of a scenario; a parameter is set by its dotted name (see 'run.py describe').",
            key,
            nearest_names(key, (*SETTINGS, "parameters")),
        )


def read_settings(texts: Iterable[str]) -> dict[str, Any]:
    """Read settings and parameters from texts ``NAME=VALUE``.

    Raises:
        UserError: a text without ``=``, a name without a dot that is no setting, or a name given twice.
    """
    settings = read_assignments(texts, "loops.R7_poaching=0 or 'future=high_inflation'")
    for key in settings:
        check_setting_name(key)
    return settings


def read_assignments(texts: Iterable[str], example: str) -> dict[str, Any]:
    """Read values by name from texts ``NAME=VALUE``.

    Args:
        texts: what the user wrote.
        example: a valid text, for the error.

    Raises:
        UserError: a text without ``=``, or a name given twice.
    """
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    settings: dict[str, Any] = {}
    for text in texts:
        key, equals, value_text = (piece.strip() for piece in text.partition("="))
        if not equals or not key or not value_text:
            raise _option_error(f"expected NAME=VALUE, such as {example}.", text)
        try:
            value = YAML(typ="safe", pure=True).load(value_text)
        except YAMLError:
            # A text such as '%5' that is no YAML is left to the reader of quantities, which says what it expected.
            value = value_text
        _add(settings, {key: value})
    return settings


def _option_error(message: str, key: str, nearest: tuple[str, ...] = ()) -> UserError:
    return UserError(message, file=COMMAND_LINE, key=key, nearest=nearest, code=Exit.USAGE)
