"""What new figures say, in sentences: which series have left their band, whether chance does so, what is implicated."""

from __future__ import annotations

from model.calibration.tracking.bands import SeriesFinding
from model.calibration.tracking.implicated_assumptions import ImplicatedAssumption, direction
from model.calibration.tracking.track import Tracking
from model.registry.calendar import period_dates
from model.reporting.names import capitalised, listed
from model.reporting.numbers import probability, share

HARD, STRAINED = 0.05, 0.2
"""Chances of as large a misfit below which figures are said to be hard to square with a projection, or to strain it."""

NAMED = 3
"""Assumptions that are named in a sentence."""


def period_in_words(period: str) -> str:
    """Return a month by its name; other periods as they are written."""
    first, _ = period_dates(period)
    return f"{first:%B %Y}" if "/" not in period else period


def verdict_in_words(finding: SeriesFinding) -> str:
    """Say where a series stands."""
    if finding.side == "inside":
        before = f"; {finding.outside} of {finding.figures} outside before" if finding.outside else ""
        return f"inside{before}"
    in_a_row = f", {finding.in_a_row} in a row" if finding.in_a_row > 1 else ""
    return f"{finding.side} since {period_in_words(finding.since)}{in_a_row}"


def summary(tracking: Tracking) -> list[str]:
    """Give the answer: outside or not, chance or not, and what is implicated."""
    alarm, observations = tracking.alarm, tracking.observations
    outside = [
        f"{capitalised(observations.title(finding.series))}: {verdict_in_words(finding)}"
        for finding in tracking.findings
        if finding.side != "inside"
    ]
    sentences = [
        f"{'; '.join(outside)}." if outside else "The newest figure of every series lies inside its 80% band.",
        f"Of {alarm.figures} new figures {alarm.outside} lie outside their 80% band. Were the projection right, about "
        f"{alarm.expected:.0f} would, and up to {alarm.usual} in nine cases of ten; so many or more in "
        f"{probability(alarm.chance_of_count)} of cases. Some series of these would go as far astray as the furthest "
        f"does in {probability(alarm.chance)} of cases: {_judgement(alarm.chance)}.",
        implication_in_words(tracking),
    ]
    if observations.repeated:
        sentences.append(
            f"{len(observations.repeated)} of the figures are in the record already, to which the model may have "
            "been fitted; that they lie inside is no test."
        )
    return sentences


def _judgement(chance: float) -> str:
    if chance < HARD:
        return "the figures are hard to square with the projection"
    return (
        "the figures strain the projection" if chance < STRAINED else "as a whole the figures agree with the projection"
    )


def implication_in_words(tracking: Tracking) -> str:
    """Say which assumptions the figures implicate, in a sentence or two."""
    ranked = tracking.implication.ranked
    if not ranked:
        return "No assumption that the members differ in moves these figures by more than chance."
    first = ranked[0]
    begin = (
        "Most implicated"
        if tracking.alarm.chance < STRAINED or any(finding.side != "inside" for finding in tracking.findings)
        else "No assumption need be blamed; what the figures would move most"
    )
    text = (
        f"{begin}: {first.number.name}, which by itself would have to be {direction(first)} "
        f"({beyond(first)}), and would then account for {share(max(0.0, first.alone_share))} of the misfit."
    )
    others = [f"{row.number.name} ({direction(row)})" for row in ranked[1:NAMED]]
    return f"{text} Next: {listed(others)}." if others else text


def beyond(row: ImplicatedAssumption) -> str:
    """Say how far a number would have to move by itself, against what the projection held likely."""
    far = f"{abs(row.alone):.1f} standard deviations of what the projection held likely"
    return f"{far}, further than any member" if row.out_of_reach else far
