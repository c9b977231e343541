"""The shipped library: every file resolves against the registry, covers the specification and has plausible costs."""

import numpy as np
import pytest

from model.engine.clock import Clock
from model.registry.catalogue import Registry
from model.registry.data_folders import parameter_files
from model.registry.declarations import Output
from model.registry.parameter_files import read_parameter_file
from model.scenarios.engine_inputs import base_parameters, effect_sizes, to_modifiers
from model.scenarios.library import Library
from model.scenarios.resolver import resolve

LIBRARY = Library()
ASKED_FOR = {
    "diabetes_prevention",
    "blood_pressure_case_finding",
    "tobacco_dependence",
    "weight_management",
    "falls_prevention",
    "childhood_obesity",
    "cyp_mental_health",
    "anxiety_and_depression",
    "persistent_pain",
    "anticipatory_care_frailty",
    "end_of_life_care_at_home",
    "retention_programme",
    "overseas_recruitment",
    "apprenticeship_pipeline",
    "reserve_bank",
    "social_care_pay_parity",
    "productivity_programme",
    "agency_reduction",
    "social_prescribing",
    "home_from_hospital",
    "long_term_vcse_contracts",
    "volunteers_from_deprived_communities",
    "home_first",
    "p2_and_p3_capacity",
    "seven_day_discharge",
    "virtual_wards",
    "urgent_community_response",
    "care_home_support",
    "same_day_emergency_care",
    "elective_hub",
    "community_diagnostics",
    "waiting_list_validation",
    "talking_therapies_expansion",
    "moving_budget_upstream",
    "multi_year_settlement",
}
"""Interventions named by the specification."""
PACKAGES = {"do_nothing", "prevention_shift", "recruitment_and_retention", "vcse_capacity", "home_first", "combined"}
NULL_FINDINGS = {"anticipatory_care_frailty", "integrated_care_teams", "social_prescribing", "virtual_wards"}
MOST_EXPENSIVE = 30e6
"""A programme above £30m a year is beyond what a million people's partnership could start."""


@pytest.fixture(scope="module")
def registry():
    parameters = [entry for path in parameter_files() for entry in read_parameter_file(path)]
    staffed = Output(name="workforce.staffed_share", description="staffed share", unit="1", dims=("employer",))
    return Registry(parameters, [], [], [staffed], [], {})


@pytest.fixture(scope="module")
def everything(registry):
    return {
        name: resolve("baseline", registry, changes={"interventions": [name], "history": "none"})
        for name in LIBRARY.names("intervention")
    }


def test_the_library_covers_the_specification(everything):
    assert len(everything) >= 32
    assert not ASKED_FOR - set(everything)
    groups = [scenario.programmes[0].group for scenario in everything.values()]
    assert groups.count("disinvestment") >= 2


def test_packages_and_futures_resolve(registry):
    base = resolve("baseline", registry)
    assert set(LIBRARY.names("package")) >= PACKAGES
    assert len(LIBRARY.names("future")) >= 5
    for package in LIBRARY.names("package"):
        for future in ("none", *LIBRARY.names("future")):
            found = resolve(package, registry, changes={"future": future})
            assert found.future == future
            assert found.history == base.history
    assert resolve("do_nothing", registry).modifiers == base.modifiers


def test_combined_holds_the_four_packages(registry):
    names = {programme.name for programme in resolve("combined", registry).programmes}
    for package in ("prevention_shift", "recruitment_and_retention", "vcse_capacity", "home_first"):
        assert {programme.name for programme in resolve(package, registry).programmes} <= names


def test_costs_are_of_a_realistic_size(everything):
    for name, scenario in everything.items():
        programme = scenario.programmes[0]
        total = sum(cost.amount[1] for cost in programme.costs if cost.type == "recurrent")
        assert abs(total) <= MOST_EXPENSIVE, name
        assert all(cost.source for cost in programme.costs), name
        assert programme.costs, name
        if programme.group == "disinvestment":
            assert total < 0, name
        else:
            assert total >= 0, name


def test_posts_are_paid_for(everything):
    """Programme costs hold the pay of programme posts, so no programme may have posts for less than £20,000 each."""
    for name, scenario in everything.items():
        programme = scenario.programmes[0]
        posts = sum(wte for _, _, wte in programme.staff) + sum(wte for _, wte in programme.vcse_capacity)
        total = sum(cost.amount[1] for cost in programme.costs if cost.type == "recurrent")
        if posts > 0 and name not in ("p1_capacity", "p2_and_p3_capacity"):  # paid through the day cost of places
            assert total / posts > 20e3, (name, total / posts)


def test_null_findings_stay_null(everything):
    for name in NULL_FINDINGS:
        assert everything[name].programmes[0].evidence_grade == "null"
    for name in NULL_FINDINGS - {"virtual_wards"}:  # what a virtual ward place saves is a parameter of its own
        for spec in everything[name].modifiers:
            if spec.role == "effect":
                assert abs(spec.size[1] * spec.reach[1]) <= 0.01
                assert min(spec.size) <= 0 <= max(spec.size)


def test_effects_stay_within_bounds_and_index_their_parameter(everything, registry):
    for name, scenario in everything.items():
        clock = Clock(scenario.start, scenario.end, 3.5)
        for modifier in to_modifiers(scenario, clock, registry):
            entry = registry.parameters[modifier.target]
            value = np.array(np.broadcast_to(entry.value[..., None], (*entry.value.shape, 2)))
            part = value[modifier.where]
            assert part.size, name
            if modifier.operation == "multiply":
                part = part * (1 + modifier.size)
            elif modifier.operation == "add":
                part = part + modifier.size
            low, high = entry.bounds
            assert np.all((part >= low) & (part <= high)), (name, modifier.target)
            assert modifier.profile.levels[0] == 0
            assert list(modifier.profile.days) == sorted(set(modifier.profile.days))


def test_draws_are_the_same_in_any_chunk_and_company(registry):
    drawn = {"members": 20, "parameters": "central"}
    alone = resolve("baseline", registry, changes={"interventions": ["retention_programme"], **drawn})
    together = resolve("combined", registry, changes=drawn)
    keys = [(spec.label, spec.target, spec.role) for spec in together.modifiers]
    sizes = dict(zip(keys, effect_sizes(together), strict=True))
    spec = next(spec for spec in alone.modifiers if spec.role == "effect")
    mine = effect_sizes(alone)[alone.modifiers.index(spec)]
    assert np.array_equal(mine, sizes[(spec.label, spec.target, spec.role)])
    assert np.array_equal(effect_sizes(alone, 7, 5)[alone.modifiers.index(spec)], mine[7:12])
    whole = base_parameters(alone, registry)
    part = base_parameters(alone, registry, 7, 5)
    for name, values in whole.items():
        assert np.array_equal(values if values.shape[-1] == 1 else values[..., 7:12], part[name]), name
    central = base_parameters(resolve("baseline", registry, changes={"parameters": "central"}), registry)
    for name, parameter in registry.parameters.items():
        assert np.array_equal(central[name][..., 0], parameter.value)
        assert whole[name].min() >= parameter.bounds[0] - 1e-9
        assert whole[name].max() <= parameter.bounds[1] + 1e-9
