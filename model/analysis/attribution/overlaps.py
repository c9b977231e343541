"""Interventions that overlap: the same gain counted twice, or the same staff needed by both."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from math import floor, log10

import numpy as np

from model.analysis.attribution.contributions import Attribution
from model.results.headlines import Measure, Topic
from model.results.number_format import format_number
from model.scenarios.interventions import STAFFING_SIGNAL
from model.scenarios.resolved import ResolvedScenario
from model.scenarios.specs import Programme

MATERIAL_SHARE = 0.05
"""Share of the smaller contribution from which an interaction is reported."""
NEGLIGIBLE_SHARE = 0.01
"""Share of the effect of all below which a contribution is too small to be reported."""
AGREEING_SHARE = 0.8
"""Share of members in which an interaction must have its sign."""


@dataclass(frozen=True)
class Interaction:
    """Two interventions that give together less, or more, than the sum of what each gives.

    Attributes:
        first: name of one.
        second: name of the other.
        measure: the result.
        horizon: name of the horizon.
        contributions: mean contributions of the two (Shapley).
        interaction: mean of what both give together beyond their sum.
        share: the interaction as a share of the smaller contribution; negative where they get in each other's way.
        of_whole: size of the interaction as a share of the effect of all together.
        sure: share of members in which it has this sign.
    """

    first: str
    second: str
    measure: Measure
    horizon: str
    contributions: tuple[float, float]
    interaction: float
    share: float
    of_whole: float
    sure: float

    @property
    def same_bed_days(self) -> bool:
        """Whether both save bed days, some of them the same."""
        in_beds = self.measure.topic is Topic.BEDS and self.measure.unit != "%"
        return self.share < 0 and in_beds


@dataclass(frozen=True)
class SharedStaff:
    """Two interventions that need the same staff.

    Attributes:
        first: name of one.
        second: name of the other.
        employer: who employs them.
        staff_group: which staff.
        wte: posts that each needs.
        gated: those of the two whose effect is limited by how many of the employer's posts are filled.
    """

    first: str
    second: str
    employer: str
    staff_group: str
    wte: tuple[float, float]
    gated: tuple[str, ...]


def find_interactions(attribution: Attribution) -> list[Interaction]:
    """Return pairs that both improve a result but together give clearly less or more; the largest first."""
    interactions: list[Interaction] = []
    means, pairs, whole = (
        attribution.shapley.mean(axis=-1),
        attribution.pairs.mean(axis=-1),
        attribution.effect.mean(axis=-1),
    )
    for column, measure in enumerate(attribution.measures):
        improves = {"higher": 1.0, "lower": -1.0}.get(measure.better, 0.0)
        for horizon_index, horizon in enumerate(attribution.horizons):
            improvements = improves * means[:, column, horizon_index]
            least = NEGLIGIBLE_SHARE * abs(whole[column, horizon_index])
            for one, other in combinations(range(len(attribution.interventions)), 2):
                smaller = min(improvements[one], improvements[other])
                both = improves * pairs[one, other, column, horizon_index]
                if smaller <= least or not least or abs(both) < MATERIAL_SHARE * smaller:
                    continue
                sure = float(
                    np.mean(np.sign(attribution.pairs[one, other, column, horizon_index]) == np.sign(improves * both))
                )
                if sure >= AGREEING_SHARE:
                    interactions.append(
                        Interaction(
                            attribution.interventions[one],
                            attribution.interventions[other],
                            measure,
                            horizon,
                            (float(means[one, column, horizon_index]), float(means[other, column, horizon_index])),
                            float(improves * both),
                            float(both / smaller),
                            float(abs(both / whole[column, horizon_index])),
                            sure,
                        )
                    )
    return sorted(
        interactions,
        key=lambda interaction: (
            -interaction.of_whole,
            interaction.first,
            interaction.second,
            interaction.measure.name,
            interaction.horizon,
        ),
    )


def find_shared_staff(scenario: ResolvedScenario) -> list[SharedStaff]:
    """Return pairs of interventions that need the same staff; the largest common need first."""
    gates = {
        (spec.label, label)
        for spec in scenario.modifiers
        if spec.gate is not None and spec.gate[0] == STAFFING_SIGNAL
        for _, label in spec.gate[1]
    }
    shared: list[SharedStaff] = []
    for one, other in combinations(scenario.programmes, 2):
        first, second = _posts(one), _posts(other)
        for employer, group in first.keys() & second.keys():
            wte = (first[employer, group], second[employer, group])
            if min(wte) > 0:
                gated = tuple(programme.name for programme in (one, other) if (programme.name, employer) in gates)
                shared.append(SharedStaff(one.name, other.name, employer, group, wte, gated))
    return sorted(shared, key=lambda pair: (-min(pair.wte), pair.first, pair.second, pair.employer, pair.staff_group))


def _posts(programme: Programme) -> dict[tuple[str, str], float]:
    posts: dict[tuple[str, str], float] = {}
    for employer, group, wte in programme.staff:
        posts[employer, group] = posts.get((employer, group), 0.0) + wte
    return posts


def interaction_sentence(interaction: Interaction) -> str:
    """Write an interaction as a sentence."""
    verb = (
        "save some of the same bed days"
        if interaction.same_bed_days
        else ("get in each other's way" if interaction.share < 0 else "reinforce each other")
    )
    decimals = max(interaction.measure.decimals or 0, 1, 1 - floor(log10(abs(interaction.interaction))))
    one, other, joint = (
        format_number(value, decimals, signed=True) for value in (*interaction.contributions, interaction.interaction)
    )
    size = (
        f"{abs(interaction.share):.0%} of the smaller"
        if abs(interaction.share) <= 1.0
        else "more than the smaller itself gives"
    )
    return (
        f"{interaction.first} ({one}) and {interaction.second} ({other}) {verb}: {joint} {interaction.measure.unit} "
        f"beside the sum of both, {size} ({interaction.measure.title}, {interaction.horizon})."
    )


def strongest_interactions(interactions: Sequence[Interaction], most: int) -> list[Interaction]:
    """Return the strongest interaction of each pair and kind, those on bed days first, at most ``most``."""
    strongest: dict[tuple[str, str, bool, bool], Interaction] = {}
    for interaction in sorted(interactions, key=lambda interaction: not interaction.same_bed_days):
        strongest.setdefault(
            (interaction.first, interaction.second, interaction.same_bed_days, interaction.share < 0), interaction
        )
    beds = [interaction for interaction in strongest.values() if interaction.same_bed_days][: most // 2]
    others = [interaction for interaction in strongest.values() if not interaction.same_bed_days]
    return [*beds, *others][:most]
