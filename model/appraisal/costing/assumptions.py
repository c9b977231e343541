"""The assumptions of costing as numbers with names, units, sources and lines, checked against the registry."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np

from model.appraisal.costing.assumptions_file import Benefit, BiasScope, CostingAssumptionsFile, SourcedValue
from model.registry.catalogue import Registry
from model.registry.data_folders import SCENARIOS
from model.registry.dimensions import DIMENSIONS
from model.registry.error_collector import ErrorCollector
from model.registry.errors import Exit, UserError, nearest_names
from model.results.expressions import parse_expression
from model.results.headlines import HEADLINES, Place, headline, headlines_shown, measure
from model.results.prices import PRICES
from model.scenarios.schema import EvidenceGrade
from model.scenarios.units import UnitError, quantity
from model.scenarios.validated_file import Location, ValidatedFile

ASSUMPTIONS = SCENARIOS / "costing" / "appraisal.yaml"
MODEL_PRICES = "2022/23"
"""Prices of programme costs, and of everything that the model reports in constant prices."""

LINES = DIMENSIONS["statement_line"]
SOCIETY = "society"
GRADES: tuple[str, ...] = get_args(EvidenceGrade)
MOST_YEARS = 60
AVERSION, MOST_AVERSE = "aversion", 100.0
"""Unit of inequality aversion, and beyond what only the worst off counts in any case."""

AssumptionGroup = Literal["general", "costs", "benefits", "values", "cash", "counted", "thresholds", "equity"]


@dataclass(frozen=True)
class Assumption:
    """One number that a user may change.

    Attributes:
        name: its name in the workbook.
        title: for people.
        value: the number.
        unit: its unit.
        source: where it comes from.
        group: the part of the sheet in which it appears.
        prices: financial year of its prices, where it is money.
    """

    name: str
    title: str
    value: float
    unit: str
    source: str
    group: AssumptionGroup
    prices: str = ""


@dataclass(frozen=True)
class BenefitKind:
    """A kind of benefit; ``CostingAssumptions`` values it.

    Attributes:
        name: key in the file.
        title: for people.
        lines: lines of the statement that it is the change of.
        unmet_need: whether need that councils do not meet is counted with its lines.
        result: result whose gain is valued, or empty.
        higher_is_gain: whether more of the result is a gain.
        unit: one unit of it; £ where it is money already.
        organisation: who gains from a result.
        societal: whether what is not cash is a gain of society.
        in_place_of: lines of the statement that it replaces.
        bias: whether optimism is taken off ``gains``, off ``all``, or off ``none``.
    """

    name: str
    title: str
    lines: tuple[str, ...] = ()
    unmet_need: bool = False
    result: str = ""
    higher_is_gain: bool = True
    unit: str = "£"
    organisation: str = ""
    societal: bool = False
    in_place_of: tuple[str, ...] = ()
    bias: BiasScope = "gains"

    @property
    def rest(self) -> str:
        """Class of the part that is not cash."""
        return "societal" if self.societal else "non-cash-releasing"


@dataclass(frozen=True)
class Divisor:
    """A result by which costs are divided; see ``assumptions_file.CostPer``."""

    name: str
    title: str
    result: str
    higher_is_gain: bool
    health: bool
    net: bool


@dataclass(frozen=True)
class CostingAssumptions:
    """All assumptions of costing.

    Attributes:
        file: where they were read.
        description: what convention is followed.
        prices: financial year in whose prices money is shown.
        inflation: growth of prices into each financial year.
        by_name: the assumptions by name.
        kinds: kinds of benefit.
        left_out: lines of the statement that are not counted, with the reason.
        divisors: what costs are divided by.
        effects: names of headline results.
        charged_at: name of the assumption by which money spent is turned into health forgone.
        units: registered unit of each result that is read.
    """

    file: str
    description: str
    prices: str
    inflation: Mapping[str, float]
    by_name: Mapping[str, Assumption]
    kinds: tuple[BenefitKind, ...]
    left_out: Mapping[str, str]
    divisors: tuple[Divisor, ...]
    effects: tuple[str, ...]
    charged_at: str
    units: Mapping[str, str]

    def __getitem__(self, name: str) -> float:
        """Return the value of an assumption."""
        return self.by_name[name].value

    def changed(self, **values: float) -> CostingAssumptions:
        """Return the same with other values of some assumptions.

        Raises:
            KeyError: an assumption that there is not.
        """
        changed = {name: replace(self.by_name[name], value=value) for name, value in values.items()}
        return replace(self, by_name={**self.by_name, **changed})

    @property
    def years(self) -> int:
        """Years appraised."""
        return int(self["years_appraised"])

    @property
    def thresholds(self) -> tuple[Assumption, ...]:
        """What a quality-adjusted life year may cost."""
        return tuple(assumption for assumption in self.by_name.values() if assumption.group == "thresholds")

    def monetised(self, name: str) -> bool:
        """Return whether a headline is in money already: made of a valued result, or of the accounts."""
        valued = {term.name for kind in self.kinds if kind.result for term in parse_expression(kind.result).terms}
        return all(term.name in valued or term.name.startswith("finance.") for term in headline(name).parsed.terms)

    def level(self, year: str) -> float:
        """Return prices of a financial year relative to those of the first that is known."""
        years = list(self.inflation)
        return float(
            np.prod([1.0 + self.inflation[financial_year] for financial_year in years[: years.index(year) + 1]])
        )

    def reflated(self, prices: str) -> float:
        """Return the factor from prices of a year to those of the appraisal."""
        return self.level(self.prices) / self.level(prices or self.prices)


class _AssumptionsReader:
    """Turns the checked file into numbers and collects errors with their lines."""

    def __init__(self, source: ValidatedFile[CostingAssumptionsFile], registry: Registry) -> None:
        self.source, self.registry, self.errors = source, registry, ErrorCollector()
        self.found: dict[str, Assumption] = {}

    def add(
        self,
        name: str,
        title: str,
        unit: str,
        field: SourcedValue,
        location: Location,
        group: AssumptionGroup,
        limits: tuple[float, float] = (0.0, 1.0),
    ) -> None:
        """Read a value in its unit and keep it under its name."""
        with self.errors.caught():
            value, source = self._number(unit, field, location)
            if not limits[0] <= value <= limits[1]:
                message = f"expected {limits[0]:g} to {limits[1]:g} {unit}, found {value:g}."
                raise self.source.error((*location, "value"), message)
            if field.prices and field.prices not in DIMENSIONS["financial_year"]:
                raise self.source.error((*location, "prices"), "not a financial year of the model.", key=field.prices)
            self.found[name] = Assumption(name, title, value, unit, source, group, field.prices or "")

    def _number(self, unit: str, field: SourcedValue, location: Location) -> tuple[float, str]:
        if field.parameter is not None:
            parameters = self.registry.parameters
            if field.parameter not in parameters or parameters[field.parameter].dims:
                single = [name for name, entry in parameters.items() if not entry.dims]
                near = nearest_names(field.parameter, single)
                message = "not a registered parameter that is one number."
                raise self.source.error((*location, "parameter"), message, near, key=field.parameter)
            entry = parameters[field.parameter]
            return float(entry.value), f"{entry.name}: {entry.source}"
        try:
            return quantity(field.value, unit if unit in ("1", "1/year", "years") else "1"), str(field.source)
        except UnitError as error:
            raise self.source.error((*location, "value"), f"{error}.") from error

    def bias(
        self, name: str, title: str, shares: Mapping[Any, SourcedValue], group: Literal["costs", "benefits"], key: str
    ) -> None:
        """Read the optimism bias of one type of cost, or of one grade of evidence, and keep it under its name."""
        location: Location = ("optimism_bias", group)
        if key not in shares:
            self.errors.add(self.source.error(location, f"'{key}' is missing."))
            return
        self.add(name, title, "1", shares[key], (*location, key), group, (0.0, 3.0))

    def kind(self, name: str, benefit: Benefit) -> BenefitKind:
        """Check a kind of benefit and keep its values."""
        at: Location = ("benefits", name)
        if not name.isidentifier():
            self.errors.add(self.source.error(at, "a name is made of letters, digits and underscores.", key=name))
        organisations = (*DIMENSIONS["organisation"], SOCIETY)
        if benefit.organisation is not None and benefit.organisation not in organisations:
            near = nearest_names(benefit.organisation, organisations)
            self.errors.add(
                self.source.error((*at, "organisation"), f"expected one of {', '.join(organisations)}.", near)
            )
        self._result(benefit.result, (*at, "result"))
        self.add(
            f"cash_{name}",
            f"{benefit.title}: share that releases cash",
            "1",
            benefit.cash_releasing,
            (*at, "cash_releasing"),
            "cash",
        )
        counted = SourcedValue(value=float(benefit.counted), source="convention: 1 counted, 0 shown only")
        self.add(f"counted_{name}", f"{benefit.title}: counted", "1", counted, (*at, "counted"), "counted")
        if benefit.value is not None:
            title = f"{benefit.title}: worth of one {benefit.unit}"
            self.add(f"value_{name}", title, f"£/{benefit.unit}", benefit.value, (*at, "value"), "values", (-1e7, 1e7))
        return BenefitKind(
            name,
            benefit.title,
            benefit.lines,
            benefit.unmet_need,
            benefit.result or "",
            benefit.better != "lower",
            benefit.unit or "£",
            benefit.organisation or "",
            benefit.societal,
            benefit.in_place_of,
            benefit.bias,
        )

    def _result(self, result: str | None, location: Location) -> None:
        if result is None:
            return
        try:
            measure(result, self.registry)
        except UserError as error:
            self.errors.add(self.source.error(location, error.message, error.nearest, key=error.key or result))

    def fairness(self, content: CostingAssumptionsFile) -> str:
        """Keep the inequality aversion and its range; return the name of the threshold at which money is charged."""
        aversion, at = content.equity.aversion, ("equity", "aversion")
        title = "Inequality aversion (Atkinson)"
        self.add("inequality_aversion", title, AVERSION, aversion, at, "equity", (0.0, MOST_AVERSE))
        for name, value in (("low", aversion.low), ("high", aversion.high)):
            end = SourcedValue(value=value, source=aversion.source)
            self.add(
                f"inequality_aversion_{name}",
                f"{title}, {name} end of its range",
                AVERSION,
                end,
                at,
                "equity",
                (0.0, MOST_AVERSE),
            )
        keys = ("inequality_aversion_low", "inequality_aversion", "inequality_aversion_high")
        values = [self.found[key].value for key in keys if key in self.found]
        if values != sorted(values):
            self.errors.add(self.source.error(at, "expected low, value and high in rising order."))
        chosen = content.equity.charged_at
        if chosen not in content.thresholds:
            near = nearest_names(chosen, list(content.thresholds))
            self.errors.add(self.source.error(("equity", "charged_at"), "not one of the thresholds.", near, key=chosen))
        return f"threshold_{chosen}"

    def check_lines(self, content: CostingAssumptionsFile) -> None:
        """Check that every line of the statement is named once, so that none is forgotten or counted twice."""
        stands: dict[str, list[str]] = {line: [] for line in LINES}
        named = [
            (line, ("benefits", name))
            for name, benefit in content.benefits.items()
            for line in (*benefit.lines, *benefit.in_place_of)
        ]
        for line, location in (*named, *((line, ("left_out", line)) for line in content.left_out)):
            if line not in stands:
                near = nearest_names(line, LINES)
                self.errors.add(self.source.error(location, "not a line of the statement.", near, key=line))
                continue
            stands[line].append(" ".join(location))
            if len(stands[line]) > 1:
                message = f"this line of the statement is counted twice ({' and '.join(stands[line])})."
                self.errors.add(self.source.error(location, message, key=line))
        missing = [line for line, where in stands.items() if not where]
        if missing:
            message = f"lines of the statement that are neither counted nor left out: {', '.join(missing)}."
            self.errors.add(self.source.error(("left_out",), message))

    def check_names(self, content: CostingAssumptionsFile) -> None:
        """Check headlines and what costs are divided by."""
        for index, name in enumerate(content.effects):
            if name not in {known_headline.name for known_headline in HEADLINES}:
                near = nearest_names(name, [known_headline.name for known_headline in HEADLINES])
                self.errors.add(self.source.error(("effects", index), "not a headline result.", near, key=name))
        for name, divisor in content.cost_per.items():
            self._result(divisor.result, ("cost_per", name, "result"))


def read_costing_assumptions(registry: Registry, path: Path = ASSUMPTIONS) -> CostingAssumptions:
    """Read the assumptions of costing.

    Raises:
        UserError: all errors of the file, with their lines.
    """
    if not path.is_file():
        raise UserError("no such file of costing assumptions.", file=path, code=Exit.MISSING_FILE)
    source = ValidatedFile.read(CostingAssumptionsFile, path)
    content, reader = source.content, _AssumptionsReader(source, registry)
    reader.add(
        "years_appraised",
        "Years appraised, from that of the decision",
        "years",
        content.years,
        ("years",),
        "general",
        (1, MOST_YEARS),
    )
    for name, rate in (("money", content.discount.money), ("health", content.discount.health)):
        title = f"Discount rate of {'costs and benefits in money' if name == 'money' else 'health'}"
        reader.add(f"discount_{name}", title, "1/year", rate, ("discount", name), "general")
    for kind in DIMENSIONS["cost_type"]:
        title = f"Optimism bias added to {kind.replace('_', '-')} costs"
        reader.bias(f"bias_{kind}", title, content.optimism_bias.costs, "costs", kind)
    for grade in GRADES:
        title = f"Taken off benefits where evidence is '{grade}'"
        reader.bias(f"grade_{grade}", title, content.optimism_bias.benefits, "benefits", grade)
    kinds = tuple(reader.kind(name, benefit) for name, benefit in content.benefits.items())
    for name, threshold in content.thresholds.items():
        reader.add(
            f"threshold_{name}",
            f"Threshold, {threshold.title}",
            "£/QALY",
            threshold,
            ("thresholds", name),
            "thresholds",
            (0.0, 1e7),
        )
    charged_at = reader.fairness(content)
    reader.check_lines(content)
    reader.check_names(content)
    if content.prices not in DIMENSIONS["financial_year"]:
        reader.errors.add(source.error(("prices",), "not a financial year of the model."))
    reader.errors.raise_all()
    read = [*(kind.result for kind in kinds if kind.result), *(divisor.result for divisor in content.cost_per.values())]
    inflation = dict(zip(DIMENSIONS["financial_year"], registry.parameters[PRICES].value.tolist(), strict=True))
    divisors = tuple(
        Divisor(name, divisor.title, divisor.result, divisor.better == "higher", divisor.health, divisor.net)
        for name, divisor in content.cost_per.items()
    )
    return CostingAssumptions(
        path.name,
        content.description,
        content.prices,
        inflation,
        reader.found,
        kinds,
        dict(content.left_out),
        divisors,
        content.effects or tuple(headline.name for headline in headlines_shown(Place.COSTING)),
        charged_at,
        {text: measure(text, registry).unit for text in read},
    )
