"""The forward operator: a batch of fitted vectors in one batched run, up to the last figure and no further."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from model.calibration.priors import Priors, with_modifiers
from model.calibration.targets import CalibrationTargets
from model.engine.clock import Clock
from model.engine.stepper import Inputs, run
from model.registry.catalogue import Registry
from model.registry.dimensions import DIMENSIONS
from model.results.run import Run
from model.scenarios.engine_inputs import base_parameters, effect_sizes, to_modifiers
from model.scenarios.resolved import ResolvedScenario
from model.sectors import all_sectors

CHUNK = 250
"""Vectors that run together."""

CountCallback = Callable[[int], None]
"""Receives the number of tasks of a stage that are done."""


class Forward(Protocol):
    """Anything that gives predictions for scores."""

    def __call__(self, scores: np.ndarray) -> np.ndarray:
        """Return predictions of shape ``(figures, members)`` for scores of shape ``(fitted, members)``."""
        ...


@dataclass
class ForwardModel:
    """The whole model as a function of the fitted numbers.

    Attributes:
        scenario: what is run, with one member; every number that is not fitted keeps its central value.
        priors: the fitted numbers.
        targets: figures asked for.
        registry: all declarations.
        runs: runs of the model made so far, one for each vector.
        batches: batched runs made so far.
    """

    scenario: ResolvedScenario
    priors: Priors
    targets: CalibrationTargets
    registry: Registry
    runs: int = field(default=0, init=False)
    batches: int = field(default=0, init=False)

    def __call__(self, scores: np.ndarray) -> np.ndarray:
        """Return predictions for a batch of vectors.

        Args:
            scores: normal scores, shape ``(fitted, members)``.

        Returns:
            Shape ``(figures, members)``.
        """
        pieces = [scores[:, first : first + CHUNK] for first in range(0, scores.shape[1], CHUNK)]
        return np.concatenate([self.targets.predict(self.run(piece)) for piece in pieces], axis=1)

    def run(self, scores: np.ndarray) -> Run:
        """Run one batch, a member for each vector, with the results that the figures need."""
        members = scores.shape[1]
        scenario = with_modifiers(self.scenario, self.priors)
        clock = Clock(scenario.start, self.targets.end, scenario.step_days)
        base = base_parameters(scenario, self.registry, 0, 1)
        parameters, sizes = self.priors.apply(
            self.priors.values(scores), base, effect_sizes(scenario, 0, 1), self.registry
        )
        inputs = Inputs(
            parameters=parameters,
            bounds={name: parameter.bounds for name, parameter in self.registry.parameters.items()},
            modifiers=to_modifiers(scenario, clock, self.registry, sizes),
            sizes={name: len(labels) for name, labels in DIMENSIONS.items()},
            members=members,
        )
        results = run(all_sectors(), clock, inputs, keep=self.targets.results, engine="compiled")
        self.runs += members
        self.batches += 1
        return Run(scenario.name, scenario.start, clock.months, scenario.decision, {}, members, results, self.registry)
