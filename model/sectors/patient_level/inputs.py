"""What the system passes to the patient-level hospital at an exchange, and how full the hospital is on the first day.

The same registered parameters and signals act as in the stock-flow hospital, but for the effects that patients make
themselves there: waits, crowding, outlying, queues for places, cancellations, and function lost by each patient.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product
from typing import Any

import numpy as np

from model.engine.dynamics import safe_ratio
from model.engine.world import World
from model.hospital.exchange.names import (
    ARRIVALS,
    CARE_KINDS,
    COUNCILS,
    ELECTIVE,
    PATHWAYS,
    RESIDENT,
    SITES,
    SUPPORTED,
    arrangement_point,
    delayed_class,
    emergency_class,
    long_term_point,
    pathway_point,
    seeking_class,
    ward,
)
from model.hospital.exchange.periods import MOST_ADMITTED, FromSystem, Lengthening
from model.registry.calendar import DAYS_PER_YEAR
from model.registry.dimensions import position, positions
from model.sectors.demand.declarations import NEED, STAY_INDEX
from model.sectors.discharge.declarations import NCTR
from model.sectors.discharge.equations import (
    COMMUNITY,
    funded_and_staffed_places_now,
    long_term_places_now,
    pathway_exits_now,
    pathway_shares_now,
    process_days_now,
    virtual_ward_starts,
)
from model.sectors.discharge.views import views as discharge_views
from model.sectors.urgent_care.declarations import INPATIENTS_EMERGENCY, PLACE_SHARE
from model.sectors.urgent_care.equations import HOURS_PER_DAY, arrivals_now, core_beds, treatment_days_now
from model.sectors.urgent_care.views import views as urgent_care_views
from model.sectors.waiting_lists.declarations import ELECTIVE_ADMISSIONS_PLANNED
from model.sectors.workforce.declarations import STAFFED_SHARE

LONG_TERM_CARE = position("service", "long_term_care")
PATHWAY = positions("pathway")
MOST_TO_VIRTUAL_WARD = 0.5
"""Ceiling of the share of emergency admissions whose stay a virtual ward saves."""


class PatientInputs:
    """Makes ``FromSystem`` of every member.

    Args:
        world: the system, on its first day.
    """

    def __init__(self, world: World) -> None:
        self._attendances = np.maximum(arrivals_now(world).attendances, 1e-9)

    def of(self, world: World, fits_per_day: np.ndarray, members: int) -> list[FromSystem]:
        """Return what the system passes to the hospitals of the first members, for the span of the clock.

        Args:
            world: the system.
            fits_per_day: patients who become fit to leave, a day, of each member.
            members: how many.
        """
        shared = self._demand(world) | self._capacity(world) | self._course(world, fits_per_day)
        return [
            FromSystem(**{name: _of_member(value, member) for name, value in shared.items()})
            for member in range(members)
        ]

    def _demand(self, world: World) -> dict[str, Any]:
        p = urgent_care_views(world).p
        arriving = arrivals_now(world)
        overnight = np.moveaxis(arriving.overnight, 0, 1)
        residence = np.moveaxis(world.signal(PLACE_SHARE), 0, 1)
        ambulances = arriving.ambulances
        others = np.maximum(arriving.attendances - ambulances, 0.0)
        minor = others * p.minors_share
        walk_ins = others - minor
        direct = overnight * p.direct_admission_share
        admitted = (overnight - direct).sum(axis=1)
        share = safe_ratio(admitted, walk_ins + p.ambulance_admission_ratio * ambulances)
        by_ambulance = np.minimum(p.ambulance_admission_ratio * share, MOST_ADMITTED)
        by_others = np.clip(safe_ratio(admitted - by_ambulance * ambulances, walk_ins), 0.0, MOST_ADMITTED)
        return {
            "ambulances": ambulances[:, None] * residence,
            "walk_ins": walk_ins[:, None] * residence,
            "minors": minor[:, None] * residence,
            "direct": direct,
            "electives": world.signal(ELECTIVE_ADMISSIONS_PLANNED) * p.elective_site_share,
            "applications": world.signal(NEED)[LONG_TERM_CARE][:, None] * discharge_views(world).p.community_kind,
            "admitted": np.stack([by_ambulance, by_others]),
        }

    def _capacity(self, world: World) -> dict[str, Any]:
        ward, out, gain = urgent_care_views(world).p, discharge_views(world).p, discharge_views(world).gain
        grown = np.maximum(arrivals_now(world).attendances / self._attendances, 1.0)
        return {
            "cubicles": ward.cubicles * grown,
            "minors_places": ward.minors_places * grown,
            "core_beds": core_beds(ward, world.clock.year),
            "elective_bed_share": ward.elective_bed_share,
            "corridor_share": np.maximum(ward.occupancy_limit - 1.0, 0.0),
            "pathway_places": np.maximum(funded_and_staffed_places_now(world), 0.0),
            "long_term_places": long_term_places_now(world),
            "hospital_priority": out.hospital_priority,
            "escalation": (
                gain.B4_escalation * ward.escalation_response,
                ward.escalation_trigger,
                ward.escalation_beds_limit,
                ward.escalation_delay,
            ),
            "spot": (gain.B5_spot_purchase * out.spot_purchase_response, out.spot_purchase_delay),
            "spot_limit": gain.B5_spot_purchase * out.spot_purchase_limit * out.funded_places,
        }

    def _course(self, world: World, fits_per_day: np.ndarray) -> dict[str, Any]:
        """Stays, routes and rates of patients."""
        ward, out = urgent_care_views(world).p, discharge_views(world).p
        exits, died = pathway_exits_now(world)
        return {
            "handover_days": ward.base_handover_hours / HOURS_PER_DAY,
            "handover_standard_days": ward.handover_standard_hours / HOURS_PER_DAY,
            "department_days": (ward.wait_to_be_seen_hours + ward.assessment_hours) / HOURS_PER_DAY,
            "treatment_days": uncrowded_treatment_days(world),
            "elective_days": ward.treatment_days_elective,
            "process_days": process_days_now(world),
            "transfer_days": out.transfer_days,
            "pathway_days": 1.0 / exits,
            "arrangement_days": out.arrangement_days,
            "long_term_days": out.long_term_years * DAYS_PER_YEAR,
            "virtual_ward_days": out.virtual_ward_stay_days,
            "pathway_shares": pathway_shares_now(world),
            "death_share": ward.in_hospital_death_share,
            "virtual_ward_share": virtual_ward_share(world, fits_per_day),
            "death_on_pathway_share": died,
            "long_term_shares": out.long_term_share,
            "relapse_rate": out.relapse_rate_while_waiting,
            "death_rate": out.death_rate_while_waiting,
            "switch_rate": out.switch_rate_while_waiting,
            "lapse_days": out.community_lapse_days,
        }


def uncrowded_treatment_days(world: World) -> np.ndarray:
    """Mean days of treatment, [site, place], without what waiting and outlying add: patients add that themselves.

    Ages differ between places; the mean over the residents that a site admits is that of the stock-flow hospital.
    """
    p, gain, _, _, _, _, _ = urgent_care_views(world)
    uncrowded = np.broadcast_to(p.uncrowded_wait_for_bed, (len(SITES), world.members))
    days = treatment_days_now(world, uncrowded, outlying=np.zeros_like(uncrowded))
    # The hours of a wait that the stock-flow hospital takes as uncrowded lengthen no stay here either.
    hours = gain.R3_exit_block * p.crowding_stay_response * uncrowded
    index = world.signal(STAY_INDEX)
    of_site = (index[:, None] * world.signal(PLACE_SHARE)).sum(axis=0)
    return safe_ratio(days / (1.0 + hours), of_site)[:, None] * index[None]


def virtual_ward_share(world: World, fits_per_day: np.ndarray) -> np.ndarray:
    """Share of emergency admissions moved to a virtual ward: whole stays, in proportion to the bed days saved."""
    ward, out = urgent_care_views(world).p, discharge_views(world).p
    entered = virtual_ward_starts(out, world.extrapolated(STAFFED_SHARE)[COMMUNITY])
    in_beds = world.signal(INPATIENTS_EMERGENCY).sum(axis=0) + world.signal(NCTR).sum(axis=(0, 1, 2, 3))
    moved = safe_ratio(entered * out.virtual_ward_days_saved * fits_per_day, in_beds)
    ends = fits_per_day / (1.0 - ward.in_hospital_death_share) + moved
    return np.minimum(safe_ratio(moved, ends), MOST_TO_VIRTUAL_WARD)


def lengthening(world: World, member: int) -> Lengthening:
    """What patients of a member do to their own stays."""
    ward, out, gain = urgent_care_views(world).p, discharge_views(world).p, discharge_views(world).gain
    return Lengthening(
        per_day_waited=_of_member(gain.R3_exit_block * ward.crowding_stay_response * HOURS_PER_DAY, member),
        outlier=_of_member(1.0 + gain.R3_exit_block * ward.outlier_stay_penalty, member),
        per_day_delayed=_of_member(gain.R1_deconditioning * out.function_lost_per_day, member),
        limit=_of_member(out.function_lost_limit, member),
    )


def whole(values: np.ndarray) -> np.ndarray:
    """Whole patients in place of parts of them, along the cells of each member, with the total kept."""
    cells = values.reshape(-1, values.shape[-1])
    return np.diff(np.rint(np.cumsum(cells, axis=0)), axis=0, prepend=0.0).reshape(values.shape)


def opening(world: World, member: int) -> Mapping[str, Mapping[str, int]]:
    """Patients of the first day by point and class, from the stocks of the system."""
    stocks = {name: values[..., member] for name, values in world.stocks.items()}
    patients: dict[str, dict[str, int]] = {}
    by_place = world.outputs["urgent_care.place_share"][..., member]
    for site, name in enumerate(SITES):
        medical = patients.setdefault(ward(name, "medical"), {})
        treated = whole((stocks["urgent_care.inpatients_emergency"][site] * by_place[:, site])[:, None])[:, 0]
        for row, council in enumerate(COUNCILS):
            medical[emergency_class(council, ARRIVALS[1])] = int(treated[row])
            for pathway, label in enumerate(PATHWAYS):
                delayed = stocks["discharge.nctr"][site, row, pathway].sum()
                medical[delayed_class(council, label)] = int(delayed)
        patients[ward(name, ELECTIVE)] = {ELECTIVE: int(stocks["urgent_care.inpatients_elective"][site])}
    for (row, council), label in product(enumerate(COUNCILS), SUPPORTED):
        pathway = PATHWAY[label]
        seeking = stocks["discharge.awaiting_long_term_care"][row, pathway]
        patients[pathway_point(council, label)] = {
            emergency_class(council, ARRIVALS[1]): int(stocks["discharge.on_pathway"][row, pathway]),
            **{seeking_class(kind): int(seeking[n]) for n, kind in enumerate(CARE_KINDS)},
        }
    priority = _of_member(world.p["discharge.hospital_priority"], member)
    for (row, council), (kind, care) in product(enumerate(COUNCILS), enumerate(CARE_KINDS)):
        users = int(stocks["discharge.long_term_users"][row, kind])
        first = round(users * priority)
        patients[long_term_point(council, care)] = {RESIDENT: first}
        patients[long_term_point(council, care, from_home=True)] = {RESIDENT: users - first}
        waiting = int(stocks["discharge.awaiting_in_community"][row, kind])
        patients[arrangement_point(council, care)] = {RESIDENT: waiting}
    return {point: {name: count for name, count in classes.items() if count} for point, classes in patients.items()}


def _of_member(value: Any, member: int) -> Any:
    """Return the value of one member: a number, an array, or a tuple of numbers."""
    if isinstance(value, tuple):
        return tuple(_of_member(item, member) for item in value)
    array = np.asarray(value)
    column = array[..., member if array.shape[-1] > 1 else 0]
    return float(column) if column.ndim == 0 else column
