"""Sentences on gaps that clearly widen or narrow, each with how many members agree."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from model.appraisal.equity.equity_weighting import HealthDistribution
from model.results.number_format import format_number

SURE, LIKELY = 0.95, 0.8
"""Shares of members that agree from which a direction is called sure, or likely."""

SEEN_OF_INDEX, SEEN_OF_QALYS, SEEN_OF_WORTH = 0.0005, 0.01, 0.05
"""Smallest changes that are seen in the digits shown: 0.1% of an index, 0.01 QALYs per 1,000 people, 0.1 QALYs."""


@dataclass(frozen=True, eq=False)
class InequalityGap:
    """A gap between the most and the least deprived, and how it moves.

    Attributes:
        words: what is unequal, and by how much it moves.
        widening: by how much it widens, shape ``(members,)``; below 0 where it narrows.
        seen: smallest mean movement that is reported.
    """

    words: str
    widening: np.ndarray
    seen: float

    @classmethod
    def of_index(cls, title: str, before: np.ndarray, widening: np.ndarray) -> InequalityGap:
        """Make a gap from an index of inequality, with its movement relative to the index."""
        scale = float(np.abs(before).mean())
        moved = f" ({_signed(100.0 * float(widening.mean()) / scale, 1)}%)" if scale > 0.0 else ""
        return cls(f"{title[:1].lower()}{title[1:]}{moved}", widening, SEEN_OF_INDEX * scale)

    @classmethod
    def of_qalys(cls, most: np.ndarray, least: np.ndarray) -> InequalityGap:
        """Make the gap in health gained per 1,000 people between the most and the least deprived fifth."""
        words = (
            f"QALYs gained per 1,000 people ({_signed(float(most.mean()), 2)} in the most deprived fifth, "
            f"{_signed(float(least.mean()), 2)} in the least)"
        )
        return cls(words, least - most, SEEN_OF_QALYS)

    @property
    def moves(self) -> bool:
        """Whether it moves by enough to be seen in the digits shown."""
        return abs(float(self.widening.mean())) > self.seen

    @property
    def widens(self) -> bool:
        """Whether it widens on average."""
        return float(self.widening.mean()) > 0.0


def _signed(value: float, decimals: int) -> str:
    return format_number(value, decimals, signed=True)


def confidence(values: np.ndarray) -> str:
    """Say how many members go the way of their mean, with the word for it."""
    if len(values) == 1:
        return "one member, so how sure is not known"
    share = float((values > 0.0).mean() if values.mean() > 0.0 else (values < 0.0).mean())
    word = "sure" if share >= SURE else "likely" if share >= LIKELY else "unclear"
    return f"{word}: in {share:.0%} of members"


def equity_findings(
    title: str, gaps: Sequence[InequalityGap], distribution: HealthDistribution
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Write warnings where a gap widens, and findings where one narrows or none moves, and on their worth."""
    sentences: dict[bool, list[str]] = {True: [], False: []}
    for gap in gaps:
        if gap.moves:
            verb = "widens" if gap.widens else "narrows"
            sentences[gap.widens].append(f"{title} {verb} a gap: {gap.words}; {confidence(gap.widening)}.")
    findings = sentences[False]
    if not any(sentences.values()):
        findings.append(
            f"{title} moves no gap between the most and the least deprived by enough to be seen: 0.1% of an index, "
            "0.01 QALYs per 1,000 people."
        )
    amount = float(distribution.expected().for_equality()[0])
    if abs(amount) >= SEEN_OF_WORTH:
        findings.append(
            f"{title}: QALYs gained less those that the money would have gained elsewhere come to "
            f"{_signed(float(distribution.plain.mean()), 1)}; at an inequality aversion of "
            f"{distribution.aversion:g}, who gains and who forgoes {'adds' if amount > 0.0 else 'takes off'} "
            f"{abs(amount):,.1f}; {confidence(distribution.for_equality())}."
        )
    return tuple(sentences[True]), tuple(findings)
