"""The non-linear responses as curves, drawn from the functions that the sectors call.

The points of a curve take the place of the members of a run: arrays have the points along their last axis. What each
response means is in ``docs/responses.md``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import product

import numpy as np

from model.engine.views import Values
from model.registry.catalogue import Registry
from model.registry.dimensions import DIMENSIONS, position
from model.results.run import Run
from model.sectors.discharge import equations as discharge
from model.sectors.discharge import views as discharge_views
from model.sectors.finance import equations as finance
from model.sectors.finance import views as finance_views
from model.sectors.urgent_care import equations as urgent_care
from model.sectors.urgent_care import views as urgent_care_views
from model.sectors.vcse import equations as vcse
from model.sectors.vcse import views as vcse_views
from model.sectors.waiting_lists import equations as waiting_lists
from model.sectors.waiting_lists import service_lists
from model.sectors.waiting_lists import views as waiting_lists_views
from model.sectors.waiting_lists.treatment_order import removal_rate
from model.sectors.workforce import equations as workforce
from model.sectors.workforce import views as workforce_views

POINTS = 241
NO_CONSTANT_RATE = np.zeros(1)
"""Validation and deaths are left out: the curve is reneging alone."""
FULL_GAIN = np.ones(1)


class Inputs:
    """Registered parameters as the functions of the sectors take them.

    Args:
        arrays: by full name, shape of the parameter and a last axis for the points.

    Attributes:
        arrays: by full name.
        gain: gains of the feedback loops.
        discharge, finance, urgent_care, vcse, waiting_lists, workforce: parameters of each sector.
    """

    def __init__(self, arrays: Mapping[str, np.ndarray]) -> None:
        self.arrays = arrays
        self.gain = Values(arrays, "loops")
        self.discharge = discharge_views.Parameters(arrays, "discharge")
        self.finance = finance_views.Parameters(arrays, "finance")
        self.urgent_care = urgent_care_views.Parameters(arrays, "urgent_care")
        self.vcse = vcse_views.Parameters(arrays, "vcse")
        self.waiting_lists = waiting_lists_views.Parameters(arrays, "waiting_lists")
        self.workforce = workforce_views.Parameters(arrays, "workforce")

    def changed(self, name: str, values: np.ndarray) -> Inputs:
        """Return the same with one parameter set to other values, which broadcast to its shape and the points."""
        shape = (*self.arrays[name].shape[:-1], POINTS)
        return Inputs({**self.arrays, name: np.broadcast_to(values, shape)})


CurveValues = Callable[[Inputs, np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Curve:
    """One line: what it is called, and its values at the points ``x``."""

    label: str
    values: CurveValues


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


def registered(registry: Registry, ends: Mapping[str, str]) -> Inputs:
    """Registered parameters at central values but for those in ``ends`` (low or high)."""
    return Inputs(
        {
            name: np.asarray(getattr(parameter, ends.get(name, "value")), dtype=float)[..., None]
            for name, parameter in registry.parameters.items()
        }
    )


def points(panel: Panel) -> np.ndarray:
    """The points of a panel along its horizontal axis."""
    return np.linspace(*panel.span, POINTS)


def line(panel: Panel, curve: Curve, registry: Registry) -> np.ndarray:
    """A curve at central values."""
    return curve.values(registered(registry, {}), points(panel))


def band(panel: Panel, curve: Curve, registry: Registry) -> tuple[np.ndarray, np.ndarray]:
    """Lowest and highest value at each point over all combinations of the ends of the ranges of ``panel.varied``."""
    corners = product(("low", "high"), repeat=len(panel.varied))
    curves = [
        curve.values(registered(registry, dict(zip(panel.varied, corner, strict=True))), points(panel))
        for corner in corners
    ]
    return np.min(curves, axis=0), np.max(curves, axis=0)


def visited_range(panel: Panel, run: Run) -> tuple[float, float] | None:
    """Lowest and highest monthly value of what stands on the horizontal axis; none where it is not recorded."""
    if not panel.visited:
        return None
    values = run.results[panel.visited]
    return float(values.min()), float(values.max())


def at_every(dimension: str, x: np.ndarray) -> np.ndarray:
    """The points ``x`` for every label of a dimension."""
    return np.broadcast_to(x, (len(DIMENSIONS[dimension]), POINTS))


def wait_for_bed(inputs: Inputs, x: np.ndarray) -> np.ndarray:
    """Hours for a bed at occupancy ``x`` with nobody delayed."""
    nobody = np.zeros((1, POINTS))
    return urgent_care.wait_for_bed_hours(inputs.urgent_care, inputs.gain.R3_exit_block, x[None], held=nobody)[0]


def breach(inputs: Inputs, x: np.ndarray) -> np.ndarray:
    """Added share over four hours at occupancy ``x``."""
    return urgent_care.response(inputs.urgent_care.breach_response, x[None])[0]


def cancelled(inputs: Inputs, x: np.ndarray) -> np.ndarray:
    """Share of planned overnight electives cancelled at occupancy ``x``."""
    return 1.0 - urgent_care.share_of_electives_kept(inputs.urgent_care, inputs.gain.R4_cancellation, x[None])[0]


def outlying(inputs: Inputs, x: np.ndarray) -> np.ndarray:
    """Share of patients on other wards than their own at occupancy ``x``."""
    p = inputs.urgent_care
    in_beds = x * p.core_beds
    return (urgent_care.outliers_wanted(p, inputs.gain.R3_exit_block, in_beds, x) / in_beds)[0]


def escalation(inputs: Inputs, x: np.ndarray) -> np.ndarray:
    """Escalation beds over core beds with patients in beds over core beds of ``x``."""
    p = inputs.urgent_care
    return (urgent_care.escalation_wanted(p, inputs.gain.B4_escalation, x * p.core_beds, p.core_beds) / p.core_beds)[0]


def slower_treatment(inputs: Inputs, x: np.ndarray) -> np.ndarray:
    """Days of treatment relative to those at a ratio of staff to work of 1, at the ratio ``x``."""
    p = inputs.urgent_care
    uncrowded, nobody = at_every("site", p.uncrowded_wait_for_bed), at_every("site", np.zeros(1))
    days = urgent_care.treatment_days(p, uncrowded, nobody, staffing=x, age=np.ones_like(uncrowded), years=0.0)
    return (days / (p.treatment_days_emergency * p.treatment_multiplier))[0]


def function_lost(inputs: Inputs, x: np.ndarray) -> np.ndarray:
    """Share of function lost after ``x`` days of delay."""
    return discharge.function_lost(inputs.discharge, inputs.gain.R1_deconditioning, x)


def stepping_up(inputs: Inputs, x: np.ndarray) -> np.ndarray:
    """Share of those on pathway 0 who need pathway 1 when a share ``x`` of function is lost."""
    lost = np.broadcast_to(x, (len(DIMENSIONS["place"]), len(DIMENSIONS["pathway"]), POINTS))
    home = discharge.pathway_shares(inputs.discharge, at_every("place", np.ones(1)), lost)[0, discharge.P0]
    return 1.0 - home / home[0]


def process(inputs: Inputs, x: np.ndarray) -> np.ndarray:
    """Days of assessment and process for pathway 1 at a staffed share of the acute trusts of ``x``."""
    return discharge.process_days(inputs.discharge, x, at_every("place", np.zeros(1)))[0, discharge.P1]


def places(inputs: Inputs, x: np.ndarray) -> np.ndarray:
    """Pathway 1 places over those funded at a staffed share of ``x``."""
    p = inputs.discharge
    staffed = discharge.funded_and_staffed_places(p, at_every("employer", x), at_every("place", np.ones(1)))
    return staffed[0, discharge.P1] / p.funded_places[0, discharge.P1]


def spot(inputs: Inputs, x: np.ndarray) -> np.ndarray:
    """Spot places over funded places, with ``x`` patients waiting for each funded place."""
    p = inputs.discharge
    wanted = discharge.spot_places_wanted(p, inputs.gain.B5_spot_purchase, x * p.funded_places)
    return wanted[0, discharge.P1] / p.funded_places[0, discharge.P1]


def reneging(inputs: Inputs, x: np.ndarray) -> np.ndarray:
    """Rate of reneging from the referral-to-treatment list after ``x`` weeks, % a week."""
    p = inputs.waiting_lists
    rate = removal_rate(x, NO_CONSTANT_RATE, p.reneging_rate, p.reneging_half_point, p.reneging_slope, FULL_GAIN)
    return 100.0 * rate


def service_reneging(service_list: str) -> CurveValues:
    """Rate of reneging from one of the other lists, % a week."""
    index = position("service_list", service_list)

    def values(inputs: Inputs, x: np.ndarray) -> np.ndarray:
        p = inputs.waiting_lists
        rate, half_point, slope = (
            parameter[index]
            for parameter in (p.service_reneging_rate, p.service_reneging_half_point, p.service_reneging_slope)
        )
        return 100.0 * removal_rate(x, NO_CONSTANT_RATE, rate, half_point, slope, FULL_GAIN)

    return values


def threshold(inputs: Inputs, x: np.ndarray) -> np.ndarray:
    """Referrals relative to need when a share ``x`` more than in April 2019 waits over 18 weeks."""
    return waiting_lists.referral_threshold(inputs.waiting_lists, x, inputs.gain.B3_reneging)


def urgent(inputs: Inputs, x: np.ndarray) -> np.ndarray:
    """Share of those who have waited ``x`` weeks who are urgent."""
    return np.interp(x, waiting_lists.WEEKS[:, 0], waiting_lists.urgent_weight(inputs.arrays)[:, 0])


def harm(inputs: Inputs, x: np.ndarray) -> np.ndarray:
    """Emergency admissions a day when ``x`` thousand more than in April 2019 wait over 18 weeks."""
    return waiting_lists.harm_while_waiting(inputs.waiting_lists, 1000.0 * x, inputs.gain.R4_cancellation)


def elective_capacity(inputs: Inputs, x: np.ndarray) -> np.ndarray:
    """Elective capacity relative to that at effective staff of 1, at effective staff ``x``."""
    p = inputs.waiting_lists
    return waiting_lists.treatment_capacity(p, np.ones(1), x, 1.0).nonadmitted[0] / p.nonadmitted_capacity[0]


def cancer_in_time(inputs: Inputs, x: np.ndarray) -> np.ndarray:
    """Share of cancer patients treated within 31 days when a share ``x`` of overnight electives is kept."""
    seen = np.ones((len(service_lists.WEEKS), POINTS))
    _, within_31_days, _ = service_lists.within_standards(inputs.waiting_lists, seen, x)
    return within_31_days


def burnout(slope: str) -> CurveValues:
    """Multiplier of leaving or sickness at a workload ``x``."""

    def values(inputs: Inputs, x: np.ndarray) -> np.ndarray:
        limit = inputs.workforce.burnout_limit
        return workforce.burnout(inputs.arrays[slope], limit, x - 1.0, inputs.gain.R2_burnout)

    return values


def overwork(inputs: Inputs, x: np.ndarray) -> np.ndarray:
    """Output of each member of staff at a workload ``x``."""
    return workforce.output_left_by_overwork(inputs.workforce, x, inputs.gain.R2_burnout)


def moves(side: int, moved_by: str) -> CurveValues:
    """Pull (0) or push (1) between employers by vacancies, workload or relative pay, the others as in April 2019."""

    def values(inputs: Inputs, x: np.ndarray) -> np.ndarray:
        unmoved = np.ones(POINTS)
        inputs = inputs.changed("workforce.relative_pay", x if moved_by == "pay" else unmoved)
        p = inputs.workforce
        vacancies = p.initial_vacancy_rate * (x if moved_by == "vacancies" else unmoved)
        felt = np.broadcast_to(x if moved_by == "workload" else unmoved, vacancies.shape)
        pay = workforce.draw_of_pay(inputs.arrays)
        sides = workforce.pull_and_push(p, pay, felt, vacancies, inputs.gain.R7_poaching)
        return sides[side][0, 0]

    return values


def recruitment(inputs: Inputs, x: np.ndarray) -> np.ndarray:
    """Multiplier of domestic recruitment at ``x`` times the vacancies of April 2019."""
    p = inputs.workforce
    return workforce.recruitment_answer(p, x * p.initial_vacancy_rate, inputs.gain.B1_hiring)[0, 0]


def by_pay(rate: Callable[[Mapping[str, np.ndarray]], np.ndarray]) -> CurveValues:
    """A rate of leaving or recruitment relative to that at relative pay 1, at relative pay ``x``."""

    def values(inputs: Inputs, x: np.ndarray) -> np.ndarray:
        return rate(inputs.changed("workforce.relative_pay", x).arrays)[0, 0] / rate(inputs.arrays)[0, 0]

    return values


def discretionary(inputs: Inputs, x: np.ndarray) -> np.ndarray:
    """Share of discretionary spending released at a deficit of ``x`` per cent of the allocation."""
    p = inputs.finance
    return finance.discretionary_target(
        x / 100.0, p.tolerated_deficit, p.discretionary_cut_most, p.discretionary_cut_scale
    )


def funded(inputs: Inputs, x: np.ndarray) -> np.ndarray:
    """Share of the cost of need that budgets of ``x`` times it meet."""
    del inputs
    return finance.share_funded(x, np.ones(POINTS))


def savings(inputs: Inputs, x: np.ndarray) -> np.ndarray:
    """Share of the acute trusts' required savings delivered recurrently, settlement certain to a degree ``x``."""
    return finance.savings_delivery(inputs.changed("finance.settlement_certainty", x).finance)[finance.ACUTE]


