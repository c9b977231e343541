"""Fields of the file of costing assumptions."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from model.scenarios.schema import Amount, EvidenceGrade, FinancialYear, Names, StrictModel

Better = Literal["lower", "higher"]
BiasScope = Literal["gains", "all", "none"]


class SourcedValue(StrictModel):
    """A number with its source, or a registered parameter whose number and source it takes."""

    value: Amount | None = Field(None, description="the number")
    parameter: str | None = Field(None, description="registered parameter, instead of a number")
    prices: FinancialYear | None = Field(None, description="financial year of its prices")
    source: str | None = Field(None, description="evidence ids, a publication, or a text that begins with 'assumption'")

    @model_validator(mode="after")
    def _one_of_two(self) -> SourcedValue:
        if (self.value is None) == (self.parameter is None):
            raise ValueError("expected either a value with its source, or a parameter")
        if self.value is not None and not self.source:
            raise ValueError("a value needs its source (or a text that begins with 'assumption')")
        return self


class Threshold(SourcedValue):
    """What a quality-adjusted life year may cost."""

    title: str = Field(description="whose threshold")


class Discount(StrictModel):
    """Discount rates."""

    money: SourcedValue = Field(description="rate of costs and of benefits in money")
    health: SourcedValue = Field(description="rate of health")


class OptimismBias(StrictModel):
    """Optimism bias."""

    costs: dict[Literal["capital", "non_recurrent", "recurrent"], SourcedValue] = Field(
        description="added, by type of cost"
    )
    benefits: dict[EvidenceGrade, SourcedValue] = Field(description="taken off, by evidence grade")


class Benefit(StrictModel):
    """A kind of benefit: lines of the model's accounts, or a result times what a unit of it is worth."""

    title: str = Field(description="name for people")
    origin: Literal["programmes"] | None = Field(None, alias="from", description="'programmes': what they release")
    lines: Names = Field((), description="lines of the statement that it counts")
    unmet_need: bool = Field(False, description="whether need that councils do not meet is counted with its lines")
    result: str | None = Field(None, description="result whose change is valued")
    better: Better | None = Field(None, description="which direction of the result is a gain")
    unit: str | None = Field(None, description="one unit of the result")
    organisation: str | None = Field(None, description="who gains from a result")
    in_place_of: Names = Field((), description="lines of the statement that the result replaces")
    value: SourcedValue | None = Field(None, description="worth of one unit of the result, £")
    cash_releasing: SourcedValue = Field(description="share that releases cash")
    bias: BiasScope = Field("gains", description="optimism is taken off gains only, off losses too (all), or off none")
    societal: bool = Field(False, description="whether the rest is a gain of society, not of public bodies")
    counted: bool = Field(True, description="whether it enters totals")

    @model_validator(mode="after")
    def _one_origin(self) -> Benefit:
        if sum((bool(self.lines), self.result is not None, self.origin is not None)) != 1:
            raise ValueError("expected one of 'lines', 'result' and 'from: programmes'")
        needed = (self.better, self.unit, self.organisation, self.value)
        if self.result is not None and None in needed:
            raise ValueError("a result needs 'better', 'unit', 'organisation' and 'value'")
        return self


class Aversion(SourcedValue):
    """Aversion to inequality in health, with its range."""

    low: Amount = Field(description="lowest value for which results are shown")
    high: Amount = Field(description="highest value for which results are shown")


class Fairness(StrictModel):
    """How the distribution of health is weighed."""

    aversion: Aversion = Field(description="inequality aversion of the Atkinson index")
    charged_at: str = Field(description="the threshold by which money is turned into health forgone")


class CostPer(StrictModel):
    """A result by which costs are divided."""

    title: str = Field(description="one unit of it")
    result: str = Field(description="expression on registered results")
    better: Better = Field(description="which direction is a gain")
    health: bool = Field(False, description="whether it is discounted as health")
    net: bool = Field(False, description="whether public benefits are first taken from the cost")


class CostingAssumptionsFile(StrictModel):
    """The assumptions of costing."""

    description: str = Field(description="what convention is followed")
    prices: FinancialYear = Field(description="financial year in whose prices money is shown")
    years: SourcedValue = Field(description="years appraised, from that of the decision")
    discount: Discount = Field(description="discount rates")
    optimism_bias: OptimismBias = Field(description="optimism bias")
    benefits: dict[str, Benefit] = Field(min_length=1, description="kinds of benefit")
    left_out: dict[str, str] = Field(description="lines of the statement that are not counted, and why")
    cost_per: dict[str, CostPer] = Field(description="what costs are divided by")
    thresholds: dict[str, Threshold] = Field(description="what a quality-adjusted life year may cost, £")
    effects: Names = Field((), description="headline results shown; left out, those that the model marks for costing")
    equity: Fairness = Field(description="how the distribution of health is weighed")
