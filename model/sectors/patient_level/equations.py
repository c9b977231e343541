"""Urgent care and discharge with every patient one by one; stocks, flows and outputs are those of the stock-flow pair.

At each exchange the hospital of every member runs on to the next with what the system passes to it then. At each base
step the two sectors move what its patients did in that step, so that stocks are whole patients and conservation is
audited as everywhere. Levels are means over the step, taken from when each patient moved, as those of the stock-flow
hospital stand for the middle of a day rather than for midnight.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from model.engine.dynamics import approach, safe_ratio
from model.engine.views import State
from model.engine.world import World
from model.registry.data_folders import SCENARIOS
from model.registry.declarations import Declare, Memory
from model.sectors.discharge.declarations import MEMORY as MEMORY_OF_DISCHARGE
from model.sectors.discharge.equations import CAPACITY, P0, P1, P2, P3, PROCESS, Discharge, process_days_now, workload
from model.sectors.discharge.equations import TRACKED_SIGNALS as SIGNALS_OF_DISCHARGE
from model.sectors.discharge.views import views as discharge_views
from model.sectors.patient_level.inputs import PatientInputs, lengthening, opening, whole
from model.sectors.urgent_care.equations import TRACKED_SIGNALS, UrgentCare, arrivals_now, core_beds, share_by_place
from model.sectors.urgent_care.views import views as urgent_care_views

if TYPE_CHECKING:
    from model.hospital.exchange.patient_hospital import PatientHospital
    from model.hospital.network.network import Network

NETWORK = SCENARIOS / "networks" / "bnssg.yaml"
DELAY_MEMORY_DAYS = 28.0
"""Mean days over which the delay of patients is averaged before it acts on the share who need more support."""
LEAST_WORK = 1e-3
"""Floor of the work of the hospitals relative to April 2019."""

declare = Declare("discharge")
MEMORY: tuple[Memory, ...] = (
    *MEMORY_OF_DISCHARGE,
    declare.memory("mean_delayed", "Patients delayed, running mean.", "patients", ("place", "pathway")),
    declare.memory(
        "mean_leaving", "Delayed patients who leave in a day, running mean.", "patients/day", ("place", "pathway")
    ),
)
URGENT_FLOWS = (
    "urgent_care.ambulance_arrivals",
    "urgent_care.handovers",
    "urgent_care.walk_in_arrivals",
    "urgent_care.seen",
    "urgent_care.decisions_to_admit",
    "urgent_care.departures",
    "urgent_care.admissions_from_department",
    "urgent_care.direct_admissions",
    "urgent_care.elective_admissions",
    "urgent_care.elective_discharges",
    "urgent_care.deaths_in_hospital",
)


ADMISSIONS = URGENT_FLOWS[6:9]
"""Admissions to a bed overnight."""
REPORTED = (
    "escalation_beds",
    "spot_places",
    "over_four_hours",
    "left_department",
    "over_six_hours",
    "over_twelve_hours",
    "wait_for_bed_hours",
    "handover_hours_lost",
    "occupancy",
)
"""Fields of ``ToSystem``, beside the flows, that become stocks or outputs of a sector."""


def patient_level_sectors(
    *, seed: int, first_member: int, members: int, exchange_days: float
) -> tuple[PatientLevelUrgentCare, PatientLevelDischarge]:
    """The two sectors of a batch of members, which share their hospitals.

    Args:
        seed: seed of all draws.
        first_member: number of the first member; a member draws the same in every scenario and batch.
        members: how many; what else the engine runs beside them repeats the first.
        exchange_days: days from one exchange to the next, a multiple of the base step.
    """
    hospitals = Hospitals(seed, first_member, members, exchange_days)
    return PatientLevelUrgentCare(hospitals), PatientLevelDischarge(hospitals)


@lru_cache(maxsize=1)
def bnssg_network() -> Network:
    """The network of the hospital, read once."""
    from model.hospital.network.network_file import read_network

    return read_network(NETWORK)


class Hospitals:
    """The hospitals of a batch of members, and what their patients did in the current step.

    Attributes:
        amount: by flow, patients who moved in the step, shape ``dims + (members,)``; see ``exchange.flows.FLOWS``.
        reported: other fields of ``ToSystem`` for the step, by name.
        share_admitted: share of planned electives that were admitted, over the period: few are planned in some steps.
        needing: mean patients in beds who need them over the step, by site.
        delayed: mean patients without criteria to reside over the step, by site, place and pathway.
    """

    def __init__(self, seed: int, first_member: int, members: int, exchange_days: float) -> None:
        self._seed, self._first_member, self._members = seed, first_member, members
        self._exchange_days = exchange_days
        self._hospitals: list[PatientHospital] = []
        self._period: dict[str, dict[str, np.ndarray]] = {}
        self.amount: dict[str, np.ndarray] = {}
        self.reported: dict[str, np.ndarray] = {}

    def begin_step(self, world: World) -> None:
        """Set what happened in the current base step; at an exchange the hospitals first run on to the next.

        To be called before any stock of the two sectors has moved.
        """
        steps = round(self._exchange_days / world.clock.step_days)
        now = world.clock.step % steps
        if now == 0:
            if not self._hospitals:
                self._open(world)
            self._run(world, min(steps, world.clock.steps - world.clock.step))
        self.amount = {name: values[now] for name, values in self._period["amount"].items()}
        self.reported = {name: values[now] for name, values in self._period["reported"].items()}
        self._average(world, {name: values[now] for name, values in self._period["late"].items()})

    def _open(self, world: World) -> None:
        from model.hospital.exchange.patient_hospital import PatientHospital

        clock = world.clock
        self._inputs = PatientInputs(world)
        self._fits_per_day = np.zeros(world.members)
        network = replace(bnssg_network(), start=clock.start)
        self._hospitals = [
            PatientHospital(
                network,
                opening(world, member),
                lengthening(world, member),
                days=clock.steps * clock.step_days,
                step_days=clock.step_days,
                seed=self._seed,
                replication=self._first_member + member,
            )
            for member in range(self._members)
        ]

    def _run(self, world: World, steps: int) -> None:
        with _parameters_of_period(world, steps):
            inputs = self._inputs.of(world, self._fits_per_day, self._members)
        answers = [hospital.run(of_member, steps) for hospital, of_member in zip(self._hospitals, inputs, strict=True)]
        answers += answers[:1] * (world.members - self._members)
        self._period = {
            "amount": _stacked([answer.counts.amount for answer in answers]),
            "late": _stacked([answer.counts.late for answer in answers]),
            "reported": _stacked([{name: getattr(answer, name) for name in REPORTED} for answer in answers]),
        }
        amount = self._period["amount"]
        self._fits_per_day = amount["discharge.fit_to_leave"].sum(axis=(0, 1, 2, 3)) / (steps * world.clock.step_days)
        admitted = amount["urgent_care.elective_admissions"].sum(axis=(0, 1))
        planned = admitted + amount["cancelled"].sum(axis=(0, 1))
        self.share_admitted = safe_ratio(admitted, planned, floor=1.0, where_empty=1.0)

    def _average(self, world: World, late: dict[str, np.ndarray]) -> None:
        """Means over the step: what is there at its beginning, and what came and went with the time that was left."""
        stocks = world.stocks
        ward, out = "urgent_care", "discharge"
        self.needing = (
            stocks[f"{ward}.inpatients_emergency"]
            + stocks[f"{ward}.inpatients_elective"]
            + late[f"{ward}.admissions_from_department"]
            + late[f"{ward}.direct_admissions"]
            + late[f"{ward}.elective_admissions"]
            - late[f"{ward}.elective_discharges"]
            - late[f"{ward}.deaths_in_hospital"]
            - late[f"{out}.to_virtual_ward"]
            + (late[f"{out}.relapses"] - late[f"{out}.fit_to_leave"]).sum(axis=(1, 2))
        )
        switched = late[f"{out}.switches"]
        self.delayed = (
            stocks["discharge.nctr"].sum(axis=3)
            + late[f"{out}.fit_to_leave"]
            - late[f"{out}.pathway_starts"]
            - late[f"{out}.relapses"]
            - late[f"{out}.deaths_while_waiting"]
            - switched
        )
        self.delayed[:, :, :-1] += switched[:, :, 1:]
        self.delayed[:, :, P0] -= late[f"{out}.home_without_support"]
        self.delayed[:, :, P1] -= late[f"{out}.withdrawals"]


def _stacked(of_members: list[dict[str, np.ndarray]]) -> dict[str, np.ndarray]:
    """Arrays of the members side by side, the member axis last."""
    return {name: np.stack([of_member[name] for of_member in of_members], axis=-1) for name in of_members[0]}


@contextmanager
def _parameters_of_period(world: World, steps: int) -> Iterator[None]:
    """Parameters as they are on the mean of a period of so many base steps from now."""
    begin, step_days = world.clock.day, world.clock.step_days
    world.p.advance(begin, begin + steps * step_days)
    yield
    world.p.advance(begin, begin + step_days)


class PatientLevelUrgentCare(UrgentCare):
    """Emergency departments and acute beds at three sites, patient by patient.

    Args:
        hospitals: the hospitals, shared with the discharge sector.
    """

    compiled: ClassVar[bool] = False
    # What the exchange reads for both sectors, it reads in this one's step.
    tracked: ClassVar[Mapping[str, float]] = {**TRACKED_SIGNALS, **SIGNALS_OF_DISCHARGE}

    def __init__(self, hospitals: Hospitals) -> None:
        self.hospitals = hospitals

    def initialise(self, world: World) -> None:
        """The patients of the stock-flow hospital, whole."""
        super().initialise(world)
        stock = urgent_care_views(world).stock
        stock.inpatients_emergency = whole(stock.inpatients_emergency)
        stock.inpatients_elective = whole(stock.inpatients_elective)

    def step(self, world: World) -> None:
        """Move what the patients did in the step, and publish how full and how late the hospital was."""
        p, _, stock, _, out, _, _ = urgent_care_views(world)
        arriving = arrivals_now(world)
        out.place_share = share_by_place(arriving.overnight)
        self.hospitals.begin_step(world)
        amount, reported = self.hospitals.amount, self.hospitals.reported
        for name in URGENT_FLOWS:
            world.move(name, amount[name])
        stock.escalation_beds = reported["escalation_beds"]
        stock.outliers += amount["outliers_come"] - amount["outliers_go"]
        out.occupancy = reported["occupancy"]
        self.felt(world, reported["occupancy"])
        self.publish_beds(
            world,
            self.hospitals.needing.sum(axis=0),
            self.hospitals.delayed.sum(axis=(0, 1, 2)),
            (core_beds(p, world.clock.year) + stock.escalation_beds).sum(axis=0),
        )
        self.publish_departments(world)
        out.fit_to_leave = amount["discharge.fit_to_leave"].sum(axis=(1, 2))
        out.cancellations = amount["cancelled"].sum(axis=0)
        out.elective_share_kept = self.hospitals.share_admitted
        out.overnight_admissions = sum(amount[name].sum(axis=0) for name in ADMISSIONS)
        self.count_work(world, arriving)
        # Whole patients can all be gone, where a stock only gets near nothing; staff are set against the work.
        out.work_index = np.maximum(out.work_index, LEAST_WORK)

    def publish_departments(self, world: World) -> None:
        """Waits in the departments, all sites."""
        _, _, _, flow, out, _, _ = urgent_care_views(world)
        reported = {name: values.sum(axis=0) for name, values in self.hospitals.reported.items()}
        out.attendances = left = reported["left_department"]
        out.four_hour_share = 1.0 - safe_ratio(reported["over_four_hours"], left, floor=1.0)
        out.twelve_hour_waits = reported["over_twelve_hours"]
        out.delayed_over_six_hours = reported["over_six_hours"]
        out.handover_hours_lost = reported["handover_hours_lost"]
        admitted = flow.admissions_from_department.sum(axis=0)
        out.wait_for_bed = safe_ratio(reported["wait_for_bed_hours"], admitted, floor=1.0)


class PatientLevelDischarge(Discharge):
    """NCTR, discharge pathways and long-term care by council of residence, patient by patient.

    Args:
        hospitals: the hospitals, shared with the urgent care sector, which steps before.
    """

    compiled: ClassVar[bool] = False
    memory: ClassVar[tuple[Memory, ...]] = MEMORY

    def __init__(self, hospitals: Hospitals) -> None:
        self.hospitals = hospitals

    def initialise(self, world: World) -> None:
        """The people of the stock-flow sector, whole; patients without criteria to reside are all in process."""
        super().initialise(world)
        p, _, stock, _, _, memory, _ = discharge_views(world)
        stock.nctr[:, :, :, PROCESS] = whole(stock.nctr.sum(axis=3))
        stock.nctr[:, :, :, CAPACITY] = 0.0
        stock.on_pathway = whole(stock.on_pathway)
        stock.awaiting_long_term_care = whole(stock.awaiting_long_term_care)
        stock.awaiting_in_community = whole(stock.awaiting_in_community)
        stock.long_term_users = whole(stock.long_term_users)
        means = State(world.memory, self.name)
        means.mean_delayed = stock.nctr.sum(axis=(0, 3))
        means.mean_leaving = means.mean_delayed / process_days_now(world)
        memory.first_workload = np.maximum(workload(p, stock), 1.0)
        self.publish(world)

    def step(self, world: World) -> None:
        """Move what the patients did in the step; the loss of function and the signals follow from it."""
        self.compare_need(world)
        amount = {name.partition(".")[2]: values for name, values in self.hospitals.amount.items()}
        self.move_in_hospital(world, amount)
        self.move_after_hospital(world, amount)
        left = (amount["pathway_starts"] + amount["relapses"] + amount["deaths_while_waiting"]).sum(axis=0)
        left[:, P0] += amount["home_without_support"].sum(axis=0)
        left[:, P1] += amount["withdrawals"].sum(axis=0)
        self.count_departures(world, left)
        self.lose_function(world, left)
        discharge_views(world).stock.spot_places = self.hospitals.reported["spot_places"]
        self.publish(world)
        # Patients leave by day, and the stock ends at midnight or noon: the mean over the step is published.
        self.publish_nctr(world, self.hospitals.delayed.sum(axis=(0, 1)))

    def move_in_hospital(self, world: World, amount: dict[str, np.ndarray]) -> None:
        """Patients who become fit, get ready, leave, or are treated again."""
        move, at = discharge_views(world).move, np.s_[:, :, :, CAPACITY]
        move.fit_to_leave(amount["fit_to_leave"], target=np.s_[:, :, :, PROCESS], collect=(1, 2))
        move.home_without_support(amount["home_without_support"], origin=np.s_[:, :, P0, PROCESS], collect=(0,))
        move.ready_for_pathway(
            amount["ready_for_pathway"][:, :, P1:],
            origin=np.s_[:, :, P1:, PROCESS],
            target=np.s_[:, :, P1:, CAPACITY],
            record=np.s_[:, P1:],
            collect=(0,),
        )
        move.switches(
            amount["switches"][:, :, P2:],
            np.s_[:, :, P2:, CAPACITY],
            np.s_[:, :, P1:P3, CAPACITY],
            record=np.s_[:, P2:],
            collect=(0,),
        )
        move.withdrawals(amount["withdrawals"], np.s_[:, :, P1, CAPACITY], collect=(0,))
        move.pathway_starts(amount["pathway_starts"], at, collect=(0,))
        move.relapses(amount["relapses"], at, collect=(1, 2))
        move.deaths_while_waiting(amount["deaths_while_waiting"], at, collect=(0, 2))
        move.to_virtual_ward(amount["to_virtual_ward"], collect=(0,))
        move.from_virtual_ward(amount["from_virtual_ward"])

    def move_after_hospital(self, world: World, amount: dict[str, np.ndarray]) -> None:
        """People on pathways and in long-term care."""
        for name in (
            "deaths_on_pathway",
            "pathway_ends_home",
            "community_applications",
            "long_term_starts_from_community",
            "community_lapses",
            "long_term_ends",
        ):
            world.move(f"discharge.{name}", amount[name])
        move = discharge_views(world).move
        move.seek_long_term_care(amount["seek_long_term_care"], collect=(2,))
        move.long_term_starts_from_pathway(amount["long_term_starts_from_pathway"], collect=(1,))

    def lose_function(self, world: World, left: np.ndarray) -> None:
        """R1: as in the stock-flow sector, but from a running mean of the delay, for few leave a pathway in a step."""
        span, means = world.clock.span, State(world.memory, self.name)
        delayed = self.hospitals.delayed.sum(axis=0)
        means.mean_delayed = approach(means.mean_delayed, delayed, DELAY_MEMORY_DAYS, span)
        means.mean_leaving = approach(means.mean_leaving, left / span, DELAY_MEMORY_DAYS, span)
        self.carry_function_lost(world, safe_ratio(means.mean_delayed, means.mean_leaving))
