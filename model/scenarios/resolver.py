"""A scenario file resolved: parents, packages, future and own keys merged by one rule, checked before anything runs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from ruamel.yaml.comments import CommentedMap

from model.registry.calendar import MONTHS_PER_YEAR, shift_date
from model.registry.catalogue import Registry
from model.registry.dimensions import DIMENSIONS
from model.registry.error_collector import ErrorCollector
from model.registry.errors import UserError, nearest_names
from model.scenarios.dated_changes import change_modifiers
from model.scenarios.dates import parse_date
from model.scenarios.hospitals import NO_EFFECT, NOT_USED, PATIENT_LEVEL, refused_by_patients, whole_steps
from model.scenarios.interventions import Applied
from model.scenarios.library import Library
from model.scenarios.precedence import PARAMETERS, Layer, Setting
from model.scenarios.resolved import ResolvedScenario
from model.scenarios.schema import CENTRAL, POSTERIOR, DatedFile, Intervention, Package, Scenario
from model.scenarios.specs import ModifierSpec, Origin, Programme
from model.scenarios.uncertainty.correlations import checked_correlations, file_of_draws, fitted_draws, in_force
from model.scenarios.uncertainty.sampling import LATIN_HYPERCUBE
from model.scenarios.validated_file import ValidatedFile

NONE = "none"
NUMBERS_FROM = POSTERIOR
"""Where numbers come from in a scenario that does not say."""
BASELINE = "baseline"
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
    PARAMETERS: NUMBERS_FROM,
    "sampling": LATIN_HYPERCUBE,
    "correlations": (),
    "hospital": "stock-flow",
    "exchange_days": 28,
    "outputs": ("headline",),
}
"""Settings of a scenario that says nothing."""


def resolve(
    scenario: str | Path,
    registry: Registry,
    *,
    library: Library | None = None,
    changes: Mapping[str, Any] | None = None,
) -> ResolvedScenario:
    """Resolve and check a scenario.

    Args:
        scenario: name in the library, or path of a scenario or package; a package stands on the baseline.
        registry: all parameters, flows and outputs.
        library: where names are looked up.
        changes: settings, parameters or interventions from the command line, which win over the file.

    Raises:
        UserError: whatever is wrong, all errors at once where they can be found together.
    """
    return Resolver(registry, library or Library()).resolve(str(scenario), changes or {})


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
        self._interventions: dict[Path, ValidatedFile[Intervention]] = {}

    def resolve(self, written: str, changes: Mapping[str, Any]) -> ResolvedScenario:
        """Resolve one scenario; see ``resolve``."""
        file = self.library.find(written, "scenario")
        if self.library.is_package(file):
            base = self._scenario(self.library.find(BASELINE, "scenario"), (), with_future="future" not in changes)
            source: ValidatedFile[Any] = ValidatedFile.read(Package, file)
            layer = base.over(self._content(source, "package", file.stem, (file.resolve(),)))
            name = file.stem
        else:
            layer = self._scenario(file, (), with_future="future" not in changes)
            source = ValidatedFile.read(Scenario, file)
            name = source.content.name or file.stem
        if changes:
            document = CommentedMap(changes)
            asked = Path("command line")
            own = ValidatedFile.of_document(Scenario, document, asked)
            layer = self._own(layer, own, "command line", (), with_future=True)
        return self._finish(name, source.content.description, file, layer)

    def _read(self, model: type[Any], file: Path) -> ValidatedFile[Any] | None:
        with self.errors.caught():
            return ValidatedFile.read(model, file)
        return None

    def _scenario(self, file: Path, stack: tuple[Path, ...], *, with_future: bool) -> Layer:
        """A scenario file with all that it stands on."""
        source = self._read(Scenario, file)
        if source is None:
            return Layer()
        stack = (*stack, file.resolve())
        here = source.content.future is not None
        parents: Layer | None = None
        for number, written in enumerate(source.content.extends):
            location = ("extends", number) if isinstance(source.document.get("extends"), list) else ("extends",)
            with self.errors.caught():
                parent = self._file(source, written, "scenario", location, stack)
                found = self._scenario(parent, stack, with_future=with_future and not here)
                parents = found if parents is None else parents.beside(found, self.errors)
        return self._own(parents or Layer(), source, "scenario", stack, with_future=with_future)

    def _own(
        self, below: Layer, source: ValidatedFile[Any], role: str, stack: tuple[Path, ...], *, with_future: bool
    ) -> Layer:
        """Packages, future and own keys of a file over what it stands on."""
        layer = below
        packages = self._packages(source, stack)
        if packages is not None:
            layer = layer.over(packages)
        future = source.content.future
        if with_future and future not in (None, NONE):
            with self.errors.caught():
                file = self._file(source, future, "future", ("future",), stack)
                read = self._read(DatedFile, file)
                if read is not None:
                    layer = layer.over(Layer.of(read, "future", file.stem, self.registry, self.errors))
        return layer.over(Layer.of(source, role, source.file.stem, self.registry, self.errors))

    def _packages(self, source: ValidatedFile[Any], stack: tuple[Path, ...]) -> Layer | None:
        merged: Layer | None = None
        seen: set[Path] = set()
        for number, written in enumerate(source.content.packages):
            with self.errors.caught():
                file = self._file(source, written, "package", ("packages", number), stack)
                if file.resolve() in seen:
                    raise source.error(("packages", number), "is listed twice; keep one of them.", key=written)
                seen.add(file.resolve())
                read = self._read(Package, file)
                if read is not None:
                    layer = self._content(read, "package", file.stem, (*stack, file.resolve()))
                    merged = layer if merged is None else merged.beside(layer, self.errors)
        return merged

    def _content(self, source: ValidatedFile[Any], role: str, label: str, stack: tuple[Path, ...]) -> Layer:
        """A package with the packages that it is made of."""
        own = Layer.of(source, role, label, self.registry, self.errors)
        inner = self._packages(source, stack)
        return own if inner is None else inner.over(own)

    def _file(
        self,
        source: ValidatedFile[Any],
        written: str,
        kind: str,
        location: tuple[int | str, ...],
        stack: tuple[Path, ...],
    ) -> Path:
        line = source.error(location, "").line
        file = self.library.find(written, kind, beside=source.file, line=line, key=written)
        if file.resolve() in stack:
            course = " -> ".join(path.name for path in (*stack[stack.index(file.resolve()) :], file))
            raise source.error(location, f"circular: {course}.", key=written)
        return file

    def _finish(self, name: str, description: str, file: Path, layer: Layer) -> ResolvedScenario:
        history, of_library = self._value(layer, "history"), ""
        if history != NONE:
            setting = layer.settings.get("history")
            with self.errors.caught():
                beside = setting.source.file if setting else None
                line = setting.source.error(setting.location, "").line if setting else None
                path = self.library.find(history, "history", beside=beside, line=line, key=history)
                of_library = path.stem if self.library.names("history").get(path.stem) == path else ""
                read = self._read(DatedFile, path)
                if read is not None:
                    layer = Layer.of(read, "history", path.stem, self.registry, self.errors).over(layer)
        dates = self._dates(layer)
        modifiers, programmes = self._modifiers(layer, dates["decision"])
        written, setting = self._value(layer, PARAMETERS), layer.settings.get(PARAMETERS)
        posterior, notes = None, ()
        if written != CENTRAL:
            with self.errors.caught():
                draws = fitted_draws(written, setting, self.registry)
                posterior, modifiers, notes = in_force(
                    draws, modifiers, of_library, self._value(layer, "hospital"), self.registry
                )
        correlations = checked_correlations(
            layer.settings.get("correlations"),
            self.registry,
            () if posterior is None else posterior.fitted,
            self._streams(modifiers),
            self.errors,
        )
        outputs = tuple(self._value(layer, "outputs"))
        self._check_outputs(layer, outputs)
        self._check_hospital(layer, modifiers)
        horizons = self._horizons(layer, dates)
        self.errors.raise_all()
        origins = {key: tuple(chain) for key, chain in layer.origins.items()}
        for key, value in DEFAULTS.items():
            if key not in layer.settings and not (key == "years_after_decision" and "end" in layer.settings):
                origins[key] = (Origin("default", "model/scenarios/resolver.py", str(value)),)
        return ResolvedScenario(
            name=name,
            description=description,
            file=self.library.shown(file),
            **dates,
            step_days=self._value(layer, "step_days"),
            horizons=horizons,
            members=self._value(layer, "members"),
            seed=self._value(layer, "seed"),
            parameters_from=written if written in (CENTRAL, POSTERIOR) else str(file_of_draws(written, setting)),
            sampling=self._value(layer, "sampling"),
            correlations=correlations,
            hospital=self._value(layer, "hospital"),
            exchange_days=float(self._value(layer, "exchange_days")),
            outputs=outputs,
            history=Path(history).stem,
            future=Path(self._value(layer, "future")).stem,
            parameters={name: override for name, (override, _) in layer.parameters.items()},
            modifiers=modifiers,
            programmes=programmes,
            origins=origins,
            posterior=posterior,
            notes=notes,
        )

    def _streams(self, modifiers: tuple[ModifierSpec, ...]) -> set[str]:
        """Streams of dated changes: those in use, and those of every intervention that a scenario might use."""
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
                self.errors.add(setting.source.error(setting.location, f"{error}."))
            return parse_date(DEFAULTS.get(key, "2043-04"))
        if day.day != 1 and setting is not None:
            self.errors.add(setting.source.error(setting.location, f"expected the first day of a month, found {day}."))
        return day

    def _dates(self, layer: Layer) -> dict[str, date]:
        start, decision = self._date(layer, "start"), self._date(layer, "decision")
        if "end" in layer.settings:
            end = self._date(layer, "end", decision)
        else:
            end = shift_date(decision, MONTHS_PER_YEAR * self._value(layer, "years_after_decision"))
        first_year = int(DIMENSIONS["financial_year"][0][:4])
        last = date(int(DIMENSIONS["financial_year"][-1][:4]) + 1, 4, 1)
        for wrong, key, message in (
            (start < date(first_year, 4, 1), "start", f"the run cannot start before April {first_year}"),
            (decision < start, "decision", f"the decision ({decision}) cannot come before the start ({start})"),
            (end <= decision, "end", f"the end ({end}) must come after the decision ({decision})"),
            (end > last, "end", f"tables by financial year reach to {last}; the run cannot end later ({end})"),
        ):
            if wrong:
                setting = layer.settings.get(key) or layer.settings.get("years_after_decision")
                if setting is None:
                    self.errors.add(UserError(f"{message}.", key=key))
                else:
                    self.errors.add(setting.source.error(setting.location, f"{message}."))
        return {"start": start, "decision": decision, "end": end}

    def _horizons(self, layer: Layer, dates: dict[str, date]) -> tuple[tuple[str, float], ...]:
        """Horizons that lie within the run; those that the user wrote must."""
        setting = layer.settings.get("horizons")
        found: list[tuple[str, float]] = []
        for name, years in self._value(layer, "horizons").items():
            inside = years > 0 and shift_date(dates["decision"], MONTHS_PER_YEAR * years) <= dates["end"]
            if inside:
                found.append((name, float(years)))
            elif setting is not None and "horizons" in layer.settings and setting.source.file.stem != BASELINE:
                location = (*setting.location, name)
                message = f"{years:g} years after the decision lies outside the run."
                self.errors.add(setting.source.error(location, message))
        return tuple(found)

    def _check_outputs(self, layer: Layer, outputs: tuple[str, ...]) -> None:
        setting = layer.settings.get("outputs")
        valid = {"headline", "all", *self.registry.recorded}
        for name in outputs:
            if name not in valid and setting is not None:
                self.errors.add(
                    setting.source.error(
                        setting.location,
                        "expected 'headline', 'all' or the name of a result.",
                        nearest_names(name, valid),
                        key=name,
                    )
                )

    def _check_hospital(self, layer: Layer, modifiers: tuple[ModifierSpec, ...]) -> None:
        """What a patient-level hospital asks for: exchanges at ends of steps, and nothing that it cannot follow."""
        if self._value(layer, "hospital") != PATIENT_LEVEL:
            return
        step, between = self._value(layer, "step_days"), self._value(layer, "exchange_days")
        if not whole_steps(between, step):
            message = f"exchange_days ({between:g}) must be a multiple of step_days ({step:g}), such as {8 * step:g}."
            written = [layer.settings[key] for key in ("exchange_days", "step_days") if key in layer.settings]
            self.errors.add(written[0].source.error(written[0].location, message) if written else UserError(message))
        for name, (_, setting) in layer.parameters.items():
            if name in NOT_USED:
                self.errors.add(setting.source.error(setting.location, f"{NO_EFFECT}; {KEEP_STOCK_FLOW}.", key=name))
        for spec in modifiers:
            reason = refused_by_patients(spec.target, self.registry)
            if reason:
                message = f"{spec.label} ({spec.origin}) changes it over time, but {reason}; {KEEP_STOCK_FLOW}."
                self.errors.add(UserError(message, key=spec.target))

    def _modifiers(self, layer: Layer, decision: date) -> tuple[tuple[ModifierSpec, ...], tuple[Programme, ...]]:
        found: list[ModifierSpec] = []
        programmes: list[Programme] = []
        for (role, label), source in layer.dated.items():
            found.extend(change_modifiers(source, self.registry, decision, role, label, self.errors))
        for setting in layer.uses.values():
            with self.errors.caught():
                applied = self._applied(setting, decision)
                found.extend(applied.modifiers())
                programmes.append(applied.programme())
        self._refuse_two_setters(found)
        return tuple(found), tuple(programmes)

    def _applied(self, setting: Setting, decision: date) -> Applied:
        line = setting.source.error(setting.location, "").line
        name = setting.value.name
        file = self.library.find(name, "intervention", beside=setting.source.file, line=line, key=name)
        if file not in self._interventions:
            self._interventions[file] = ValidatedFile.read(Intervention, file)
        source = self._interventions[file]
        return Applied(setting.value, source, self.registry, decision, setting.source, setting.location, self.errors)

    def _refuse_two_setters(self, specs: list[ModifierSpec]) -> None:
        setters = [spec for spec in specs if spec.role == "effect" and spec.operation == "set"]
        for number, spec in enumerate(setters):
            for other in setters[:number]:
                mine, theirs = dict(spec.where), dict(other.where)
                overlap = all(set(mine[dim]) & set(theirs[dim]) for dim in mine.keys() & theirs.keys())
                if spec.target == other.target and overlap:
                    self.errors.add(
                        UserError(
                            f"two interventions set it, {other.label} ({other.origin}) and {spec.label} "
                            f"({spec.origin}); "
                            "take one out, or narrow their targets.",
                            key=spec.target,
                        )
                    )
