"""Fields of the file of principles."""

from __future__ import annotations

from typing import Literal, get_args

from pydantic import Field, model_validator

from model.scenarios.schema import Amount, EvidenceGrade, FinancialYear, StrictModel

CriterionOrigin = Literal["headline", "figure", "evidence", "breadth", "measurability", "timeline", "review"]
HealthSide = Literal["mortality", "quality of life"]
SIDES: tuple[HealthSide, ...] = get_args(HealthSide)
ORIGINS_WITH_NAME: tuple[CriterionOrigin, ...] = ("headline", "figure", "timeline")
"""Where a criterion must say of which result, figure or horizon."""
ON_OWN_SCALE: tuple[CriterionOrigin, ...] = ("evidence", "measurability", "timeline")
"""Origins measured from 0 to all, which need no anchors."""


class SourcedField(StrictModel):
    """A number with its source."""

    value: Amount = Field(description="the number")
    source: str = Field(min_length=1, description="evidence ids, or what begins with 'assumption' or 'convention'")


class CriterionEntry(StrictModel):
    """One criterion by which a principle is scored."""

    title: str = Field(description="name for people")
    origin: CriterionOrigin = Field(alias="from", description="what it is scored from")
    of: str | None = Field(None, description="which headline result, figure of costing, or horizon")
    side: HealthSide | None = Field(None, description="which side of the balance of health it measures")
    weight: SourcedField | None = Field(None, description="weight within its principle; 1 where it is left out")
    zero: SourcedField | None = Field(None, description="value that scores 0")
    hundred: SourcedField | None = Field(None, description="value that scores 100")

    @model_validator(mode="after")
    def _whole(self) -> CriterionEntry:
        if (self.of is not None) != (self.origin in ORIGINS_WITH_NAME):
            requirement = "needs 'of'" if self.origin in ORIGINS_WITH_NAME else "takes no 'of'"
            raise ValueError(f"'from: {self.origin}' {requirement}")
        anchors = (self.zero is not None) + (self.hundred is not None)
        if anchors != (0 if self.origin in ON_OWN_SCALE else 2):
            requirement = "takes no anchors" if self.origin in ON_OWN_SCALE else "needs 'zero' and 'hundred'"
            raise ValueError(f"'from: {self.origin}' {requirement}")
        return self


class PrincipleEntry(StrictModel):
    """A principle."""

    title: str = Field(description="name for people")
    question: str = Field(description="what it asks")
    weight: SourcedField = Field(description="its weight; weights are brought to a sum of 1")
    criteria: dict[str, CriterionEntry] = Field(min_length=1, description="what it is scored by")


class MovedRule(StrictModel):
    """When a headline result counts as moved."""

    share: SourcedField = Field(description="least mean change, as a share of the baseline")
    agreement: SourcedField = Field(description="least share of members in which it goes the same way")


class ReviewRule(StrictModel):
    """When an option is first reviewed."""

    months: SourcedField = Field(description="months from its first start")
    options: dict[str, SourcedField] = Field(default_factory=dict, description="others, by option")


class WeightVariation(StrictModel):
    """How weights are varied."""

    draws: SourcedField = Field(description="sets of weights that are drawn")
    concentration: SourcedField = Field(description="sum of the parameters of the Dirichlet distribution")
    seed: int = Field(ge=0, description="seed of the draws")


class PrinciplesFile(StrictModel):
    """The principles of prioritisation."""

    description: str = Field(description="whose principles they are")
    prices: FinancialYear = Field(description="financial year of the prices of anchors in money")
    principles: dict[str, PrincipleEntry] = Field(min_length=1, description="the principles, in order")
    evidence: dict[EvidenceGrade, SourcedField] = Field(description="score of each evidence grade")
    moved: MovedRule = Field(description="when a headline result counts as moved")
    published_as: dict[str, str] = Field(
        default_factory=dict, description="published result that a headline result equals, or is a part of"
    )
    review: ReviewRule = Field(description="when options are reviewed")
    weights: WeightVariation = Field(description="how weights are varied")