def voluntary(name: str) -> CurveValues:
    """Multiplier of need at ``x`` times the voluntary support of April 2019."""

    def values(inputs: Inputs, x: np.ndarray) -> np.ndarray:
        effect = inputs.arrays[name]
        return vcse.support_effect(effect, np.minimum(x, inputs.vcse.support_limit))[0]

    return values


panel_of_occupancy = partial(Panel, along="occupancy of open beds", span=(0.78, 1.05), visited="urgent_care.occupancy")
panel_of_workload = partial(
    Panel, along="workload felt (1 = April 2019)", span=(0.7, 2.5), visited="workforce.workload_experience"
)

CARE = (
    panel_of_occupancy(
        "Wait for a bed", up="hours", curves=(Curve("", wait_for_bed),), varied=("urgent_care.wait_for_bed_response",)
    ),
    panel_of_occupancy(
        "Breach of four hours",
        up="added share over 4 hours",
        curves=(Curve("", breach),),
        varied=("urgent_care.breach_response",),
    ),
    panel_of_occupancy(
        "Cancellation",
        up="share of electives cancelled",
        curves=(Curve("", cancelled),),
        varied=("urgent_care.cancellation_response",),
    ),
    panel_of_occupancy(
        "Outlying",
        up="share on other wards",
        curves=(Curve("", outlying),),
        varied=("urgent_care.outlier_share_at_full",),
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
    panel_of_workload(
        "Burnout: leaving",
        up="multiplier of leaving",
        curves=(Curve("", burnout("workforce.leaving_per_workload")),),
        varied=("workforce.leaving_per_workload", "workforce.burnout_limit"),
    ),
    panel_of_workload(
        "Burnout: sickness",
        up="multiplier of falling ill",
        curves=(Curve("", burnout("workforce.sickness_per_workload")),),
        varied=("workforce.sickness_per_workload", "workforce.burnout_limit"),
    ),
    panel_of_workload(
        "Overwork", up="output per member of staff", curves=(Curve("", overwork),), varied=("workforce.overwork_loss",)
    ),
    Panel(
        "Pull by vacancies",
        "vacancies (1 = April 2019)",
        "pull",
        (0.0, 5.0),
        (Curve("", moves(0, "vacancies")),),
        ("workforce.move_vacancy_response",),
    ),
    panel_of_workload(
        "Pull and push by workload",
        up="pull, push",
        curves=(Curve("pull", moves(0, "workload")), Curve("push", moves(1, "workload"))),
        varied=("workforce.move_workload_elasticity",),
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
