"""Packages, interventions and futures: timing, sign, cost and side effects that the evidence and the loops imply."""

from __future__ import annotations

import json
from functools import lru_cache

import numpy as np
import pytest

from model.registry.dimensions import DIMENSIONS
from model.scenarios.library import Library
from model.scenarios.resolver import resolve
from model.sectors.model_registry import registry
from model.simulation.simulate import run_members

FIRST_YEAR = 2019
DECISION = 4
"""Financial years from the start of the run to the decision."""
MEDIUM, LONG = "2028-04-01", "2043-04-01"
KEPT = (
    "demand.need",
    "demand.need_by_deprivation",
    "discharge.nctr_before_discharges",
    "discharge.ready_for_pathway",
    "discharge.waiting_for_place",
    "finance.agency_spend",
    "finance.expenditure_real",
    "finance.price_index",
    "finance.programme_spend",
    "finance.social_care_gap",
    "finance.statement",
    "finance.underlying_deficit",
    "outcomes.premature_deaths",
    "outcomes.qalys",
    "population.by_deprivation",
    "urgent_care.beds_occupied",
    "urgent_care.bed_days_delayed",
    "urgent_care.emergency_admissions",
    "vcse.people_supported",
    "vcse.supported_by_deprivation",
    "vcse.volunteers_total",
    "waiting_lists.over_52_weeks",
    "waiting_lists.rtt_total",
    "workforce.in_post",
    "workforce.leaver_rate",
    "workforce.local_movers",
    "workforce.temporary_staff_total",
    "workforce.vacancy_rate",
    "workforce.vacancy_rate_overall",
)
"""Results that the tests read."""
EMPLOYER = {label: place for place, label in enumerate(DIMENSIONS["employer"])}
PATHWAY = {label: place for place, label in enumerate(DIMENSIONS["pathway"])}
SERVICE = {label: place for place, label in enumerate(DIMENSIONS["service"])}
LINE = {label: place for place, label in enumerate(DIMENSIONS["statement_line"])}
ORGANISATION = {label: place for place, label in enumerate(DIMENSIONS["organisation"])}
COUNCILS = [place for label, place in ORGANISATION.items() if label.endswith("_council")]
CS4 = DIMENSIONS["segment"].index("CS4")
PACKAGES = ("prevention_shift", "recruitment_and_retention", "vcse_capacity", "home_first")
MILLION = 1e6

Results = dict[str, np.ndarray]


def ran(scenario: str = "baseline", end: str = MEDIUM, **changes: object) -> Results:
    """One run of the central case, with changes as the command line gives them; each run is made once."""
    return _ran(scenario, json.dumps({"end": end, **changes}))


@lru_cache(maxsize=64)
def _ran(scenario: str, changes: str) -> Results:
    return run_members(resolve(scenario, registry(), changes=json.loads(changes)), 0, 1, names=KEPT)


def using(*interventions: str, end: str = MEDIUM) -> Results:
    """The baseline with interventions."""
    return ran(end=end, interventions=list(interventions))


def in_year(results: Results, name: str, year: int, where: tuple[object, ...] = ()) -> float:
    """Mean over the months of the financial year that begins in ``year``, summed over what ``where`` selects."""
    months = results[name][12 * (year - FIRST_YEAR) : 12 * (year - FIRST_YEAR + 1)]
    return float(months[(slice(None), *where)].reshape(12, -1).sum(axis=1).mean())


def moved(results: Results, base: Results, name: str, year: int, where: tuple[object, ...] = ()) -> float:
    """Difference from the baseline in a financial year."""
    return in_year(results, name, year, where) - in_year(base, name, year, where)


def moved_after(results: Results, base: Results, name: str, months: int, where: tuple[object, ...] = ()) -> float:
    """Difference from the baseline in the month that ends so many months after the decision."""
    month = 12 * DECISION + months - 1
    return float(np.sum(results[name][(month, *where)]) - np.sum(base[name][(month, *where)]))


def relative(results: Results, base: Results, name: str, year: int, where: tuple[object, ...] = ()) -> float:
    """Relative difference from the baseline in a financial year."""
    return moved(results, base, name, year, where) / in_year(base, name, year, where)


def spent(results: Results, year: int) -> float:
    """Programme costs of a financial year, £m at its prices."""
    return 12 * in_year(results, "finance.programme_spend", year) / MILLION


def deficit(results: Results, base: Results, year: int) -> float:
    """Change of the underlying NHS deficit, £m a year at 2022/23 prices."""
    return moved(results, base, "finance.underlying_deficit", year) / MILLION


# All packages.


