"""The experiment: hospitals of simulated patients at steady inputs, from calm to overfull, and their waits.

What the system tells its hospital on a stated date stays in force for a whole run. Pressure is set by days of
treatment, so that the same patients come at every pressure, and the NCTR share by days of process. The members of the
experiment draw alike at every setting: differences between settings are paired.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date
from functools import lru_cache
from typing import ClassVar

import numpy as np

from model.calibration.emulator.curves import LEARNT_NAMES
from model.engine.clock import Clock
from model.engine.stepper import Inputs, run
from model.engine.world import World
from model.hospital.exchange.names import SITES, ward
from model.hospital.exchange.patient_hospital import HOURS_PER_DAY, PatientHospital
from model.hospital.exchange.periods import FromSystem, Lengthening, ToSystem
from model.hospital.network.network import Network
from model.registry.dimensions import DIMENSIONS
from model.scenarios.engine_inputs import base_parameters, to_modifiers
from model.scenarios.resolver import resolve
from model.sectors import all_sectors
from model.sectors.discharge.equations import TRACKED_SIGNALS as SIGNALS_OF_DISCHARGE
from model.sectors.model_registry import registry
from model.sectors.patient_level.equations import bnssg_network
from model.sectors.patient_level.inputs import PatientInputs, lengthening, opening, whole
from model.sectors.urgent_care.equations import TRACKED_SIGNALS, UrgentCare, staff_for_the_work
from model.simulation.progress import ProgressCallback

STATED_DATE = date(2022, 7, 1)
"""Date of the system that the hospitals receive: high summer of 2022, near the middle of its yearly swing."""
SEED = 20220701
REPLICATIONS = 12
STEP_DAYS = 3.5
PERIOD = 8
"""Base steps between two tellings of the same."""
WARM_UP, MEASURED = 4, 13
"""Periods of 28 days that are dropped, and that count."""
PRESSURES = (0.80, 0.85, 0.89, 0.92, 0.95, 0.98, 1.00, 1.02, 1.04, 1.06, 1.08)
"""Patients who would be in beds if there were beds for all, over core beds."""
LEVELS = ((0.6, 1.0), (1.4, 1.0), (0.6, 1.25), (1.4, 1.25))
"""Factors of the days of process after a patient is fit to leave (the NCTR share), and of planned electives: with those
of the stated date, and with as many as before 2020 and after 2023, for whom the same beds are kept."""
AMPLE = 1.6
"""Factor of core beds in the pilot, in which no patient waits for a bed."""
PILOT_PERIODS = 6
PILOT = 10_000
"""Number of the pilot among the replications, so that it shares no draw with them."""
CLOSED_LOOPS = ("loops.R3_exit_block", "loops.R4_cancellation")
"""Loops through which the learnt curves would act in the run up to the stated date."""
NEUTRAL = 0.5
"""Value of every learnt number in that run, so that what is learnt does not depend on what was learnt before."""
NCTR_LEAVES = (
    "discharge.pathway_starts",
    "discharge.relapses",
    "discharge.deaths_while_waiting",
    "discharge.home_without_support",
    "discharge.withdrawals",
)


@dataclass(frozen=True)
class SteadyState:
    """The system on the stated date, as inputs of the hospitals of the experiment.

    Attributes:
        inputs: inputs from the system, the same at every exchange.
        opening: patients of the first day by point and class.
        effects: what patients do to their own stays.
        shortage: fall of effective acute staff for the work, relative to April 2019.
        assessment_hours: mean hours from first assessment to decision.
    """

    inputs: FromSystem
    opening: Mapping[str, Mapping[str, int]]
    effects: Lengthening
    shortage: float
    assessment_hours: float


@dataclass(frozen=True)
class ExperimentPoints:
    """Measured points, by setting, replication and site: shape ``(settings, replications, sites)``.

    Attributes:
        occupancy: patients in beds over beds open.
        held: patients without criteria to reside over beds open.
        wait: mean hours from decision to admit to a bed.
        over_six: share of admissions after more than six hours of that wait.
        over_twelve: the same for twelve hours.
        over_four: share of attendances over four hours.
        crowding: patients waiting for a bed for each patient in assessment, as the stock-flow hospital counts these.
        handover: mean hours of an ambulance handover.
        cancelled: share of planned overnight electives cancelled.
        outlying: share of patients in beds outside the ward of their specialty.
        admissions: patients a day from the department to a bed.
        attendances: patients a day who leave the department.
        level: number among ``LEVELS`` of each setting, shape ``(settings,)``; pressures repeat level by level.
        steps: occupancy, and mean wait in hours, of single base steps, shape ``(settings, replications, steps, sites,
            2)``.
    """

    occupancy: np.ndarray
    held: np.ndarray
    wait: np.ndarray
    over_six: np.ndarray
    over_twelve: np.ndarray
    over_four: np.ndarray
    crowding: np.ndarray
    handover: np.ndarray
    cancelled: np.ndarray
    outlying: np.ndarray
    admissions: np.ndarray
    attendances: np.ndarray
    level: np.ndarray
    steps: np.ndarray

    def of(self, replications: slice | list[int]) -> ExperimentPoints:
        """Return the points of some replications only."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        return ExperimentPoints(
            **{name: value if name == "level" else value[:, replications] for name, value in values.items()}
        )


