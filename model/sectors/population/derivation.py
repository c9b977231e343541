"""How the tables of the population sector are derived from ONS projections and the published core segment matrices.

The tables that the sector reads (people in April 2019, transition rates, mortality, net migration) are derived once and
stand in ``model/sectors/population/tables``, so that every number can be seen and replaced. They are derived anew with
``python -m model.sectors.population.derivation`` after a change of the sources, of the assumptions in
``population_derivation.csv`` or of the central values that they rest on (coding drift and loss, gradients by
deprivation); a test fails when the tables are out of date.

Course of the derivation:

1. Targets by place, age and mid-year: iterative proportional fitting of council age profiles to the ONS totals by age
   and by council.
2. Transition rates by five-year band: matrix logarithm of the survivors' yearly matrices, negatives clipped,
   interpolated by age.
3. Mortality by age and year: the published death rates of all segments together, scaled to the ONS deaths of each year.
4. People of April 2019: segment shares by age (earlier in life in deprived fifths), raked to the shares of adults of
   that date, which are found such that the run passes through the published shares of mid-2022.
5. A reference run with every lever neutral gives the mortality that 2019 multimorbidity would have (so that more
   multimorbidity means more deaths, but the baseline keeps to ONS) and net migration as what is left of the ONS targets
   after births, deaths and ageing. It therefore also carries the unevenness of ages within a band.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.linalg import logm

from model.registry.data_folders import SECTORS
from model.registry.dimensions import AGE_BANDS, DIMENSIONS
from model.registry.parameter_files import as_array, read_table
from model.registry.yaml_source import plain, read_yaml
from model.sectors.population.equations import (
    ADULT_SHARE_OF_15_TO_19,
    FIRST_ADULT_BAND,
    FIRST_MID_YEAR,
    OLDEST,
    PARENT_BANDS,
    SEGMENTS,
    YEARS_PER_BAND,
    adults_by_segment,
    mid_year_row,
    time_at_risk,
)

TABLES = SECTORS / "population" / "tables"
PARAMETER_FILE = SECTORS / "population" / "parameters.yaml"
PUBLISHED_AGES = ("17-29", "30-39", "40-49", "50-59", "60-69", "70-79", "80-89", "90+")
PUBLISHED_MIDDLES = np.array([23.5, 35.0, 45.0, 55.0, 65.0, 75.0, 84.5, 93.0])
BAND_MIDDLES = np.array([2.5 + 5.0 * band for band in range(OLDEST)] + [89.5])
"""Mean age of each band; of the open band, that of people aged 85 and over."""

ORIGIN = "Derived by model/sectors/population/derivation.py; do not edit by hand."
ENTRY_AGE = 17.0
START = 2019.25
PUBLISHED_AT = 2022.5
STEPS_PER_YEAR = 13
RAKING_ROUNDS = 200
MIGRATION_ROUNDS = 4
SHARE_ROUNDS = 8


@dataclass(frozen=True)
class Derived:
    """The derived tables.

    Attributes:
        rates_to: yearly rates to each segment, [target, age_band, origin].
        relative_risk: mortality of a segment relative to all of the age in 2019, [age_band, segment].
        mortality: death rate that people with the multimorbidity of 2019 would have, [mid_year, age_band], 1/year.
        initial: people in April 2019, [place, age_band, deprivation, segment].
        net_migration: net arrivals, [mid_year, place, age_band], people/year.
    """

    rates_to: np.ndarray
    relative_risk: np.ndarray
    mortality: np.ndarray
    initial: np.ndarray
    net_migration: np.ndarray


def rows_of(name: str) -> list[dict[str, str]]:
    """Rows of a table in the tables folder, without its comment lines."""
    with (TABLES / name).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(line for line in stream if not line.startswith("#")))


def assumption(quantity: str) -> dict[tuple[str, str], float]:
    """Values of one quantity of ``population_derivation.csv`` by row and column."""
    return {
        (row["row"], row["column"]): float(row["value"])
        for row in rows_of("population_derivation.csv")
        if row["quantity"] == quantity
    }


def assumed_array(quantity: str, *dims: str) -> np.ndarray:
    """Values of one assumed quantity by one or two dimensions."""
    values = assumption(quantity)
    if len(dims) == 1:
        return np.array([values[label, ""] for label in DIMENSIONS[dims[0]]])
    return np.array([[values[row, column] for column in DIMENSIONS[dims[1]]] for row in DIMENSIONS[dims[0]]])


def ons(name: str, *dims: str) -> np.ndarray:
    """An ONS table by its dimensions."""
    return read_table(name, dims, file=PARAMETER_FILE, line=None, key=name)


def central(name: str, *dims: str) -> np.ndarray:
    """Central value of a parameter of the sector that the derivation rests on."""
    return as_array(plain(read_yaml(PARAMETER_FILE))[name]["value"], dims, file=PARAMETER_FILE, line=None, key=name)


def rake(seed: np.ndarray, margins: Sequence[tuple[tuple[int, ...], np.ndarray]]) -> np.ndarray:
    """Iterative proportional fitting of ``seed`` to margins given as (axes of the totals, totals)."""
    fitted = np.array(seed, dtype=float)
    for _ in range(RAKING_ROUNDS):
        for margin_axes, totals in margins:
            summed = tuple(axis for axis in range(fitted.ndim) if axis not in margin_axes)
            now = fitted.sum(axis=summed)
            factor = np.divide(totals, now, out=np.zeros_like(now), where=now > 0)
            fitted *= np.expand_dims(factor, summed)
    return fitted


def targets() -> np.ndarray:
    """People by mid-year, place and age that agree with both ONS margins."""
    by_age = ons("ons_population_by_age.csv", "age_band", "mid_year")
    by_place = ons("ons_population_by_council.csv", "mid_year", "place")
    profile = assumed_array("age_profile", "place", "age_band")
    by_mid_year = []
    for row in range(by_place.shape[0]):
        # The ages decide the total: councils and ages differ by rounding only.
        places = by_place[row] * by_age[:, row].sum() / by_place[row].sum()
        by_mid_year.append(rake(profile, [((0,), places), ((1,), by_age[:, row])]))
    return np.array(by_mid_year)


def target_at(by_mid_year: np.ndarray, year: float) -> np.ndarray:
    """Targets at a decimal calendar year, on the straight line between two mid-years."""
    position = np.clip(year - 0.5 - FIRST_MID_YEAR, 0.0, by_mid_year.shape[0] - 1.0)
    row = min(int(position), by_mid_year.shape[0] - 2)
    return by_mid_year[row] + (by_mid_year[row + 1] - by_mid_year[row]) * (position - row)


def survivors_matrix(probabilities: np.ndarray) -> np.ndarray:
    """Yearly transitions of those who survive, from [origin, segments and death]; rows sum to one."""
    alive = probabilities[:, :SEGMENTS]
    return alive / alive.sum(axis=1, keepdims=True)


def transition_rates(survivors: np.ndarray) -> np.ndarray:
    """Rates whose effect over a year is the given matrix: its logarithm, negatives clipped, rows summing to zero."""
    rates = np.maximum(np.real(logm(survivors)), 0.0)
    np.fill_diagonal(rates, 0.0)
    np.fill_diagonal(rates, -rates.sum(axis=1))
    return rates


def published_matrices() -> np.ndarray:
    """Yearly probabilities by [published age, origin, target or death] (E2656-E2895)."""
    columns = (*DIMENSIONS["segment"], "Died")
    rows = rows_of("transitions_by_age.csv")
    values = {(row["age"], row["origin"], row["target"]): float(row["value"]) for row in rows}
    return np.array(
        [[[values[age, origin, to] for to in columns] for origin in DIMENSIONS["segment"]] for age in PUBLISHED_AGES]
    )


def by_band(published: np.ndarray) -> np.ndarray:
    """Values at the published ages interpolated to the middle of each five-year band."""
    flat = published.reshape(len(PUBLISHED_AGES), -1)
    bands = np.array([np.interp(BAND_MIDDLES, PUBLISHED_MIDDLES, column) for column in flat.T]).T
    return bands.reshape(len(AGE_BANDS), *published.shape[1:])


def rates_by_band() -> np.ndarray:
    """Yearly rates to each segment, [target, age_band, origin].

    No segments are published under 17: children leave CS1 at steady rates that give the published mix at that age
    (an assumption); the band 15-19 is part child, part adult.
    """
    published = by_band(np.array([transition_rates(survivors_matrix(matrix)) for matrix in published_matrices()]))
    entry = assumed_array("entry_share", "segment") / 100.0
    entry = entry / entry.sum()
    child = np.zeros((SEGMENTS, SEGMENTS))
    child[0, 1:] = -np.log(entry[0]) / ENTRY_AGE * entry[1:] / entry[1:].sum()
    published[: FIRST_ADULT_BAND - 1] = child
    adult = ADULT_SHARE_OF_15_TO_19
    published[FIRST_ADULT_BAND - 1] = adult * published[FIRST_ADULT_BAND - 1] + (1 - adult) * child
    published[:, range(SEGMENTS), range(SEGMENTS)] = 0.0
    return np.moveaxis(published, 2, 0).copy()


def death_rates() -> np.ndarray:
    """Published death rates by [age_band, segment], 1/year, log-linear between the published ages."""
    rates = -np.log1p(-published_matrices()[:, :, SEGMENTS])
    return np.exp(by_band(np.log(rates)))


def segment_shares(ages: np.ndarray) -> np.ndarray:
    """Segment shares at exact ages, [age, segment]: all in CS1 at birth, the mix at 17, then the published ages."""
    rows = rows_of("core_segment_by_age_north_somerset.csv")
    values = {(row["age"], row["segment"]): float(row["value"]) for row in rows}
    counts = np.array([[values[age, segment] for segment in DIMENSIONS["segment"]] for age in PUBLISHED_AGES])
    entry = assumed_array("entry_share", "segment")
    birth = np.zeros(SEGMENTS)
    birth[0] = 1.0
    known = np.vstack([birth, entry / entry.sum(), counts / counts.sum(axis=1, keepdims=True)])
    at = np.concatenate([[0.0, ENTRY_AGE], PUBLISHED_MIDDLES])
    return np.array([np.interp(ages, at, column) for column in known.T]).T


def people_in_april_2019(place_age: np.ndarray, adult_shares: np.ndarray) -> np.ndarray:
    """People by [place, age_band, deprivation, segment] that add up to the targets and to the shares of adults."""
    tilt = assumption("deprivation_age_tilt")["", ""]
    fifths = np.arange(1.0, 6.0)
    younger = np.exp(-tilt * (BAND_MIDDLES[:, None] - 40.0) / 40.0 * (3.0 - fifths) / 2.0)
    seed = assumed_array("deprivation_profile", "place", "deprivation")[:, None, :] * younger
    shares = assumed_array("deprivation_share", "deprivation")
    by_deprivation = rake(
        seed * place_age[:, :, None], [((2,), shares / shares.sum() * place_age.sum()), ((0, 1), place_age)]
    )
    older = assumed_array("years_older", "deprivation")
    mix = np.array([segment_shares(np.maximum(middle + older, 0.0)) for middle in BAND_MIDDLES])
    people = by_deprivation[..., None] * mix
    grown = people[:, FIRST_ADULT_BAND:]
    young_adults = people[:, FIRST_ADULT_BAND - 1].sum(axis=(0, 1)) * ADULT_SHARE_OF_15_TO_19
    adults = by_deprivation[:, FIRST_ADULT_BAND:].sum() + young_adults.sum()
    wanted = np.maximum(adult_shares / adult_shares.sum() * adults - young_adults, 0.0)
    people[:, FIRST_ADULT_BAND:] = rake(grown, [((3,), wanted), ((0, 1, 2), by_deprivation[:, FIRST_ADULT_BAND:])])
    return people


def ons_mortality(by_mid_year: np.ndarray, mix: np.ndarray) -> np.ndarray:
    """Death rates by [mid_year, age_band]: published rates of all segments, scaled to the ONS deaths of each year."""
    shape = (death_rates() * mix).sum(axis=1)
    child = assumption("child_mortality")
    for band, label in enumerate(AGE_BANDS[:FIRST_ADULT_BAND]):
        shape[band] = child[label, ""]
    by_age = by_mid_year.sum(axis=1)
    exposed = by_age.copy()
    exposed[1:] = 0.5 * (by_age[1:] + by_age[:-1])
    deaths = ons("ons_deaths.csv", "mid_year", "place").sum(axis=1)
    return shape * (deaths / (exposed * shape).sum(axis=1))[:, None]


def reference_run(
    start: np.ndarray, by_mid_year: np.ndarray, wanted: np.ndarray, risk: np.ndarray, rates_to: np.ndarray, until: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Run from April 2019 with neutral levers, held to the ONS targets.

    Args:
        start: people in April 2019.
        by_mid_year: targets by [mid_year, place, age_band].
        wanted: death rates to hold to, [mid_year, age_band].
        risk: mortality relative to the mix of 2019, [age_band, segment].
        rates_to: transition rates, [target, age_band, origin].
        until: decimal calendar year at which to stop.

    Returns:
        Mortality at 2019 multimorbidity by [mid_year, age_band]; net arrivals per year by [mid_year, place, age_band];
        people at the end.
    """
    progression = central("population.progression_by_deprivation", "deprivation")
    illness = 1.0 - central("population.coding_drift_share", "segment")
    recovered = 1.0 - central("population.coding_loss_share", "segment")
    by_deprivation = central("population.mortality_by_deprivation", "deprivation")
    births = ons("ons_births.csv", "mid_year", "place")
    rows = by_mid_year.shape[0]
    mortality, arrivals, weight = np.zeros((rows, len(AGE_BANDS))), np.zeros(by_mid_year.shape), np.zeros(rows)
    people, year, span = start.copy(), START, 1.0 / STEPS_PER_YEAR
    matrix = np.moveaxis(rates_to, 0, 2)
    rising = np.triu(matrix)[:, None] * progression[:, None, None] * illness[:, None]
    moving = rising + (np.tril(matrix) * recovered[:, None])[:, None]
    ageing = np.full(len(AGE_BANDS), 1.0 / YEARS_PER_BAND)
    ageing[OLDEST] = 0.0
    leaving = moving.sum(axis=3)
    arriving = np.zeros(by_mid_year.shape[1:])

    def advance(joined: np.ndarray, born: np.ndarray, dying: np.ndarray) -> np.ndarray:
        exposure = joined * time_at_risk(leaving + dying + ageing[:, None, None], span)
        after = joined - exposure * (dying + leaving + ageing[:, None, None])
        after += (exposure[..., None] * moving).sum(axis=3)
        after[:, 1:] += exposure[:, :-1] / YEARS_PER_BAND
        after[:, 0, :, 0] += born
        return after

    while year < until - span / 2:
        row = mid_year_row(year + span / 2)
        relative = risk[:, None] * by_deprivation[:, None]
        mix = people.sum(axis=0)
        level = wanted[row] * mix.sum(axis=(1, 2)) / (mix * relative).sum(axis=(1, 2))
        parents = people[:, PARENT_BANDS].sum(axis=(1, 3))
        born = births[row][:, None] * parents / parents.sum(axis=1, keepdims=True) * span
        there, goal = people.sum(axis=(2, 3)), target_at(by_mid_year, year + span)
        # Migrants come first in a step and are themselves exposed: the number that meets the goal takes a few rounds.
        for _ in range(MIGRATION_ROUNDS):
            after = advance(people * (1.0 + arriving / there)[:, :, None, None], born, level[:, None, None] * relative)
            arriving = arriving + goal - after.sum(axis=(2, 3))
        people = after
        mortality[row] += level
        arrivals[row] += arriving / span
        weight[row] += 1.0
        year += span
    reached = np.maximum(weight, 1.0)
    return mortality / reached[:, None], arrivals / reached[:, None, None], people


