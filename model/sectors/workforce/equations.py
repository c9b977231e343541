"""Workforce: posts, staff in post by experience, pipelines, temporary staff and moves between employers.

Staff enter from training, apprenticeships, overseas and the domestic labour market, become experienced, fall ill and
return, move between employers, retire or leave. Empty posts draw recruits (B1), temporary staff (B2) and the staff of
other employers (R7); work left to fewer people raises sickness and leaving (R2).

Arrays are ``[employer, staff_group, member]`` unless stated; staff in WTE, rates per year. Functions that take
``empty_posts`` return those that are left.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import ClassVar

import numpy as np

from model.engine.clock import Clock
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
from model.registry.declarations import Flow, Loop, Memory, Output, Stock
from model.registry.dimensions import DIMENSIONS, position, positions
from model.sectors.demand.declarations import NEED
from model.sectors.discharge.declarations import LONG_TERM_USERS, WORKLOAD
from model.sectors.finance.declarations import DISCRETIONARY_SHARE
from model.sectors.urgent_care.declarations import BEDS_OCCUPIED
from model.sectors.vcse.declarations import CONTRACTED_POSTS
from model.sectors.workforce.declarations import FLOWS, LOOPS, MEMORY, OUTPUTS, STOCKS
from model.sectors.workforce.views import Parameters, Stocks, views

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
NOT_ITSELF = 1.0 - np.eye(len(EMPLOYERS))[:, :, None, None]
"""Zero where an employer would draw staff from itself, by target and origin."""
LAST_YEAR = len(DIMENSIONS["financial_year"]) - 1
IN_POST_STOCKS = ("in_post_new", "in_post_experienced", "on_sick_leave")
TRAINING_STAGES = 3
APPRENTICE_STAGES = 2
TRACKED_SIGNALS = {
    BEDS_OCCUPIED.name: 0.5,
    LONG_TERM_USERS.name: 1.0,
    WORKLOAD.name: 1.0,
    "workforce.in_post_new": 1.0,
    "workforce.in_post_experienced": 1.0,
    "workforce.on_sick_leave": 1.0,
    "workforce.workload_experience": 1.0,
    "workforce.vacancies_advertised": 1.0,
    "workforce.establishment": 1.0,
}
"""Signals, its own stocks among them, from whose middle of the step the flows of the step are taken, and where in
their owner's step they stand."""


def in_post(stock: Stocks) -> np.ndarray:
    """Staff in post, at work or on sick leave."""
    return stock.in_post_new + stock.in_post_experienced + stock.on_sick_leave


def work_by_experience(p: Parameters, stock: Stocks) -> np.ndarray:
    """Work that staff do, in experienced WTE at work, before overwork and productivity programmes."""
    new = p.new_starter_productivity * stock.in_post_new
    return stock.in_post_experienced + new + p.temporary_productivity * (stock.temporary + stock.reserve_at_work)


def gated(gain: np.ndarray, effect: np.ndarray) -> np.ndarray:
    """A multiplier as the gain of its loop lets it act: 1 at gain zero, ``effect`` at gain one."""
    return 1.0 + gain * (effect - 1.0)


def burnout(slope: np.ndarray, limit: np.ndarray, strain: np.ndarray, gain: np.ndarray) -> np.ndarray:
    """Multiplier of sickness or leaving by experienced workload (R2): saturating, 1 at the workload of April 2019.

    1 + limit x tanh(slope x strain / limit)

    Args:
        slope: rise per unit of workload.
        limit: most that it rises.
        strain: workload that is felt beyond that of April 2019.
        gain: gain of the loop.
    """
    return gated(gain, 1.0 + limit * np.tanh(slope * strain / limit))


def output_left_by_overwork(p: Parameters, felt_workload: np.ndarray, gain: np.ndarray) -> np.ndarray:
    """Output of each member of staff that overwork leaves (part of R2), 1 up to the workload of April 2019.

    Args:
        p: parameters.
        felt_workload: workload as staff feel it.
        gain: gain of the loop.
    """
    left = np.maximum(1.0 - p.overwork_loss * np.maximum(felt_workload - 1.0, 0.0), 0.0)
    return gated(gain, left)