MEASURES = tuple(field.name for field in fields(ExperimentPoints) if field.name not in ("level", "steps"))


class _SteadyStateProbe(UrgentCare):
    """The stock-flow hospital, which also records the inputs of a patient-level one on a day."""

    compiled: ClassVar[bool] = False
    tracked: ClassVar[Mapping[str, float]] = {**TRACKED_SIGNALS, **SIGNALS_OF_DISCHARGE}

    def __init__(self, day: float) -> None:
        self._day = day
        self.found: SteadyState | None = None
        self._inputs: PatientInputs | None = None

    def step(self, world: World) -> None:
        """Step the sector, and record the state on the day."""
        if self._inputs is None:
            self._inputs = PatientInputs(world)
        super().step(world)
        if self.found is None and world.clock.day >= self._day:
            self.found = self._state(world, self._inputs)

    def _state(self, world: World, inputs: PatientInputs) -> SteadyState:
        p = world.p
        fits = world.outputs["urgent_care.fit_to_leave"].sum(axis=0) / world.clock.span
        effects = replace(
            lengthening(world, 0),
            per_day_waited=float(p["urgent_care.crowding_stay_response"].flat[0]) * HOURS_PER_DAY,
            outlier=1.0 + float(p["urgent_care.outlier_stay_penalty"].flat[0]),
        )
        held = {name: values.copy() for name, values in world.stocks.items()}
        for name, values in world.stocks.items():
            if name.startswith(("urgent_care.", "discharge.")) and values.ndim > 1:
                values[...] = whole(values)
        patients = opening(world, 0)
        for name, values in held.items():
            world.stocks[name][...] = values
        return SteadyState(
            inputs.of(world, fits, 1)[0],
            patients,
            effects,
            shortage=max(1.0 - float(staff_for_the_work(world)[0]), 0.0),
            assessment_hours=float(p["urgent_care.assessment_hours"].flat[0]),
        )