@pytest.mark.parametrize("package", PACKAGES)
def test_every_package_costs_money_and_nothing_happens_before_the_decision(package):
    """A step that reaches over the decision is even: it tells the month before of what it does after, a trace of it."""
    base, found = ran(), ran(package)
    assert 5.0 < spent(found, 2024) < 60.0
    assert spent(base, 2024) == 0.0
    last = 12 * DECISION - 1
    for name in KEPT:
        assert np.array_equal(found[name][:last], base[name][:last]), name
        trace = 1e-2 * np.abs(found[name][last + 1]).max()
        np.testing.assert_allclose(found[name][last], base[name][last], atol=trace, err_msg=name)


@pytest.mark.parametrize("package", PACKAGES)
def test_no_package_makes_money_out_of_nothing(package):
    for year in (2024, 2027):
        assert deficit(ran(package), ran(), year) > -15.0


def test_all_packages_together_do_less_than_their_sum():
    base, together = ran(), ran(packages=list(PACKAGES))
    for name in ("urgent_care.beds_occupied", "discharge.nctr_before_discharges"):
        alone = [moved(ran(package), base, name, 2027) for package in PACKAGES]
        assert sum(alone) < moved(together, base, name, 2027) < min(alone) * 0.9, name


def test_combined_adds_elective_capacity_and_costs_most():
    base, combined = ran(), ran("combined")
    single = min(moved(ran(package), base, "waiting_lists.rtt_total", 2027) for package in PACKAGES)
    assert moved(combined, base, "waiting_lists.rtt_total", 2027) < 2.0 * single < 0.0
    assert spent(combined, 2027) > max(spent(ran(package), 2027) for package in PACKAGES)
    assert deficit(combined, base, 2027) > 20.0  # it cannot be paid for without new money


# Prevention: small at first and at a cost, growing for twenty years.


def test_prevention_takes_years_and_grows():
    base, found = ran(end=LONG), ran("prevention_shift", end=LONG)
    most_need = (slice(None), slice(CS4, None))
    for name, where, least in (
        ("urgent_care.beds_occupied", (), 0.02),
        ("outcomes.premature_deaths", (), 0.015),
        ("population.by_deprivation", most_need, 0.01),
        ("waiting_lists.rtt_total", (), 0.03),
    ):
        soon, medium, late, last = (relative(found, base, name, year, where) for year in (2024, 2027, 2032, 2042))
        assert abs(soon) < 0.003, name
        assert last < late < medium < 0.0, name
        assert last < 3.0 * medium, name
        assert -0.15 < last < -least, name
    assert relative(found, base, "outcomes.qalys", 2042) > 10 * relative(found, base, "outcomes.qalys", 2027) > 0.0


def test_prevention_costs_before_it_saves_and_never_saves_a_fortune():
    base, found = ran(end=LONG), ran("prevention_shift", end=LONG)
    assert deficit(found, base, 2024) > 2.0
    assert deficit(found, base, 2027) > 5.0
    assert -20.0 < deficit(found, base, 2042) < deficit(found, base, 2027)


def test_prevention_takes_staff_from_other_work_at_first():
    community = (EMPLOYER["community"],)
    assert moved_after(ran("prevention_shift"), ran(), "workforce.vacancy_rate", 12, community) > 0.001


def test_prevention_helps_the_most_deprived_most():
    base, found = ran(end=LONG), ran("prevention_shift", end=LONG)
    emergency = SERVICE["emergency_admission"]
    poorest, richest = (relative(found, base, "demand.need_by_deprivation", 2042, (emergency, row)) for row in (0, 4))
    assert poorest < richest < 0.0


# Recruitment and retention: within months.


def test_recruitment_and_retention_lowers_leaving_in_half_a_year_and_vacancies_within_a_year():
    base, found = ran(), ran("recruitment_and_retention")
    assert moved_after(found, base, "workforce.leaver_rate", 6, (EMPLOYER["acute"],)) < -0.0005
    path = [moved_after(found, base, "workforce.vacancy_rate_overall", months) for months in (12, 24, 48)]
    assert path[2] < path[1] < path[0] < -0.001
    assert path[1] < -0.005


def test_recruitment_and_retention_replaces_agency_staff_and_helps_patients():
    base, found = ran(), ran("recruitment_and_retention")
    assert moved(found, base, "workforce.temporary_staff_total", 2024) < -100
    assert relative(found, base, "finance.agency_spend", 2027) < -0.2
    for name in ("waiting_lists.rtt_total", "waiting_lists.over_52_weeks", "urgent_care.beds_occupied"):
        assert moved(found, base, name, 2027) < moved(found, base, name, 2024) < 0.0, name


