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
from model.registry.errors import nearest_names
from model.scenarios.overrides import layered, read_overrides, shown
from model.scenarios.schema import CENTRAL, FROM, POSTERIOR, SETTINGS, InterventionUse, Scenario
from model.scenarios.specs import Origin, Override
from model.scenarios.validated_file import Location, ValidatedFile

PRECEDENCE = (
    "Later wins: registry < history < parent < packages < future < the file's own keys; "
    "within one level a key may be set once."
)


PARAMETERS = "parameters"
"""Setting that says where numbers come from that a scenario does not set."""

FILE_OF_DRAWS = ".nc"


@dataclass(frozen=True, eq=False)
class Setting:
    """A value with the place that set it."""

    value: Any
    source: ValidatedFile[Any]
    location: Location

    @property
    def place(self) -> str:
        """``file:line``."""
        return self.source.position(self.location)


@dataclass(eq=False)
class Layer:
    """What one file, or several merged, sets.

    Attributes:
        settings: dates, members, seed and so on.
        parameters: parameter values, each with the place that set it last.
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
        """What a file itself sets."""
        layer = cls()
        content = source.content
        for key in SETTINGS:
            if getattr(content, key, None) is not None:
                layer.settings[key] = Setting(getattr(content, key), source, (key,))
                layer._note(key, Origin(role, source.position((key,)), str(getattr(content, key))))
        if FROM in content.parameters:
            with errors.caught():
                layer.settings[PARAMETERS] = _origin_of_numbers(source)
                layer._note(PARAMETERS, Origin(role, layer.settings[PARAMETERS].place, content.parameters[FROM]))
        for name, override in read_overrides(source, registry, errors).items():
            setting = Setting(name, source, ("parameters", name))
            layer.parameters[name] = (override, setting)
            layer._note(name, Origin(role, setting.place, shown(override, registry.parameters[name])))
        for number, use in enumerate(getattr(content, "interventions", ())):
            setting = Setting(use, source, ("interventions", number))
            if use.label in layer.uses:
                errors.add(
                    source.error(
                        setting.location,
                        "this intervention stands twice; keep one of them, or give one a name with 'as'.",
                        key=use.label,
                    )
                )
            layer.uses[use.label] = setting
            layer._note(f"interventions.{use.label}", Origin(role, setting.place, _changes_of(use)))
        if content.changes:
            layer.dated[(role, label)] = source
        return layer

    def _note(self, key: str, origin: Origin) -> None:
        self.origins.setdefault(key, []).append(origin)

    def over(self, upper: Layer) -> Layer:
        """This layer with a later one on top: the later one wins, key by key."""
        merged = Layer(dict(self.settings), dict(self.parameters), dict(self.uses), dict(self.dated), {})
        merged.settings.update(upper.settings)
        if "end" in upper.settings:
            merged.settings.pop("years_after_decision", None)
        elif "years_after_decision" in upper.settings:
            merged.settings.pop("end", None)
        for name, (override, setting) in upper.parameters.items():
            before = merged.parameters.get(name)
            merged.parameters[name] = (layered(before[0] if before else None, override), setting)
        for label, setting in upper.uses.items():
            before = merged.uses.get(label)
            merged.uses[label] = setting if before is None else _use_over(before, setting)
        merged.dated.update(upper.dated)
        merged.origins = {key: list(chain) for key, chain in self.origins.items()}
        for key, chain in upper.origins.items():
            kept = merged.origins.setdefault(key, [])
            kept.extend(step for step in chain if step not in kept)
        return merged

    def beside(self, other: Layer, errors: ErrorCollector) -> Layer:
        """This layer and a sibling of the same level, which may not set the same key."""
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
        if mine is not None and mine.place != theirs.place:
            errors.add(
                theirs.source.error(
                    theirs.location,
                    f"also set by its sibling {mine.source.file} ({mine.place}); "
                    "neither comes before the other. Take one out, or decide it in the file that uses both.",
                    key=key,
                )
            )


def _origin_of_numbers(source: ValidatedFile[Any]) -> Setting:
    """What a file says of the origin of numbers that are not set.

    Raises:
        UserError: neither one of the words nor a file of draws, or not said in a scenario.
    """
    location = (PARAMETERS, FROM)
    if not isinstance(source.content, Scenario):
        raise source.error(location, "only a scenario says where its numbers come from.", key=f"{PARAMETERS}.{FROM}")
    written = source.content.parameters[FROM]
    if not isinstance(written, str) or not (written in (CENTRAL, POSTERIOR) or written.endswith(FILE_OF_DRAWS)):
        message = f"expected '{POSTERIOR}', '{CENTRAL}' or a file of fitted draws ({FILE_OF_DRAWS}), found {written!r}."
        raise source.error(location, message, nearest_names(str(written), (CENTRAL, POSTERIOR)))
    return Setting(written, source, location)


def _changes_of(use: InterventionUse) -> str:
    written = use.model_dump(exclude_unset=True, by_alias=True, exclude={"name", "as_name"}, mode="json")
    return ", ".join(f"{key}={value}" for key, value in written.items()) or "as its file has it"


def _use_over(before: Setting, after: Setting) -> Setting:
    """A later use of the same intervention: what it says counts, what it leaves out stays."""
    written = {name: getattr(after.value, name) for name in after.value.model_fields_set}
    return Setting(before.value.model_copy(update=written), after.source, after.location)
