"""One sensitivity study: which methods it uses, in which order, and what they give."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from model.analysis.sensitivity.evaluation import Question
from model.analysis.sensitivity.indices import Indices, Screening, check_samples
from model.analysis.sensitivity.information import check_members
from model.analysis.sensitivity.inputs import POSTERIOR, Input, select_inputs, uncertain_inputs
from model.analysis.sensitivity.methods import (
    Leverage,
    Tornado,
    compute_leverage,
    leverage_inputs,
    run_screening,
    run_sobol,
    run_tornado,
)
from model.analysis.sensitivity.objectives import Objective
from model.analysis.sensitivity.payoffs import DecisionPayoffs, analyse_decision
from model.registry.catalogue import Registry
from model.registry.errors import Exit, UserError
from model.results.expressions import ratio
from model.results.headlines import HEADLINES
from model.scenarios.hospitals import PATIENT_LEVEL
from model.scenarios.resolved import ResolvedScenario

TOP = "top"
"""Names the inputs that matter most by the screening, or by the tornado."""

StageCallback = Callable[[str], None]
"""Told of each stage that begins."""


@dataclass(frozen=True, kw_only=True)
class SensitivityPlan:
    """The methods of a study and their sizes.

    Attributes:
        leverage: elasticity of every headline to every parameter.
        tornado: one input at a time at the ends of its interval.
        screen: Morris' screening.
        sobol: inputs with Sobol indices, or ``top``; none where empty.
        top: number of inputs that ``top`` means.
        trajectories: trajectories of the screening.
        samples: base samples of the Sobol design.
        options: scenarios of a decision, none where empty.
        objectives: what options are compared by.
    """

    leverage: bool = False
    tornado: bool = False
    screen: bool = False
    sobol: tuple[str, ...] = ()
    top: int = 8
    trajectories: int = 8
    samples: int = 64
    options: tuple[ResolvedScenario, ...] = ()
    objectives: tuple[Objective, ...] = ()

    @property
    def ranks(self) -> bool:
        """Whether a tornado is run only to find what matters most."""
        return TOP in self.sobol and not (self.screen or self.tornado)

    @property
    def stages(self) -> int:
        """Number of stages."""
        singles = (self.leverage, self.tornado or self.ranks, self.screen, bool(self.sobol), bool(self.options))
        return sum(singles)


@dataclass(frozen=True, eq=False)
class SensitivityResults:
    """Results of a study.

    Attributes:
        question: what was asked.
        inputs: uncertain inputs, one for each fitted number.
        headlines: the question of all headline results, of which the leverage is.
        leverage: None where not wanted, as the others.
        tornado: see ``Tornado``.
        screening: of the years of the horizons, the horizons running faster than the measures.
        indices: of all years, the years running faster than the measures.
        decisions: one for each objective.
        runs: runs of the model behind it.
    """

    question: Question
    inputs: tuple[Input, ...]
    headlines: Question
    leverage: Leverage | None = None
    tornado: Tornado | None = None
    screening: Screening | None = None
    indices: Indices | None = None
    decisions: tuple[DecisionPayoffs, ...] = field(default=())
    runs: int = 0

    def screened(self, measure: int, year: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return size, spread and margin of elementary effects on a measure at a horizon, each ``(inputs,)``."""
        if self.screening is None:
            raise ValueError("the study has no screening")
        row = measure * len(self.question.horizons) + list(self.question.horizons).index(year)
        return self.screening.size[row], self.screening.spread[row], self.screening.margin[row]

    def importance(self) -> np.ndarray:
        """Return the largest share of the strongest input's effect that each input has on any measure."""
        if self.screening is not None:
            size = self.screening.size
        elif self.tornado is not None:
            years = list(self.question.horizons.values())
            size = self.tornado.swing[:, :, years].reshape(len(self.inputs), -1).T
        else:
            raise ValueError("the study has neither screening nor tornado")
        strongest = size.max(axis=1, keepdims=True)
        return ratio(size, strongest, 0.0).max(axis=0)


