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

from collections.abc import Mapping
from datetime import date
from typing import ClassVar

import numpy as np

from model.engine.clock import Clock
from model.engine.dynamics import approach, safe_ratio
from model.engine.stepper import Sector
from model.engine.world import World
from model.registry.declarations import Flow, Output, Stock
from model.registry.dimensions import AGE_BANDS, DIMENSIONS, LIFE_COURSE, adjacent, position
from model.sectors.population.declarations import FLOWS, OUTPUTS, STOCKS

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
"""Age bands worked on at once: work arrays stay small for many members, and calls few for one. The same for any number
of members, since the order in which numbers are added up must not depend on the batch."""

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


def of_mid_year(table: np.ndarray, clock: Clock) -> np.ndarray:
    """A mid-year table over the current step; a step over the turn from one row to the next takes its part of each."""
    turn = clock.days_since_start(date(clock.today.year, 7, 1))
    before = min(max((turn - clock.day) / clock.span, 0.0), 1.0)
    earlier, later = (mid_year_row(clock.today.year + half) for half in (0.0, 0.5))
    if before in (0.0, 1.0):
        return table[earlier if before else later]
    return before * table[earlier] + (1.0 - before) * table[later]


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


def falling_ill(p: Mapping[str, np.ndarray]) -> tuple[list[np.ndarray], np.ndarray]:
    """Rates of progression by distance and in total; a change of the record only moves nobody."""
    rates = [p[name] * (1.0 - p["population.coding_drift_share"]) for name in RATES_TO_SEGMENT]
    return rates_by_distance(rates, upward=True), rate_out(rates, upward=True)


def getting_well(p: Mapping[str, np.ndarray]) -> tuple[list[np.ndarray], np.ndarray]:
    """Rates of recovery by distance and in total; a change of the record only moves nobody."""
    rates = [p[name] * (1.0 - p["population.coding_loss_share"]) for name in RATES_TO_SEGMENT]
    return rates_by_distance(rates, upward=False), rate_out(rates, upward=False)


def extra_longevity_factor(yearly_fall: np.ndarray, since: np.ndarray, year: float) -> np.ndarray:
    """Mortality relative to the ONS path when it falls (or rises, below 0) by a yearly share from a given year on."""
    return np.exp(-yearly_fall * np.maximum(year - since, 0.0))


