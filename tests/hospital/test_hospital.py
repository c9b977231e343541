"""Urgent care and discharge on their own: balance, limits, extreme conditions, published rates."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

import numpy as np
import pytest

from model.engine.clock import Clock
from model.engine.stepper import Inputs, Sector, run
from model.registry.data_folders import parameter_files
from model.registry.declarations import Kind, Output, Parameter
from model.registry.dimensions import DIMENSIONS
from model.registry.parameter_files import read_parameter_file
from model.sectors.demand.equations import Demand
from model.sectors.discharge.equations import Discharge
from model.sectors.population.equations import Population
from model.sectors.urgent_care.equations import UrgentCare

SIGNALS = {
    "waiting_lists": {
        "waiting_lists.elective_admissions_planned": ((), 50.0),
        "waiting_lists.harm_admissions": ((), 0.0),
    },
    "workforce": {"workforce.effective_staff": (("employer",), 1.0), "workforce.staffed_share": (("employer",), 0.9)},
    "vcse": {
        "vcse.discharge_support": (("place",), 0.05),
        "vcse.emergency_need_multiplier": (("place",), 1.0),
        "vcse.falls_need_multiplier": (("place",), 1.0),
        "vcse.gp_contact_multiplier": (("place",), 1.0),
        "vcse.mental_health_need_multiplier": (("place",), 1.0),
    },
    "finance": {"finance.unmet_need_effect": (("place",), 1.0), "finance.social_care_funded_share": (("place",), 1.0)},
}


def stub(sector: str) -> Sector:
    """A sector that publishes constants in place of its equations."""

    class Stub(Sector):
        name = sector
        title = sector
        every = 1
        outputs = tuple(
            Output(name=name, description=name, unit="1", dims=dims, kind=Kind.INDEX, recorded=False)
            for name, (dims, _) in SIGNALS[sector].items()
        )

        def initialise(self, world):
            for name, (_, value) in SIGNALS[sector].items():
                world.outputs[name][...] = value

        def step(self, world):
            """Constants stay."""

    return Stub()


@lru_cache(maxsize=1)
def parameters() -> tuple[Parameter, ...]:
    files = ("population", "demand", "urgent_care", "discharge", "loops")
    return tuple(entry for name in files for path in parameter_files(name) for entry in read_parameter_file(path))


def run_hospital(changes=None, *, years=3, step=3.5, members=1, checked=False):
    base = {entry.name: entry.value[..., None].copy() for entry in parameters()}
    for name, value in (changes or {}).items():
        base[name][...] = value
    inputs = Inputs(
        base,
        {entry.name: entry.bounds for entry in parameters()},
        (),
        {dim: len(labels) for dim, labels in DIMENSIONS.items()},
        members,
    )
    sectors = [
        Population(),
        Demand(),
        stub("waiting_lists"),
        stub("workforce"),
        stub("vcse"),
        stub("finance"),
        UrgentCare(),
        Discharge(),
    ]
    return run(sectors, Clock(date(2019, 4, 1), date(2019 + years, 4, 1), step), inputs, checked=checked)


def test_patients_are_conserved_at_every_step():
    run_hospital(checked=True)


def test_halved_step_moves_results_by_less_than_half_a_per_cent():
    whole, half = run_hospital(step=3.5), run_hospital(step=1.75)
    for name in ("urgent_care.beds_occupied", "discharge.nctr_before_discharges", "urgent_care.wait_for_bed"):
        assert half[name][12:].mean() == pytest.approx(whole[name][12:].mean(), rel=0.005), name


def test_nobody_comes_when_there_is_no_demand():
    results = run_hospital({"demand.segment_rate": 0.0}, checked=True)
    assert results["urgent_care.emergency_admissions"][1:].max() == 0.0
    assert results["urgent_care.inpatients_emergency"][-1].sum() < 1e-6
    assert results["discharge.nctr_remaining"][-1].sum() < 1.0


def test_no_beds_admits_nobody_and_patients_wait_in_the_department():
    results = run_hospital({"urgent_care.core_beds": 1e-6}, years=1, checked=True)
    assert results["urgent_care.overnight_admissions"][2:].max() < 1.0
    assert np.all(np.diff(results["urgent_care.waiting_for_bed"].sum(axis=1)[:, 0]) > 0)


def test_open_beds_hold_no_more_than_their_limit():
    results = run_hospital({"urgent_care.treatment_days_emergency": 12.0})
    assert results["urgent_care.occupancy"].max() < 1.06


def test_unlimited_places_leave_nobody_waiting_for_one():
    results = run_hospital({"discharge.places_multiplier": 10.0, "discharge.transfer_days": 0.01})
    assert results["discharge.waiting_for_place"][12:].max() < 0.1


def test_no_places_stop_every_start_on_a_pathway():
    results = run_hospital({"discharge.funded_places": 0.0}, checked=True)
    assert results["discharge.pathway_starts"][1:].sum() == pytest.approx(0.0, abs=1e-6)
    assert (
        results["discharge.nctr_before_discharges"][-1, 0] > run_hospital()["discharge.nctr_before_discharges"][-1, 0]
    )


def test_full_pathway_takes_in_its_places_over_its_stay():
    """Fluid limit: a pathway that is always full starts places / stay people a day (published cases)."""
    fixed = {
        "loops.R1_deconditioning": 0.0,
        "loops.B5_spot_purchase": 0.0,
        "discharge.supported_share_multiplier": 2.5,
        "discharge.places_follow_need": 0.0,
        "discharge.long_term_share": 0.0,
        "discharge.death_rate_on_pathway": 0.0,
        "discharge.staffing_elasticity_of_places": 0.0,
    }
    for step in (3.5, 7.0):
        results = run_hospital(fixed, step=step)
        days = 365.0
        starts = results["discharge.pathway_starts"][24:36, ..., 0].sum(axis=0) / days
        known = {entry.name: entry.value for entry in parameters()}
        places = known["discharge.funded_places"] / known["discharge.pathway_stay_days"]
        assert starts[:, 1:] == pytest.approx(places[:, 1:], rel=0.01)


def test_published_pathways_are_overloaded_as_published():
    """Arrivals less places over stay, January 2023: North Somerset P2 1.61, South Gloucestershire P3 1.17 a day."""
    assert pytest.approx(1.61, abs=0.01) == 2.34 - 28 / 38.28
    known = {entry.name: entry.value for entry in parameters()}
    places = known["discharge.funded_places"]
    assert places[1, 2] == 28
    assert places[2, 3] == 37
    assert 2.32 - places[2, 3] / 32.18 == pytest.approx(1.17, abs=0.01)
    assert 1.95 - places[0, 3] / 59.15 == pytest.approx(0.73, abs=0.01)


def test_more_members_give_the_same_answers():
    alone, together = run_hospital(years=1), run_hospital(years=1, members=5)
    for name, values in alone.items():
        assert np.array_equal(together[name], np.repeat(values, 5, axis=-1)), name


def test_virtual_ward_frees_the_bed_days_that_it_saves():
    plain, virtual = run_hospital(), run_hospital({"discharge.virtual_ward_places": 80.0})
    freed = plain["urgent_care.beds_occupied"][24:].mean() - virtual["urgent_care.beds_occupied"][24:].mean()
    known = {entry.name: entry.value for entry in parameters()}
    saved_a_day = 80.0 / known["discharge.virtual_ward_stay_days"] * known["discharge.virtual_ward_days_saved"]
    assert 0.5 * float(saved_a_day) < freed < 2.0 * float(saved_a_day)
