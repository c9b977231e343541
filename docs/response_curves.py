"""The non-linear responses as curves, drawn from the functions and methods that the sectors call.

The points of a curve take the place of the members of a run: the world of a curve has as many members as it has points.
Information delays are settled by one very long step. What each response means is in ``docs/responses.md``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from itertools import product

import numpy as np

from model.engine.clock import Clock
from model.engine.parameters import Parameters
from model.engine.world import World
from model.registry.catalogue import Registry
from model.registry.dimensions import DIMENSIONS, position
from model.results.run import Run
from model.sectors.discharge.equations import (
    CAPACITY,
    P0,
    P1,
    PROCESS,
    Discharge,
    pathway_shares,
    process_days,
    staffed_places,
)
from model.sectors.finance import equations as finance
from model.sectors.urgent_care import equations as urgent_care
from model.sectors.vcse import equations as vcse
from model.sectors.waiting_lists import equations as waiting_lists
from model.sectors.waiting_lists import treatment_order as list_rules
from model.sectors.waiting_lists.service_lists import publish_cancer_waits
from model.sectors.workforce import equations as workforce

POINTS = 241
SETTLED_DAYS = 1e6
"""A step after which every delayed signal has arrived."""
FIRST_DAY, LAST_DAY = date(2019, 4, 1), date(2020, 4, 1)
NO_CONSTANT_RATE = 0.0
"""Validation and deaths are left out: the curve is reneging alone."""

Values = Callable[[World, np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Curve:
    """One line: what it is called, and its values at the points ``x`` of a world of as many members."""

    label: str
    values: Values


@dataclass(frozen=True)
class Panel:
    """One response.

    Attributes:
        title: its name, as in ``docs/responses.md``.
        along, up: labels of the axes.
        span: lowest and highest point.
        curves: its lines.
        varied: uncertain parameters whose ranges make the band.
        visited: recorded result that stands on the horizontal axis, for the range where the baseline goes.
    """

    title: str
    along: str
    up: str
    span: tuple[float, float]
    curves: tuple[Curve, ...]
    varied: tuple[str, ...] = ()
    visited: str = ""


class StillWorld(World):
    """A world in which time stands still: signals are read as they are set."""

    def extrapolated(self, name: str, day: float | None = None) -> np.ndarray:
        """The present value of a signal."""
        del day
        return self.signal(name)


def world_with(registry: Registry, ends: dict[str, str]) -> World:
    """An empty world of one member for each point, at central values but for those in ``ends`` (low or high)."""
    clock = Clock(FIRST_DAY, LAST_DAY, step_days=1.0)
    clock.span = SETTLED_DAYS
    world = StillWorld(
        clock,
        POINTS,
        registry.stocks.values(),
        registry.flows.values(),
        registry.outputs.values(),
        {name: len(labels) for name, labels in DIMENSIONS.items()},
    )
    base = {
        name: np.asarray(getattr(parameter, ends.get(name, "value")), dtype=float)[..., None]
        for name, parameter in registry.parameters.items()
    }
    world.p = Parameters(base, (), {}, POINTS, world.signal)
    return world


def points(panel: Panel) -> np.ndarray:
    """The points of a panel along its horizontal axis."""
    return np.linspace(*panel.span, POINTS)


def line(panel: Panel, curve: Curve, registry: Registry) -> np.ndarray:
    """A curve at central values."""
    return curve.values(world_with(registry, {}), points(panel))


def band(panel: Panel, curve: Curve, registry: Registry) -> tuple[np.ndarray, np.ndarray]:
    """Lowest and highest value at each point over all combinations of the ends of the ranges of ``panel.varied``."""
    corners = product(("low", "high"), repeat=len(panel.varied))
    curves = [
        curve.values(world_with(registry, dict(zip(panel.varied, corner, strict=True))), points(panel))
        for corner in corners
    ]
    return np.min(curves, axis=0), np.max(curves, axis=0)


def visited_range(panel: Panel, run: Run) -> tuple[float, float] | None:
    """Lowest and highest monthly value of what stands on the horizontal axis; none where it is not recorded."""
    if not panel.visited:
        return None
    values = run.results[panel.visited]
    return float(values.min()), float(values.max())


def wait_for_bed(world: World, x: np.ndarray) -> np.ndarray:
    """Hours for a bed at occupancy ``x`` with nobody delayed."""
    return urgent_care.wait_for_bed_hours(world, x[None], held=np.zeros_like(x[None]))[0]


def breach(world: World, x: np.ndarray) -> np.ndarray:
    """Added share over four hours at occupancy ``x``."""
    return urgent_care.response(world, "urgent_care.breach_response", x[None])[0]


def cancelled(world: World, x: np.ndarray) -> np.ndarray:
    """Share of planned overnight electives cancelled at occupancy ``x``."""
    return 1.0 - urgent_care.share_of_electives_kept(world, x[None])[0]


def outlying(world: World, x: np.ndarray) -> np.ndarray:
    """Share of patients on other wards than their own at occupancy ``x``."""
    in_beds = x * urgent_care.core_beds(world)
    urgent_care.UrgentCare()._escalate(world, in_beds, np.broadcast_to(x, in_beds.shape))
    return (world.stocks["urgent_care.outliers"] / in_beds)[0]


def escalation(world: World, x: np.ndarray) -> np.ndarray:
    """Escalation beds over core beds with patients in beds over core beds of ``x``."""
    core = urgent_care.core_beds(world)
    return (urgent_care.escalation_wanted(world, x * core) / core)[0]


def slower_treatment(world: World, x: np.ndarray) -> np.ndarray:
    """Days of treatment relative to those at a ratio of staff to work of 1, at the ratio ``x``."""
    out = world.outputs
    out["workforce.effective_staff"][0] = x
    out["urgent_care.work_index"].fill(1.0)
    out["demand.stay_index"].fill(1.0)
    out["urgent_care.place_share"][...] = 1.0 / len(DIMENSIONS["place"])
    world.clock.span = 0.0
    uncrowded = np.broadcast_to(world.p["urgent_care.uncrowded_wait_for_bed"], (len(DIMENSIONS["site"]), POINTS))
    days = urgent_care.treatment_days(world, uncrowded, outlying=np.zeros_like(uncrowded))
    return (days / (world.p["urgent_care.treatment_days_emergency"] * world.p["urgent_care.treatment_multiplier"]))[0]


def function_lost(world: World, x: np.ndarray) -> np.ndarray:
    """Share of function lost after ``x`` days of delay, pathway 1."""
    world.stocks["discharge.nctr"][0, :, :, PROCESS] = x
    left = np.full((*world.stocks["discharge.nctr"].shape[1:3], POINTS), SETTLED_DAYS)
    Discharge()._lose_function(world, left)
    return world.stocks["discharge.function_lost"][0, P1]


def stepping_up(world: World, x: np.ndarray) -> np.ndarray:
    """Share of those on pathway 0 who need pathway 1 when a share ``x`` of function is lost."""
    world.outputs["demand.dependency_index"].fill(1.0)
    world.stocks["discharge.function_lost"][...] = x
    home = pathway_shares(world)[0, P0]
    return 1.0 - home / home[0]


def process(world: World, x: np.ndarray) -> np.ndarray:
    """Days of assessment and process for pathway 1 at a staffed share of the acute trusts of ``x``."""
    world.outputs["workforce.staffed_share"][...] = x
    return process_days(world)[0, P1]


def places(world: World, x: np.ndarray) -> np.ndarray:
    """Pathway 1 places over those funded at a staffed share of ``x``."""
    world.outputs["workforce.staffed_share"][...] = x
    world.outputs["discharge.supported_need_index"].fill(1.0)
    return staffed_places(world)[0, P1] / world.p["discharge.funded_places"][0, P1]


def spot(world: World, x: np.ndarray) -> np.ndarray:
    """Spot places over funded places, with ``x`` patients waiting for each funded place."""
    funded = world.p["discharge.funded_places"]
    world.stocks["discharge.nctr"][0, :, :, CAPACITY] = x * funded
    Discharge()._buy_places(world)
    return world.stocks["discharge.spot_places"][0, P1] / funded[0, P1]


def reneging(world: World, x: np.ndarray) -> np.ndarray:
    """Rate of reneging from the referral-to-treatment list after ``x`` weeks, % a week."""
    names = ("reneging_rate", "reneging_half_point", "reneging_slope")
    rate, half_point, slope = (world.p[f"waiting_lists.{name}"] for name in names)
    return 100.0 * list_rules.removal_rate(x, NO_CONSTANT_RATE, rate, half_point, slope, 1.0)


def service_reneging(service_list: str) -> Values:
    """Rate of reneging from one of the other lists, % a week."""

    def values(world: World, x: np.ndarray) -> np.ndarray:
        names = ("service_reneging_rate", "service_reneging_half_point", "service_reneging_slope")
        rate, half_point, slope = (
            world.p[f"waiting_lists.{name}"][position("service_list", service_list)] for name in names
        )
        return 100.0 * list_rules.removal_rate(x, NO_CONSTANT_RATE, rate, half_point, slope, 1.0)

    return values


def threshold(world: World, x: np.ndarray) -> np.ndarray:
    """Referrals relative to need when a share ``x`` more than in April 2019 waits over 18 weeks."""
    world.stocks["waiting_lists.perceived_share_over_18_weeks"][...] = x
    return waiting_lists.referral_threshold(world, np.zeros(1))[0]


def urgent(world: World, x: np.ndarray) -> np.ndarray:
    """Share of those who have waited ``x`` weeks who are urgent."""
    return np.interp(x, waiting_lists.WEEKS[:, 0], waiting_lists.urgent_weight(world.p)[:, 0])


def harm(world: World, x: np.ndarray) -> np.ndarray:
    """Emergency admissions a day when ``x`` thousand more than in April 2019 wait over 18 weeks."""
    return waiting_lists.harm_while_waiting(world, 1000.0 * x[None], np.zeros(1))


def elective_capacity(world: World, x: np.ndarray) -> np.ndarray:
    """Elective capacity relative to that at effective staff of 1, at effective staff ``x``."""
    world.stocks["waiting_lists.capacity_trend"].fill(1.0)
    capacity = waiting_lists.treatment_capacity(world, x, np.ones(1))
    return capacity.nonadmitted[0] / world.p["waiting_lists.nonadmitted_capacity"][0]


def cancer_in_time(world: World, x: np.ndarray) -> np.ndarray:
    """Share of cancer patients treated within 31 days when a share ``x`` of overnight electives is kept."""
    world.outputs["urgent_care.elective_share_kept"][...] = x
    publish_cancer_waits(world, np.ones((len(waiting_lists.WEEKS), POINTS)))
    return world.outputs["waiting_lists.cancer_within_31_days"]


def burnout(slope: str) -> Values:
    """Multiplier of leaving or sickness at a workload ``x``."""

    def values(world: World, x: np.ndarray) -> np.ndarray:
        world.stocks["workforce.workload_experience"][...] = x
        return workforce.burnout(world, slope)[0, 0]

    return values


def overwork(world: World, x: np.ndarray) -> np.ndarray:
    """Output of each member of staff at a workload ``x``."""
    world.stocks["workforce.workload_experience"][...] = x
    return workforce.Workforce()._overwork(world)[0, 0]


def moves(side: int, moved_by: str) -> Values:
    """Pull (0) or push (1) between employers by vacancies, workload or relative pay, the others as in April 2019."""

    def values(world: World, x: np.ndarray) -> np.ndarray:
        world.stocks["workforce.workload_experience"][...] = x if moved_by == "workload" else 1.0
        if moved_by == "pay":
            world.p["workforce.relative_pay"] = np.broadcast_to(x, (len(DIMENSIONS["employer"]), POINTS))
        first = world.p["workforce.initial_vacancy_rate"]
        vacancies = first * (x if moved_by == "vacancies" else np.ones(POINTS))
        return np.broadcast_to(workforce.pull_and_push(world, vacancies)[side], (*first.shape[:2], POINTS))[0, 0]

    return values


def recruitment(world: World, x: np.ndarray) -> np.ndarray:
    """Multiplier of domestic recruitment at ``x`` times the vacancies of April 2019."""
    world.stocks["workforce.vacancies_advertised"][...] = x * world.p["workforce.initial_vacancy_rate"]
    return workforce.recruitment_answer(world)[0, 0]


def by_pay(rate: Callable[[Parameters], np.ndarray]) -> Values:
    """A rate of leaving or recruitment relative to that at relative pay 1, at relative pay ``x``."""

    def values(world: World, x: np.ndarray) -> np.ndarray:
        usual = rate(world.p)[0, 0]
        world.p["workforce.relative_pay"] = np.broadcast_to(x, (len(DIMENSIONS["employer"]), POINTS))
        return rate(world.p)[0, 0] / usual

    return values


def discretionary(world: World, x: np.ndarray) -> np.ndarray:
    """Share of discretionary spending released at a deficit of ``x`` per cent of the allocation."""
    names = ("tolerated_deficit", "discretionary_cut_most", "discretionary_cut_scale")
    return finance.discretionary_target(x / 100.0, *(world.p[f"finance.{name}"] for name in names))


def funded(world: World, x: np.ndarray) -> np.ndarray:
    """Share of the cost of need that budgets of ``x`` times it meet (the rule within ``Finance._social_care``)."""
    del world
    return np.minimum(x, 1.0)


def savings(world: World, x: np.ndarray) -> np.ndarray:
    """Share of the acute trusts' required savings delivered recurrently, settlement certain to a degree ``x``."""
    world.p["finance.settlement_certainty"] = x
    return finance.savings_delivery(world)[finance.ACUTE]


