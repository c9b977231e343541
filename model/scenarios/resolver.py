"""A scenario file resolved: parents, packages, future and own keys merged by one rule, checked before anything runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from ruamel.yaml.comments import CommentedMap

from model.registry.calendar import MONTHS_PER_YEAR, financial_year_limits, shift_date
from model.registry.catalogue import Registry
from model.registry.dimensions import DIMENSIONS
from model.registry.error_collector import ErrorCollector
from model.registry.errors import UserError, nearest_names
from model.scenarios.dated_changes import change_modifiers
from model.scenarios.dates import parse_date
from model.scenarios.hospitals import NO_EFFECT, NOT_USED, PATIENT_LEVEL, refused_by_patients, whole_steps
from model.scenarios.interventions import AppliedIntervention
from model.scenarios.library import Library
from model.scenarios.precedence import PARAMETERS, Layer, Setting
from model.scenarios.resolved import ResolvedScenario
from model.scenarios.schema import CENTRAL, POSTERIOR, DatedFile, Intervention, Package, Scenario
from model.scenarios.specs import ModifierSpec, Origin, Programme
from model.scenarios.uncertainty.correlations import checked_correlations
from model.scenarios.uncertainty.draws import LATIN_HYPERCUBE
from model.scenarios.uncertainty.posterior import Posterior, file_of_draws, fitted_draws, in_force
from model.scenarios.validated_file import Location, ValidatedFile

NONE = "none"
BASELINE = "baseline"
MADE_IN_PYTHON = "scenario"
"""Name of a scenario that is given as a mapping without a name."""

COMMAND_LINE = Path("command line")
STREAMS = ("effect", "cost", "reach")
"""What is drawn for an intervention: effects together, costs together, and whom it reaches."""

KEEP_STOCK_FLOW = "take it out, or keep 'hospital: stock-flow'"
DEFAULTS: dict[str, Any] = {
    "history": "pandemic",
    "future": NONE,
    "start": "2019-04",
    "decision": "2023-04",
    "years_after_decision": 20,
    "step_days": 3.5,
    "horizons": {"short": 2, "medium": 5, "long": 15, "longest": 20},
    "members": 1,
    "seed": 20230401,
    PARAMETERS: POSTERIOR,
    "sampling": LATIN_HYPERCUBE,
    "correlations": (),
    "hospital": "stock-flow",
    "exchange_days": 28,
    "outputs": ("headline",),
}
"""Settings of a scenario that states none."""


def resolve(
    scenario: str | Path | Mapping[str, Any],
    registry: Registry,
    *,
    library: Library | None = None,
    changes: Mapping[str, Any] | None = None,
) -> ResolvedScenario:
    """Resolve and check a scenario.

    Args:
        scenario: name in the library; path of a scenario or package, which builds on the baseline; or the content of a
            scenario file as a mapping.
        registry: all parameters, flows and outputs.
        library: where names are looked up.
        changes: settings, parameters or interventions from the command line, which win over the file.

    Raises:
        UserError: whatever is wrong, all errors at once where they can be found together.
    """
    resolver = Resolver(registry, library or Library())
    if isinstance(scenario, Mapping):
        return resolver.resolve_content(scenario, changes or {})
    return resolver.resolve_file(str(scenario), changes or {})


class Resolver:
    """Reads files, merges layers and turns the result into modifiers.

    Args:
        registry: all parameters, flows and outputs.
        library: where names are looked up.
    """

    def __init__(self, registry: Registry, library: Library) -> None:
        self.registry = registry
        self.library = library
        self.errors = ErrorCollector()
        self._notes: dict[str, None] = {}

    def resolve_file(self, name: str, changes: Mapping[str, Any]) -> ResolvedScenario:
        """Resolve a scenario or package by name or path; see ``resolve``."""
        file = self._find(name, "scenario")
        with_future = "future" not in changes
        if self.library.is_package(file):
            package = ValidatedFile.read(Package, file)
            baseline = self._find(BASELINE, "scenario")
            below = self._scenario(ValidatedFile.read(Scenario, baseline), (), with_future=with_future)
            layer = below.over(self._package(package, (file.resolve(),)))
            return self._resolved(file.stem, package.content.description, file, layer, changes)
        source = ValidatedFile.read(Scenario, file)
        layer = self._scenario(source, (), with_future=with_future)
        return self._resolved(source.content.name or file.stem, source.content.description, file, layer, changes)

    def resolve_content(self, content: Mapping[str, Any], changes: Mapping[str, Any]) -> ResolvedScenario:
        """Resolve the content of a scenario file; see ``resolve``."""
        name = str(content.get("name") or MADE_IN_PYTHON)
        source = ValidatedFile.of_document(Scenario, CommentedMap(content), Path(f"scenario '{name}'"))
        layer = self._scenario(source, (), with_future="future" not in changes)
        return self._resolved(name, source.content.description, source.file, layer, changes)

    def _resolved(
        self, name: str, description: str, file: Path, layer: Layer, changes: Mapping[str, Any]
    ) -> ResolvedScenario:
        """Return the scenario of a layer under changes from the command line.

        Raises:
            UserError: all that has been found wrong.
        """
        if changes:
            given = ValidatedFile.of_document(Scenario, CommentedMap(changes), COMMAND_LINE)
            layer = self._with_own_keys(layer, given, "command line", (), with_future=True)
        history, layer = self._with_history(layer)
        dates = self._dates(layer)
        modifiers, programmes = self._modifiers(layer, dates["decision"])
        posterior, modifiers, notes = self._posterior(layer, modifiers, history)
        correlations = checked_correlations(
            layer.settings.get("correlations"),
            self.registry,
            () if posterior is None else posterior.fitted,
            self._streams(modifiers),
            self.errors,
        )
        self._check_outputs(layer)
        self._check_hospital(layer, modifiers)
        horizons = self._horizons(layer, dates)
        self.errors.raise_all()
        return ResolvedScenario(
            name=name,
            description=description,
            file=self.library.shown(file),
            **dates,
            step_days=self._value(layer, "step_days"),
            horizons=horizons,
            members=self._value(layer, "members"),
            seed=self._value(layer, "seed"),
            parameters_from=self._parameters_from(layer),
            sampling=self._value(layer, "sampling"),
            correlations=correlations,
            hospital=self._value(layer, "hospital"),
            exchange_days=float(self._value(layer, "exchange_days")),
            outputs=tuple(self._value(layer, "outputs")),
            history=Path(self._value(layer, "history")).stem,
            future=Path(self._value(layer, "future")).stem,
            parameters={parameter: override for parameter, (override, _) in layer.parameters.items()},
            modifiers=modifiers,
            programmes=programmes,
            origins=self._origins(layer),
            posterior=posterior,
            notes=(*self._notes, *notes),
        )

    def _find(self, name: str, kind: str, source: ValidatedFile[Any] | None = None, location: Location = ()) -> Path:
        """Return the file of a name, and note where it takes the place of a shipped one.

        Args:
            name: name or path.
            kind: kind of file.
            source: file that names it; None for the command line and defaults.
            location: where in that file.

        Raises:
            UserError: there is none.
        """
        beside, line = (source.file, source.line(location)) if source else (None, None)
        file = self.library.find(name, kind, beside=beside, line=line, key=name)
        if self.library.shadowed_by(file):
            self._notes[f"{kind} '{file.stem}' is your own ({self.library.shown(file)}), not the shipped one."] = None
        return file

    def _read(self, model: type[Any], file: Path) -> ValidatedFile[Any] | None:
        """Read a file; None, with its errors collected, where something is wrong with it."""
        try:
            return ValidatedFile.read(model, file)
        except UserError as error:
            self.errors.add(error)
            return None

    def _scenario(self, source: ValidatedFile[Scenario], stack: tuple[Path, ...], *, with_future: bool) -> Layer:
        """Return a scenario with all that it builds on.

        Args:
            source: the scenario.
            stack: files that build on it, so that none builds on itself.
            with_future: whether its future counts; a later file may state another.
        """
        stack = (*stack, source.file.resolve())
        has_future = source.content.future is not None
        parents: Layer | None = None
        for index, name in enumerate(source.content.extends):
            location = ("extends", index) if isinstance(source.document.get("extends"), list) else ("extends",)
            with self.errors.caught():
                parent = ValidatedFile.read(Scenario, self._file(source, name, "scenario", location, stack))
                layer = self._scenario(parent, stack, with_future=with_future and not has_future)
                parents = layer if parents is None else parents.beside(layer, self.errors)
        return self._with_own_keys(parents or Layer(), source, "scenario", stack, with_future=with_future)

    def _with_own_keys(
        self, below: Layer, source: ValidatedFile[Scenario], role: str, stack: tuple[Path, ...], *, with_future: bool
    ) -> Layer:
        """Return packages, future and own keys of a file over what it builds on."""
        layer = below
        packages = self._packages(source, stack)
        if packages is not None:
            layer = layer.over(packages)
        future = source.content.future
        if with_future and future is not None and future != NONE:
            with self.errors.caught():
                file = self._file(source, future, "future", ("future",), stack)
                dated = self._read(DatedFile, file)
                if dated is not None:
                    layer = layer.over(Layer.of(dated, "future", file.stem, self.registry, self.errors))
        return layer.over(Layer.of(source, role, source.file.stem, self.registry, self.errors))

    def _packages(self, source: ValidatedFile[Any], stack: tuple[Path, ...]) -> Layer | None:
        """Return the packages of a file side by side; None where it has none."""
        merged: Layer | None = None
        seen: set[Path] = set()
        for index, name in enumerate(source.content.packages):
            location = ("packages", index)
            with self.errors.caught():
                file = self._file(source, name, "package", location, stack)
                if file.resolve() in seen:
                    raise source.error(location, "is listed twice; keep one of them.", key=name)
                seen.add(file.resolve())
                package = self._read(Package, file)
                if package is not None:
                    layer = self._package(package, (*stack, file.resolve()))
                    merged = layer if merged is None else merged.beside(layer, self.errors)
        return merged

    def _package(self, source: ValidatedFile[Package], stack: tuple[Path, ...]) -> Layer:
        """Return a package over the packages that it is made of."""
        layer = Layer.of(source, "package", source.file.stem, self.registry, self.errors)
        inner = self._packages(source, stack)
        return layer if inner is None else inner.over(layer)

    def _file(
        self, source: ValidatedFile[Any], name: str, kind: str, location: Location, stack: tuple[Path, ...]
    ) -> Path:
        """Return the file of a name in another file.

        A user's own file may build on the shipped one of the same name.

        Raises:
            UserError: there is none, or it builds on itself.
        """
        file = self._find(name, kind, source, location)
        if file.resolve() in stack:
            file = self.library.shadowed_by(file) or file
        if file.resolve() in stack:
            course = " -> ".join(path.name for path in (*stack[stack.index(file.resolve()) :], file))
            raise source.error(location, f"circular: {course}.", key=name)
        return file

    def _with_history(self, layer: Layer) -> tuple[str, Layer]:
        """Return the name of the history if it is a shipped one, else empty, and the layer over that history."""
        name, setting = self._value(layer, "history"), layer.settings.get("history")
        if name == NONE:
            return "", layer
        try:
            file = self._find(name, "history", *((setting.source, setting.location) if setting else ()))
        except UserError as error:
            self.errors.add(error)
            return "", layer
        history = self._read(DatedFile, file)
        if history is not None:
            layer = Layer.of(history, "history", file.stem, self.registry, self.errors).over(layer)
        is_shipped = self.library.names("history").get(file.stem) == file and not self.library.is_own(file)
        return file.stem if is_shipped else "", layer

    def _posterior(
        self, layer: Layer, modifiers: tuple[ModifierSpec, ...], history: str
    ) -> tuple[Posterior | None, tuple[ModifierSpec, ...], tuple[str, ...]]:
        """Return fitted draws in force, dated changes with those that are fitted, and notes on what is left out."""
        origin = self._value(layer, PARAMETERS)
        if origin == CENTRAL:
            return None, modifiers, ()
        try:
            draws = fitted_draws(origin, layer.settings.get(PARAMETERS), self.registry)
            return in_force(draws, modifiers, history, self._value(layer, "hospital"), self.registry)
        except UserError as error:
            self.errors.add(error)
            return None, modifiers, ()

    def _parameters_from(self, layer: Layer) -> str:
        origin = self._value(layer, PARAMETERS)
        if origin in (CENTRAL, POSTERIOR):
            return str(origin)
        return str(file_of_draws(origin, layer.settings.get(PARAMETERS)))

    @staticmethod
    def _origins(layer: Layer) -> dict[str, tuple[Origin, ...]]:
        """Return the steps of every value, the default of settings that no file states among them."""
        origins = {key: tuple(chain) for key, chain in layer.origins.items()}
        for key, value in DEFAULTS.items():
            if key not in layer.settings and not (key == "years_after_decision" and "end" in layer.settings):
                origins[key] = (Origin("default", "model/scenarios/resolver.py", str(value)),)
        return origins

    def _streams(self, modifiers: tuple[ModifierSpec, ...]) -> set[str]:
        """Return the streams of dated changes in use, and of every intervention that a scenario might use."""
        used = {f"{spec.label}|{stream}" for spec in modifiers for stream in (spec.stream, "reach")}
        return used | {f"{name}|{stream}" for name in self.library.names("intervention") for stream in STREAMS}

    @staticmethod
    def _value(layer: Layer, key: str) -> Any:
        setting = layer.settings.get(key)
        return DEFAULTS[key] if setting is None else setting.value

    def _date(self, layer: Layer, key: str, decision: date | None = None) -> date:
        setting = layer.settings.get(key)
        try:
            day = parse_date(self._value(layer, key), decision)
        except ValueError as error:
            if setting is not None:
                self.errors.add(setting.error(f"{error}."))
            return parse_date(DEFAULTS.get(key, "2043-04"))
        if day.day != 1 and setting is not None:
            self.errors.add(setting.error(f"expected the first day of a month, found {day}."))
        return day

    def _dates(self, layer: Layer) -> dict[str, date]:
        """Return start, decision and end, in order and within the tables by financial year."""
        start, decision = self._date(layer, "start"), self._date(layer, "decision")
        if "end" in layer.settings:
            end = self._date(layer, "end", decision)
        else:
            end = shift_date(decision, MONTHS_PER_YEAR * self._value(layer, "years_after_decision"))
        years = DIMENSIONS["financial_year"]
        (first, _), (_, last) = financial_year_limits(years[0]), financial_year_limits(years[-1])
        for is_wrong, key, message in (
            (start < first, "start", f"the run cannot start before April {first.year}"),
            (decision < start, "decision", f"the decision ({decision}) cannot come before the start ({start})"),
            (end <= decision, "end", f"the end ({end}) must come after the decision ({decision})"),
            (end > last, "end", f"tables by financial year reach to {last}; the run cannot end later ({end})"),
        ):
            if is_wrong:
                setting = layer.settings.get(key) or layer.settings.get("years_after_decision")
                self.errors.add(setting.error(f"{message}.") if setting else UserError(f"{message}.", key=key))
        return {"start": start, "decision": decision, "end": end}

    def _horizons(self, layer: Layer, dates: dict[str, date]) -> tuple[tuple[str, float], ...]:
        """Return horizons that lie within the run; those that the user wrote must."""
        setting = layer.settings.get("horizons")
        horizons: list[tuple[str, float]] = []
        for name, years in self._value(layer, "horizons").items():
            if years > 0 and shift_date(dates["decision"], MONTHS_PER_YEAR * years) <= dates["end"]:
                horizons.append((name, float(years)))
            elif setting is not None and setting.source.file.stem != BASELINE:
                message = f"{years:g} years after the decision lies outside the run."
                self.errors.add(setting.source.error((*setting.location, name), message))
        return tuple(horizons)

    def _check_outputs(self, layer: Layer) -> None:
        setting = layer.settings.get("outputs")
        valid = {"headline", "all", *self.registry.recorded}
        for name in setting.value if setting else ():
            if name not in valid and setting is not None:
                message = "expected 'headline', 'all' or the name of a result."
                self.errors.add(setting.error(message, nearest_names(name, valid), key=name))

    def _check_hospital(self, layer: Layer, modifiers: tuple[ModifierSpec, ...]) -> None:
        """Check what a patient-level hospital needs: exchanges at ends of steps, and only what it can follow."""
        if self._value(layer, "hospital") != PATIENT_LEVEL:
            return
        step, between = self._value(layer, "step_days"), self._value(layer, "exchange_days")
        if not whole_steps(between, step):
            message = f"exchange_days ({between:g}) must be a multiple of step_days ({step:g}), such as {8 * step:g}."
            settings = [layer.settings[key] for key in ("exchange_days", "step_days") if key in layer.settings]
            self.errors.add(settings[0].error(message) if settings else UserError(message))
        for name, (_, setting) in layer.parameters.items():
            if name in NOT_USED:
                self.errors.add(setting.error(f"{NO_EFFECT}; {KEEP_STOCK_FLOW}.", key=name))
        for spec in modifiers:
            reason = refused_by_patients(spec.target, self.registry)
            if reason:
                message = f"{spec.label} ({spec.origin}) changes it over time, but {reason}; {KEEP_STOCK_FLOW}."
                self.errors.add(UserError(message, key=spec.target))

    def _modifiers(self, layer: Layer, decision: date) -> tuple[tuple[ModifierSpec, ...], tuple[Programme, ...]]:
        """Return dated changes in order of precedence, and the interventions in use."""
        modifiers: list[ModifierSpec] = []
        programmes: list[Programme] = []
        for (role, label), source in layer.dated.items():
            modifiers.extend(change_modifiers(source, self.registry, decision, role, label, self.errors))
        for setting in layer.uses.values():
            with self.errors.caught():
                applied = self._applied(setting, decision)
                modifiers.extend(applied.modifiers())
                programmes.append(applied.programme())
        self._refuse_two_setters(modifiers)
        return tuple(modifiers), tuple(programmes)

    def _applied(self, setting: Setting, decision: date) -> AppliedIntervention:
        file = self._find(setting.value.name, "intervention", setting.source, setting.location)
        intervention = ValidatedFile.read(Intervention, file)
        return AppliedIntervention(
            setting.value, intervention, self.registry, decision, setting.source, setting.location, self.errors
        )

    def _refuse_two_setters(self, modifiers: Sequence[ModifierSpec]) -> None:
        """Collect an error for every two interventions that set the same cells."""
        setters = [spec for spec in modifiers if spec.role == "effect" and spec.operation == "set"]
        for spec, other in ((spec, other) for index, spec in enumerate(setters) for other in setters[:index]):
            mine, theirs = dict(spec.where), dict(other.where)
            overlap = all(set(mine[dim]) & set(theirs[dim]) for dim in mine.keys() & theirs.keys())
            if spec.target == other.target and overlap:
                message = (
                    f"two interventions set it, {other.label} ({other.origin}) and {spec.label} ({spec.origin}); take "
                    "one out, or narrow their targets."
                )
                self.errors.add(UserError(message, key=spec.target))
