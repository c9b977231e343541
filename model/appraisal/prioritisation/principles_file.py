"""Fields of the file of principles."""

from __future__ import annotations

from typing import Annotated, Literal, get_args

from pydantic import Field, model_validator

from model.scenarios.schema import Amount, Strict

Year = Annotated[str, Field(pattern=r"^\d{4}/\d{2}$")]
Origin = Literal["headline", "figure", "evidence", "breadth", "measurability", "timeline", "review"]
Side = Literal["mortality", "quality of life"]
Grade = Literal["strong", "moderate", "weak", "assumption", "null"]
SIDES: tuple[Side, ...] = get_args(Side)
NAMED: tuple[Origin, ...] = ("headline", "figure", "timeline")
"""Where a criterion must say of which result, figure or horizon."""
ON_OWN_SCALE: tuple[Origin, ...] = ("evidence", "measurability", "timeline")
"""What lies between nothing and all, so that it needs no anchors."""


class Sourced(Strict):
    """A number with its source."""

    value: Amount = Field(description="the number")
    source: str = Field(min_length=1, description="evidence ids, or what begins with 'assumption' or 'convention'")


class CriterionOfFile(Strict):
    """One thing by which a principle is scored."""

    title: str = Field(description="name for people")
    origin: Origin = Field(alias="from", description="what it is scored from")
    of: str | None = Field(None, description="which headline result, figure of costing, or horizon")
    side: Side | None = Field(None, description="which side of the balance of health it stands for")
    weight: Sourced | None = Field(None, description="weight within its principle; 1 where it is left out")
    zero: Sourced | None = Field(None, description="value that scores 0")
    hundred: Sourced | None = Field(None, description="value that scores 100")

    @model_validator(mode="after")
    def _whole(self) -> CriterionOfFile:
        if (self.of is not None) != (self.origin in NAMED):
            wanted = "needs 'of'" if self.origin in NAMED else "takes no 'of'"
            raise ValueError(f"'from: {self.origin}' {wanted}")
        anchors = (self.zero is not None) + (self.hundred is not None)
        if anchors != (0 if self.origin in ON_OWN_SCALE else 2):
            wanted = "takes no anchors" if self.origin in ON_OWN_SCALE else "needs 'zero' and 'hundred'"
            raise ValueError(f"'from: {self.origin}' {wanted}")
        return self


class PrincipleOfFile(Strict):
    """A principle."""

    title: str = Field(description="name for people")
    question: str = Field(description="what it asks")
    weight: Sourced = Field(description="its weight; weights are brought to a sum of 1")
    criteria: dict[str, CriterionOfFile] = Field(min_length=1, description="what it is scored by")


class Moved(Strict):
    """When a headline result counts as moved."""

    share: Sourced = Field(description="least mean change, as a share of the baseline")
    agreement: Sourced = Field(description="least share of members in which it goes the same way")


class Review(Strict):
    """When an option is first reviewed."""

    months: Sourced = Field(description="months from its first start")
    options: dict[str, Sourced] = Field(default_factory=dict, description="others, by option")


class Varied(Strict):
    """How weights are varied."""

    draws: Sourced = Field(description="sets of weights that are drawn")
    concentration: Sourced = Field(description="sum of the parameters of the Dirichlet distribution")
    seed: int = Field(ge=0, description="seed of the draws")


class PrinciplesFile(Strict):
    """The principles of prioritisation."""

    description: str = Field(description="whose principles they are")
    prices: Year = Field(description="financial year of the prices of anchors in money")
    principles: dict[str, PrincipleOfFile] = Field(min_length=1, description="the principles, in order")
    evidence: dict[Grade, Sourced] = Field(description="score of each evidence grade")
    moved: Moved = Field(description="when a headline result counts as moved")
    published_as: dict[str, str] = Field(
        default_factory=dict, description="published result on which a headline result stands, or of which it is a part"
    )
    review: Review = Field(description="when options are reviewed")
    weights: Varied = Field(description="how weights are varied")
