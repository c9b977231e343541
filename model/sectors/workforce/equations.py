"""Workforce: posts, staff in post by experience, pipelines, temporary staff and moves between employers.

Staff enter from training, apprenticeships, overseas and the domestic labour market, become experienced, fall ill and
return, move between employers, retire or leave. Empty posts draw recruits (B1), temporary staff (B2) and the staff of
other employers (R7); work left to fewer people raises sickness and leaving (R2).
"""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from model.engine.dynamics import approach, relative_to_first
from model.engine.stepper import Sector
from model.engine.world import World
from model.registry.declarations import Flow, Loop, Output, Stock
from model.registry.dimensions import DIMENSIONS
from model.sectors.workforce import staff_moves as moves
from model.sectors.workforce.declarations import FLOWS, LOOPS, OUTPUTS, STOCKS

EMPLOYERS = DIMENSIONS["employer"]
ACUTE, COMMUNITY, MENTAL_HEALTH, PRIMARY_CARE, SOCIAL_CARE, VCSE = range(len(EMPLOYERS))
NHS_EMPLOYERS = [ACUTE, COMMUNITY, MENTAL_HEALTH, PRIMARY_CARE]
SERVICES = DIMENSIONS["service"]
MENTAL_HEALTH_SERVICES = [
    SERVICES.index(name)
    for name in (
        "talking_therapies",
        "adult_community_mental_health",
        "cyp_mental_health",
        "mental_health_crisis",
        "mental_health_inpatient",
    )
]


TRACKED_SIGNALS = {
    "urgent_care.beds_occupied": 0.5,
    "discharge.long_term_users": 1.0,
    "discharge.workload": 1.0,
    "workforce.in_post_new": 1.0,
    "workforce.in_post_experienced": 1.0,
    "workforce.on_sick_leave": 1.0,
    "workforce.workload_experience": 1.0,
    "workforce.vacancies_advertised": 1.0,
    "workforce.establishment": 1.0,
}
"""Signals, its own stocks among them, from whose middle of the step the flows of the step are taken, and where in
their owner's step they stand."""


def in_post(world: World) -> np.ndarray:
    """Staff in post, at work or on sick leave, ``[employer, staff_group]``."""
    stocks = world.stocks
    return stocks["workforce.in_post_new"] + stocks["workforce.in_post_experienced"] + stocks["workforce.on_sick_leave"]


def in_post_midway(world: World) -> np.ndarray:
    """Staff in post as they will be in the middle of the step, ``[employer, staff_group]``."""
    parts = ("workforce.in_post_new", "workforce.in_post_experienced", "workforce.on_sick_leave")
    return sum((world.extrapolated(name) for name in parts), start=np.zeros_like(world.stocks[parts[0]]))


def work_by_experience(world: World) -> np.ndarray:
    """Work that staff do, in experienced WTE at work, before overwork and productivity programmes."""
    stocks, p = world.stocks, world.p
    new = p["workforce.new_starter_productivity"] * stocks["workforce.in_post_new"]
    others = stocks["workforce.temporary"] + stocks["workforce.reserve_at_work"]
    return stocks["workforce.in_post_experienced"] + new + p["workforce.temporary_productivity"] * others