def voluntary(name: str) -> Values:
    """Multiplier of need at ``x`` times the voluntary support of April 2019."""

    def values(world: World, x: np.ndarray) -> np.ndarray:
        level = np.minimum(x, world.p["vcse.support_limit"])
        effect = world.p[name]
        return vcse.support_effect(effect[0] if effect.ndim > 1 else effect, level)

    return values


OCCUPANCY = {"along": "occupancy of open beds", "span": (0.78, 1.05), "visited": "urgent_care.occupancy"}
WORKLOAD = {"along": "workload felt (1 = April 2019)", "span": (0.7, 2.5), "visited": "workforce.workload_experience"}

CARE = (
    Panel(
        "Wait for a bed",
        up="hours",
        curves=(Curve("", wait_for_bed),),
        varied=("urgent_care.wait_for_bed_response",),
        **OCCUPANCY,
    ),
    Panel(
        "Breach of four hours",
        up="added share over 4 hours",
        curves=(Curve("", breach),),
        varied=("urgent_care.breach_response",),
        **OCCUPANCY,
    ),
    Panel(
        "Cancellation",
        up="share of electives cancelled",
        curves=(Curve("", cancelled),),
        varied=("urgent_care.cancellation_response",),
        **OCCUPANCY,
    ),
    Panel(
        "Outlying",
        up="share on other wards",
        curves=(Curve("", outlying),),
        varied=("urgent_care.outlier_share_at_full",),
        **OCCUPANCY,
    ),
    Panel(
        "Escalation",
        "patients in beds over core beds",
        "escalation over core beds",
        (0.85, 1.15),
        (Curve("", escalation),),
        ("urgent_care.escalation_trigger", "urgent_care.escalation_response", "urgent_care.escalation_beds_limit"),
    ),
    Panel(
        "Treatment and staffing",
        "effective staff over work",
        "days (1 = April 2019)",
        (0.6, 1.3),
        (Curve("", slower_treatment),),
        ("urgent_care.staffing_elasticity_of_stay",),
    ),
    Panel(
        "Function lost",
        "days of delay",
        "share of function lost",
        (0.0, 60.0),
        (Curve("", function_lost),),
        ("discharge.function_lost_per_day", "discharge.function_lost_limit"),
    ),
    Panel(
        "Needing more support",
        "share of function lost",
        "share of P0 who need P1",
        (0.0, 1.0),
        (Curve("", stepping_up),),
        ("discharge.dependence_per_function_lost",),
        "discharge.function_lost",
    ),
    Panel(
        "Process and staffing",
        "staffed share, acute",
        "days, pathway 1",
        (0.6, 1.0),
        (Curve("", process),),
        ("discharge.staffing_elasticity_of_process",),
    ),
    Panel(
        "Staffed places",
        "staffed share of providers",
        "places over funded",
        (0.6, 1.0),
        (Curve("", places),),
        ("discharge.staffing_elasticity_of_places",),
    ),
    Panel(
        "Spot purchase",
        "patients waiting per funded place",
        "spot over funded places",
        (0.0, 2.0),
        (Curve("", spot),),
        ("discharge.spot_purchase_response", "discharge.spot_purchase_limit"),
    ),
    Panel(
        "Cancer treatment",
        "share of overnight electives kept",
        "treated within 31 days",
        (0.4, 1.0),
        (Curve("", cancer_in_time),),
        (
            "waiting_lists.cancer_pressure_elasticity",
            "waiting_lists.cancer_treatment_interval",
            "waiting_lists.cancer_interval_shape",
        ),
        "urgent_care.elective_share_kept",
    ),
    Panel(
        "Reneging, RTT list",
        "weeks waited",
        "% a week",
        (0.0, 104.0),
        (Curve("", reneging),),
        ("waiting_lists.reneging_rate", "waiting_lists.reneging_half_point", "waiting_lists.reneging_slope"),
    ),
    Panel(
        "Reneging, other lists",
        "weeks waited",
        "% a week",
        (0.0, 52.0),
        tuple(
            Curve(service_list.replace("_", " "), service_reneging(service_list))
            for service_list in DIMENSIONS["service_list"]
        ),
    ),
    Panel(
        "Referral threshold",
        "rise of the share over 18 weeks",
        "referrals over need",
        (-0.1, 0.8),
        (Curve("", threshold),),
        ("waiting_lists.referral_sensitivity",),
    ),
)
"""Beds, discharge and waiting lists."""

