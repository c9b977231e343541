"""Workforce: posts, staff in post by experience, pipelines, temporary staff and moves between employers.

Staff enter from training, apprenticeships, overseas and the domestic labour market, become experienced, fall ill and
return, move between employers, retire or leave. Empty posts draw recruits (B1), temporary staff (B2) and the staff of
other employers (R7); work left to fewer people raises sickness and leaving (R2).

Arrays are ``[employer, staff_group, member]`` unless stated; staff in WTE, rates per year. Functions that take
``empty_posts`` take off what they fill.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import numpy as np

from model.engine.dynamics import (
    TINY,
    approach,
    competing_shares,
    filled_and_left,
    relative_to_first,
    safe_ratio,
    share_leaving,
)
from model.engine.stepper import Sector
from model.engine.world import World
from model.registry.calendar import DAYS_PER_YEAR
from model.registry.declarations import Flow, Loop, Output, Stock
from model.registry.dimensions import DIMENSIONS, position, positions
from model.sectors.workforce.declarations import FLOWS, LOOPS, OUTPUTS, STOCKS

EMPLOYERS = DIMENSIONS["employer"]
SERVICES = DIMENSIONS["service"]
ACUTE, COMMUNITY, MENTAL_HEALTH, PRIMARY_CARE, SOCIAL_CARE, VCSE = positions("employer").values()
NHS_EMPLOYERS = [ACUTE, COMMUNITY, MENTAL_HEALTH, PRIMARY_CARE]
COMMUNITY_CONTACT, GP_CONTACT, ELECTIVE_REFERRAL = (
    position("service", service) for service in ("community_contact", "gp_contact", "elective_referral")
)
MENTAL_HEALTH_SERVICES = [
    position("service", service)
    for service in (
        "talking_therapies",
        "adult_community_mental_health",
        "cyp_mental_health",
        "mental_health_crisis",
        "mental_health_inpatient",
    )
]
TRAINING_STAGES = 3
APPRENTICE_STAGES = 2
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


def gated(world: World, loop: str, effect: np.ndarray) -> np.ndarray:
    """A multiplier as the gain of its loop lets it act: 1 at gain zero, ``effect`` at gain one."""
    return 1.0 + world.p[f"loops.{loop}"] * (effect - 1.0)


def burnout(world: World, slope: str) -> np.ndarray:
    """Multiplier of sickness or leaving by experienced workload (R2): saturating, 1 at the workload of April 2019.

    1 + limit x tanh(slope x (workload - 1) / limit)
    """
    limit = world.p["workforce.burnout_limit"]
    strain = world.extrapolated("workforce.workload_experience") - 1.0
    return gated(world, "R2_burnout", 1.0 + limit * np.tanh(world.p[slope] * strain / limit))


def recruitment_answer(world: World) -> np.ndarray:
    """Multiplier of domestic recruitment by the vacancies to which it answers (B1)."""
    p = world.p
    relative = safe_ratio(world.extrapolated("workforce.vacancies_advertised"), p["workforce.initial_vacancy_rate"])
    answer = np.minimum(relative ** p["workforce.recruitment_response"], p["workforce.recruitment_limit"])
    return gated(world, "B1_hiring", answer)


def draw_of_pay(p: Mapping[str, np.ndarray]) -> np.ndarray:
    """How strongly relative pay draws staff from other employers."""
    return p["workforce.relative_pay"][:, None] ** p["workforce.move_pay_elasticity"]


def pull_and_push(world: World, vacancy_rate: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """How strongly each employer draws staff from others, and loses them to others (R7); 1 as in April 2019."""
    p = world.p
    pay = p.derived(draw_of_pay)
    felt = (
        np.maximum(world.extrapolated("workforce.workload_experience"), TINY) ** p["workforce.move_workload_elasticity"]
    )
    shortage = safe_ratio(vacancy_rate, p["workforce.initial_vacancy_rate"])
    limit = p["workforce.move_pull_limit"]
    drawn = 1.0 + p["workforce.move_vacancy_response"] * (np.minimum(shortage, limit) - 1.0)
    pull = np.minimum(drawn * pay / felt, limit)
    push = np.minimum(felt / pay, limit)
    return gated(world, "R7_poaching", pull), gated(world, "R7_poaching", push)


def leaving_without_burnout(p: Mapping[str, np.ndarray]) -> np.ndarray:
    """Rate at which experienced staff leave at the workload of April 2019."""
    by_employer = p["workforce.leaving_rate"] * p["workforce.leaving_multiplier"]
    by_employer = by_employer * p["workforce.relative_pay"] ** -p["workforce.leaving_pay_elasticity"]
    return by_employer[:, None] * p["workforce.leaving_by_group"]


def leaving_rates(world: World) -> tuple[np.ndarray, np.ndarray]:
    """Rates at which experienced and new staff leave the modelled employers, without retirement."""
    p = world.p
    experienced = p.derived(leaving_without_burnout) * burnout(world, "workforce.leaving_per_workload")
    return experienced, experienced * p["workforce.new_starter_leaving_ratio"][:, None]


def falling_ill_rate(world: World) -> np.ndarray:
    """Rate at which staff at work go on sick leave."""
    p = world.p
    ratio = (p["workforce.sickness_ratio"] * p["workforce.sickness_multiplier"])[:, None]
    return ratio * burnout(world, "workforce.sickness_per_workload") * (DAYS_PER_YEAR / p["workforce.sick_leave_days"])


def exits_midway(world: World, name: str, rates: list[np.ndarray]) -> list[np.ndarray]:
    """Amounts that leave a stock by each of several exits, from its middle of the step, never more than there is."""
    shares = competing_shares(rates, world.clock.years_spanned)
    total = sum(shares[1:], start=shares[0])
    there = np.minimum(world.extrapolated(name), safe_ratio(world.stocks[name], total))
    return [there * share for share in shares]


def staff_leave_and_move(world: World, vacancy_rate: np.ndarray, posts: np.ndarray) -> None:
    """Exits of staff at work over the step: leaving, retirement, sick leave, maturation, moves to other employers."""
    span, stocks = world.clock.years_spanned, world.stocks
    new, experienced = stocks["workforce.in_post_new"], stocks["workforce.in_post_experienced"]
    leaving, leaving_new = leaving_rates(world)
    ill = falling_ill_rate(world)
    pull, push = pull_and_push(world, vacancy_rate)
    weight = posts * pull
    pulled_elsewhere = np.maximum(weight.sum(axis=0) - weight, 0.0)
    posts_elsewhere = np.maximum(posts.sum(axis=0) - posts, TINY)
    moving = world.p["workforce.base_move_rate"][:, None] * push * pulled_elsewhere / posts_elsewhere
    retiring, maturing = world.p["workforce.retirement_rate"], 1.0 / world.p["workforce.years_to_experience"]
    share_new = safe_ratio(new, new + experienced)

    left, retired, moved = exits_midway(world, "workforce.in_post_experienced", [leaving, retiring, moving])
    left_new, matured = exits_midway(world, "workforce.in_post_new", [leaving_new, maturing])
    # Staff who fall ill are replaced within the step by those who return: they do not deplete those at work.
    falling = np.minimum(ill * span, 1.0)
    fell_ill = np.minimum(
        world.extrapolated("workforce.in_post_experienced") * falling, experienced - left - retired - moved
    )
    fell_ill_new = np.minimum(world.extrapolated("workforce.in_post_new") * falling, new - left_new - matured)

    world.move("workforce.leavers_experienced", left)
    world.move("workforce.retirements", retired)
    world.move("workforce.leavers_new", left_new)
    world.move("workforce.becoming_experienced", matured)
    sick_before = stocks["workforce.on_sick_leave"].copy()
    falling_ill = world.move("workforce.sick_leave_experienced", fell_ill)
    falling_ill = falling_ill + world.move("workforce.sick_leave_new", fell_ill_new)
    return_from_sick_leave(world, sick_before, falling_ill, share_new)
    move_between_employers(world, safe_ratio(moved, pulled_elsewhere), weight)


def return_from_sick_leave(
    world: World, sick_before: np.ndarray, falling_ill: np.ndarray, share_new: np.ndarray
) -> None:
    """Staff back from sick leave, as experienced as those at work are on the whole."""
    per_year = DAYS_PER_YEAR / world.p["workforce.sick_leave_days"]
    back = filled_and_left(sick_before, falling_ill, per_year, world.clock.years_spanned)
    back_new = back * share_new
    world.move("workforce.return_new", back_new)
    world.move("workforce.return_experienced", back - back_new)


def move_between_employers(world: World, moved_per_weight: np.ndarray, weight: np.ndarray) -> None:
    """Experienced staff from every employer to every other, in proportion to posts and pull of where they go.

    Args:
        world: the run.
        moved_per_weight: staff who leave each employer for another, over the weight of all others.
        weight: posts times pull of each employer.
    """
    for target in range(len(EMPLOYERS)):
        amount = moved_per_weight * weight[target]
        amount[target] = 0.0
        world.move("workforce.moves_between_employers", amount, target=(target,), record=(target,), collect=(0,))


def fitting(wanted: np.ndarray, empty_posts: np.ndarray) -> np.ndarray:
    """As many of those who could join as there are empty posts."""
    return np.minimum(wanted, np.maximum(empty_posts, 0.0))


def share_leaving_stage(p: Mapping[str, np.ndarray], years: str, stages: int, span: float) -> np.ndarray:
    """Share of those in one of several equal stages of training that leave it over ``span`` years."""
    return competing_shares([stages / p[years]], span)[0]


def train(world: World, empty_posts: np.ndarray) -> None:
    """Professional training over the step: starts, three stages, and first posts where there are vacancies."""
    p, span, stocks = world.p, world.clock.years_spanned, world.stocks
    stage_out = p.derived(share_leaving_stage, "workforce.training_years", TRAINING_STAGES, span)
    completing = p["workforce.training_completion"]
    first = stocks["workforce.trainees_first"] * stage_out
    middle = stocks["workforce.trainees_middle"] * stage_out
    qualified = stocks["workforce.trainees_final"] * stage_out
    staying = qualified * p["workforce.graduates_staying"]
    wanted = safe_ratio(empty_posts, empty_posts.sum(axis=0)) * staying
    accepted = fitting(wanted, empty_posts)
    for target in range(len(EMPLOYERS)):
        world.move("workforce.graduates_joining", accepted[target], target=(target,), record=(target,))
    empty_posts -= accepted
    world.move("workforce.graduates_elsewhere", np.maximum(qualified - accepted.sum(axis=0), 0.0))
    world.move("workforce.training_progress_middle", middle)
    world.move("workforce.training_progress_first", first * completing)
    world.move("workforce.training_dropouts", first * (1.0 - completing))
    world.move("workforce.training_starts", p["workforce.training_places"] * span)


def train_apprentices(world: World, empty_posts: np.ndarray) -> None:
    """Apprenticeships over the step: starts, two stages, and posts with the same employer."""
    p, span, stocks = world.p, world.clock.years_spanned, world.stocks
    stage_out = p.derived(share_leaving_stage, "workforce.apprenticeship_years", APPRENTICE_STAGES, span)
    first = stocks["workforce.apprentices_first"] * stage_out
    qualified = stocks["workforce.apprentices_final"] * stage_out
    completing = p["workforce.apprenticeship_completion"]
    accepted = fitting(qualified, empty_posts)
    empty_posts -= world.move("workforce.apprentices_joining", accepted)
    world.move("workforce.apprentices_elsewhere", qualified - accepted)
    world.move("workforce.apprenticeship_progress", first * completing)
    world.move("workforce.apprenticeship_dropouts", first * (1.0 - completing))
    world.move("workforce.apprenticeship_starts", p["workforce.apprenticeships"] * span)


def market_rate(p: Mapping[str, np.ndarray]) -> np.ndarray:
    """Yearly domestic recruitment per funded post at the vacancies of April 2019."""
    pay = p["workforce.relative_pay"] ** p["workforce.recruitment_pay_elasticity"]
    market = (p["workforce.labour_market_factor"] * pay)[:, None]
    return p["workforce.base_recruitment"] * p["workforce.recruitment_multiplier"] * market


def recruit(world: World, empty_posts: np.ndarray, posts: np.ndarray) -> None:
    """Overseas and domestic recruitment over the step, never beyond the empty posts in ``empty_posts``."""
    p, span = world.p, world.clock.years_spanned
    overseas = fitting(p["workforce.overseas_recruitment"] * span, empty_posts)
    empty_posts -= world.move("workforce.overseas_joining", overseas)
    wanted = posts * p.derived(market_rate) * recruitment_answer(world) * span
    empty_posts -= world.move("workforce.domestic_joining", fitting(wanted, empty_posts))


def temporary_target(world: World, posts: np.ndarray, uncovered: np.ndarray) -> np.ndarray:
    """Agency and bank staff that employers seek (B2): a share of the posts that neither staff nor reserve cover."""
    p = world.p
    base = p["workforce.temporary_base_share"][:, None] * posts
    sought = p["workforce.temporary_fill_share"][:, None] * uncovered
    return np.maximum(base + p["loops.B2_agency"] * (sought - base), 0.0)


def engage_temporary_staff(world: World, posts: np.ndarray, vacancies: np.ndarray) -> None:
    """Reserve staff first, then agency and bank staff, each moved towards what is sought with a short delay."""
    p, stocks = world.p, world.stocks
    share = share_leaving(1.0 / p["workforce.temporary_delay"], world.clock.years_spanned)
    reserve = np.minimum(p["workforce.reserve_staff"], vacancies)
    change = (reserve - stocks["workforce.reserve_at_work"]) * share
    world.move("workforce.reserve_called", np.maximum(change, 0.0))
    world.move("workforce.reserve_released", np.maximum(-change, 0.0))
    change = (temporary_target(world, posts, vacancies - reserve) - stocks["workforce.temporary"]) * share
    world.move("workforce.temporary_engaged", np.maximum(change, 0.0))
    world.move("workforce.temporary_released", np.maximum(-change, 0.0))


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
        stocks["workforce.temporary"][...] = temporary_target(world, posts, vacancies)
        self._first_work = work_by_experience(world).sum(axis=1)
        self._first_cover = safe_ratio(work_by_experience(world), posts)
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
        vacancy_rate = safe_ratio(vacancies, opening)
        posts = self._grow_posts(world)
        span = world.clock.years_spanned
        advertised = world.stocks["workforce.vacancies_advertised"]
        advertised[...] = approach(advertised, vacancy_rate, world.p["workforce.time_to_hire"][:, None], span)
        staff_leave_and_move(world, vacancy_rate, opening)
        empty_posts = vacancies.copy()
        train(world, empty_posts)
        train_apprentices(world, empty_posts)
        recruit(world, empty_posts, opening)
        engage_temporary_staff(world, opening, vacancies)
        self._publish_staff(world, posts)
        self._feel_workload(world, posts)
        self._publish_leaving(world, before)

    def _start_pipelines(self, world: World) -> None:
        """Trainees and apprentices as a steady intake would leave them."""
        p, stocks = world.p, world.stocks
        stage = p["workforce.training_places"] * p["workforce.training_years"] / TRAINING_STAGES
        stocks["workforce.trainees_first"][...] = stage
        stocks["workforce.trainees_middle"][...] = stage * p["workforce.training_completion"]
        stocks["workforce.trainees_final"][...] = stage * p["workforce.training_completion"]
        stage = p["workforce.apprenticeships"] * p["workforce.apprenticeship_years"] / APPRENTICE_STAGES
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
        main[COMMUNITY] = need[COMMUNITY_CONTACT]
        main[MENTAL_HEALTH] = need[MENTAL_HEALTH_SERVICES].mean(axis=0)
        main[PRIMARY_CARE] = need[GP_CONTACT]
        main[SOCIAL_CARE] = users
        main[VCSE] = self._contracted(world)
        second = np.ones_like(main)
        second[ACUTE] = need[ELECTIVE_REFERRAL]
        second[COMMUNITY] = world.extrapolated("discharge.workload")
        second[SOCIAL_CARE] = world.extrapolated("discharge.workload")
        share = world.p["workforce.work_share_of_main_driver"]
        return share * main + (1.0 - share) * second

    def _feel_workload(self, world: World, posts: np.ndarray) -> None:
        """Workload per effective member of staff, and how staff come to feel it and the posts left uncovered (R2)."""
        p = world.p
        effective = world.outputs["workforce.effective_staff"]
        workload = np.minimum(safe_ratio(self._work(world), effective), p["workforce.workload_limit"])
        world.outputs["workforce.workload"][...] = workload
        cover = safe_ratio(work_by_experience(world), posts)
        uncovered = np.where(posts > TINY, 1.0 + self._first_cover - cover, 1.0)
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
        outputs["workforce.vacancy_rate"][...] = safe_ratio(empty, posts_by_employer)
        outputs["workforce.vacancy_rate_overall"][...] = safe_ratio(
            empty[NHS_EMPLOYERS].sum(axis=0), posts_by_employer[NHS_EMPLOYERS].sum(axis=0)
        )
        outputs["workforce.in_post_nhs"][...] = by_employer[NHS_EMPLOYERS].sum(axis=0)
        outputs["workforce.sickness_rate"][...] = safe_ratio(stocks["workforce.on_sick_leave"].sum(axis=1), by_employer)
        work = work_by_experience(world) * self._overwork(world)
        work = work.sum(axis=1) * p["workforce.productivity_multiplier"]
        outputs["workforce.staffed_share"][...] = safe_ratio(work, posts_by_employer)
        outputs["workforce.effective_staff"][...] = safe_ratio(work, self._first_work)

    def _overwork(self, world: World) -> np.ndarray:
        """Productivity left by overwork, 1 at or below the workload of April 2019 (part of R2)."""
        # Staff are published at the end of the step, before what they feel is brought up to it.
        end = world.clock.day + world.clock.span
        strain = np.maximum(world.extrapolated("workforce.workload_experience", end) - 1.0, 0.0)
        left = np.maximum(1.0 - world.p["workforce.overwork_loss"] * strain, 0.0)
        return gated(world, "R2_burnout", left)

    def _publish_leaving(self, world: World, before: np.ndarray) -> None:
        """Leavers and movers of the step."""
        flows, outputs = world.flows, world.outputs
        gone = (
            flows["workforce.leavers_new"] + flows["workforce.leavers_experienced"] + flows["workforce.retirements"]
        ).sum(axis=1)
        per_year = np.maximum(before.sum(axis=1), TINY) * world.clock.years_spanned
        outputs["workforce.leaver_rate"][...] = gone / per_year
        outputs["workforce.local_movers"][...] = flows["workforce.moves_between_employers"].sum(axis=(0, 1))
