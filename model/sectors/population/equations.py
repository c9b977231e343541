"""Population and multimorbidity: people by place, age, deprivation and core segment, from birth to death.

Over a step every cell of people is exposed to competing exits (death, ageing into the next band, progression to a
higher segment, recovery to a lower one); all of them act on the same person-years, ``people x time at risk``, which are
cut where they would take more than there is, so no step length makes a cell negative. Births enter the youngest band in
CS1. Net migration by place and age follows a table of people per year and is spread over deprivation and segment as the
people who are there; it comes first in a step.

The rates come from the published matrices by age (E2656-E2895). They were estimated while the coding of diagnoses was
catching up, which makes the sicker segments grow faster than sickness does. ``population.coding_drift_share`` is the
part of observed progression, and ``population.coding_loss_share`` the part of observed recovery, that is taken to be a
change of the record only and is left out: multimorbidity at given ages then rises by 0.4 to 0.8 % a year in place of
about 4 %. How the tables are derived: ``derivation``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import ClassVar

import numpy as np

from model.engine.clock import Clock
from model.engine.dynamics import approach, safe_ratio
from model.engine.stepper import Sector
from model.engine.world import World
from model.registry.declarations import Flow, Memory, Output, Stock
from model.registry.dimensions import AGE_BANDS, DIMENSIONS, LIFE_COURSE, adjacent, position
from model.sectors.finance.declarations import PREVENTION_INDEX
from model.sectors.population.declarations import FLOWS, MEMORY, OUTPUTS, STOCKS
from model.sectors.population.views import Parameters, views

SEGMENTS = len(DIMENSIONS["segment"])
OLDEST = len(AGE_BANDS) - 1
YEARS_PER_BAND = 5.0
"""Width of an age band; a person leaves it at one over this rate."""

ADULT_SHARE_OF_15_TO_19 = 3 / 5
"""Published segments begin at 17: three of the five years of age of the band 15-19."""

FIRST_ADULT_BAND = position("age_band", "20-24")
PARENT_BANDS = slice(FIRST_ADULT_BAND, position("age_band", "40-44"))
BANDS_UNDER_75 = position("age_band", "75-79")
YOUNGEST = position("age_band", "0-4")
HEALTHIEST = position("segment", "CS1")
HIGH_MULTIMORBIDITY = adjacent("segment", ("CS4", "CS5"))
FIRST_MID_YEAR = int(DIMENSIONS["mid_year"][0])
LOWEST_RATE = 1e-6
"""Guard against division by zero (1/year): slower exits never empty a cell within a step."""

BANDS_AT_ONCE = 3
"""Age bands worked on at once: arrays stay small for many members, and calls few for one."""

RATES_TO_SEGMENT = (
    "population.rate_to_CS1", "population.rate_to_CS2", "population.rate_to_CS3", "population.rate_to_CS4",
    "population.rate_to_CS5",
)  # fmt: skip


def mid_year_row(year: float) -> int:
    """Row of the mid-year tables in force at a decimal calendar year.

    Rates of mid-year y hold over the twelve months that end in the middle of y, as ONS has it; the last row holds on.
    """
    row = int(np.floor(year + 0.5)) - FIRST_MID_YEAR
    return min(max(row, 0), len(DIMENSIONS["mid_year"]) - 1)


def mid_year_share_before(clock: Clock) -> float:
    """Share of the current step that lies before the turn of the year from one mid-year to the next."""
    turn = clock.days_since_start(date(clock.today.year, 7, 1))
    return min(max((turn - clock.day) / clock.span, 0.0), 1.0)


def of_mid_year(world: World, table: np.ndarray) -> np.ndarray:
    """A mid-year table over the current step; a step over the turn from one row to the next takes its part of each."""
    before = world.calendar("mid_year_share_before")
    return before * table[world.calendar("mid_year_before")] + (1.0 - before) * table[world.calendar("mid_year_after")]


def time_at_risk(exit_rate: np.ndarray, years: float) -> np.ndarray:
    """Years at risk over a step of each person there at its start: all of it, or less if exits would empty the cell.

    Those who leave in the course of a step make way for others who arrive, so the number at risk is that of its
    beginning; counting only those who stay would lose half a step of exposure for every move.
    """
    return np.minimum(years, safe_ratio(1.0, exit_rate, floor=LOWEST_RATE))


def burden_factor(burden: np.ndarray, attributable: np.ndarray) -> np.ndarray:
    """Change of a rate when conditions become more or less frequent: product of 1 + fraction x (burden - 1).

    Args:
        burden: age-specific frequency relative to 2019, [condition, deprivation, members].
        attributable: population-attributable fraction, [condition, members or 1].

    Returns:
        Factor by [deprivation, members], 1 where burden is as in 2019, never below 0.
    """
    terms = 1.0 + attributable[:, None] * (burden - 1.0)
    return np.prod(np.maximum(terms, 0.0), axis=0)


def adults_by_segment(by_age_and_segment: np.ndarray) -> np.ndarray:
    """People aged 17 and over by segment, from [age_band, segment, ...]."""
    youngest = by_age_and_segment[FIRST_ADULT_BAND - 1] * ADULT_SHARE_OF_15_TO_19
    return by_age_and_segment[FIRST_ADULT_BAND:].sum(axis=0) + youngest


def rates_by_distance(rates_to: list[np.ndarray], upward: bool) -> list[np.ndarray]:
    """Transition rates lined up by how many segments they cross.

    Args:
        rates_to: for each target segment, rates by [age_band, origin segment, members or 1].
        upward: whether to take moves to higher segments, or to lower ones.

    Returns:
        For distance 1 to 4, rates by [age_band, origin, members or 1], origins in ascending order.
    """
    rates = []
    for distance in range(1, SEGMENTS):
        origins = range(SEGMENTS - distance) if upward else range(distance, SEGMENTS)
        shift = distance if upward else -distance
        columns = [rates_to[origin + shift][:, origin] for origin in origins]
        rates.append(np.stack(np.broadcast_arrays(*columns), axis=1))
    return rates


def rate_out(rates_to: list[np.ndarray], upward: bool) -> np.ndarray:
    """Total rate of moving up (or down) out of each segment, [age_band, segment, members or 1]."""
    columns = []
    for origin in range(SEGMENTS):
        targets = range(origin + 1, SEGMENTS) if upward else range(origin)
        parts = [rates_to[target][:, origin] for target in targets]
        columns.append(sum(parts[1:], start=parts[0]) if parts else np.zeros_like(rates_to[0][:, origin]))
    return np.stack(np.broadcast_arrays(*columns), axis=1)


def transitions(arrays: Mapping[str, np.ndarray], upward: bool) -> tuple[list[np.ndarray], np.ndarray]:
    """Rates of progression (or recovery) by distance and in total; a change of the record only moves nobody."""
    p = Parameters(arrays, "population")
    real = 1.0 - (p.coding_drift_share if upward else p.coding_loss_share)
    rates = [arrays[name] * real for name in RATES_TO_SEGMENT]
    return rates_by_distance(rates, upward), rate_out(rates, upward)


def extra_longevity_factor(yearly_fall: np.ndarray, since: np.ndarray, year: float) -> np.ndarray:
    """Mortality relative to the ONS path when it falls (or rises, below 0) by a yearly share from a given year on."""
    return np.exp(-yearly_fall * np.maximum(year - since, 0.0))


def halfway(people: np.ndarray, before: np.ndarray) -> np.ndarray:
    """People expected half-way through the step, if they go on as over the last one: exits are theirs.

    Exits of those at the beginning alone would let nobody who arrives in a step leave in it, an error that adds up
    along the bands (Adams and Bashforth's rule of second order).
    """
    return np.maximum(people * 1.5 - before * 0.5, 0.0)


def incidence_of(p: Parameters, prevention: np.ndarray) -> np.ndarray:
    """Incidence of each condition: falls as prevention in force grows beyond that of April 2019, rises as it is cut."""
    return p.condition_incidence * np.maximum(1.0 - p.incidence_per_prevention * (prevention - 1.0), 0.0)


def progression_factor(p: Parameters, burden: np.ndarray) -> np.ndarray:
    """Progression relative to the published rates, [age_band, deprivation, members]."""
    by_deprivation = p.progression_by_deprivation * burden_factor(burden, p.progression_attributable)
    return p.progression_multiplier * by_deprivation


def mortality_factor(p: Parameters, burden: np.ndarray) -> np.ndarray:
    """Mortality relative to the rates by age and segment, [age_band, deprivation, members]."""
    return p.mortality_multiplier * (p.mortality_by_deprivation * burden_factor(burden, p.mortality_attributable))


def births_by_deprivation(people: np.ndarray, births: np.ndarray) -> np.ndarray:
    """Births, [place, deprivation, members], spread as people aged 20 to 39.

    Args:
        people: residents by place, age, deprivation and segment.
        births: by place.
    """
    parents = people[:, PARENT_BANDS].sum(axis=(1, 3))
    return births[:, None] * safe_ratio(parents, parents.sum(axis=1, keepdims=True))


class Population(Sector):
    """People by place, age band, deprivation and core segment."""

    name: ClassVar[str] = "population"
    title: ClassVar[str] = "Population and multimorbidity"
    every: ClassVar[int] = 6
    stocks: ClassVar[tuple[Stock, ...]] = STOCKS
    flows: ClassVar[tuple[Flow, ...]] = FLOWS
    outputs: ClassVar[tuple[Output, ...]] = OUTPUTS
    memory: ClassVar[tuple[Memory, ...]] = MEMORY
    calendar: ClassVar[Mapping[str, Callable[[Clock], float]]] = {
        "mid_year_before": lambda clock: mid_year_row(clock.today.year),
        "mid_year_after": lambda clock: mid_year_row(clock.today.year + 0.5),
        "mid_year_share_before": mid_year_share_before,
    }

    def initialise(self, world: World) -> None:
        """Place the people of April 2019."""
        p, _, stock, _, _, memory, _ = views(world)
        stock.people = memory.people_before = p.initial_people
        stock.condition_burden = 1.0
        self.publish(world)

    def step(self, world: World) -> None:
        """Migrate, die, age and move between segments, oldest bands first; then the births."""
        p, _, stock, _, out, memory, move = views(world)
        years = world.clock.years_spanned
        incidence = p.condition_incidence
        # A population run alone has no finance and keeps the prevention of April 2019.
        if PREVENTION_INDEX.name in world.outputs:
            incidence = incidence_of(p, world.signal(PREVENTION_INDEX))
        burden = approach(stock.condition_burden, incidence, p.condition_delay[:, None], years)
        stock.condition_burden = burden
        births = of_mid_year(world, p.births_per_year) * p.birth_multiplier * years
        born = births_by_deprivation(stock.people, births)
        upward, up_out = world.p.derived(transitions, True)
        downward, down_out = world.p.derived(transitions, False)
        progression, dying_factor = progression_factor(p, burden), mortality_factor(p, burden)
        longevity = extra_longevity_factor(p.extra_longevity, p.extra_longevity_from, world.clock.year)
        mortality = (of_mid_year(world, p.mortality) * longevity)[:, None] * p.mortality_relative_risk
        arriving = (of_mid_year(world, p.net_migration) * p.migration_multiplier + p.extra_migration) * years
        middle = halfway(stock.people, memory.people_before)
        memory.people_before = stock.people
        out.deaths_by_place = out.deaths_under_75_by_place = 0.0
        # Oldest first: a block is finished before the one below it sends people up, so every exit is of those who were
        # there at the beginning of the step.
        for last in range(len(AGE_BANDS), 0, -BANDS_AT_ONCE):
            block = slice(max(last - BANDS_AT_ONCE, 0), last)
            self.migrate(world, block, arriving[:, block])
            dying = mortality[block, None] * dying_factor[block, :, None]
            rising, recovering = progression[block, :, None], p.recovery_multiplier[block, :, None]
            leaving = dying + up_out[block, None] * rising + down_out[block, None] * recovering
            leaving[: OLDEST - block.start] += 1.0 / YEARS_PER_BAND
            exposure = np.minimum(middle[:, block] * years, stock.people[:, block] / leaving)
            self.die(world, block, exposure * dying)
            self.grow_older(world, block, exposure)
            for distance, (rise, recovery) in enumerate(zip(upward, downward, strict=True), start=1):
                lower, higher = np.s_[:, block, :, : SEGMENTS - distance], np.s_[:, block, :, distance:]
                amount = exposure[:, :, :, : SEGMENTS - distance] * (rise[block, None] * rising)
                move.progression(amount, lower, higher, collect=(0, 1, 3))
                amount = exposure[:, :, :, distance:] * (recovery[block, None] * recovering)
                move.recovery(amount, higher, lower, collect=(0, 1, 3))
        move.births(born, target=np.s_[:, YOUNGEST, :, HEALTHIEST], collect=(1,))
        self.publish(world)

    def migrate(self, world: World, block: slice, arriving: np.ndarray) -> None:
        """Add or take net migrants, as deprived and as ill as the people of the same place and age."""
        _, _, stock, _, out, _, move = views(world)
        cells = np.s_[:, block]
        there = out.by_age[cells]
        share = safe_ratio(np.maximum(arriving, 0.0), there)
        move.migration(stock.people[cells] * share[:, :, None, None], target=cells, collect=(1, 2, 3))
        share = np.minimum(safe_ratio(np.maximum(-arriving, 0.0), there), 1.0)
        move.emigration(stock.people[cells] * share[:, :, None, None], origin=cells, collect=(1, 2, 3))

    def die(self, world: World, block: slice, amount: np.ndarray) -> None:
        """Deaths of the step in a block of age bands."""
        _, _, _, _, out, _, move = views(world)
        moved = move.deaths(amount, origin=np.s_[:, block], record=block, collect=(0, 3))
        by_place = moved.sum(axis=(1, 2, 3))
        out.deaths_by_place += by_place
        if block.stop <= BANDS_UNDER_75:
            out.deaths_under_75_by_place += by_place

    def grow_older(self, world: World, block: slice, exposure: np.ndarray) -> None:
        """People of a block of age bands who enter the next band in the step."""
        younger = slice(block.start, min(block.stop, OLDEST))
        older = slice(younger.start + 1, younger.stop + 1)
        amount = exposure[:, : younger.stop - younger.start] * (1.0 / YEARS_PER_BAND)
        views(world).move.ageing(amount, np.s_[:, younger], np.s_[:, older], collect=(0, 1, 2, 3))

    def publish(self, world: World) -> None:
        """Set the outputs from the people at the end of the step."""
        _, _, stock, flow, out, _, _ = views(world)
        by_place_age_segment = stock.people.sum(axis=2)
        out.by_age = by_place_age_segment.sum(axis=2)
        everyone = out.by_age.sum(axis=0)
        adults = adults_by_segment(by_place_age_segment.sum(axis=0))
        out.by_place_and_segment = by_place_age_segment.sum(axis=1)
        out.by_deprivation = stock.people.sum(axis=(0, 1))
        out.residents = everyone.sum(axis=0)
        out.adults_by_segment = adults
        out.share_high_multimorbidity = safe_ratio(adults[HIGH_MULTIMORBIDITY].sum(axis=0), adults.sum(axis=0))
        out.start_well, out.live_well, out.age_well = (
            everyone[adjacent("age_band", LIFE_COURSE[stage])].sum(axis=0)
            for stage in ("start_well", "live_well", "age_well")
        )
        out.aged_75_and_over = everyone[BANDS_UNDER_75:].sum(axis=0)
        out.deaths_under_75 = flow.deaths[:BANDS_UNDER_75].sum(axis=0)
