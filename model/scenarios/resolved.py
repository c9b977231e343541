"""What a scenario resolves to: settings, parameter values, dated changes and programmes, each with its origin."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from model.scenarios.specs import Correlation, ModifierSpec, Origin, Override, Programme, Range
from model.scenarios.yaml_text import yaml_text

if TYPE_CHECKING:
    from model.scenarios.uncertainty.posterior import Posterior


@dataclass(frozen=True, eq=False)
class ResolvedScenario:
    """Everything that a run needs, with where each value comes from.

    Attributes:
        name: name of the scenario.
        description: what it asks.
        file: file that was resolved.
        start: first day of the run.
        decision: day on which decisions start.
        end: first day after the run.
        step_days: length of the base step.
        horizons: years after the decision by name.
        members: ensemble size; one is the central case.
        seed: seed of the ensemble.
        parameters_from: where numbers come from that the scenario does not set: ``central`` (registered values and
            ranges), ``posterior`` (fitted draws as shipped), or a file of fitted draws.
        sampling: how members lie in ranges: ``latin-hypercube`` or ``random``.
        correlations: between uncertain numbers that are not fitted.
        hospital: representation of the acute hospitals.
        exchange_days: days between exchanges with the patient-level hospital.
        outputs: ``headline``, ``all`` or names.
        history: name of the history in force, or ``none``.
        future: name of the future in force, or ``none``.
        parameters: parameters that differ from the registry.
        modifiers: dated changes in order of precedence.
        programmes: interventions in use.
        origins: chain of settings of every value, by key.
        posterior: fitted draws in force, if any.
        notes: what a user should know of how it was resolved.
    """

    name: str
    description: str
    file: str
    start: date
    decision: date
    end: date
    step_days: float
    horizons: tuple[tuple[str, float], ...]
    members: int
    seed: int
    parameters_from: str
    sampling: str
    correlations: tuple[Correlation, ...]
    hospital: str
    exchange_days: float
    outputs: tuple[str, ...]
    history: str
    future: str
    parameters: Mapping[str, Override]
    modifiers: tuple[ModifierSpec, ...]
    programmes: tuple[Programme, ...]
    origins: Mapping[str, tuple[Origin, ...]]
    posterior: Posterior | None = None
    notes: tuple[str, ...] = ()

    def settings(self) -> dict[str, Any]:
        """Return settings in plain types, in the order of a scenario file."""
        return {
            "name": self.name,
            "description": self.description,
            "file": self.file,
            "start": self.start.isoformat(),
            "decision": self.decision.isoformat(),
            "end": self.end.isoformat(),
            "step_days": self.step_days,
            "horizons": dict(self.horizons),
            "members": self.members,
            "seed": self.seed,
            "parameters_from": self.parameters_from,
            "sampling": self.sampling,
            "correlations": [
                {"between": list(pair.between), "correlation": pair.correlation, "source": pair.source}
                for pair in self.correlations
            ],
            "hospital": self.hospital,
            "exchange_days": self.exchange_days,
            "outputs": list(self.outputs),
            "history": self.history,
            "future": self.future,
        }

    @property
    def numbers(self) -> str:
        """Where numbers come from that no file sets, in words."""
        ranges = "registered values" if self.members == 1 else f"registered ranges ({self.sampling})"
        if self.posterior is None:
            return ranges
        fitted = "most probable values" if self.members == 1 else f"{self.posterior.draws} draws"
        return (
            f"{fitted} of {len(self.posterior.fitted)} numbers fitted to figures up to {self.posterior.newest}; "
            f"the others from {ranges}"
        )

    def to_yaml(self) -> str:
        """Return the fully resolved copy: every setting, value and dated change, with its origin."""
        return self._yaml

    @cached_property
    def _yaml(self) -> str:
        document = {
            **self.settings(),
            "notes": list(self.notes),
            "posterior": None if self.posterior is None else _posterior(self.posterior),
            "origins": {key: [str(step) for step in chain] for key, chain in self.origins.items()},
            "parameters": {name: override.values.tolist() for name, override in self.parameters.items()},
            "programmes": [_programme(programme) for programme in self.programmes],
            "modifiers": [_modifier(spec) for spec in self.modifiers],
        }
        title = "# Fully resolved scenario. 'origins' gives every step of each value, the last one in force.\n"
        return title + yaml_text(document)

    @cached_property
    def fingerprint(self) -> str:
        """Identifies everything that the scenario resolved to: two that are alike have the same."""
        digest = hashlib.sha256(repr(self.settings()).encode())
        for item in (self.notes, sorted(self.origins.items()), self.modifiers, self.programmes):
            digest.update(repr(item).encode())
        for name, override in sorted(self.parameters.items()):
            digest.update(name.encode())
            digest.update(np.where(override.changed, override.values, np.nan).tobytes())
        if self.posterior is not None:
            digest.update(repr([self.posterior.digest, *(number.name for number in self.posterior.fitted)]).encode())
        return digest.hexdigest()

    def __getstate__(self) -> dict[str, Any]:
        """Leave out what is worked out again when it is needed: a scenario is sent with every chunk."""
        return {name: value for name, value in self.__dict__.items() if name not in ("_yaml", "fingerprint")}


def _range(limits: Range) -> Any:
    low, central, high = limits
    return central if low == high else {"low": low, "central": central, "high": high}


def _modifier(spec: ModifierSpec) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "target": spec.target,
        "where": {dim: list(labels) for dim, labels in spec.where},
        "operation": spec.operation,
        "size": _range(spec.size),
        "reach": _range(spec.reach),
        "points": {day.isoformat(): level for day, level in spec.points},
        "label": spec.label,
        "role": spec.role,
        "origin": spec.origin,
    }
    if spec.gate:
        fields["gate"] = {"signal": spec.gate[0], **dict(spec.gate[1])}
    return fields


def _posterior(posterior: Posterior) -> dict[str, Any]:
    return {
        "draws": posterior.draws,
        "history": posterior.history,
        "newest_figure": posterior.newest,
        "digest": posterior.digest,
        "fitted": {
            number.name: {"unit": number.unit, "most_probable": float(value)}
            for number, value in zip(posterior.fitted, posterior.point, strict=True)
        },
    }


def _programme(programme: Programme) -> dict[str, Any]:
    return {
        "name": programme.name,
        "group": programme.group,
        "evidence_grade": programme.evidence_grade,
        "sources": list(programme.sources),
        "start": programme.start.isoformat(),
        "origin": programme.origin,
        "costs": [
            {"payer": cost.payer, "type": cost.type, "amount": _range(cost.amount), "over_months": cost.over_months}
            for cost in programme.costs
        ],
        "staff": [{"employer": employer, "staff_group": group, "wte": wte} for employer, group, wte in programme.staff],
        "vcse_capacity": dict(programme.vcse_capacity),
    }