@lru_cache(maxsize=1)
def steady_state() -> SteadyState:
    """Run the baseline to the stated date, with the loops off in which the learnt curves act."""
    declarations = registry()
    plan = resolve("baseline", declarations, changes={"years_after_decision": 1, "members": 1, "parameters": "central"})
    clock = Clock(plan.start, plan.decision, plan.step_days)
    base = base_parameters(plan, declarations, 0, 1)
    for name in CLOSED_LOOPS:
        base[name] = np.zeros_like(base[name])
    for name in LEARNT_NAMES:
        base[f"{_SteadyStateProbe.name}.{name}"] = np.full_like(base[f"{_SteadyStateProbe.name}.{name}"], NEUTRAL)
    bounds = {name: entry.bounds for name, entry in declarations.parameters.items()}
    sizes = {name: len(labels) for name, labels in DIMENSIONS.items()}
    look = _SteadyStateProbe(clock.days_since_start(STATED_DATE))
    sectors = [look if sector.name == look.name else sector for sector in all_sectors()]
    run(sectors, clock, Inputs(base, bounds, to_modifiers(plan, clock, declarations), sizes, 1), keep=frozenset())
    if look.found is None:
        raise ValueError(f"the baseline does not reach {STATED_DATE}")
    return look.found


class _SiteTotals:
    """Sums over the counted periods of one run, by site."""

    def __init__(self, state: SteadyState) -> None:
        self._assessment = state.assessment_hours
        self._nctr = np.array(
            [
                sum(count for name, count in state.opening[ward(site, "medical")].items() if name.endswith("_delayed"))
                for site in SITES
            ],
            dtype=float,
        )
        self._outliers = np.zeros(len(SITES))
        self._sums: dict[str, np.ndarray] = {}
        self._steps: list[np.ndarray] = []

    def add(self, exchange: ToSystem, core_beds: np.ndarray, *, counts: bool) -> None:
        """Follow the patients of a period, and add them up if it counts."""
        amount, late = exchange.counts.amount, exchange.counts.late
        nctr = self._follow("_nctr", _nctr_flow(amount), _nctr_flow(late))
        outliers = self._follow(
            "_outliers", amount["outliers_come"] - amount["outliers_go"], late["outliers_come"] - late["outliers_go"]
        )
        if not counts:
            return
        beds = core_beds + exchange.escalation_beds
        admitted = amount["urgent_care.admissions_from_department"]
        in_beds = exchange.occupancy * beds
        for name, values in {
            "beds": beds,
            "in_beds": in_beds,
            "nctr": nctr,
            "outliers": outliers,
            "admitted": admitted,
            "wait": exchange.wait_for_bed_hours,
            "over_six": exchange.over_six_hours,
            "over_twelve": exchange.over_twelve_hours,
            "over_four": exchange.over_four_hours,
            "left": exchange.left_department,
            "lost": exchange.handover_hours_lost,
            "handovers": amount["urgent_care.handovers"],
            "cancelled": amount["cancelled"],
            "electives": amount["urgent_care.elective_admissions"],
        }.items():
            self._sums[name] = self._sums.get(name, 0.0) + values.sum(axis=0)
        wait = exchange.wait_for_bed_hours / np.maximum(admitted, 1.0)
        self._steps.append(np.stack([exchange.occupancy, wait], axis=-1))

    def _follow(self, name: str, net: np.ndarray, late: np.ndarray) -> np.ndarray:
        """Return the mean of a stock over each step, by site, from inflow less outflow, and move the stock on."""
        before = getattr(self, name)
        at_end = before + np.cumsum(net, axis=0)
        setattr(self, name, at_end[-1])
        return at_end - net + late

    def results(self, standard_hours: float) -> dict[str, np.ndarray]:
        """Return the measures of ``ExperimentPoints`` for this run, by site."""
        s = {name: np.maximum(values, 1e-9) for name, values in self._sums.items()}
        steps = np.concatenate(self._steps)
        return {
            "occupancy": s["in_beds"] / s["beds"],
            "held": s["nctr"] / s["beds"],
            "wait": s["wait"] / s["admitted"],
            "over_six": s["over_six"] / s["admitted"],
            "over_twelve": s["over_twelve"] / s["admitted"],
            "over_four": s["over_four"] / s["left"],
            "crowding": s["wait"] / (s["left"] * self._assessment),
            "handover": standard_hours + s["lost"] / s["handovers"],
            "cancelled": s["cancelled"] / (s["cancelled"] + s["electives"]),
            "outlying": s["outliers"] / s["in_beds"],
            "admissions": s["admitted"] / (len(steps) * STEP_DAYS),
            "attendances": s["left"] / (len(steps) * STEP_DAYS),
            "beds": s["beds"] / len(steps),
            "steps": steps,
        }


