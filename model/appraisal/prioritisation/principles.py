"""The principles as numbers with names, units, sources and lines, checked against results and costing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from model.appraisal.costing.appraisal import SUMS
from model.appraisal.costing.assumptions import GRADES, CostingAssumptions, read_costing_assumptions
from model.appraisal.prioritisation.principles_file import (
    CriterionEntry,
    CriterionOrigin,
    HealthSide,
    PrincipleEntry,
    PrinciplesFile,
    SourcedField,
)
from model.registry.catalogue import Registry
from model.registry.data_folders import SCENARIOS
from model.registry.dimensions import DIMENSIONS
from model.registry.error_collector import ErrorCollector
from model.registry.errors import Exit, UserError, nearest_names
from model.results.headlines import HEADLINES, headline
from model.results.observations import Observation, read_observations
from model.scenarios.library import Library
from model.scenarios.units import UnitError, quantity
from model.scenarios.validated_file import Location, ValidatedFile

PRINCIPLES = SCENARIOS / "costing" / "principles.yaml"
BEST = 100.0
"""Score of what could not be better; the least is 0."""
EQUAL = "convention: criteria of a principle weigh the same"
OWN_SCALE = "convention: the scale itself"


@dataclass(frozen=True)
class Criterion:
    """One criterion by which a principle is scored.

    Attributes:
        name: ``principle.criterion``.
        title: for people.
        principle: key of its principle.
        origin: what it is scored from.
        of: headline result, figure of costing, or horizon.
        unit: unit of what is measured; of a figure in money £.
        prices: prices of what is measured, where it is money of the model; of figures those of the appraisal hold.
        zero: what scores 0; of figures in money at the prices of the file.
        hundred: what scores 100.
        sources: of both anchors.
        weight: within its principle, not yet brought to a sum of 1.
        weight_source: where that comes from.
        side: which side of the balance of health it measures, or empty.
        better: ``lower`` or ``higher``, by the anchors.
    """

    name: str
    title: str
    principle: str
    origin: CriterionOrigin
    of: str
    unit: str
    prices: str
    zero: float
    hundred: float
    sources: tuple[str, str]
    weight: float
    weight_source: str
    side: HealthSide | None

    @property
    def better(self) -> str:
        """Which direction scores more."""
        return "higher" if self.hundred > self.zero else "lower"

    @property
    def in_money(self) -> bool:
        """Whether anchors are money at the prices of the file."""
        return self.origin == "figure" and self.unit == "£"

    def score(self, measured: np.ndarray | float, factor: float = 1.0) -> np.ndarray:
        """Score a measure: 0 and 100 at the anchors, linear between them, never beyond.

        Args:
            measured: in the unit of the criterion; infinite where a cost has no gain (+) or money is saved (-).
            factor: from the prices of the file to those of the appraisal.
        """
        zero, hundred = (end * (factor if self.in_money else 1.0) for end in (self.zero, self.hundred))
        # 0 and -0 must give the same score.
        return np.clip((np.asarray(measured, dtype=float) - zero) / (hundred - zero), 0.0, 1.0) * BEST + 0.0


@dataclass(frozen=True)
class Principle:
    """A principle: key, name for people, question, weight as written with its source, criteria."""

    name: str
    title: str
    question: str
    weight: float
    source: str
    criteria: tuple[Criterion, ...]


@dataclass(frozen=True)
class SourcedNumber:
    """A number of the file with its source."""

    value: float
    source: str


@dataclass(frozen=True)
class Principles:
    """All that is agreed before an option is considered.

    Attributes:
        file: where it was read.
        description: whose principles they are.
        prices: prices of anchors in money.
        principles: in order.
        grades: score of each evidence grade.
        least_change: mean change of a headline result from which on it counts as moved, as a share of the baseline.
        agreement: share of members that must move the same way.
        published: for each headline result that is published monthly, the published result.
        review_months: months from the first start of an option to its review.
        reviews: others, by option.
        draws: sets of weights that are drawn.
        concentration: sum of the parameters of the Dirichlet distribution of weights.
        seed: seed of the draws.
    """

    file: str
    description: str
    prices: str
    principles: tuple[Principle, ...]
    grades: Mapping[str, SourcedNumber]
    least_change: SourcedNumber
    agreement: SourcedNumber
    published: Mapping[str, str]
    review_months: SourcedNumber
    reviews: Mapping[str, SourcedNumber]
    draws: int
    concentration: SourcedNumber
    seed: int

    @property
    def criteria(self) -> tuple[Criterion, ...]:
        """All criteria in order."""
        return tuple(criterion for principle in self.principles for criterion in principle.criteria)


def published_monthly(observations: Sequence[Observation]) -> tuple[str, ...]:
    """Return results of which figures of single months were published for the system or its trusts."""
    monthly = (
        observation.output.text
        for observation in observations
        if observation.output is not None and "/" not in observation.period
    )
    return tuple(dict.fromkeys(monthly))


class _PrinciplesReader:
    """Turns the checked file into numbers and collects errors with their lines."""

    def __init__(self, source: ValidatedFile[PrinciplesFile], assumptions: CostingAssumptions) -> None:
        self.source, self.errors = source, ErrorCollector()
        self.figures = {name: "£" for name, _, _ in SUMS}
        self.figures |= {
            f"gained_{divisor.name}": assumptions.units[divisor.result] for divisor in assumptions.divisors
        }
        self.figures |= {f"cost_per_{divisor.name}": "£" for divisor in assumptions.divisors}

    def number(
        self, field: SourcedField, location: Location, unit: str = "1", limits: tuple[float, float] = (-np.inf, np.inf)
    ) -> SourcedNumber:
        """Read a number in its unit, within limits; collect its error and return the lower limit, or 0, instead."""
        instead = SourcedNumber(0.0 if np.isinf(limits[0]) else limits[0], field.source)
        try:
            value = quantity(field.value, unit)
        except UnitError as error:
            self.errors.add(self.source.error((*location, "value"), f"{error}."))
            return instead
        if limits[0] <= value <= limits[1]:
            return SourcedNumber(value, field.source)
        message = f"expected {limits[0]:g} to {limits[1]:g} {unit if unit != '1' else ''}".rstrip()
        self.errors.add(self.source.error((*location, "value"), f"{message}, found {value:g}."))
        return instead

    def principle(self, name: str, entry: PrincipleEntry) -> Principle:
        """Read a principle."""
        at: Location = ("principles", name)
        weight = self.number(entry.weight, (*at, "weight"), limits=(0.0, 1e6))
        criteria = tuple(
            self.criterion(name, key, criterion, (*at, "criteria", key)) for key, criterion in entry.criteria.items()
        )
        if not sum(criterion.weight for criterion in criteria) > 0.0:
            self.errors.add(self.source.error((*at, "criteria"), "no criterion of this principle weighs anything."))
        return Principle(name, entry.title, entry.question, weight.value, weight.source, criteria)

    def criterion(self, principle: str, key: str, entry: CriterionEntry, at: Location) -> Criterion:
        """Read a criterion: what it measures in which unit, and its anchors."""
        unit, prices = self._measured(entry, at)
        ends, sources = (0.0, BEST if entry.origin == "evidence" else 1.0), (OWN_SCALE, OWN_SCALE)
        if entry.zero is not None and entry.hundred is not None:
            anchor_unit = {"headline": "1", "breadth": "1"}.get(entry.origin, unit)
            anchors = [
                self.number(field, (*at, end), anchor_unit)
                for end, field in (("zero", entry.zero), ("hundred", entry.hundred))
            ]
            ends, sources = (anchors[0].value, anchors[1].value), (anchors[0].source, anchors[1].source)
            if ends[0] == ends[1]:
                self.errors.add(self.source.error((*at, "hundred"), "scores 0 and 100 at the same value."))
            self._direction(entry, ends, at)
        weight = SourcedNumber(1.0, EQUAL)
        if entry.weight is not None:
            weight = self.number(entry.weight, (*at, "weight"), limits=(0.0, 1e6))
        return Criterion(
            f"{principle}.{key}",
            entry.title,
            principle,
            entry.origin,
            entry.of or "",
            unit,
            prices,
            *ends,
            sources,
            weight.value,
            weight.source,
            entry.side,
        )

    def _measured(self, entry: CriterionEntry, at: Location) -> tuple[str, str]:
        """Return the unit, and the prices where it is money of the model."""
        if entry.origin == "headline":
            names = [known_headline.name for known_headline in HEADLINES]
            if entry.of not in names:
                near = nearest_names(str(entry.of), names)
                self.errors.add(self.source.error((*at, "of"), "not a headline result.", near, key=str(entry.of)))
                return "1", ""
            return unit_and_prices(str(entry.of))
        if entry.origin == "figure":
            if entry.of not in self.figures:
                near = nearest_names(str(entry.of), self.figures)
                message = "not a figure of costing that is one number: a sum of money, what is gained, a cost per unit."
                self.errors.add(self.source.error((*at, "of"), message, near, key=str(entry.of)))
            return self.figures.get(str(entry.of), "1"), ""
        units = {
            "evidence": "points",
            "breadth": "share of headline results",
            "review": "months",
            "measurability": "share of headline results",
            "timeline": "share of the greatest effect",
        }
        return units[entry.origin], ""

    def _direction(self, entry: CriterionEntry, ends: tuple[float, float], at: Location) -> None:
        """Check that a headline result scores more where it is better."""
        if entry.origin != "headline" or entry.of not in {known_headline.name for known_headline in HEADLINES}:
            return
        scored_headline = headline(str(entry.of))
        if (ends[1] - ends[0]) * scored_headline.improves < 0:
            message = (
                f"'{scored_headline.name}' is better when {scored_headline.better} but scores less; "
                "exchange 'zero' and 'hundred'."
            )
            self.errors.add(self.source.error((*at, "hundred"), message))

    def published(self, content: PrinciplesFile) -> dict[str, str]:
        """Return the published result of each headline result that has one."""
        monthly = published_monthly(read_observations())
        names = [known_headline.name for known_headline in HEADLINES]
        published = {
            known_headline.name: known_headline.expression
            for known_headline in HEADLINES
            if known_headline.expression in monthly
        }
        for name, text in content.published_as.items():
            if name not in names:
                near = nearest_names(name, names)
                self.errors.add(self.source.error(("published_as", name), "not a headline result.", near, key=name))
            if text not in monthly:
                message = "no monthly figures of this result are held."
                near = nearest_names(text, monthly)
                self.errors.add(self.source.error(("published_as", name), message, near, key=text))
            published[name] = text
        return published

    def reviews(self, content: PrinciplesFile, options: Sequence[str]) -> dict[str, SourcedNumber]:
        """Return the months to the review of options that have their own."""
        library = Library()
        known_options = {
            *options,
            *(name for kind in ("scenario", "package", "intervention") for name in library.names(kind)),
        }
        for name in content.review.options:
            if name not in known_options:
                at: Location = ("review", "options", name)
                message = "not a scenario, package or intervention."
                self.errors.add(self.source.error(at, message, nearest_names(name, known_options), key=name))
        return {
            name: self.number(field, ("review", "options", name), "months", (0.0, 600.0))
            for name, field in content.review.options.items()
        }


def unit_and_prices(name: str) -> tuple[str, str]:
    """Return the unit of a headline result, and its prices separately where it is money."""
    unit, _, prices = headline(name).unit.partition(", ")
    return (unit, prices.removesuffix(" prices")) if "£" in unit else (headline(name).unit, "")


def read_principles(
    registry: Registry,
    path: Path = PRINCIPLES,
    *,
    assumptions: CostingAssumptions | None = None,
    options: Sequence[str] = (),
) -> Principles:
    """Read the principles.

    Args:
        registry: all parameters and results, for the assumptions of costing as shipped.
        path: file.
        assumptions: assumptions of costing, whose figures criteria may name; as shipped where left out.
        options: names of options that are no scenarios, packages or interventions of the library.

    Raises:
        UserError: all errors of the file, with their lines.
    """
    if not path.is_file():
        raise UserError("no such file of principles.", file=path, code=Exit.MISSING_FILE)
    source = ValidatedFile.read(PrinciplesFile, path)
    content, reader = source.content, _PrinciplesReader(source, assumptions or read_costing_assumptions(registry))
    agreed = tuple(reader.principle(name, entry) for name, entry in content.principles.items())
    if not sum(principle.weight for principle in agreed) > 0.0:
        reader.errors.add(source.error(("principles",), "no principle weighs anything."))
    for grade in GRADES:
        if grade not in content.evidence:
            reader.errors.add(source.error(("evidence",), f"'{grade}' is missing."))
    if content.prices not in DIMENSIONS["financial_year"]:
        reader.errors.add(source.error(("prices",), "not a financial year of the model."))
    grades: dict[str, SourcedNumber] = {
        name: reader.number(field, ("evidence", name), limits=(0.0, BEST)) for name, field in content.evidence.items()
    }
    moved, review, varied = content.moved, content.review, content.weights
    principles = Principles(
        path.name,
        content.description,
        content.prices,
        agreed,
        grades,
        reader.number(moved.share, ("moved", "share"), limits=(0.0, 1.0)),
        reader.number(moved.agreement, ("moved", "agreement"), limits=(0.5, 1.0)),
        reader.published(content),
        reader.number(review.months, ("review", "months"), "months", (0.0, 600.0)),
        reader.reviews(content, options),
        int(reader.number(varied.draws, ("weights", "draws"), limits=(100, 1e6)).value),
        reader.number(varied.concentration, ("weights", "concentration"), limits=(0.1, 1e4)),
        varied.seed,
    )
    reader.errors.raise_all()
    return principles
