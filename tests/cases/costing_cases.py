"""A hand-made option with round numbers, and one small comparison of the model, for tests of costing."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import numpy as np

from model.appraisal.costing.appraisal import Appraisal, appraise
from model.appraisal.costing.assumptions import CostingAssumptions, read_costing_assumptions
from model.appraisal.costing.option import BenefitLine, Option, costed_option, read_costing_inputs, results_for_costing
from model.appraisal.costing.programmes import CostLine, StaffLine
from model.registry.dimensions import DIMENSIONS
from model.scenarios.resolver import resolve
from model.sectors.model_registry import registry
from model.simulation.simulate import simulate

YEARS = ("2023/24", "2024/25", "2025/26")


@lru_cache(maxsize=1)
def basis() -> CostingAssumptions:
    return read_costing_assumptions(registry())


def plain_basis() -> CostingAssumptions:
    """No price change, no bias, 10 % discount for money and 0 % for health, three years."""
    plain = replace(basis(), prices="2022/23")
    zero = dict.fromkeys(
        (name for name, assumption in plain.by_name.items() if assumption.group in ("costs", "benefits")), 0.0
    )
    return plain.changed(**zero, discount_money=0.10, discount_health=0.0, years_appraised=3.0)


def column(*values: float) -> np.ndarray:
    return np.array(values, dtype=float)[:, None]


def option(assumptions: CostingAssumptions, *, members: np.ndarray | None = None) -> Option:
    """Three years, two payers: capital from the board, running costs of the acute trust, gains of three kinds.

    Costs: 1,000,000 of capital in the first year (icb); 200,000 a year recurrent (acute).
    Gains: 900 delayed bed days avoided a year (acute), 150,000 of escalation from the second year (acute), a loss of
    50,000 of prescribing in the last (primary care), 10 QALYs a year, and 30,000 a year released by the icb.
    """
    kinds = {kind.name: kind for kind in assumptions.kinds}
    spread = np.ones(1) if members is None else members
    bed_days, qalys = column(900, 900, 900) * spread, column(10, 10, 10) * spread
    gains = {
        kinds["delayed_bed_days"].result: bed_days,
        kinds["health"].result: qalys,
        kinds["treatment_bed_days"].result: 0 * bed_days,
        kinds["escalation_capacity"].result: 0 * bed_days,
    }
    more = {"bed_day": bed_days, "waiter": column(0, 4, 6) * spread, "poor_health": column(2, 2, 2) * spread}
    gains |= {divisor.result: more[divisor.name] for divisor in assumptions.divisors if divisor.name in more}
    lines = DIMENSIONS["statement_line"]
    return Option(
        name="by_hand",
        title="by hand",
        description="A made-up option.",
        years=YEARS,
        costs=(
            CostLine("hub", "icb", "capital", "strong", "made up", column(1e6, 0, 0) * np.ones_like(spread)),
            CostLine("hub", "acute", "recurrent", "strong", "made up", column(2e5, 2e5, 2e5) * np.ones_like(spread)),
        ),
        benefits=(
            BenefitLine(kinds["released"], "icb", column(3e4, 3e4, 3e4) * np.ones_like(spread), "hub", "strong"),
            BenefitLine(kinds["escalation"], "acute", column(0, 150e3, 150e3) * spread),
            BenefitLine(kinds["delayed_bed_days"], "acute", bed_days),
            BenefitLine(kinds["activity"], "primary_care", column(0, 0, -50e3) * spread),
            BenefitLine(kinds["health"], "society", qalys),
        ),
        staff=(
            StaffLine("hub", "acute", "nursing", np.array([5.0, 10.0, 10.0])),
            StaffLine("hub", "acute", "medical", np.array([1.0, 2.0, 2.0])),
        ),
        effects={name: column(-1.5, -2, -2.5) * spread for name in assumptions.effects},
        gains=gains,
        accounts={line: column(1, 2, 3) * index * spread for index, line in enumerate(lines)},
        charged=column(1.17e6, 1.7e5, 1.7e5) * spread,
    )


@lru_cache(maxsize=1)
def small() -> tuple[Appraisal, ...]:
    """A package and an intervention that releases money against the baseline: one member, two years."""
    assumptions = basis()
    # With registered values the model charges the prices at which costing values.
    changes = {"end": "2025-04-01", "parameters": "central"}
    base = read_costing_inputs(simulate(resolve("baseline", registry(), changes=changes), processes=1), assumptions)
    appraisals = []
    for name, more in (("vcse_capacity", {}), ("baseline", {"interventions": ["icb_running_costs"]})):
        resolved = resolve(name, registry(), changes=changes | more)
        resolved = replace(resolved, outputs=(*resolved.outputs, *results_for_costing(assumptions)))
        observed = read_costing_inputs(simulate(resolved, processes=1), assumptions)
        resolved = replace(resolved, name="icb_running_costs") if more else resolved
        appraisals.append(appraise(costed_option(resolved, observed, base, assumptions), assumptions))
    return tuple(appraisals)


def changed_file(folder: Path, old: str, new: str) -> Path:
    """The shipped assumptions with one text replaced by another."""
    from model.appraisal.costing.assumptions import ASSUMPTIONS

    text = ASSUMPTIONS.read_text(encoding="utf-8")
    assert old in text
    path = folder / "costing.yaml"
    path.write_text(text.replace(old, new), encoding="utf-8")
    return path