def recruitment_answer(p: Parameters, advertised: np.ndarray, gain: np.ndarray) -> np.ndarray:
    """Multiplier of domestic recruitment by the vacancies to which it answers (B1)."""
    relative = safe_ratio(advertised, p.initial_vacancy_rate)
    return gated(gain, np.minimum(relative**p.recruitment_response, p.recruitment_limit))


def draw_of_pay(arrays: Mapping[str, np.ndarray]) -> np.ndarray:
    """How strongly relative pay draws staff from other employers."""
    p = Parameters(arrays, "workforce")
    return p.relative_pay[:, None] ** p.move_pay_elasticity


def pull_and_push(
    p: Parameters, pay: np.ndarray, felt_workload: np.ndarray, vacancy_rate: np.ndarray, gain: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """How strongly each employer draws staff from others, and loses them to others (R7); 1 as in April 2019.

    Args:
        p: parameters.
        pay: how strongly relative pay draws staff.
        felt_workload: workload as staff feel it.
        vacancy_rate: vacancies over posts.
        gain: gain of the loop.
    """
    felt = np.maximum(felt_workload, TINY) ** p.move_workload_elasticity
    shortage = safe_ratio(vacancy_rate, p.initial_vacancy_rate)
    drawn = 1.0 + p.move_vacancy_response * (np.minimum(shortage, p.move_pull_limit) - 1.0)
    pull = np.minimum(drawn * pay / felt, p.move_pull_limit)
    push = np.minimum(felt / pay, p.move_pull_limit)
    return gated(gain, pull), gated(gain, push)


def leaving_without_burnout(arrays: Mapping[str, np.ndarray]) -> np.ndarray:
    """Rate at which experienced staff leave at the workload of April 2019."""
    p = Parameters(arrays, "workforce")
    by_employer = p.leaving_rate * p.leaving_multiplier * p.relative_pay**-p.leaving_pay_elasticity
    return by_employer[:, None] * p.leaving_by_group


def exits(stock: np.ndarray, midway: np.ndarray, rates: list[np.ndarray], years: float) -> list[np.ndarray]:
    """Amounts that leave a stock by each of several exits, from its middle of the step, never more than there is."""
    shares = competing_shares(rates, years)
    there = np.minimum(midway, safe_ratio(stock, sum(shares[1:], start=shares[0])))
    return [there * share for share in shares]


def fitting(wanted: np.ndarray, empty_posts: np.ndarray) -> np.ndarray:
    """As many of those who could join as there are empty posts."""
    return np.minimum(wanted, np.maximum(empty_posts, 0.0))


def share_leaving_stage(arrays: Mapping[str, np.ndarray], years: str, stages: int, span: float) -> np.ndarray:
    """Share of those in one of several equal stages of training that leave it over ``span`` years."""
    return competing_shares([stages / arrays[years]], span)[0]


def market_rate(arrays: Mapping[str, np.ndarray]) -> np.ndarray:
    """Yearly domestic recruitment per funded post at the vacancies of April 2019."""
    p = Parameters(arrays, "workforce")
    market = (p.labour_market_factor * p.relative_pay**p.recruitment_pay_elasticity)[:, None]
    return p.base_recruitment * p.recruitment_multiplier * market


def temporary_target(p: Parameters, posts: np.ndarray, uncovered: np.ndarray, gain: np.ndarray) -> np.ndarray:
    """Agency and bank staff that employers seek (B2): a share of the posts that neither staff nor reserve cover."""
    base = p.temporary_base_share[:, None] * posts
    sought = p.temporary_fill_share[:, None] * uncovered
    return np.maximum(base + gain * (sought - base), 0.0)


def funded(establishment: np.ndarray, programme_posts: np.ndarray) -> np.ndarray:
    """Funded posts: establishment and programme posts."""
    return np.maximum(establishment + programme_posts, 0.0)


def growth_of_posts(planned: np.ndarray, sensitivity: np.ndarray, released: np.ndarray) -> np.ndarray:
    """Yearly growth of posts as money allows (R6): money held back slows growth, not a planned reduction."""
    return np.where(planned > 0.0, planned * (1.0 - sensitivity * (1.0 - released)), planned)


def work_to_be_done(
    share_of_main: np.ndarray,
    need: np.ndarray,
    beds: np.ndarray,
    users: np.ndarray,
    contracted: np.ndarray,
    workload: np.ndarray,
) -> np.ndarray:
    """Work by employer relative to April 2019; all arguments but the first are so.

    Args:
        share_of_main: share of work that each employer's main driver moves.
        need: need by service.
        beds: acute beds in use.
        users: users of long-term care.
        contracted: posts under contracts of the voluntary sector.
        workload: people cared for by community and social care, weighted by the work that they take.
    """
    unmoved = np.ones_like(beds)
    mental_health = need[MENTAL_HEALTH_SERVICES].mean(axis=0)
    main = np.stack([beds, need[COMMUNITY_CONTACT], mental_health, need[GP_CONTACT], users, contracted])
    second = np.stack([need[ELECTIVE_REFERRAL], workload, unmoved, unmoved, workload, unmoved])
    return share_of_main * main + (1.0 - share_of_main) * second


class Workforce(Sector):
    """Staff of the system by employer and group."""

    name: ClassVar[str] = "workforce"
    title: ClassVar[str] = "Workforce"
    every: ClassVar[int] = 2
    stocks: ClassVar[tuple[Stock, ...]] = STOCKS
    flows: ClassVar[tuple[Flow, ...]] = FLOWS
    outputs: ClassVar[tuple[Output, ...]] = OUTPUTS
    memory: ClassVar[tuple[Memory, ...]] = MEMORY
    loops: ClassVar[tuple[Loop, ...]] = LOOPS
    tracked: ClassVar[Mapping[str, float]] = TRACKED_SIGNALS
    calendar: ClassVar[Mapping[str, Callable[[Clock], float]]] = {
        "year_of_posts": lambda clock: min(clock.financial_year, LAST_YEAR),
        "year_of_posts_before": lambda clock: min(max(clock.financial_year - 1, 0), LAST_YEAR),
    }

    def initialise(self, world: World) -> None:
        """Staff of April 2019 at work and on sick leave, posts from the vacancy rates, pipelines in balance."""
        p, gain, stock, _, out, memory, _ = views(world)
        at_work = p.initial_in_post / (1.0 + p.sickness_ratio[:, None])
        stock.on_sick_leave = p.initial_in_post - at_work
        stock.in_post_new = at_work * p.initial_share_new[:, None]
        stock.in_post_experienced = at_work * (1.0 - p.initial_share_new[:, None])
        stock.establishment = p.initial_in_post / (1.0 - p.initial_vacancy_rate)
        stock.vacancies_advertised = p.initial_vacancy_rate
        stock.workload_experience = memory.felt = 1.0
        # Trainees and apprentices are as a steady intake would leave them.
        stage = p.training_places * p.training_years / TRAINING_STAGES
        stock.trainees_first = stage
        stock.trainees_middle = stock.trainees_final = stage * p.training_completion
        stage = p.apprenticeships * p.apprenticeship_years / APPRENTICE_STAGES
        stock.apprentices_first, stock.apprentices_final = stage, stage * p.apprenticeship_completion
        posts = stock.establishment
        stock.temporary = temporary_target(p, posts, posts - in_post(stock), gain.B2_agency)
        memory.first_work = work_by_experience(p, stock).sum(axis=1)
        memory.first_cover = safe_ratio(work_by_experience(p, stock), posts)
        memory.first_vcse_posts = posts[VCSE]
        out.workload = 1.0
        self.publish_staff(world, posts)

    def step(self, world: World) -> None:
        """Posts, then exits and moves, then those who join, then temporary cover, workload and what others see."""
        p, _, stock, _, _, _, _ = views(world)
        years = world.clock.years_spanned
        before = in_post(stock)
        # Posts and staff of one moment: grown posts against staff not yet joined would be vacancies that never are.
        opening = funded(world.extrapolated("workforce.establishment"), p.programme_posts)
        staff = sum(world.extrapolated(f"workforce.{name}") for name in IN_POST_STOCKS)
        vacancies = np.maximum(opening - staff, 0.0)
        vacancy_rate = safe_ratio(vacancies, opening)
        posts = self.grow_posts(world)
        stock.vacancies_advertised = approach(stock.vacancies_advertised, vacancy_rate, p.time_to_hire[:, None], years)
        self.leave_and_move(world, vacancy_rate, opening)
        empty_posts = self.train(world, vacancies)
        empty_posts = self.train_apprentices(world, empty_posts)
        self.recruit(world, empty_posts, opening)
        self.engage_temporary_staff(world, opening, vacancies)
        self.publish_staff(world, posts)
        self.feel_workload(world, posts)
        self.publish_leaving(world, before)

    def contracted(self, world: World) -> np.ndarray:
        """Posts under VCSE contracts relative to the first step: they set both its paid posts and its work."""
        return relative_to_first(world.signal(CONTRACTED_POSTS), views(world).memory.first_contracted)

    def grow_posts(self, world: World) -> np.ndarray:
        """Funded posts after the growth of the step: planned growth as money allows (R6), and programme posts."""
        p, _, stock, _, _, memory, _ = views(world)
        share, by_year = world.clock.financial_share, p.establishment_growth
        before, now = world.calendar("year_of_posts_before"), world.calendar("year_of_posts")
        planned = (1.0 - share) * by_year[:, before] + share * by_year[:, now]
        growth = growth_of_posts(planned, p.establishment_sensitivity_to_funds, world.signal(DISCRETIONARY_SHARE))
        stock.establishment *= np.exp(growth * world.clock.years_spanned)[:, None]
        stock.establishment[VCSE] = memory.first_vcse_posts * self.contracted(world)
        return funded(stock.establishment, p.programme_posts)

    def leave_and_move(self, world: World, vacancy_rate: np.ndarray, posts: np.ndarray) -> None:
        """Exits of staff at work over the step: leaving, retirement, sick leave, maturation, moves to other employers.

        Staff move from every employer to every other in proportion to posts and pull of where they go.
        """
        p, gain, stock, _, _, _, move = views(world)
        years = world.clock.years_spanned
        new, experienced = stock.in_post_new, stock.in_post_experienced
        felt = world.extrapolated("workforce.workload_experience")
        strained = burnout(p.leaving_per_workload, p.burnout_limit, felt - 1.0, gain.R2_burnout)
        leaving = world.p.derived(leaving_without_burnout) * strained
        leaving_new = leaving * p.new_starter_leaving_ratio[:, None]
        sickness = burnout(p.sickness_per_workload, p.burnout_limit, felt - 1.0, gain.R2_burnout)
        ratio = (p.sickness_ratio * p.sickness_multiplier)[:, None]
        ill = ratio * sickness * (DAYS_PER_YEAR / p.sick_leave_days)
        pull, push = pull_and_push(p, world.p.derived(draw_of_pay), felt, vacancy_rate, gain.R7_poaching)
        weight = posts * pull
        pulled_elsewhere = np.maximum(weight.sum(axis=0) - weight, 0.0)
        posts_elsewhere = np.maximum(posts.sum(axis=0) - posts, TINY)
        moving = p.base_move_rate[:, None] * push * pulled_elsewhere / posts_elsewhere
        share_new = safe_ratio(new, new + experienced)

        midway = world.extrapolated("workforce.in_post_experienced")
        midway_new = world.extrapolated("workforce.in_post_new")
        left, retired, moved = exits(experienced, midway, [leaving, p.retirement_rate, moving], years)
        left_new, matured = exits(new, midway_new, [leaving_new, 1.0 / p.years_to_experience], years)
        # Staff who fall ill are replaced within the step by those who return: they do not deplete those at work.
        falling = np.minimum(ill * years, 1.0)
        fell_ill = np.minimum(midway * falling, experienced - left - retired - moved)
        fell_ill_new = np.minimum(midway_new * falling, new - left_new - matured)
        sick_before = stock.on_sick_leave.copy()
        move.leavers_experienced(left)
        move.retirements(retired)
        move.leavers_new(left_new)
        move.becoming_experienced(matured)
        falling_ill = move.sick_leave_experienced(fell_ill) + move.sick_leave_new(fell_ill_new)
        # Staff come back from sick leave as experienced as those at work are on the whole.
        back = filled_and_left(sick_before, falling_ill, DAYS_PER_YEAR / p.sick_leave_days, years)
        move.return_new(back * share_new)
        move.return_experienced(back - back * share_new)
        moved_per_weight = safe_ratio(moved, pulled_elsewhere)
        for target in range(len(EMPLOYERS)):
            amount = moved_per_weight * weight[target] * NOT_ITSELF[target]
            move.moves_between_employers(amount, target=(target,), record=(target,), collect=(0,))

    def train(self, world: World, empty_posts: np.ndarray) -> np.ndarray:
        """Professional training over the step: starts, three stages, and first posts where there are vacancies."""
        p, _, stock, _, _, _, move = views(world)
        years = world.clock.years_spanned
        stage_out = world.p.derived(share_leaving_stage, "workforce.training_years", TRAINING_STAGES, years)
        first, middle = stock.trainees_first * stage_out, stock.trainees_middle * stage_out
        qualified = stock.trainees_final * stage_out
        wanted = safe_ratio(empty_posts, empty_posts.sum(axis=0)) * (qualified * p.graduates_staying)
        accepted = fitting(wanted, empty_posts)
        for target in range(len(EMPLOYERS)):
            move.graduates_joining(accepted[target], target=(target,), record=(target,))
        move.graduates_elsewhere(np.maximum(qualified - accepted.sum(axis=0), 0.0))
        move.training_progress_middle(middle)
        move.training_progress_first(first * p.training_completion)
        move.training_dropouts(first * (1.0 - p.training_completion))
        move.training_starts(p.training_places * years)
        return empty_posts - accepted

    def train_apprentices(self, world: World, empty_posts: np.ndarray) -> np.ndarray:
        """Apprenticeships over the step: starts, two stages, and posts with the same employer."""
        p, _, stock, _, _, _, move = views(world)
        years = world.clock.years_spanned
        stage_out = world.p.derived(share_leaving_stage, "workforce.apprenticeship_years", APPRENTICE_STAGES, years)
        first, qualified = stock.apprentices_first * stage_out, stock.apprentices_final * stage_out
        accepted = fitting(qualified, empty_posts)
        joined = move.apprentices_joining(accepted)
        move.apprentices_elsewhere(qualified - accepted)
        move.apprenticeship_progress(first * p.apprenticeship_completion)
        move.apprenticeship_dropouts(first * (1.0 - p.apprenticeship_completion))
        move.apprenticeship_starts(p.apprenticeships * years)
        return empty_posts - joined

    def recruit(self, world: World, empty_posts: np.ndarray, posts: np.ndarray) -> None:
        """Overseas and domestic recruitment over the step, never beyond the empty posts."""
        p, gain, _, _, _, _, move = views(world)
        years = world.clock.years_spanned
        left = empty_posts - move.overseas_joining(fitting(p.overseas_recruitment * years, empty_posts))
        answer = recruitment_answer(p, world.extrapolated("workforce.vacancies_advertised"), gain.B1_hiring)
        move.domestic_joining(fitting(posts * world.p.derived(market_rate) * answer * years, left))

    def engage_temporary_staff(self, world: World, posts: np.ndarray, vacancies: np.ndarray) -> None:
        """Reserve staff first, then agency and bank staff, each moved towards what is sought with a short delay."""
        p, gain, stock, _, _, _, move = views(world)
        share = share_leaving(1.0 / p.temporary_delay, world.clock.years_spanned)
        reserve = np.minimum(p.reserve_staff, vacancies)
        change = (reserve - stock.reserve_at_work) * share
        move.reserve_called(np.maximum(change, 0.0))
        move.reserve_released(np.maximum(-change, 0.0))
        change = (temporary_target(p, posts, vacancies - reserve, gain.B2_agency) - stock.temporary) * share
        move.temporary_engaged(np.maximum(change, 0.0))
        move.temporary_released(np.maximum(-change, 0.0))

    def feel_workload(self, world: World, posts: np.ndarray) -> None:
        """Workload per effective member of staff, and how staff come to feel it and the posts left uncovered (R2)."""
        p, _, stock, _, out, memory, _ = views(world)
        work = work_to_be_done(
            p.work_share_of_main_driver,
            need=relative_to_first(world.signal(NEED).sum(axis=1), memory.first_need),
            beds=relative_to_first(world.extrapolated(BEDS_OCCUPIED), memory.first_beds),
            users=relative_to_first(world.extrapolated(LONG_TERM_USERS).sum(axis=(0, 1)), memory.first_users),
            contracted=self.contracted(world),
            workload=world.extrapolated(WORKLOAD),
        )
        out.workload = np.minimum(safe_ratio(work, out.effective_staff), p.workload_limit)
        cover = safe_ratio(work_by_experience(p, stock), posts)
        uncovered = np.where(posts > TINY, 1.0 + memory.first_cover - cover, 1.0)
        weight = p.vacancy_share_of_workload
        felt = (1.0 - weight) * out.workload[:, None] + weight * uncovered
        over_step = 0.5 * (felt + memory.felt)
        years = world.clock.years_spanned
        stock.workload_experience = approach(stock.workload_experience, over_step, p.workload_memory, years)
        memory.felt = felt

    def publish_staff(self, world: World, posts: np.ndarray) -> None:
        """Staff, vacancies and effective staff for other sectors and for results."""
        p, gain, stock, _, out, memory, _ = views(world)
        people = in_post(stock)
        by_employer, posts_by_employer = people.sum(axis=1), posts.sum(axis=1)
        # A post can be empty in one group while another is over its number: vacancies do not net off between groups.
        empty = np.maximum(posts - people, 0.0).sum(axis=1)
        out.in_post, out.funded_posts = people, posts
        out.temporary_staff = stock.temporary
        out.temporary_staff_total = stock.temporary.sum(axis=(0, 1))
        out.vacancy_rate = safe_ratio(empty, posts_by_employer)
        nhs_posts = posts_by_employer[NHS_EMPLOYERS].sum(axis=0)
        out.vacancy_rate_overall = safe_ratio(empty[NHS_EMPLOYERS].sum(axis=0), nhs_posts)
        out.in_post_nhs = by_employer[NHS_EMPLOYERS].sum(axis=0)
        out.sickness_rate = safe_ratio(stock.on_sick_leave.sum(axis=1), by_employer)
        # Staff are published at the end of the step, before what they feel is brought up to it.
        felt = world.extrapolated("workforce.workload_experience", world.clock.end_of_step)
        left = output_left_by_overwork(p, felt, gain.R2_burnout)
        work = (work_by_experience(p, stock) * left).sum(axis=1) * p.productivity_multiplier
        out.staffed_share = safe_ratio(work, posts_by_employer)
        out.effective_staff = safe_ratio(work, memory.first_work)

    def publish_leaving(self, world: World, before: np.ndarray) -> None:
        """Leavers and movers of the step."""
        _, _, _, flow, out, _, _ = views(world)
        gone = (flow.leavers_new + flow.leavers_experienced + flow.retirements).sum(axis=1)
        out.leaver_rate = gone / (np.maximum(before.sum(axis=1), TINY) * world.clock.years_spanned)
        out.local_movers = flow.moves_between_employers.sum(axis=(0, 1))
