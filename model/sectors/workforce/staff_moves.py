"""Equations by which staff enter, leave and move between employers; used by the workforce sector.

Arrays are ``[employer, staff_group, member]`` unless stated; staff in WTE, rates per year. Those that take ``room``,
the empty posts, take off what they fill.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from model.engine.dynamics import competing_shares, filled_and_left, share_leaving
from model.engine.world import World
from model.registry.calendar import DAYS_PER_YEAR
from model.registry.dimensions import DIMENSIONS

EMPLOYERS = DIMENSIONS["employer"]
TRAINING_STAGES = 3
APPRENTICE_STAGES = 2
TINY = 1e-9
"""Guards a quotient of two amounts that may both be nothing."""


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
    relative = world.extrapolated("workforce.vacancies_advertised") / np.maximum(
        p["workforce.initial_vacancy_rate"], TINY
    )
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
    shortage = vacancy_rate / np.maximum(p["workforce.initial_vacancy_rate"], TINY)
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
    there = np.minimum(world.extrapolated(name), world.stocks[name] / np.maximum(total, TINY))
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
    share_new = new / np.maximum(new + experienced, TINY)

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
    move_between_employers(world, moved / np.maximum(pulled_elsewhere, TINY), weight)


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


def fitting(wanted: np.ndarray, room: np.ndarray) -> np.ndarray:
    """As many of those who could join as there are empty posts."""
    return np.minimum(wanted, np.maximum(room, 0.0))


def share_leaving_stage(p: Mapping[str, np.ndarray], years: str, stages: int, span: float) -> np.ndarray:
    """Share of those in one of several equal stages of training that leave it over ``span`` years."""
    return competing_shares([stages / p[years]], span)[0]


def train(world: World, room: np.ndarray) -> None:
    """Professional training over the step: starts, three stages, and first posts where there are vacancies."""
    p, span, stocks = world.p, world.clock.years_spanned, world.stocks
    stage_out = p.derived(share_leaving_stage, "workforce.training_years", TRAINING_STAGES, span)
    completing = p["workforce.training_completion"]
    first = stocks["workforce.trainees_first"] * stage_out
    middle = stocks["workforce.trainees_middle"] * stage_out
    qualified = stocks["workforce.trainees_final"] * stage_out
    staying = qualified * p["workforce.graduates_staying"]
    wanted = room / np.maximum(room.sum(axis=0), TINY) * staying
    accepted = fitting(wanted, room)
    for target in range(len(EMPLOYERS)):
        world.move("workforce.graduates_joining", accepted[target], target=(target,), record=(target,))
    room -= accepted
    world.move("workforce.graduates_elsewhere", np.maximum(qualified - accepted.sum(axis=0), 0.0))
    world.move("workforce.training_progress_middle", middle)
    world.move("workforce.training_progress_first", first * completing)
    world.move("workforce.training_dropouts", first * (1.0 - completing))
    world.move("workforce.training_starts", p["workforce.training_places"] * span)


def train_apprentices(world: World, room: np.ndarray) -> None:
    """Apprenticeships over the step: starts, two stages, and posts with the same employer."""
    p, span, stocks = world.p, world.clock.years_spanned, world.stocks
    stage_out = p.derived(share_leaving_stage, "workforce.apprenticeship_years", APPRENTICE_STAGES, span)
    first = stocks["workforce.apprentices_first"] * stage_out
    qualified = stocks["workforce.apprentices_final"] * stage_out
    completing = p["workforce.apprenticeship_completion"]
    accepted = fitting(qualified, room)
    room -= world.move("workforce.apprentices_joining", accepted)
    world.move("workforce.apprentices_elsewhere", qualified - accepted)
    world.move("workforce.apprenticeship_progress", first * completing)
    world.move("workforce.apprenticeship_dropouts", first * (1.0 - completing))
    world.move("workforce.apprenticeship_starts", p["workforce.apprenticeships"] * span)


def market_rate(p: Mapping[str, np.ndarray]) -> np.ndarray:
    """Yearly domestic recruitment per funded post at the vacancies of April 2019."""
    pay = p["workforce.relative_pay"] ** p["workforce.recruitment_pay_elasticity"]
    market = (p["workforce.labour_market_factor"] * pay)[:, None]
    return p["workforce.base_recruitment"] * p["workforce.recruitment_multiplier"] * market


def recruit(world: World, room: np.ndarray, posts: np.ndarray) -> None:
    """Overseas and domestic recruitment over the step, never beyond the empty posts in ``room``."""
    p, span = world.p, world.clock.years_spanned
    overseas = fitting(p["workforce.overseas_recruitment"] * span, room)
    room -= world.move("workforce.overseas_joining", overseas)
    wanted = posts * p.derived(market_rate) * recruitment_answer(world) * span
    room -= world.move("workforce.domestic_joining", fitting(wanted, room))


def temporary_target(world: World, posts: np.ndarray, uncovered: np.ndarray) -> np.ndarray:
    """Agency and bank staff that employers seek (B2): a share of the posts that neither staff nor reserve cover."""
    p = world.p
    base = p["workforce.temporary_base_share"][:, None] * posts
    sought = p["workforce.temporary_fill_share"][:, None] * uncovered
    return np.maximum(base + p["loops.B2_agency"] * (sought - base), 0.0)


def engage_temporary_staff(world: World, posts: np.ndarray, vacancies: np.ndarray) -> None:
    """Reserve staff first, then agency and bank staff, each moved towards what is sought with a short delay."""
    p, stocks = world.p, world.stocks
    part = share_leaving(1.0 / p["workforce.temporary_delay"], world.clock.years_spanned)
    reserve = np.minimum(p["workforce.reserve_staff"], vacancies)
    change = (reserve - stocks["workforce.reserve_at_work"]) * part
    world.move("workforce.reserve_called", np.maximum(change, 0.0))
    world.move("workforce.reserve_released", np.maximum(-change, 0.0))
    change = (temporary_target(world, posts, vacancies - reserve) - stocks["workforce.temporary"]) * part
    world.move("workforce.temporary_engaged", np.maximum(change, 0.0))
    world.move("workforce.temporary_released", np.maximum(-change, 0.0))
