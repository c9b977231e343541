"""The hospital patient by patient in the whole system: conservation, exchange, pairing, agreement with stock-flow."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import fields, replace
from datetime import date
from functools import lru_cache
from itertools import product

import numpy as np
import pytest

from model.engine.clock import Clock
from model.engine.stepper import Inputs, Sector, run
from model.hospital.engines.compiled import CompiledSimulation
from model.hospital.engines.events import PatientState
from model.hospital.exchange.flows import FLOWS
from model.hospital.exchange.names import (
    ARRIVALS,
    CARE_KINDS,
    COUNCILS,
    PATHWAYS,
    SITES,
    SUPPORTED,
    WARDS,
    arrangement_point,
    bay,
    delayed_class,
    department,
    emergency_class,
    long_term_point,
    minors,
    pathway_point,
    seeking_class,
    spot_point,
    waiting_area,
    ward,
)
from model.hospital.exchange.patient_hospital import PatientHospital, hours_until_leaving
from model.hospital.exchange.periods import FromSystem, Lengthening, ToSystem
from model.hospital.network.network import Distribution, Network, Point, Route, Schedule, Stream, WaitingExit
from model.registry.dimensions import DIMENSIONS
from model.registry.errors import UserError
from model.results.comparison import headline_years
from model.scenarios.engine_inputs import base_parameters, to_modifiers
from model.scenarios.hospitals import FIXED, NOT_USED
from model.scenarios.resolver import resolve
from model.sectors import all_sectors, sectors_with_patients
from model.sectors.model_registry import registry
from model.sectors.patient_level.equations import bnssg_network
from model.sectors.patient_level.inputs import PatientInputs, lengthening, opening, whole
from model.sectors.urgent_care.equations import arrivals_now
from model.simulation.simulate import chunk_size, run_members, simulate

STEP = 3.5
STEPS = 8
"""Base steps from one exchange to the next."""


def plan(scenario: str = "baseline", end: str = "2019-09-01", **changes: object):
    settings = {"hospital": "patient-level", "decision": "2019-04", "end": end, "horizons": {}, **changes}
    return resolve(scenario, registry(), changes=settings)


class Probe(Sector):
    """A sector that steps last, declares nothing and looks at the world."""

    name = "probe"
    title = "Probe"

    def __init__(self, look=None):
        self.look = look
        self.world = None

    def initialise(self, world):
        self.world = world

    def step(self, world):
        if self.look is not None:
            self.look(world)


def run_sectors(
    sectors: list[Sector], end: date, members: int = 1, parameters: Mapping[str, float] | None = None, **options: object
) -> dict[str, np.ndarray]:
    """Sectors of the baseline, with the central values in every member but for parameters given."""
    resolved = plan(end=end.isoformat())
    clock = Clock(resolved.start, end, resolved.step_days)
    known = registry()
    base = base_parameters(resolved, known, 0, 1)
    for name, value in (parameters or {}).items():
        base[name][...] = value
    inputs = Inputs(
        base,
        {name: entry.bounds for name, entry in known.parameters.items()},
        to_modifiers(resolved, clock, known),
        {dim: len(labels) for dim, labels in DIMENSIONS.items()},
        members,
    )
    return run(sectors, clock, inputs, **options)


def with_patients(members: int = 1) -> list[Sector]:
    return sectors_with_patients(seed=1, first_member=0, members=members, exchange_days=STEPS * STEP)


@lru_cache(maxsize=1)
def first_exchange() -> tuple[FromSystem, Mapping[str, Mapping[str, int]], Lengthening]:
    """What the system of the baseline tells its hospital at the first exchange."""
    found = {}

    def look(world):
        if not found:
            world._reader = "urgent_care"
            inputs = PatientInputs(world).of(world, np.zeros(world.members), 1)[0]
            found["all"] = (inputs, opening(world, 0), lengthening(world, 0))

    sectors = with_patients()
    place = [sector.name for sector in sectors].index("urgent_care")
    run_sectors([*sectors[:place], Probe(look), *sectors[place:]], date(2019, 5, 1))
    return found["all"]


def hospital(network: Network | None = None, seed: int = 1, replication: int = 0) -> PatientHospital:
    _, patients, effects = first_exchange()
    return PatientHospital(
        network or replace(bnssg_network(), start=date(2019, 4, 1)),
        patients,
        effects,
        days=400.0,
        step_days=STEP,
        seed=seed,
        replication=replication,
    )


def same(one: ToSystem, other: ToSystem) -> bool:
    counts = all(np.array_equal(one.counts.amount[name], other.counts.amount[name]) for name in FLOWS)
    late = all(np.array_equal(one.counts.late[name], other.counts.late[name]) for name in FLOWS)
    rest = (field.name for field in fields(ToSystem) if field.name != "counts")
    return counts and late and all(np.array_equal(getattr(one, name), getattr(other, name)) for name in rest)


def test_patients_are_conserved_at_every_step_and_stocks_are_whole_patients():
    def look(world):
        for name, values in world.stocks.items():
            indices = ("escalation_beds", "occupancy_felt", "spot_places", "function_lost", "function_lost_on_pathway")
            if name.startswith(("urgent_care.", "discharge.")) and name.partition(".")[2] not in indices:
                assert np.array_equal(values, np.rint(values)), name

    results = run_sectors([*with_patients(), Probe(look)], date(2020, 2, 1), checked=True)
    assert results["urgent_care.overnight_admissions"][1:].min() > 5000


def stocks_of(census: np.ndarray, names) -> dict[str, np.ndarray]:
    """Stocks of the system as the census of a simulation has them."""
    everyone = census.sum(axis=0)
    numbers = {name: number for number, name in enumerate(names.points)}
    emergency = [names.class_(emergency_class(place, how)) for place in COUNCILS for how in ARRIVALS]
    held = {site: [numbers[ward(site, kind)] for kind in WARDS] for site in SITES}
    rooms = {site: [numbers[department(site)], numbers[waiting_area(site)]] for site in SITES}
    at_pathway = {
        (place, pathway): [numbers[pathway_point(place, pathway)], numbers[spot_point(place, pathway)]]
        for place in COUNCILS
        for pathway in SUPPORTED
    }
    found: dict[str, np.ndarray] = {}
    found["ambulances_waiting"] = np.array([everyone[numbers[bay(site)]].sum() for site in SITES])
    found["in_assessment"] = np.array(
        [census[PatientState.TREATED, [*rooms[site], numbers[minors(site)]]].sum() for site in SITES]
    )
    found["waiting_for_bed"] = np.array([census[1 + PatientState.TREATED :, rooms[site]].sum() for site in SITES])
    found["waiting_to_be_seen"] = np.array(
        [census[PatientState.WAITING, -1, [numbers[department(site)], numbers[minors(site)]]].sum() for site in SITES]
    )
    found["inpatients_elective"] = np.array(
        [everyone[held[site]][..., names.class_("elective")].sum() for site in SITES]
    )
    found["emergency_in_beds"] = np.array([everyone[held[site]].sum() for site in SITES]) - found["inpatients_elective"]
    waiting = census[[PatientState.BLOCKED, PatientState.TRANSFER]].sum(axis=(0, 3))
    found["awaiting_place"] = np.array(
        [
            [
                [waiting[held[site], numbers[pathway_point(place, pathway)]].sum() for pathway in SUPPORTED]
                for place in COUNCILS
            ]
            for site in SITES
        ]
    )
    found["treated"] = np.array([census[PatientState.TREATED][held[site]][:, :, emergency].sum() for site in SITES])
    seeking = [names.class_(seeking_class(kind)) for kind in CARE_KINDS]
    treated = census[PatientState.TREATED].sum(axis=1)
    found["on_pathway"] = np.array(
        [
            [
                treated[at_pathway[place, pathway]].sum() - treated[at_pathway[place, pathway]][:, seeking].sum()
                for pathway in SUPPORTED
            ]
            for place in COUNCILS
        ]
    )
    found["people_on_places"] = np.array(
        [[everyone[at_pathway[place, pathway]].sum() for pathway in SUPPORTED] for place in COUNCILS]
    )
    found["long_term_users"] = np.array(
        [
            [
                everyone[
                    [numbers[long_term_point(place, kind)], numbers[long_term_point(place, kind, from_home=True)]]
                ].sum()
                for kind in CARE_KINDS
            ]
            for place in COUNCILS
        ]
    )
    found["awaiting_in_community"] = np.array(
        [[everyone[numbers[arrangement_point(place, kind)]].sum() for kind in CARE_KINDS] for place in COUNCILS]
    )
    found["virtual_ward"] = np.array(everyone[numbers["virtual_ward"]].sum())
    return found


def test_stocks_moved_by_flows_are_the_census_of_patients():
    """Nobody is counted twice or lost between events and flows: after 15 steps every stock is what the census finds."""
    sectors = with_patients()
    hospitals = next(sector.hospitals for sector in sectors if sector.name == "urgent_care")
    probe = Probe()
    clock_end = date(2019, 7, 1)
    run_sectors([*sectors, probe], clock_end)
    simulation = hospitals._hospitals[0].simulation
    assert simulation.now == 26 * STEP
    found = stocks_of(simulation.census(), simulation.names)
    stocks = {name: values[..., 0] for name, values in probe.world.stocks.items()}
    for name in ("ambulances_waiting", "in_assessment", "waiting_for_bed", "waiting_to_be_seen", "inpatients_elective"):
        assert np.array_equal(stocks[f"urgent_care.{name}"], found[name]), name
    nctr = stocks["discharge.nctr"]
    in_beds = stocks["urgent_care.inpatients_emergency"] + nctr.sum(axis=(1, 2, 3))
    assert np.array_equal(in_beds, found["emergency_in_beds"])
    assert np.array_equal(nctr[:, :, 1:, 1], found["awaiting_place"])
    # Those on their way to the mortuary or a virtual ward hold their bed until then, as inpatients.
    assert np.all(stocks["urgent_care.inpatients_emergency"] >= found["treated"])
    assert np.all(stocks["urgent_care.inpatients_emergency"] <= found["treated"] + 12)
    assert np.array_equal(stocks["discharge.on_pathway"][:, 1:], found["on_pathway"])
    places = stocks["discharge.on_pathway"] + stocks["discharge.awaiting_long_term_care"].sum(axis=2)
    assert np.array_equal(places[:, 1:], found["people_on_places"])
    for name in ("long_term_users", "awaiting_in_community", "virtual_ward"):
        assert np.array_equal(stocks[f"discharge.{name}"], found[name]), name


def test_the_first_day_has_the_patients_of_the_stock_flow_hospital_whole():
    patients = first_exchange()[1]
    known = {name: entry.value for name, entry in registry().parameters.items()}
    users = sum(
        sum(patients[long_term_point(place, kind, from_home=home)].values())
        for place, kind, home in product(COUNCILS, CARE_KINDS, (False, True))
    )
    expected = known["discharge.long_term_capacity"] * known["discharge.initial_use_of_long_term_care"]
    assert users == pytest.approx(expected.sum(), abs=0.51)
    delayed = sum(
        patients[ward(site, "medical")].get(delayed_class(place, pathway), 0)
        for site, place, pathway in product(SITES, COUNCILS, PATHWAYS)
    )
    assert delayed == pytest.approx(known["discharge.initial_nctr"].sum(), abs=0.51)
    in_beds = sum(sum(patients[ward(site, kind)].values()) for site in SITES for kind in ("medical", "elective"))
    occupied = known["urgent_care.core_beds"] * known["urgent_care.initial_occupancy"]
    assert in_beds == pytest.approx(occupied.sum(), abs=2.0)


def test_whole_patients_keep_the_total_and_stay_near():
    values = np.random.default_rng(1).uniform(0.0, 9.0, (3, 4, 2))
    found = whole(values)
    assert np.array_equal(found, np.rint(found))
    assert np.abs(found - values).max() < 1.0
    assert np.abs(found.sum(axis=(0, 1)) - values.sum(axis=(0, 1))).max() <= 0.5


def test_what_the_system_tells_adds_up_to_its_own_arrivals():
    seen = []

    def look(world):
        if not seen:
            world._reader = "urgent_care"
            told = PatientInputs(world).of(world, np.zeros(world.members), 1)[0]
            seen.append(({name: values[..., 0] for name, values in vars(arrivals_now(world)).items()}, told))

    sectors = with_patients()
    place = [sector.name for sector in sectors].index("urgent_care")
    run_sectors([*sectors[:place], Probe(look), *sectors[place:]], date(2019, 5, 1))
    arriving, told = seen[0]
    assert told.ambulances.sum(axis=1) == pytest.approx(arriving["ambulances"])
    in_all = (told.ambulances + told.walk_ins + told.minors).sum(axis=1)
    assert in_all == pytest.approx(arriving["attendances"])
    through = told.ambulances.sum(axis=1) * told.admitted[0] + told.walk_ins.sum(axis=1) * told.admitted[1]
    assert through + told.direct.sum(axis=1) == pytest.approx(arriving["overnight"].sum(axis=0))


def test_a_hospital_pauses_and_resumes_at_an_exchange_exactly():
    told = first_exchange()[0]
    whole_run, paused = hospital(), hospital()
    first = [each.run(told, STEPS) for each in (whole_run, paused)]
    assert same(*first)
    resumed = deepcopy(paused)
    paused.run(replace(told, ambulances=told.ambulances * 2.0), STEPS)
    assert same(whole_run.run(told, STEPS), resumed.run(told, STEPS))


def test_stops_between_exchanges_change_nothing():
    told = first_exchange()[0]
    plain, stopped = hospital(), hospital()
    run_to = stopped.simulation.run

    def in_pieces(until: float) -> None:
        for part in (0.3, 0.31, 0.9):
            run_to(stopped.simulation.now + part * (until - stopped.simulation.now))
        run_to(until)

    stopped.simulation.run = in_pieces
    assert same(plain.run(told, STEPS), stopped.run(told, STEPS))


@pytest.mark.parametrize(
    "parameters",
    [
        {"demand.segment_rate": 0.0},
        {"urgent_care.core_beds": 1e-9},
        {"discharge.funded_places": 0.0, "discharge.long_term_capacity": 1e-9},
        {"urgent_care.cubicles": 0.0, "urgent_care.minors_places": 0.0},
    ],
    ids=["no demand", "no beds", "no places", "no cubicles"],
)
def test_extreme_conditions_conserve_patients_and_stay_finite(parameters):
    results = run_sectors(with_patients(), date(2019, 12, 1), parameters=parameters, checked=True)
    for name, values in results.items():
        assert np.isfinite(values).all(), name
    last = {name: float(values[-1].sum()) for name, values in results.items()}
    if "demand.segment_rate" in parameters:
        assert last["urgent_care.attendances"] == 0.0
        assert last["urgent_care.inpatients_emergency"] < 20.0
    elif "urgent_care.core_beds" in parameters:
        assert last["urgent_care.overnight_admissions"] == 0.0
        assert last["urgent_care.ambulances_waiting"] > 1000.0
    elif "discharge.funded_places" in parameters:
        assert last["discharge.pathway_starts"] == 0.0
    else:
        assert last["urgent_care.seen"] == 0.0


def test_the_exchange_may_be_weekly():
    results = run_members(plan(end="2019-07-01", exchange_days=7), 0, 1, checked=True)
    assert results["urgent_care.overnight_admissions"].min() > 5000


def test_an_unrelated_stream_changes_no_patient():
    """A clinic with a stream of its own, put in front of all others, draws nothing that anyone else draws."""
    told = first_exchange()[0]
    network = replace(bnssg_network(), start=date(2019, 4, 1))
    clinic = Point(
        "clinic", {"clinic_patient": Distribution("exponential", 0.1)}, {"clinic_patient": (Route("home", 1.0),)}
    )
    visits = Stream("clinic_visits", "clinic", {"clinic_patient": 1.0}, Schedule((0.0,), (30.0,)), np.ones(168))
    larger = replace(
        network,
        classes=(*network.classes, "clinic_patient"),
        points=(*network.points, clinic),
        streams=(visits, *network.streams),
    )
    plain, with_clinic = hospital(network), hospital(larger)
    assert same(plain.run(told, STEPS), with_clinic.run(told, STEPS))
    assert with_clinic.simulation.results().count[:, -1].sum() > 500


def test_members_draw_their_own_patients_and_the_same_in_every_chunk():
    resolved = plan(end="2019-08-01", members=2)
    together, apart = run_members(resolved, 0, 2), [run_members(resolved, member, 1) for member in (0, 1)]
    for name, values in together.items():
        assert np.array_equal(values, np.concatenate([part[name] for part in apart], axis=-1)), name
    flow = run_sectors(with_patients(2), date(2019, 8, 1), members=2)["urgent_care.handovers"]
    assert not np.array_equal(flow[..., 0], flow[..., 1])


def test_results_are_the_same_on_one_process_and_on_two():
    resolved = plan(end="2019-07-01", members=3)
    assert chunk_size(resolved, 2) == 2
    here, elsewhere = simulate(resolved, processes=1), simulate(resolved, processes=2)
    for name, values in here.results.items():
        assert np.array_equal(values, elsewhere.results[name]), name


def test_what_patients_lose_in_hours_is_the_mean_time_to_the_next_hour_of_leaving():
    assert hours_until_leaving(None) == 0.0
    flags = np.zeros(168, dtype=bool)
    flags[12::24] = True
    # 23 hours of 24 are closed, and the mean wait in them is half of 23 hours.
    assert hours_until_leaving(flags) * 24 == pytest.approx(23 / 24 * 11.5)


def test_exchange_days_must_be_whole_base_steps():
    with pytest.raises(UserError, match=r"exchange_days \(10\) must be a multiple of step_days \(3\.5\)"):
        plan(exchange_days=10)
    assert plan(exchange_days=7).exchange_days == 7.0
    assert resolve("baseline", registry(), changes={"exchange_days": 10}).hospital == "stock-flow"


def test_what_patients_cannot_follow_is_refused_with_its_place(tmp_path):
    path = tmp_path / "asked.yaml"
    path.write_text("hospital: patient-level\nparameters:\n  urgent_care.breach_base: 0.1\n", encoding="utf-8")
    with pytest.raises(UserError, match=r"asked\.yaml:3.*patients wait and crowd by themselves"):
        resolve(path, registry())
    change = "changes:\n  - {{parameter: {}, points: {{2024-01: 0, 2024-06: 0.1}}, source: assumption}}\n"
    for target, words in (
        ("discharge.pathway_starts", "make this flow themselves"),
        ("loops.R1_deconditioning", "once, at the start"),
    ):
        path.write_text("hospital: patient-level\n" + change.format(target), encoding="utf-8")
        with pytest.raises(UserError, match=words):
            resolve(path, registry())
        path.write_text(change.format(target), encoding="utf-8")
        resolve(path, registry())


def test_names_of_parameters_without_effect_are_registered():
    assert {*FIXED, *NOT_USED} <= set(registry().parameters)


@pytest.mark.slow
def test_a_package_of_twenty_members_shows_paired_intervals():
    """Home first: fewer without criteria to reside, member by member, though members differ by more than that."""
    settings = {"end": "2020-04-01", "members": 20, "decision": "2019-05"}
    runs = [simulate(plan(**settings)), simulate(plan("home_first", **settings))]
    nctr = next(
        row
        for row in headline_years(runs, runs[0])
        if row.scenario == "home_first" and row.financial_year == "2019/20" and row.headline.name == "nctr_remaining"
    )
    assert nctr.members == 20
    assert nctr.difference.low < nctr.difference.median < nctr.difference.high
    assert nctr.difference.median < 0.0
    assert nctr.improvement > 0.6
    assert nctr.difference.high - nctr.difference.low < 0.5 * (nctr.value.high - nctr.value.low)


def waiting_line(places: int) -> float:
    """Mean number who wait for a pathway of so many places, offered 6.1 people a day for 16.5 days, patient by patient.

    Waiting ends otherwise at 0.05 a day, as relapse, death and switching do.
    """
    stay = Distribution("exponential", 16.5)
    network = Network(
        "line",
        ("patient",),
        (
            Point(
                "pathway",
                {"patient": stay},
                {"patient": (Route("home", 1.0),)},
                Schedule((0.0,), (float(places),)),
                while_waiting={"patient": (WaitingExit("other", Distribution("exponential", 20.0), "elsewhere"),)},
                starting={"patient": places},
            ),
        ),
        (Stream("ready", "pathway", {"patient": 1.0}, Schedule((0.0,), (6.1,)), np.ones(168)),),
        ("home", "elsewhere"),
    )
    simulation = CompiledSimulation(network, days=6000.0, seed=3)
    simulation.run()
    return float(simulation.results().time[400:, 0, 3].mean())


def test_the_gap_to_the_average_is_that_of_a_queue_and_shrinks_with_overload():
    """Jensen's gap: a line cannot be shorter than none, so chance makes it longer, most where places nearly suffice."""
    gaps = []
    for places in (101, 92, 70):
        average = max(6.1 - places / 16.5, 0.0) * 20.0
        gaps.append(waiting_line(places) - average)
    assert gaps[0] > 2.0
    assert gaps[0] > gaps[1] > gaps[2] - 0.5
    assert abs(gaps[2]) < 2.0


@pytest.mark.slow
def test_both_hospitals_agree_in_the_baseline():
    """Beds, NCTR and admissions of every year from April 2019 to March 2024 within 3%: mean of ten replications.

    Beds in use hold the patients of every day, so their mean is bed days. Replications stand about 2% apart in NCTR.
    """
    end, years = date(2024, 4, 1), 5
    names = (
        "urgent_care.beds_occupied",
        "discharge.nctr_before_discharges",
        "urgent_care.overnight_admissions",
        "urgent_care.emergency_admissions",
    )
    average = run_sectors(all_sectors(), end, keep=names)
    patients = run_sectors(with_patients(10), end, members=10, keep=names)

    def by_year(results: dict[str, np.ndarray], name: str) -> np.ndarray:
        return results[name].reshape(years, 12, -1).mean(axis=(1, 2))

    for name in names:
        assert by_year(patients, name) == pytest.approx(by_year(average, name), rel=0.03), name