def test_filled_posts_and_parity_cost_more_than_agency_staff_save():
    assert 10.0 < deficit(ran("recruitment_and_retention"), ran(), 2027) < 60.0


def test_retention_alone_acts_on_those_who_are_there():
    base, found = ran(), using("retention_programme")
    assert -0.025 < moved(found, base, "workforce.vacancy_rate_overall", 2027) < -0.005
    assert relative(found, base, "workforce.leaver_rate", 2025, (EMPLOYER["acute"],)) < -0.05


def test_an_acute_recruitment_drive_draws_from_social_care_and_community_services():
    base, found = ran(), using("acute_recruitment")
    assert moved(found, base, "workforce.in_post", 2025, (EMPLOYER["acute"],)) > 50
    assert moved(found, base, "workforce.local_movers", 2025) > 0.0
    for employer in ("social_care", "community"):
        assert moved(found, base, "workforce.in_post", 2025, (EMPLOYER[employer],)) < -1.0, employer
        assert moved(found, base, "workforce.vacancy_rate", 2025, (EMPLOYER[employer],)) > 0.0, employer


def test_without_poaching_an_acute_recruitment_drive_draws_from_nobody():
    still = {"loops.R7_poaching": 0.0}
    base, found = ran(parameters=still), ran(parameters=still, interventions=["acute_recruitment"])
    with_loop = moved(using("acute_recruitment"), ran(), "workforce.in_post", 2025, (EMPLOYER["social_care"],))
    without = moved(found, base, "workforce.in_post", 2025, (EMPLOYER["social_care"],))
    assert abs(without) < 0.2 * abs(with_loop)


def test_parity_for_social_care_draws_staff_from_the_nhs():
    base, found = ran(), using("social_care_pay_parity")
    assert moved(found, base, "workforce.vacancy_rate", 2025, (EMPLOYER["social_care"],)) < -0.01
    assert moved(found, base, "workforce.vacancy_rate", 2025, (EMPLOYER["acute"],)) > 0.0


# The voluntary sector: many people supported, little change in hospitals.


def test_voluntary_capacity_reaches_people_and_hardly_moves_hospitals():
    base, found = ran(), ran("vcse_capacity")
    assert moved(found, base, "vcse.volunteers_total", 2027) > 0.0
    assert 0.1 < relative(found, base, "vcse.people_supported", 2027) < 0.5
    assert abs(relative(found, base, "vcse.people_supported", 2023)) < 0.03  # contracts and volunteers take time
    contacts = relative(found, base, "demand.need", 2027, (SERVICE["gp_contact"],))
    assert -0.01 < contacts < 0.0
    for service in ("falls_admission", "adult_community_mental_health", "talking_therapies"):
        assert -0.01 < relative(found, base, "demand.need", 2027, (SERVICE[service],)) < 0.0, service
    assert abs(relative(found, base, "urgent_care.beds_occupied", 2027)) < 0.005
    assert 3.0 < deficit(found, base, 2027) < 20.0


def test_volunteers_from_deprived_communities_open_doors_there():
    base, found = ran(), using("volunteers_from_deprived_communities")
    share = [
        in_year(run, "vcse.supported_by_deprivation", 2027, (slice(0, 2),))
        / in_year(run, "vcse.people_supported", 2027)
        for run in (base, found)
    ]
    assert share[1] > share[0] + 0.002


# Home first: within months, at the cost of community posts and of councils.


def test_home_first_frees_beds_within_months():
    base, found = ran(), ran("home_first")
    assert abs(moved_after(found, base, "discharge.nctr_before_discharges", 2)) < 5.0
    before = base["discharge.nctr_before_discharges"][12 * (DECISION + 1) - 1].sum()
    assert moved_after(found, base, "discharge.nctr_before_discharges", 12) < -0.08 * before
    for name in ("discharge.nctr_before_discharges", "urgent_care.bed_days_delayed", "urgent_care.beds_occupied"):
        assert moved(found, base, name, 2024) < moved(found, base, name, 2023) < 0.0, name
    assert -0.4 < relative(found, base, "discharge.nctr_before_discharges", 2027) < -0.1