def derive() -> Derived:
    """All derived tables."""
    by_mid_year = targets()
    rates_to = rates_by_band()
    start_place_age = target_at(by_mid_year, START)
    published = assumed_array("adult_share_2022", "segment") / 100.0
    adult_shares = published.copy()
    for _ in range(SHARE_ROUNDS):
        initial = people_in_april_2019(start_place_age, adult_shares)
        mix = initial.sum(axis=0)
        by_segment = mix.sum(axis=1) / mix.sum(axis=(1, 2))[:, None]
        wanted = ons_mortality(by_mid_year, by_segment)
        weights = mix * central("population.mortality_by_deprivation", "deprivation")[:, None]
        weights = weights.sum(axis=1) / mix.sum(axis=(1, 2))[:, None]
        deaths = death_rates()
        risk = deaths / (deaths * weights).sum(axis=1, keepdims=True)
        _, _, then = reference_run(initial, by_mid_year, wanted, risk, rates_to, PUBLISHED_AT)
        reached = adults_by_segment(then.sum(axis=(0, 2)))
        adult_shares = adult_shares * published / (reached / reached.sum())
    end = FIRST_MID_YEAR + by_mid_year.shape[0] - 0.5
    mortality, arrivals, _ = reference_run(initial, by_mid_year, wanted, risk, rates_to, end)
    # The run does not reach back to the year that ends in mid-2018.
    mortality[0], arrivals[0] = mortality[1], arrivals[1]
    return Derived(rates_to, risk, mortality, initial, arrivals)


