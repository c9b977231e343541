"""Layers of a scenario and the one rule of precedence.

Later wins: registry < history < parent < packages < future < the file's own keys; within one level a key may be set
once.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from model.registry.catalogue import Registry
from model.registry.error_collector import ErrorCollector
from model.registry.errors import UserError, nearest_names
from model.scenarios.overrides import describe_override, layered, read_overrides
from model.scenarios.schema import CENTRAL, FROM, POSTERIOR, SETTINGS, InterventionUse, Scenario
from model.scenarios.specs import Origin, Override
from model.scenarios.validated_file import Location, ValidatedFile

PRECEDENCE = (
    "Later wins: registry < history < parent < packages < future < the file's own keys; "
    "within one level a key may be set once."
)

PARAMETERS = "parameters"
"""Setting that says where numbers come from that no file sets."""

FILE_OF_DRAWS = ".nc"


@dataclass(frozen=True, eq=False)
class Setting:
    """A value, with the file that sets it and where in that file."""

    value: Any
    source: ValidatedFile[Any]
    location: Location

    @property
    def position(self) -> str:
        """``file:line``."""
        return self.source.position(self.location)

    def error(self, message: str, nearest: tuple[str, ...] = (), key: str = "") -> UserError:
        """Return an error at the value."""
        return self.source.error(self.location, message, nearest, key)


@dataclass(eq=False)
class Layer:
    """What one file, or several merged, sets.

    Attributes:
        settings: dates, members, seed and so on.
        parameters: parameter values, each with the setting that set it last.
        uses: interventions by the name under which they are used.
        dated: files with dated changes, with their role and label.
        origins: history of every key.
    """

    settings: dict[str, Setting] = field(default_factory=dict)
    parameters: dict[str, tuple[Override, Setting]] = field(default_factory=dict)
    uses: dict[str, Setting] = field(default_factory=dict)
    dated: dict[tuple[str, str], ValidatedFile[Any]] = field(default_factory=dict)
    origins: dict[str, list[Origin]] = field(default_factory=dict)

    @classmethod
    def of(cls, source: ValidatedFile[Any], role: str, label: str, registry: Registry, errors: ErrorCollector) -> Layer:
        """Return what a file itself sets.

        Args:
            source: the file.
            role: what kind of file it is, such as ``history``.
            label: its name for people.
            registry: all parameters.
            errors: collects what is wrong.
        """
        layer = cls()
        content = source.content
        for key in SETTINGS:
            if getattr(content, key, None) is not None:
                layer.settings[key] = Setting(getattr(content, key), source, (key,))
                layer._add_origin(key, Origin(role, source.position((key,)), str(getattr(content, key))))
        if FROM in content.parameters:
            with errors.caught():
                layer.settings[PARAMETERS] = _source_of_numbers(source)
                layer._add_origin(
                    PARAMETERS, Origin(role, layer.settings[PARAMETERS].position, content.parameters[FROM])
                )
        for name, override in read_overrides(source, registry, errors).items():
            setting = Setting(name, source, ("parameters", name))
            layer.parameters[name] = (override, setting)
            layer._add_origin(
                name, Origin(role, setting.position, describe_override(override, registry.parameters[name]))
            )
        for index, use in enumerate(getattr(content, "interventions", ())):
            setting = Setting(use, source, ("interventions", index))
            if use.label in layer.uses:
                message = "this intervention is listed twice; keep one of them, or give one a name with 'as'."
                errors.add(setting.error(message, key=use.label))
            layer.uses[use.label] = setting
            layer._add_origin(f"interventions.{use.label}", Origin(role, setting.position, _stated_changes(use)))
        if content.changes:
            layer.dated[(role, label)] = source
        return layer

    def _add_origin(self, key: str, origin: Origin) -> None:
        self.origins.setdefault(key, []).append(origin)

    def over(self, upper: Layer) -> Layer:
        """Return this layer with a later one on top: the later one wins, key by key."""
        merged = Layer(dict(self.settings), dict(self.parameters), dict(self.uses), dict(self.dated), {})
        merged.settings.update(upper.settings)
        if "end" in upper.settings:
            merged.settings.pop("years_after_decision", None)
        elif "years_after_decision" in upper.settings:
            merged.settings.pop("end", None)
        for name, (override, setting) in upper.parameters.items():
            former = merged.parameters.get(name)
            merged.parameters[name] = (layered(former[0] if former else None, override), setting)
        for label, setting in upper.uses.items():
            before = merged.uses.get(label)
            merged.uses[label] = setting if before is None else _use_over(before, setting)
        merged.dated.update(upper.dated)
        merged.origins = {key: list(chain) for key, chain in self.origins.items()}
        for key, chain in upper.origins.items():
            steps = merged.origins.setdefault(key, [])
            steps.extend(step for step in chain if step not in steps)
        return merged

    def beside(self, other: Layer, errors: ErrorCollector) -> Layer:
        """Return this layer with a sibling of the same level, which may not set the same key."""
        for key, setting in other.settings.items():
            self._refuse(key, self.settings.get(key), setting, errors)
        for name, (override, setting) in other.parameters.items():
            mine = self.parameters.get(name)
            if mine is not None and np.any(mine[0].changed & override.changed):
                self._refuse(name, mine[1], setting, errors)
        for label, setting in other.uses.items():
            self._refuse(label, self.uses.get(label), setting, errors)
        return self.over(other)

    @staticmethod
    def _refuse(key: str, mine: Setting | None, theirs: Setting, errors: ErrorCollector) -> None:
        if mine is not None and mine.position != theirs.position:
            message = (
                f"also set by its sibling {mine.source.file} ({mine.position}); neither comes before the other. Take "
                "one out, or decide it in the file that uses both."
            )
            errors.add(theirs.error(message, key=key))


def _source_of_numbers(source: ValidatedFile[Any]) -> Setting:
    """Return the setting that says where numbers come from that no file sets.

    Raises:
        UserError: neither one of the words nor a file of draws, or the file is not a scenario.
    """
    location = (PARAMETERS, FROM)
    if not isinstance(source.content, Scenario):
        raise source.error(location, "only a scenario says where its numbers come from.", key=f"{PARAMETERS}.{FROM}")
    origin = source.content.parameters[FROM]
    if not isinstance(origin, str) or not (origin in (CENTRAL, POSTERIOR) or origin.endswith(FILE_OF_DRAWS)):
        message = f"expected '{POSTERIOR}', '{CENTRAL}' or a file of fitted draws ({FILE_OF_DRAWS}), found {origin!r}."
        raise source.error(location, message, nearest_names(str(origin), (CENTRAL, POSTERIOR)))
    return Setting(origin, source, location)


def _stated_changes(use: InterventionUse) -> str:
    changes = use.model_dump(exclude_unset=True, by_alias=True, exclude={"name", "as_name"}, mode="json")
    return ", ".join(f"{key}={value}" for key, value in changes.items()) or "as its file has it"


def _use_over(before: Setting, after: Setting) -> Setting:
    """Return a later use of an intervention over an earlier one: what it states counts, the rest stays."""
    stated = {name: getattr(after.value, name) for name in after.value.model_fields_set}
    return Setting(before.value.model_copy(update=stated), after.source, after.location)