def _nctr_flow(flows: Mapping[str, np.ndarray]) -> np.ndarray:
    """Return patients who come to be without criteria to reside less those who leave, [step, site]."""

    def of_site(name: str) -> np.ndarray:
        values = flows[name]
        return values.reshape(*values.shape[:2], -1).sum(axis=2)

    return of_site("discharge.fit_to_leave") - sum(of_site(name) for name in NCTR_LEAVES)


def _run(
    network: Network, state: SteadyState, inputs: FromSystem, replication: int, seed: int, periods: int
) -> dict[str, np.ndarray]:
    """Run one hospital at steady inputs."""
    hospital = PatientHospital(
        network,
        state.opening,
        state.effects,
        days=(WARM_UP + periods) * PERIOD * STEP_DAYS,
        step_days=STEP_DAYS,
        seed=seed,
        replication=replication,
    )
    measured = _SiteTotals(state)
    for period in range(WARM_UP + periods):
        exchange = hospital.run(inputs, PERIOD)
        measured.add(exchange, inputs.core_beds, counts=period >= WARM_UP)
    return measured.results(inputs.handover_standard_days * HOURS_PER_DAY)


def experiment_settings(
    network: Network, state: SteadyState, seed: int, pressures: Sequence[float]
) -> list[tuple[int, FromSystem]]:
    """Return the level and the hospital's inputs of each setting; a pilot with ample beds gives the beds needed.

    Args:
        network: the network, beginning on the stated date.
        state: the system on that date.
        seed: seed of all draws.
        pressures: patients who would be in beds over core beds, by site alike.
    """
    settings: list[tuple[int, FromSystem]] = []
    core = state.inputs.core_beds
    for level, (of_process, of_electives) in enumerate(LEVELS):
        inputs = replace(
            state.inputs,
            process_days=state.inputs.process_days * of_process,
            electives=state.inputs.electives * of_electives,
        )
        pilot = _run(network, state, replace(inputs, core_beds=core * AMPLE), PILOT, seed, PILOT_PERIODS)
        beds = pilot["beds"] * pilot["occupancy"]
        rest = pilot["beds"] * pilot["held"] + inputs.electives * inputs.elective_days
        for pressure in pressures:
            longer = (pressure * core - rest) / (beds - rest)
            days = inputs.treatment_days * longer[:, None]
            settings.append((level, replace(inputs, treatment_days=days)))
    return settings


def measure_points(
    replications: int = REPLICATIONS,
    *,
    seed: int = SEED,
    pressures: Sequence[float] = PRESSURES,
    measured: int = MEASURED,
    network: Network | None = None,
    progress: ProgressCallback | None = None,
) -> ExperimentPoints:
    """Run the experiment.

    Args:
        replications: hospitals at every setting; replication ``i`` draws alike at all of them.
        seed: seed of all draws.
        pressures: patients who would be in beds over core beds.
        measured: periods of 28 days that count.
        network: the network; that of the whole system where left out.
        progress: receives the runs done, and the runs in all.
    """
    state = steady_state()
    network = replace(network or bnssg_network(), start=STATED_DATE)
    settings = experiment_settings(network, state, seed, pressures)
    runs: list[list[dict[str, np.ndarray]]] = []
    for setting, (_, inputs) in enumerate(settings):
        row = []
        for replication in range(replications):
            row.append(_run(network, state, inputs, replication, seed, measured))
            if progress is not None:
                progress(setting * replications + replication + 1, len(settings) * replications)
        runs.append(row)
    measures = {
        name: np.array([[replication_results[name] for replication_results in row] for row in runs])
        for name in (*MEASURES, "steps")
    }
    return ExperimentPoints(level=np.array([level for level, _ in settings]), **measures)