PEOPLE_AND_MONEY = (
    Panel(
        "Burnout: leaving",
        up="multiplier of leaving",
        curves=(Curve("", burnout("workforce.leaving_per_workload")),),
        varied=("workforce.leaving_per_workload", "workforce.burnout_limit"),
        **WORKLOAD,
    ),
    Panel(
        "Burnout: sickness",
        up="multiplier of falling ill",
        curves=(Curve("", burnout("workforce.sickness_per_workload")),),
        varied=("workforce.sickness_per_workload", "workforce.burnout_limit"),
        **WORKLOAD,
    ),
    Panel(
        "Overwork",
        up="output per member of staff",
        curves=(Curve("", overwork),),
        varied=("workforce.overwork_loss",),
        **WORKLOAD,
    ),
    Panel(
        "Pull by vacancies",
        "vacancies (1 = April 2019)",
        "pull",
        (0.0, 5.0),
        (Curve("", moves(0, "vacancies")),),
        ("workforce.move_vacancy_response",),
    ),
    Panel(
        "Pull and push by workload",
        up="pull, push",
        curves=(Curve("pull", moves(0, "workload")), Curve("push", moves(1, "workload"))),
        varied=("workforce.move_workload_elasticity",),
        **WORKLOAD,
    ),
    Panel(
        "Pull and push by pay",
        "relative pay (1 = April 2019)",
        "pull, push",
        (0.7, 1.5),
        (Curve("pull", moves(0, "pay")), Curve("push", moves(1, "pay"))),
        ("workforce.move_pay_elasticity",),
    ),
    Panel(
        "Leaving and recruitment by pay",
        "relative pay (1 = April 2019)",
        "1 = April 2019",
        (0.7, 1.5),
        (
            Curve("leaving", by_pay(workforce.leaving_without_burnout)),
            Curve("recruitment", by_pay(workforce.market_rate)),
        ),
        ("workforce.leaving_pay_elasticity", "workforce.recruitment_pay_elasticity"),
    ),
    Panel(
        "Recruitment by vacancies",
        "vacancies (1 = April 2019)",
        "recruitment (1 = April 2019)",
        (0.0, 10.0),
        (Curve("", recruitment),),
        ("workforce.recruitment_response",),
    ),
    Panel(
        "Elective capacity",
        "effective staff (1 = April 2019)",
        "1 = April 2019",
        (0.6, 1.4),
        (Curve("", elective_capacity),),
        ("waiting_lists.staffing_elasticity",),
    ),
    Panel(
        "Urgent weight",
        "weeks waited",
        "share who are urgent",
        (0.0, 30.0),
        (Curve("", urgent),),
        ("waiting_lists.urgent_weeks",),
    ),
    Panel(
        "Harm while waiting",
        "thousand more over 18 weeks",
        "admissions a day",
        (-10.0, 60.0),
        (Curve("", harm),),
        ("waiting_lists.harm_rate",),
    ),
    Panel(
        "Discretionary spending",
        "deficit, % of allocation",
        "share released",
        (0.0, 20.0),
        (Curve("", discretionary),),
        ("finance.tolerated_deficit", "finance.discretionary_cut_most", "finance.discretionary_cut_scale"),
    ),
    Panel("Funded share", "council budget over cost of need", "share met", (0.5, 1.3), (Curve("", funded),)),
    Panel(
        "Delivery of savings",
        "certainty of the settlement",
        "share delivered, acute",
        (0.0, 1.0),
        (Curve("", savings),),
        ("finance.savings_delivery", "finance.settlement_delivery_gain"),
    ),
    Panel(
        "Voluntary support",
        "support (1 = April 2019)",
        "multiplier of need",
        (0.0, 4.0),
        (
            Curve("emergency", voluntary("vcse.emergency_need_effect")),
            Curve("falls", voluntary("vcse.falls_need_effect")),
            Curve("mental health", voluntary("vcse.mental_health_need_effect")),
        ),
        ("vcse.emergency_need_effect", "vcse.falls_need_effect", "vcse.mental_health_need_effect"),
        "vcse.support_felt",
    ),
)
"""Workforce, electives, money and the voluntary sector."""