def check_sensitivity(question: Question, plan: SensitivityPlan, inputs: Sequence[Input]) -> None:
    """Check what can be checked before anything runs.

    Raises:
        UserError: patients one by one, whose chance hides small changes; unknown inputs; or no uncertain input.
    """
    designed = plan.leverage or plan.tornado or plan.screen or plan.sobol
    if designed and any(scenario.hospital == PATIENT_LEVEL for scenario in question.scenarios):
        raise UserError(
            "with patients one by one chance hides what a small change does; add --set hospital=stock-flow.",
            key="hospital",
            code=Exit.USAGE,
        )
    if designed and not inputs:
        raise UserError("no input of this scenario is uncertain.", key=question.scenario.name)
    select_inputs([name for name in plan.sobol if name not in (TOP, POSTERIOR)], inputs)
    if plan.sobol:
        check_samples(plan.samples)
    if plan.options:
        check_members(len(plan.options), plan.options[0].members)


def run_sensitivity(
    question: Question, plan: SensitivityPlan, registry: Registry, began: StageCallback, finished: Callable[[], None]
) -> SensitivityResults:
    """Run the methods of a plan.

    Args:
        question: the question.
        plan: by which methods.
        registry: all declarations.
        began: receives the name of each stage that begins.
        finished: called when a stage is done.

    Raises:
        UserError: see ``check_study``.
    """
    inputs = uncertain_inputs(question.scenarios, registry)
    check_sensitivity(question, plan, inputs)
    headlines = replace(question, measures=HEADLINES)
    results = SensitivityResults(question, inputs, headlines)
    scenarios = len(question.scenarios)
    if plan.leverage:
        began("leverage")
        names = leverage_inputs(question.scenarios, registry)
        results = replace(results, leverage=compute_leverage(headlines, names, registry))
        results = replace(results, runs=results.runs + scenarios * (1 + 2 * len(names)))
        finished()
    if plan.tornado or plan.ranks:
        began("tornado")
        results = replace(results, tornado=run_tornado(question, inputs))
        results = replace(results, runs=results.runs + scenarios * (1 + 2 * len(inputs)))
        finished()
    if plan.screen:
        began("screening")
        screened = run_screening(question, inputs, plan.trajectories, question.scenario.seed)
        runs = scenarios * plan.trajectories * (len(inputs) + 1)
        results = replace(results, screening=screened, runs=results.runs + runs)
        finished()
    if plan.sobol:
        began("Sobol indices")
        together = uncertain_inputs(question.scenarios, registry, together=True)
        named = _named(results, plan, together)
        analysed = run_sobol(question, together, named, plan.samples, question.scenario.seed)
        runs = scenarios * plan.samples * (len(analysed.groups) + 2)
        results = replace(results, indices=analysed, runs=results.runs + runs)
        finished()
    if plan.options:
        began("decision")
        decisions = analyse_decision(plan.options, plan.objectives, registry, question.pool)
        runs = len(plan.options) * plan.options[0].members
        results = replace(results, decisions=decisions, runs=results.runs + runs)
        finished()
    return results


def _named(results: SensitivityResults, plan: SensitivityPlan, together: Sequence[Input]) -> tuple[Input, ...]:
    """Return inputs with Sobol indices of their own; a fitted number stands for all, which were fitted together."""
    known_names = {uncertain_input.name for uncertain_input in together}
    names = [name for name in plan.sobol if name != TOP]
    if TOP in plan.sobol:
        order = np.argsort(-results.importance(), kind="stable")
        names += [results.inputs[index].name for index in order[: plan.top]]
    fitted = {uncertain_input.name for uncertain_input in results.inputs if uncertain_input.draws is not None}
    named = [POSTERIOR if name in fitted and name not in known_names else name for name in names]
    return select_inputs(list(dict.fromkeys(named)), together)
