"""What new figures say, in sentences: which series have left their band, whether chance does so, what is implicated."""

from __future__ import annotations

from datetime import date

from model.calibration.tracking.bands import SeriesFinding
from model.calibration.tracking.implicated_assumptions import ImplicatedAssumption, direction
from model.calibration.tracking.track import Tracking
from model.registry.calendar import period_dates
from model.reporting.names import capitalised
from model.reporting.names import listed
from model.reporting.numbers import probability, share

HARD, STRAINED = 0.05, 0.2
"""Chances of as large a misfit below which figures are said to be hard to square with a projection, or to strain it."""

NAMED = 3
"""Assumptions that are named in a sentence."""


def period_in_words(period: str) -> str:
    """A month by its name; other periods as they are written."""
    first: date = period_dates(period)[0]
    return f"{first:%B %Y}" if "/" not in period else period


def verdict_in_words(verdict: SeriesFinding) -> str:
    """Where a series stands."""
    if verdict.side == "inside":
        before = f"; {verdict.outside} of {verdict.figures} outside before" if verdict.outside else ""
        return f"inside{before}"
    in_a_row = f", {verdict.in_a_row} in a row" if verdict.in_a_row > 1 else ""
    return f"{verdict.side} since {period_in_words(verdict.since)}{in_a_row}"


def summary(found: Tracking) -> list[str]:
    """The answer: outside or not, chance or not, and what is implicated."""
    alarm = found.alarm
    out = [each for each in found.findings if each.side != "inside"]
    lines = [
        "; ".join(f"{capitalised(found.observations.title(each.series))}: {verdict_in_words(each)}" for each in out) + "."
        if out
        else "The newest figure of every series lies inside its 80% band.",
        f"Of {alarm.figures} new figures {alarm.outside} lie outside their 80% band. Were the projection right, about "
        f"{alarm.expected:.0f} would, and up to {alarm.usual} in nine cases of ten; so many or more in "
        f"{probability(alarm.chance_of_count)} of cases. Some series of these would go as far astray as the furthest "
        f"does in {probability(alarm.chance)} of cases: {_judgement(alarm.chance)}.",
        implication_in_words(found),
    ]
    repeated = found.observations.repeated
    if repeated:
        lines.append(
            f"{len(repeated)} of the figures stand in the record already, to which the model may have been fitted; "
            "that they lie inside is no test."
        )
    return lines


def _judgement(chance: float) -> str:
    if chance < HARD:
        return "the figures are hard to square with the projection"
    return (
        "the figures strain the projection" if chance < STRAINED else "as a whole the figures agree with the projection"
    )


def implication_in_words(found: Tracking) -> str:
    """Which assumptions the figures implicate, in a sentence or two."""
    ranked = found.implication.ranked
    if not ranked:
        return "No assumption that the members differ in moves these figures by more than chance."
    first = ranked[0]
    begin = (
        "Most implicated"
        if found.alarm.chance < STRAINED or any(each.side != "inside" for each in found.findings)
        else "Nothing need be blamed; what the figures would move most"
    )
    text = (
        f"{begin}: {first.number.name}, which by itself would have to be {direction(first)} "
        f"({beyond(first)}), and would then account for {share(max(0.0, first.alone_share))} of the misfit."
    )
    others = [f"{row.number.name} ({direction(row)})" for row in ranked[1:NAMED]]
    return f"{text} Next: {listed(others)}." if others else text


def beyond(row: ImplicatedAssumption) -> str:
    """How far a number would have to move by itself, against what the projection held likely."""
    far = f"{abs(row.alone):.1f} standard deviations of what the projection held likely"
    return f"{far}, further than any member" if row.out_of_reach else far