class Workforce(Sector):
    """Staff of the system by employer and group."""

    name: ClassVar[str] = "workforce"
    title: ClassVar[str] = "Workforce"
    every: ClassVar[int] = 2
    stocks: ClassVar[tuple[Stock, ...]] = STOCKS
    flows: ClassVar[tuple[Flow, ...]] = FLOWS
    outputs: ClassVar[tuple[Output, ...]] = OUTPUTS
    loops: ClassVar[tuple[Loop, ...]] = LOOPS

    def initialise(self, world: World) -> None:
        """Staff of April 2019 at work and on sick leave, posts from the vacancy rates, pipelines in balance."""
        p, stocks = world.p, world.stocks
        world.track_signals(self.name, TRACKED_SIGNALS)
        people = p["workforce.initial_in_post"]
        ill = p["workforce.sickness_ratio"][:, None]
        at_work = people / (1.0 + ill)
        stocks["workforce.on_sick_leave"][...] = people - at_work
        stocks["workforce.in_post_new"][...] = at_work * p["workforce.initial_share_new"][:, None]
        stocks["workforce.in_post_experienced"][...] = at_work * (1.0 - p["workforce.initial_share_new"][:, None])
        stocks["workforce.establishment"][...] = people / (1.0 - p["workforce.initial_vacancy_rate"])
        stocks["workforce.vacancies_advertised"][...] = p["workforce.initial_vacancy_rate"]
        stocks["workforce.workload_experience"][...] = 1.0
        self._start_pipelines(world)
        posts = stocks["workforce.establishment"]
        vacancies = posts - in_post(world)
        stocks["workforce.temporary"][...] = moves.temporary_target(world, posts, vacancies)
        self._first_work = work_by_experience(world).sum(axis=1)
        self._first_cover = work_by_experience(world) / np.maximum(posts, moves.TINY)
        self._first_vcse_posts = posts[VCSE].copy()
        shape = (world.members,)
        self._references = {"urgent_care.beds_occupied": np.zeros(shape), "discharge.long_term_users": np.zeros(shape)}
        self._references["vcse.contracted_posts"] = np.zeros(shape)
        self._first_need = np.zeros((len(SERVICES), world.members))
        world.outputs["workforce.workload"][...] = 1.0
        self._felt = np.ones_like(posts)
        self._publish_staff(world, posts)

    def step(self, world: World) -> None:
        """Posts, then exits and moves, then those who join, then temporary cover, workload and what others see."""
        before = in_post(world)
        # Posts and staff of one moment: grown posts against staff not yet joined would be vacancies that never are.
        opening = self._funded(world, world.extrapolated("workforce.establishment"))
        vacancies = np.maximum(opening - in_post_midway(world), 0.0)
        vacancy_rate = vacancies / np.maximum(opening, moves.TINY)
        posts = self._grow_posts(world)
        span = world.clock.years_spanned
        advertised = world.stocks["workforce.vacancies_advertised"]
        advertised[...] = approach(advertised, vacancy_rate, world.p["workforce.time_to_hire"][:, None], span)
        moves.staff_leave_and_move(world, vacancy_rate, opening)
        room = vacancies.copy()
        moves.train(world, room)
        moves.train_apprentices(world, room)
        moves.recruit(world, room, opening)
        moves.engage_temporary_staff(world, opening, vacancies)
        self._publish_staff(world, posts)
        self._feel_workload(world, posts)
        self._publish_leaving(world, before)

    def _start_pipelines(self, world: World) -> None:
        """Trainees and apprentices as a steady intake would leave them."""
        p, stocks = world.p, world.stocks
        stage = p["workforce.training_places"] * p["workforce.training_years"] / moves.TRAINING_STAGES
        stocks["workforce.trainees_first"][...] = stage
        stocks["workforce.trainees_middle"][...] = stage * p["workforce.training_completion"]
        stocks["workforce.trainees_final"][...] = stage * p["workforce.training_completion"]
        stage = p["workforce.apprenticeships"] * p["workforce.apprenticeship_years"] / moves.APPRENTICE_STAGES
        stocks["workforce.apprentices_first"][...] = stage
        stocks["workforce.apprentices_final"][...] = stage * p["workforce.apprenticeship_completion"]

    def _grow_posts(self, world: World) -> np.ndarray:
        """Funded posts after the growth of the step: planned growth as money allows (R6), and programme posts."""
        p = world.p
        last = len(DIMENSIONS["financial_year"]) - 1
        held_back = 1.0 - world.outputs["finance.discretionary_share"]
        withheld = p["workforce.establishment_sensitivity_to_funds"] * held_back
        by_year = p["workforce.establishment_growth"]
        planned = sum(share * by_year[:, min(year, last)] for year, share in world.clock.financial_years())
        # Money held back slows growth; it does not slow a planned reduction.
        growth = np.where(planned > 0.0, planned * (1.0 - withheld), planned)
        establishment = world.stocks["workforce.establishment"]
        establishment *= np.exp(growth * world.clock.years_spanned)[:, None]
        establishment[VCSE] = self._first_vcse_posts * self._contracted(world)
        return self._funded(world, establishment)

    def _funded(self, world: World, establishment: np.ndarray) -> np.ndarray:
        """Funded posts: establishment and programme posts."""
        return np.maximum(establishment + world.p["workforce.programme_posts"], 0.0)

    def _contracted(self, world: World) -> np.ndarray:
        """Posts under VCSE contracts relative to the first step: they set both its paid posts and its work."""
        return relative_to_first(world.outputs["vcse.contracted_posts"], self._references["vcse.contracted_posts"])

    def _work(self, world: World) -> np.ndarray:
        """Work to be done by employer relative to April 2019, ``[employer]``."""
        outputs = world.outputs
        need = relative_to_first(outputs["demand.need"].sum(axis=1), self._first_need)
        in_beds = world.extrapolated("urgent_care.beds_occupied")
        beds = relative_to_first(in_beds, self._references["urgent_care.beds_occupied"])
        users = relative_to_first(
            world.extrapolated("discharge.long_term_users").sum(axis=(0, 1)),
            self._references["discharge.long_term_users"],
        )
        main = np.ones((len(EMPLOYERS), world.members))
        main[ACUTE] = beds
        main[COMMUNITY] = need[SERVICES.index("community_contact")]
        main[MENTAL_HEALTH] = need[MENTAL_HEALTH_SERVICES].mean(axis=0)
        main[PRIMARY_CARE] = need[SERVICES.index("gp_contact")]
        main[SOCIAL_CARE] = users
        main[VCSE] = self._contracted(world)
        second = np.ones_like(main)
        second[ACUTE] = need[SERVICES.index("elective_referral")]
        second[COMMUNITY] = world.extrapolated("discharge.workload")
        second[SOCIAL_CARE] = world.extrapolated("discharge.workload")
        share = world.p["workforce.work_share_of_main_driver"]
        return share * main + (1.0 - share) * second

    def _feel_workload(self, world: World, posts: np.ndarray) -> None:
        """Workload per effective member of staff, and how staff come to feel it and the posts left uncovered (R2)."""
        p = world.p
        effective = world.outputs["workforce.effective_staff"]
        workload = np.minimum(self._work(world) / np.maximum(effective, moves.TINY), p["workforce.workload_limit"])
        world.outputs["workforce.workload"][...] = workload
        cover = work_by_experience(world) / np.maximum(posts, moves.TINY)
        uncovered = np.where(posts > moves.TINY, 1.0 + self._first_cover - cover, 1.0)
        weight = p["workforce.vacancy_share_of_workload"]
        felt = (1.0 - weight) * workload[:, None] + weight * uncovered
        experience = world.stocks["workforce.workload_experience"]
        over_step = 0.5 * (felt + self._felt)
        experience[...] = approach(experience, over_step, p["workforce.workload_memory"], world.clock.years_spanned)
        self._felt = felt

    def _publish_staff(self, world: World, posts: np.ndarray) -> None:
        """Staff, vacancies and effective staff for other sectors and for results."""
        p, outputs, stocks = world.p, world.outputs, world.stocks
        people = in_post(world)
        outputs["workforce.in_post"][...] = people
        outputs["workforce.funded_posts"][...] = posts
        outputs["workforce.temporary_staff"][...] = stocks["workforce.temporary"]
        outputs["workforce.temporary_staff_total"][...] = stocks["workforce.temporary"].sum(axis=(0, 1))
        by_employer, posts_by_employer = people.sum(axis=1), posts.sum(axis=1)
        # A post can be empty in one group while another is over its number: vacancies do not net off between groups.
        empty = np.maximum(posts - people, 0.0).sum(axis=1)
        outputs["workforce.vacancy_rate"][...] = empty / np.maximum(posts_by_employer, moves.TINY)
        nhs_posts = np.maximum(posts_by_employer[NHS_EMPLOYERS].sum(axis=0), moves.TINY)
        outputs["workforce.vacancy_rate_overall"][...] = empty[NHS_EMPLOYERS].sum(axis=0) / nhs_posts
        outputs["workforce.in_post_nhs"][...] = by_employer[NHS_EMPLOYERS].sum(axis=0)
        outputs["workforce.sickness_rate"][...] = stocks["workforce.on_sick_leave"].sum(axis=1) / np.maximum(
            by_employer, moves.TINY
        )
        work = work_by_experience(world) * self._overwork(world)
        work = work.sum(axis=1) * p["workforce.productivity_multiplier"]
        outputs["workforce.staffed_share"][...] = work / np.maximum(posts_by_employer, moves.TINY)
        outputs["workforce.effective_staff"][...] = work / np.maximum(self._first_work, moves.TINY)

    def _overwork(self, world: World) -> np.ndarray:
        """Productivity left by overwork, 1 at or below the workload of April 2019 (part of R2)."""
        # Staff are published at the end of the step, before what they feel is brought up to it.
        end = world.clock.day + world.clock.span
        strain = np.maximum(world.extrapolated("workforce.workload_experience", end) - 1.0, 0.0)
        left = np.maximum(1.0 - world.p["workforce.overwork_loss"] * strain, 0.0)
        return moves.gated(world, "R2_burnout", left)

    def _publish_leaving(self, world: World, before: np.ndarray) -> None:
        """Leavers and movers of the step."""
        flows, outputs = world.flows, world.outputs
        gone = (
            flows["workforce.leavers_new"] + flows["workforce.leavers_experienced"] + flows["workforce.retirements"]
        ).sum(axis=1)
        per_year = np.maximum(before.sum(axis=1), moves.TINY) * world.clock.years_spanned
        outputs["workforce.leaver_rate"][...] = gone / per_year
        outputs["workforce.local_movers"][...] = flows["workforce.moves_between_employers"].sum(axis=(0, 1))