def write_table(name: str, comments: Sequence[str], dims: Sequence[str], values: np.ndarray) -> None:
    """Write one derived table with a column for each dimension."""
    with (TABLES / name).open("w", encoding="utf-8", newline="") as stream:
        stream.writelines(f"# {line}\n" for line in comments)
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow([*dims, "value"])
        for index in np.ndindex(values.shape):
            labels = [DIMENSIONS[dim][at] for dim, at in zip(dims, index, strict=True)]
            writer.writerow([*labels, f"{values[index]:.8g}"])


def tables_of(derived: Derived) -> dict[str, tuple[str, tuple[str, ...], np.ndarray]]:
    """Return the derived tables by file name: meaning, dimensions, values."""
    tables: dict[str, tuple[str, tuple[str, ...], np.ndarray]] = {
        "initial_people.csv": (
            "People in April 2019: ONS 2018-based projection, E0405-E0426, E2460-E2464, E2896-E2935.",
            ("place", "age_band", "deprivation", "segment"),
            derived.initial,
        ),
        "mortality_relative_risk.csv": (
            "Mortality of a segment relative to everybody of the age in 2019 (E2656-E2895, rows to Died).",
            ("age_band", "segment"),
            derived.relative_risk,
        ),
        "mortality.csv": (
            "Yearly death rate at the multimorbidity of 2019; total deaths as in the ONS 2018-based projection.",
            ("mid_year", "age_band"),
            derived.mortality,
        ),
        "net_migration.csv": (
            "Net arrivals a year that hold the ONS 2018-based totals after births, deaths and ageing.",
            ("mid_year", "place", "age_band"),
            derived.net_migration,
        ),
    }
    for target, label in enumerate(DIMENSIONS["segment"]):
        tables[f"rate_to_{label}.csv"] = (
            f"Yearly rate of moving to {label}, by segment of origin (E2656-E2895, survivors; under 17 an assumption).",
            ("age_band", "segment"),
            derived.rates_to[target],
        )
    return tables


def write_tables(derived: Derived) -> list[Path]:
    """Write every derived table; returns their paths."""
    tables = tables_of(derived)
    for name, (meaning, dims, values) in tables.items():
        write_table(name, [meaning, ORIGIN], dims, values)
    return [TABLES / name for name in tables]


if __name__ == "__main__":
    write_tables(derive())