class Population(Sector):
    """People by place, age band, deprivation and core segment."""

    name: ClassVar[str] = "population"
    title: ClassVar[str] = "Population and multimorbidity"
    every: ClassVar[int] = 6
    stocks: ClassVar[tuple[Stock, ...]] = STOCKS
    flows: ClassVar[tuple[Flow, ...]] = FLOWS
    outputs: ClassVar[tuple[Output, ...]] = OUTPUTS

    def initialise(self, world: World) -> None:
        """Place the people of April 2019 and allocate the work arrays."""
        people = world.stocks["population.people"]
        people[...] = world.p["population.initial_people"]
        world.stocks["population.condition_burden"][...] = 1.0
        places, ages, deprivation, segments, members = people.shape
        shape = (places, min(BANDS_AT_ONCE, ages), deprivation, segments, members)
        self._exposure, self._amount = np.empty(shape), np.empty(shape)
        self._previous, self._middle = people.copy(), np.empty_like(people)
        self._publish(world)

    def step(self, world: World) -> None:
        """Migrate, die, age and move between segments, oldest bands first; then the births."""
        self._follow_incidence(world)
        birth_shares = self._births_by_deprivation(world)
        upward, up_out = world.p.derived(falling_ill)
        downward, down_out = world.p.derived(getting_well)
        progression, recovery = self._progression_factor(world), world.p["population.recovery_multiplier"]
        mortality, mortality_factor = self._mortality(world)
        arriving = self._net_migration(world)
        self._look_ahead(world)
        for name in ("population.deaths_by_place", "population.deaths_under_75_by_place"):
            world.outputs[name][...] = 0.0
        # Oldest first: a block is finished before the one below it sends people up, so every exit is of those who were
        # there at the beginning of the step.
        for last in range(len(AGE_BANDS), 0, -BANDS_AT_ONCE):
            block = slice(max(last - BANDS_AT_ONCE, 0), last)
            self._migrate(world, block, arriving[:, block])
            dying = mortality[block, None] * mortality_factor[block, :, None]
            rising, recovering = progression[block, :, None], recovery[block, :, None]
            leaving = dying + up_out[block, None] * rising + down_out[block, None] * recovering
            leaving[: OLDEST - block.start] += 1.0 / YEARS_PER_BAND
            exposure = self._exposure[:, : block.stop - block.start]
            np.multiply(self._middle[:, block], world.clock.years_spanned, out=exposure)
            np.minimum(exposure, world.stocks["population.people"][:, block] / leaving, out=exposure)
            self._die(world, block, exposure, dying)
            self._grow_older(world, block, exposure)
            self._change_segment(world, "population.progression", block, exposure, rising, upward)
            self._change_segment(world, "population.recovery", block, exposure, recovering, downward)
        world.move("population.births", birth_shares, target=np.s_[:, YOUNGEST, :, HEALTHIEST], collect=(1,))
        self._publish(world)

    def _look_ahead(self, world: World) -> None:
        """People expected half-way through the step, if they go on as over the last one: exits are theirs.

        Exits of those at the beginning alone would let nobody who arrives in a step leave in it, an error that adds up
        along the bands (Adams and Bashforth's rule of second order).
        """
        people = world.stocks["population.people"]
        np.multiply(people, 1.5, out=self._middle)
        self._previous *= 0.5
        self._middle -= self._previous
        np.maximum(self._middle, 0.0, out=self._middle)
        self._previous[...] = people

    def _follow_incidence(self, world: World) -> None:
        """Frequency of each condition approaches its incidence with the mean time for which people have it.

        Incidence falls as prevention in force grows and rises as it is cut (R6); a population run alone has no finance
        and keeps the prevention of April 2019.
        """
        burden = world.stocks["population.condition_burden"]
        incidence = world.p["population.condition_incidence"]
        prevention = world.outputs.get("finance.prevention_index")
        if prevention is not None:
            spared = world.p["population.incidence_per_prevention"] * (prevention - 1.0)
            incidence = incidence * np.maximum(1.0 - spared, 0.0)
        delay = world.p["population.condition_delay"][:, None]
        burden[...] = approach(burden, incidence, delay, world.clock.years_spanned)

    def _progression_factor(self, world: World) -> np.ndarray:
        """Progression relative to the published rates, [age_band, deprivation, members]."""
        p = world.p
        burden = world.stocks["population.condition_burden"]
        by_deprivation = p["population.progression_by_deprivation"] * burden_factor(
            burden, p["population.progression_attributable"]
        )
        return p["population.progression_multiplier"] * by_deprivation

    def _mortality(self, world: World) -> tuple[np.ndarray, np.ndarray]:
        """Death rates by [age_band, segment] (1/year) and their factor by [age_band, deprivation]."""
        p = world.p
        year = world.clock.year
        by_age = of_mid_year(p["population.mortality"], world.clock) * extra_longevity_factor(
            p["population.extra_longevity"], p["population.extra_longevity_from"], year
        )
        burden = world.stocks["population.condition_burden"]
        by_deprivation = p["population.mortality_by_deprivation"] * burden_factor(
            burden, p["population.mortality_attributable"]
        )
        by_segment = by_age[:, None] * p["population.mortality_relative_risk"]
        return by_segment, p["population.mortality_multiplier"] * by_deprivation

    def _net_migration(self, world: World) -> np.ndarray:
        """Net arrivals over the step, [place, age_band, members or 1], below 0 where more leave."""
        p = world.p
        yearly = of_mid_year(p["population.net_migration"], world.clock) * p["population.migration_multiplier"]
        return (yearly + p["population.extra_migration"]) * world.clock.years_spanned

    def _births_by_deprivation(self, world: World) -> np.ndarray:
        """Births over the step, [place, deprivation, members], spread as people aged 20 to 39."""
        p = world.p
        parents = world.stocks["population.people"][:, PARENT_BANDS].sum(axis=(1, 3))
        share = safe_ratio(parents, parents.sum(axis=1, keepdims=True))
        yearly = of_mid_year(p["population.births_per_year"], world.clock) * p["population.birth_multiplier"]
        return yearly[:, None] * share * world.clock.years_spanned

    def _die(self, world: World, block: slice, exposure: np.ndarray, dying: np.ndarray) -> None:
        amount = np.multiply(exposure, dying, out=self._amount[:, : exposure.shape[1]])
        moved = world.move("population.deaths", amount, origin=np.s_[:, block], record=block, collect=(0, 3))
        by_place = moved.sum(axis=(1, 2, 3))
        world.outputs["population.deaths_by_place"][...] += by_place
        if block.stop <= BANDS_UNDER_75:
            world.outputs["population.deaths_under_75_by_place"][...] += by_place

    def _grow_older(self, world: World, block: slice, exposure: np.ndarray) -> None:
        younger = slice(block.start, min(block.stop, OLDEST))
        if younger.start >= younger.stop:
            return
        older = slice(younger.start + 1, younger.stop + 1)
        bands = younger.stop - younger.start
        amount = np.multiply(exposure[:, :bands], 1.0 / YEARS_PER_BAND, out=self._amount[:, :bands])
        world.move("population.ageing", amount, np.s_[:, younger], np.s_[:, older], collect=(0, 1, 2, 3))

    def _change_segment(
        self, world: World, flow: str, block: slice, exposure: np.ndarray, factor: np.ndarray, rates: list[np.ndarray]
    ) -> None:
        """Move people between segments, one move for each number of segments crossed."""
        for distance, rate in enumerate(rates, start=1):
            if not rate.any():
                continue
            lower, higher = slice(0, SEGMENTS - distance), slice(distance, SEGMENTS)
            origin, target = (lower, higher) if flow == "population.progression" else (higher, lower)
            out = self._amount[:, : exposure.shape[1], :, : SEGMENTS - distance]
            amount = np.multiply(exposure[:, :, :, origin], rate[block, None] * factor, out=out)
            world.move(flow, amount, np.s_[:, block, :, origin], np.s_[:, block, :, target], collect=(0, 1, 3))

    def _migrate(self, world: World, block: slice, arriving: np.ndarray) -> None:
        """Add or take net migrants, as deprived and as ill as the people of the same place and age."""
        cells = np.s_[:, block]
        people = world.stocks["population.people"][cells]
        there = world.outputs["population.by_age"][cells]
        amount = self._amount[:, : people.shape[1]]
        if np.any(arriving > 0.0):
            share = safe_ratio(np.maximum(arriving, 0.0), there)
            np.multiply(people, share[:, :, None, None], out=amount)
            world.move("population.migration", amount, target=cells, collect=(1, 2, 3))
        if np.any(arriving < 0.0):
            share = np.minimum(safe_ratio(np.maximum(-arriving, 0.0), there), 1.0)
            np.multiply(people, share[:, :, None, None], out=amount)
            world.move("population.emigration", amount, origin=cells, collect=(1, 2, 3))

    def _publish(self, world: World) -> None:
        """Set the outputs from the people at the end of the step."""
        people, outputs = world.stocks["population.people"], world.outputs
        by_place_age_segment = people.sum(axis=2)
        by_age = by_place_age_segment.sum(axis=2)
        everyone = by_age.sum(axis=0)
        adults = adults_by_segment(by_place_age_segment.sum(axis=0))
        outputs["population.by_place_and_segment"][...] = by_place_age_segment.sum(axis=1)
        outputs["population.by_age"][...] = by_age
        outputs["population.by_deprivation"][...] = people.sum(axis=(0, 1))
        outputs["population.residents"][...] = everyone.sum(axis=0)
        outputs["population.adults_by_segment"][...] = adults
        share = safe_ratio(adults[HIGH_MULTIMORBIDITY].sum(axis=0), adults.sum(axis=0))
        outputs["population.share_high_multimorbidity"][...] = share
        for stage in ("start_well", "live_well", "age_well"):
            outputs[f"population.{stage}"][...] = everyone[adjacent("age_band", LIFE_COURSE[stage])].sum(axis=0)
        outputs["population.aged_75_and_over"][...] = everyone[BANDS_UNDER_75:].sum(axis=0)
        outputs["population.deaths_under_75"][...] = world.flows["population.deaths"][:BANDS_UNDER_75].sum(axis=0)
