"""A decision between packages: payoffs of the members of an ensemble, and what information on inputs is worth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from model.analysis.sensitivity.designs import DrawnMembers
from model.analysis.sensitivity.evaluation import YearlyReader, evaluate, years_of
from model.analysis.sensitivity.information import Information, check_members, value_of_information
from model.analysis.sensitivity.inputs import Input, uncertain_inputs
from model.analysis.sensitivity.objectives import Objective
from model.analysis.sensitivity.worker_pool import WorkerPool
from model.registry.catalogue import Registry
from model.registry.errors import UserError
from model.scenarios.engine_inputs import fitted_values, quantiles_of
from model.scenarios.resolved import ResolvedScenario


@dataclass(frozen=True)
class DecisionPayoffs:
    """A choice between options, their payoffs, and the worth of information.

    Attributes:
        options: names of the scenarios between which one chooses.
        objective: what the options are compared by.
        inputs: uncertain inputs.
        information: payoffs of the options and worth of information.
        payoffs: of each member, shape ``(options, members)``.
    """

    options: tuple[str, ...]
    objective: Objective
    inputs: tuple[Input, ...]
    information: Information
    payoffs: np.ndarray


def member_quantiles(scenarios: Sequence[ResolvedScenario], inputs: Sequence[Input], members: int) -> np.ndarray:
    """Return the quantile of each member of an ensemble in each input, shape ``(inputs, members)``.

    Quantiles of its range for what is drawn, shares of the draws that are no larger for what is fitted.
    """
    positions = np.full((len(inputs), members), 0.5)
    for scenario in scenarios:
        quantiles = quantiles_of(scenario, 0, members)
        fitted = (
            dict(
                zip(
                    (fitted_number.name for fitted_number in scenario.posterior.fitted),
                    fitted_values(scenario, 0, members),
                    strict=True,
                )
            )
            if scenario.posterior is not None
            else {}
        )
        for row, uncertain_input in enumerate(inputs):
            if uncertain_input.name in fitted and uncertain_input.draws is not None:
                below = np.searchsorted(np.sort(uncertain_input.draws), fitted[uncertain_input.name], side="right")
                positions[row] = below / len(uncertain_input.draws)
            elif uncertain_input.draws is None:
                drawn = quantiles(uncertain_input.name)
                if drawn is not None:
                    positions[row] = drawn
    return positions


def analyse_decision(
    options: Sequence[ResolvedScenario],
    objectives: Sequence[Objective],
    registry: Registry,
    pool: WorkerPool | None = None,
) -> tuple[DecisionPayoffs, ...]:
    """Run all options with the same members and find what information is worth to the choice between them.

    Args:
        options: resolved with the same members and seed.
        objectives: what is to be as large as possible, each by itself.
        registry: all declarations.
        pool: worker processes; this process alone where None.

    Returns:
        A decision for each objective.

    Raises:
        UserError: options with different years, or too few of them or of members.
    """
    years = years_of(options[0])
    for other in options[1:]:
        if years_of(other) != years or other.members != options[0].members:
            message = "its years or members differ from those of the other options; give one of each for all."
            raise UserError(message, key=other.name)
    check_members(len(options), options[0].members)
    members, weights = options[0].members, [objective.weights(years, registry) for objective in objectives]
    measures = tuple(measure for objective in objectives for measure in objective.measures)
    values = evaluate(options, DrawnMembers(members), YearlyReader(measures, years), pool)
    inputs = uncertain_inputs(options, registry)
    positions = member_quantiles(options, inputs, members)
    decisions, begin = [], 0
    for objective, weight in zip(objectives, weights, strict=True):
        payoffs = np.tensordot(weight.ravel(), values[:, begin : begin + weight.size], axes=(0, 1))
        begin += weight.size
        information = value_of_information(payoffs, positions, options[0].seed)
        decisions.append(
            DecisionPayoffs(tuple(option.name for option in options), objective, inputs, information, payoffs)
        )
    return tuple(decisions)