def test_home_first_moves_patients_from_beds_to_their_homes():
    """Of those ready for a supported discharge, more are for P1; the queues for P2 and P3 shorten the most."""
    base, found = ran(), ran("home_first")
    share = [
        in_year(run, "discharge.ready_for_pathway", 2025, (slice(None), PATHWAY["P1"]))
        / in_year(run, "discharge.ready_for_pathway", 2025, (slice(None), slice(PATHWAY["P1"], None)))
        for run in (base, found)
    ]
    assert share[1] > share[0] + 0.01
    for pathway in ("P2", "P3"):
        where = (slice(None), PATHWAY[pathway])
        assert relative(found, base, "discharge.ready_for_pathway", 2025, where) < 0.0, pathway
        assert relative(found, base, "discharge.waiting_for_place", 2025, where) < -0.2, pathway


def test_home_first_costs_community_posts_and_councils():
    base, found = ran(), ran("home_first")
    assert moved(found, base, "workforce.vacancy_rate", 2024, (EMPLOYER["community"],)) > 0.005
    assert moved(found, base, "finance.social_care_gap", 2025) > MILLION
    lines = (COUNCILS, LINE["discharge_pathways"])
    assert moved(found, base, "finance.statement", 2027, lines) < 0.0  # expenditure is negative
    assert -15.0 < deficit(found, base, 2027) < 15.0


# Evidence of no effect, and whom an intervention is for.


def test_case_management_of_frailty_costs_and_changes_nothing_in_hospital():
    base, found = ran(), using("anticipatory_care_frailty")
    assert abs(relative(found, base, "urgent_care.beds_occupied", 2027)) < 0.001
    assert abs(relative(found, base, "urgent_care.emergency_admissions", 2027)) < 0.001
    assert deficit(found, base, 2027) > 1.0


def test_an_intervention_for_the_most_deprived_narrows_the_gap_and_for_the_least_widens_it():
    base = ran()

    def gap(*deprivation: str) -> float:
        use = {"name": "anxiety_and_depression", "target": {"deprivation": deprivation}}
        found, row = ran(interventions=[use]), SERVICE["emergency_admission"]
        poorest, richest = (relative(found, base, "demand.need_by_deprivation", 2027, (row, fifth)) for fifth in (0, 4))
        return poorest - richest

    assert gap("1", "2") < -1e-5
    assert gap("4", "5") > 1e-5


def test_interventions_of_no_package_run_together_and_conserve_what_they_should():
    packaged = {programme.name for programme in resolve("combined", registry()).programmes}
    others = sorted(set(Library().names("intervention")) - packaged)
    assert len(others) > 10
    plan = resolve("baseline", registry(), changes={"end": "2025-04-01", "interventions": others})
    for name, values in run_members(plan, 0, 1, checked=True).items():
        assert np.isfinite(values).all(), name


# Futures move what they should.


@pytest.mark.parametrize(
    ("future", "name", "year", "where", "sign"),
    [
        ("tight_labour_market", "workforce.vacancy_rate_overall", 2026, (), 1),
        ("tight_labour_market", "workforce.in_post", 2026, (EMPLOYER["social_care"],), -1),
        ("tight_labour_market", "waiting_lists.rtt_total", 2027, (), 1),
        ("high_inflation", "finance.underlying_deficit", 2027, (), 1),
        ("high_inflation", "finance.price_index", 2027, (), 1),
        ("high_inflation", "finance.social_care_gap", 2027, (), 1),
        ("faster_ageing", "population.by_deprivation", 2027, (slice(None), slice(CS4, None)), 1),
        ("faster_ageing", "urgent_care.beds_occupied", 2027, (), 1),
        ("bad_winter", "urgent_care.emergency_admissions", 2024, (), 1),
        ("bad_winter", "urgent_care.beds_occupied", 2024, (), 1),
        ("bad_winter", "waiting_lists.rtt_total", 2024, (), 1),
        ("austerity_in_councils", "finance.expenditure_real", 2027, (COUNCILS,), -1),
        ("austerity_in_councils", "finance.social_care_gap", 2027, (), 1),
        ("austerity_in_councils", "discharge.nctr_before_discharges", 2027, (), 1),
        ("austerity_in_councils", "vcse.people_supported", 2027, (), -1),
    ],
)
def test_a_future_moves_what_it_should(future, name, year, where, sign):
    assert sign * relative(ran(future=future), ran(), name, year, where) > 0.001


def test_a_new_pandemic_lengthens_waits_and_costs_lives_then_passes():
    base, found = ran(end=LONG), ran(end="2033-04-01", future="pandemic_wave")
    assert moved(found, base, "waiting_lists.over_52_weeks", 2029) > 300
    assert moved(found, base, "waiting_lists.rtt_total", 2030) > 1_000
    assert moved(found, base, "outcomes.qalys", 2029) < 0.0
    assert abs(relative(found, base, "waiting_lists.rtt_total", 2032)) < 0.02
