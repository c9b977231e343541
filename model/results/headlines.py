"""Results in one line of text: the headlines as data, where each is shown, and any expression on registered results.

A headline is declared once, in ``HEADLINES``; its ``shown`` names every table, chart, page and analysis that it is part
of. To add a headline, add it there and to nothing besides.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Flag, StrEnum, auto
from typing import TYPE_CHECKING

from model.registry.declarations import Entry, Flow, Output, Stock
from model.registry.error_collector import raise_all, read_all
from model.registry.errors import UserError, nearest_names
from model.results.expressions import (
    Expression,
    Statistic,
    errors_in,
    evaluate_monthly,
    evaluate_years,
    parse_expression,
)
from model.results.number_format import format_number

if TYPE_CHECKING:
    import numpy as np

    from model.registry.catalogue import Registry
    from model.results.run import Run

IN_THOUSANDS, IN_MILLIONS = 1e-3, 1e-6
PERCENT = 100.0
PER_THOUSAND = 1000.0
REAL, NOMINAL = "£m a year, 2022/23 prices", "£m a year, prices of the year"
NHS = "organisation=icb|acute|community|mental_health|primary_care"
COUNCILS = "organisation=bristol_council|north_somerset_council|south_gloucestershire_council"


class Topic(StrEnum):
    """Sections of the headline table."""

    BEDS = "Hospital beds and discharge"
    URGENT = "Urgent and emergency care"
    WAITING = "Waiting lists"
    WORKFORCE = "Workforce"
    MONEY = "Money"
    HEALTH = "Health and inequality"


class Aim(StrEnum):
    """The four aims of the strategy."""

    OUTCOMES = "Population health and outcomes"
    INEQUALITIES = "Inequalities in outcomes, experience and access"
    PRODUCTIVITY = "Productivity and value for money"
    DEVELOPMENT = "Broader social, economic and environmental development"


class Place(Flag):
    """Where a headline is shown, besides the tables, files and charts that show all of them."""

    NOWHERE = 0
    ANSWER = auto()
    """The answer in words, at the top of the board report and the slides."""
    TILE = auto()
    """Tiles of the one page and of the slides."""
    PAGE = auto()
    """The table of the one page by aim and horizon."""
    SIDE_BY_SIDE = auto()
    """The table of the one page that sets the packages side by side."""
    FIGURE = auto()
    """Figures of trajectories and of effects in a folder of results."""
    COSTING = auto()
    """Effects beside the money: costing workbook, costing tables, criteria of the principles."""
    SENSITIVITY = auto()
    """Results in question of a sensitivity analysis that names none."""
    ATTRIBUTION = auto()
    """Results shown of an attribution that names none."""
    ROBUSTNESS = auto()
    """Objectives of a test of robustness that names none, besides the net benefit."""


@dataclass(frozen=True, kw_only=True)
class Measure:
    """One result by month and by financial year: a headline, or an expression that a user wrote.

    Attributes:
        name: key in tables and files; of an expression, its text.
        title: as a board member reads it.
        expression: what it is made of (see ``expressions``).
        statistic: how months become a year.
        unit: unit after scaling.
        better: ``lower``, ``higher``, or empty where neither is.
        scale: factor from the registered unit to ``unit``.
        decimals: digits after the point; four significant figures where it is None.
        topic: section of the headline table; None of an expression.
        aim: aim of the strategy; None of an expression.
        shown: where a headline is shown.
        improvement: what it is to improve it, after "to": "save bed days"; else "lower" or "raise" and the title.
    """

    name: str
    title: str
    expression: str
    statistic: Statistic
    unit: str
    better: str = ""
    scale: float = 1.0
    decimals: int | None = None
    topic: Topic | None = None
    aim: Aim | None = None
    shown: Place = Place.NOWHERE
    improvement: str = ""

    @property
    def parsed(self) -> Expression:
        """The expression, read."""
        return parse_expression(self.expression)

    @property
    def adds_up(self) -> bool:
        """Whether months add up to a year."""
        return self.statistic is Statistic.SUM

    @property
    def improves(self) -> int:
        """Sign of a better value: 1 where higher is better, -1 where lower is, 0 where neither is."""
        return {"higher": 1, "lower": -1}.get(self.better, 0)

    @property
    def places(self) -> tuple[str, ...]:
        """Names of the places where it is shown, in words."""
        return tuple(str(place.name).replace("_", " ").lower() for place in self.shown)

    @property
    def to_improve(self) -> str:
        """What it is to improve it, after "to"."""
        return self.improvement or f"{'raise' if self.better == 'higher' else 'lower'} '{self.title}'"

    def by_year(self, run: Run) -> dict[str, np.ndarray]:
        """Value of each complete financial year in ``unit``, each of shape ``(members,)``."""
        return {year: values * self.scale for year, values in evaluate_years(run, self.parsed, self.statistic).items()}

    def monthly(self, run: Run) -> np.ndarray:
        """Value of each month in ``unit``, shape ``(months, members)``."""
        return evaluate_monthly(run, self.parsed) * self.scale

    def format(self, value: float, *, signed: bool = False) -> str:
        """Return a value in ``unit`` as text, without the unit (see ``format_number``)."""
        return format_number(value, self.decimals, signed=signed)


BED_DAYS = "urgent_care.bed_days_needed + urgent_care.bed_days_delayed"
MENTAL_HEALTH_LISTS = "service_list=talking_therapies|cyp_mental_health|adult_community_mental_health"
SUM, MEAN, AT_END = Statistic.SUM, Statistic.MEAN, Statistic.AT_END
OUT, INEQ, PROD, DEV = Aim.OUTCOMES, Aim.INEQUALITIES, Aim.PRODUCTIVITY, Aim.DEVELOPMENT
ANSWER, TILE, PAGE, SIDE_BY_SIDE = Place.ANSWER, Place.TILE, Place.PAGE, Place.SIDE_BY_SIDE
FIGURE, COSTING = Place.FIGURE, Place.COSTING
SENSITIVITY, ATTRIBUTION, ROBUSTNESS = Place.SENSITIVITY, Place.ATTRIBUTION, Place.ROBUSTNESS

HEADLINES: tuple[Measure, ...] = (
    Measure(name="bed_days", title="Acute occupied bed days", topic=Topic.BEDS, expression=BED_DAYS, statistic=SUM,
            unit="thousand a year", scale=IN_THOUSANDS, better="lower", aim=PROD, decimals=1,
            shown=ANSWER | TILE | PAGE | SIDE_BY_SIDE | FIGURE | COSTING | ATTRIBUTION, improvement="save bed days"),
    Measure(name="bed_days_needed", title="Acute bed days in treatment", topic=Topic.BEDS,
            expression="urgent_care.bed_days_needed", statistic=SUM, unit="thousand a year", scale=IN_THOUSANDS,
            better="lower", aim=PROD, decimals=1),
    Measure(name="bed_days_delayed", title="Acute bed days delayed", topic=Topic.BEDS,
            expression="urgent_care.bed_days_delayed", statistic=SUM, unit="thousand a year", scale=IN_THOUSANDS,
            better="lower", aim=PROD, decimals=1, shown=FIGURE | COSTING),
    Measure(name="beds_required", title="Acute beds required at 92% occupancy", topic=Topic.BEDS,
            expression="urgent_care.beds_required", statistic=MEAN, unit="beds", better="lower", aim=PROD, decimals=0,
            shown=COSTING | SENSITIVITY),
    Measure(name="occupancy", title="Acute bed occupancy", topic=Topic.BEDS,
            expression="urgent_care.beds_occupied / urgent_care.beds_open", statistic=MEAN, unit="%", scale=PERCENT,
            better="lower", aim=PROD, decimals=1, shown=FIGURE),
    Measure(name="nctr_before", title="No criteria to reside per day", topic=Topic.BEDS,
            expression="discharge.nctr_before_discharges", statistic=MEAN, unit="patients, before discharges",
            better="lower", aim=PROD, decimals=0,
            shown=TILE | PAGE | SIDE_BY_SIDE | FIGURE | COSTING | SENSITIVITY | ATTRIBUTION | ROBUSTNESS),
    Measure(name="nctr_remaining", title="No criteria to reside at midnight", topic=Topic.BEDS,
            expression="discharge.nctr_remaining", statistic=MEAN, unit="patients", better="lower", aim=PROD,
            decimals=0),
    Measure(name="four_hour", title="A&E within 4 hours", topic=Topic.URGENT, expression="urgent_care.four_hour_share",
            statistic=MEAN, unit="%", scale=PERCENT, better="higher", aim=OUT, decimals=1,
            shown=TILE | PAGE | FIGURE | COSTING),
    Measure(name="twelve_hour", title="Waits over 12 hours for a bed", topic=Topic.URGENT,
            expression="urgent_care.twelve_hour_waits", statistic=SUM, unit="patients a year", better="lower", aim=OUT,
            decimals=0, shown=COSTING),
    Measure(name="handover", title="Ambulance hours lost at handover", topic=Topic.URGENT,
            expression="urgent_care.handover_hours_lost", statistic=SUM, unit="thousand a year", scale=IN_THOUSANDS,
            better="lower", aim=OUT, decimals=1, shown=FIGURE | COSTING),
    Measure(name="rtt", title="Referral-to-treatment list, March", topic=Topic.WAITING,
            expression="waiting_lists.rtt_total", statistic=AT_END, unit="pathways", better="lower", aim=OUT,
            decimals=0,
            shown=ANSWER | TILE | PAGE | SIDE_BY_SIDE | FIGURE | COSTING | SENSITIVITY | ATTRIBUTION | ROBUSTNESS,
            improvement="shorten the referral-to-treatment list"),
    Measure(name="rtt_within_18_weeks", title="Within 18 weeks of referral, March", topic=Topic.WAITING,
            expression="waiting_lists.within_18_weeks", statistic=AT_END, unit="%", scale=PERCENT, better="higher",
            aim=OUT, decimals=1),
    Measure(name="rtt_18", title="Waiting over 18 weeks, March", topic=Topic.WAITING,
            expression="waiting_lists.over_18_weeks", statistic=AT_END, unit="pathways", better="lower", aim=OUT,
            decimals=0),
    Measure(name="rtt_52", title="Waiting over 52 weeks, March", topic=Topic.WAITING,
            expression="waiting_lists.over_52_weeks", statistic=AT_END, unit="pathways", better="lower", aim=OUT,
            decimals=0, shown=PAGE | SIDE_BY_SIDE | FIGURE | COSTING),
    Measure(name="rtt_65", title="Waiting over 65 weeks, March", topic=Topic.WAITING,
            expression="waiting_lists.over_65_weeks", statistic=AT_END, unit="pathways", better="lower", aim=OUT,
            decimals=0),
    Measure(name="diagnostics", title="Diagnostics list, March", topic=Topic.WAITING,
            expression="waiting_lists.service_list_total[service_list=diagnostics]", statistic=AT_END, unit="patients",
            better="lower", aim=OUT, decimals=0, shown=FIGURE | COSTING),
    Measure(name="cancer_62", title="Cancer treated within 62 days", topic=Topic.WAITING,
            expression="waiting_lists.cancer_within_62_days", statistic=MEAN, unit="%", scale=PERCENT, better="higher",
            aim=OUT, decimals=1, shown=COSTING),
    Measure(name="mental_health_lists", title="Mental-health lists, March", topic=Topic.WAITING,
            expression=f"waiting_lists.service_list_total[{MENTAL_HEALTH_LISTS}]", statistic=AT_END, unit="patients",
            better="lower", aim=OUT, decimals=0, shown=COSTING),
    Measure(name="community_list", title="Community services list, March", topic=Topic.WAITING,
            expression="waiting_lists.service_list_total[service_list=community]", statistic=AT_END, unit="patients",
            better="lower", aim=OUT, decimals=0, shown=COSTING),
    Measure(name="in_post", title="Staff in post, all employers", topic=Topic.WORKFORCE, expression="workforce.in_post",
            statistic=MEAN, unit="WTE", better="higher", aim=DEV, decimals=0, shown=TILE | PAGE | FIGURE | COSTING),
    Measure(name="vacancy", title="Vacancy rate, NHS employers", topic=Topic.WORKFORCE,
            expression="workforce.vacancy_rate_overall", statistic=MEAN, unit="%", scale=PERCENT, better="lower",
            aim=PROD, decimals=1, shown=TILE | PAGE | SIDE_BY_SIDE | FIGURE | COSTING | SENSITIVITY | ATTRIBUTION),
    Measure(name="temporary", title="Temporary staff", topic=Topic.WORKFORCE, expression="workforce.temporary_staff",
            statistic=MEAN, unit="WTE", better="lower", aim=PROD, decimals=0, shown=FIGURE | COSTING),
    Measure(name="underlying_deficit", title="Underlying NHS deficit", topic=Topic.MONEY,
            expression="finance.underlying_deficit", statistic=MEAN, unit=REAL, scale=IN_MILLIONS, better="lower",
            aim=PROD, decimals=1,
            shown=ANSWER | TILE | PAGE | SIDE_BY_SIDE | FIGURE | COSTING | SENSITIVITY | ATTRIBUTION | ROBUSTNESS,
            improvement="lower the underlying deficit"),
    Measure(name="in_year_deficit", title="In-year NHS deficit", topic=Topic.MONEY,
            expression="finance.in_year_deficit", statistic=MEAN, unit=REAL, scale=IN_MILLIONS, better="lower",
            aim=PROD, decimals=1, shown=COSTING),
    Measure(name="nhs_expenditure", title="NHS expenditure", topic=Topic.MONEY,
            expression=f"finance.expenditure[{NHS}]", statistic=SUM, unit=NOMINAL, scale=IN_MILLIONS, better="lower",
            aim=PROD, decimals=0),
    Measure(name="council_expenditure", title="Councils' adult social care spend", topic=Topic.MONEY,
            expression=f"finance.expenditure[{COUNCILS}]", statistic=SUM, unit=NOMINAL, scale=IN_MILLIONS,
            better="lower", aim=PROD, decimals=0),
    Measure(name="social_care_gap", title="Social-care gap", topic=Topic.MONEY, expression="finance.social_care_gap",
            statistic=MEAN, unit=REAL, scale=IN_MILLIONS, better="lower", aim=PROD, decimals=1,
            shown=PAGE | FIGURE | COSTING),
    Measure(name="qalys", title="Quality-adjusted life years lived", topic=Topic.HEALTH, expression="outcomes.qalys",
            statistic=SUM, unit="thousand a year", scale=IN_THOUSANDS, better="higher", aim=OUT, decimals=2,
            shown=TILE | PAGE | SIDE_BY_SIDE | FIGURE | COSTING | SENSITIVITY | ATTRIBUTION),
    Measure(name="premature_deaths", title="Deaths under 75", topic=Topic.HEALTH,
            expression="outcomes.premature_deaths", statistic=SUM, unit="deaths a year", better="lower", aim=OUT,
            decimals=0, shown=TILE | PAGE | COSTING),
    Measure(name="people_cs45", title="People with the most need (CS4, CS5)", topic=Topic.HEALTH,
            expression="population.by_deprivation[segment=CS4|CS5]", statistic=AT_END, unit="thousand people",
            scale=IN_THOUSANDS, better="lower", aim=OUT, decimals=2, shown=PAGE),
    Measure(name="slope_index", title="Slope index of inequality, emergency admissions", topic=Topic.HEALTH,
            expression="outcomes.slope_index_emergency_admissions", statistic=MEAN, unit="per 1,000 people",
            scale=PER_THOUSAND, better="lower", aim=INEQ, decimals=1, shown=TILE | PAGE | SIDE_BY_SIDE | COSTING),
    Measure(name="inequality_cost", title="Cost of inequality", topic=Topic.HEALTH,
            expression="outcomes.inequality_cost", statistic=MEAN, unit=REAL, scale=IN_MILLIONS, better="lower",
            aim=INEQ, decimals=1, shown=TILE | PAGE | COSTING),
)  # fmt: skip
"""All headline results, in the order of the table."""

OTHER_RESULTS_READ = (
    "demand.falls_bed_day_concentration", "discharge.overnight_discharges", "finance.statement",
    "population.by_deprivation", "workforce.vacancy_rate",
)  # fmt: skip
"""Results that the case for change, the statement and the figures read besides the headlines."""


def headline(name: str) -> Measure:
    """Return the headline of a name.

    Raises:
        UserError: unknown name, with the nearest.
    """
    known = {measure.name: measure for measure in HEADLINES}
    if name not in known:
        raise UserError("not a headline result.", key=name, nearest=nearest_names(name, known))
    return known[name]


def headlines_shown(place: Place) -> tuple[Measure, ...]:
    """Return the headlines that are shown at a place, in the order of the table."""
    return tuple(measure for measure in HEADLINES if place in measure.shown)


def headlines_by_aim(place: Place) -> dict[Aim, tuple[Measure, ...]]:
    """Return the headlines that are shown at a place by aim of the strategy, in the order of the aims."""
    by_aim = {aim: tuple(measure for measure in headlines_shown(place) if measure.aim is aim) for aim in Aim}
    return {aim: measures for aim, measures in by_aim.items() if measures}


def measure(text: str, registry: Registry) -> Measure:
    """Read a headline's name, or an expression such as ``urgent_care.beds_occupied[site=bri]``.

    A headline may be written with a dot, as registered names are: ``rtt.within_18_weeks``.

    Raises:
        UserError: neither, with the nearest names; all errors of an expression together.
    """
    headlines = {headline.name: headline for headline in HEADLINES}
    if (name := text.replace(".", "_")) in headlines:
        return headlines[name]
    if "." not in text:
        message = "neither a headline ('run.py describe headlines') nor a registered result."
        raise UserError(message, key=text, nearest=nearest_names(text, [*headlines, *registry.recorded]))
    expression = parse_expression(text)
    raise_all(errors_in(expression, registry))
    first = registry.find(expression.terms[0].name)
    return Measure(
        name=text,
        title=first.title if len(expression.terms) == 1 else text,
        expression=text,
        statistic=_statistic(first),
        unit=_unit(expression, registry),
        better=getattr(first, "better", ""),
    )


def measures(texts: Sequence[str], registry: Registry) -> tuple[Measure, ...]:
    """Read several texts (see ``measure``), each once.

    Raises:
        UserError: all errors together.
    """
    return read_all(dict.fromkeys(texts), lambda text: measure(text, registry))


def names_read(measures: Sequence[Measure]) -> tuple[str, ...]:
    """Return the registered results that some measures are made of."""
    return tuple(dict.fromkeys(term.name for measure in measures for term in measure.parsed.terms))


def names_of_headlines(registry: Registry) -> tuple[str, ...]:
    """Return the results that headlines, the case for change, the statement and the figures are made from.

    Raises:
        UserError: a headline that the model cannot give.
    """
    check_headlines(registry)
    return tuple(dict.fromkeys([*names_read(HEADLINES), *OTHER_RESULTS_READ]))


def check_headlines(registry: Registry) -> None:
    """Check that every headline can be read from the results of a model.

    Raises:
        UserError: names, dimensions or labels that the registry does not know; all of them in one message.
    """
    errors = [f"{measure.name}: {error}" for measure in HEADLINES for error in errors_in(measure.parsed, registry)]
    errors += [
        f"figures: {error}" for name in OTHER_RESULTS_READ for error in errors_in(parse_expression(name), registry)
    ]
    if errors:
        raise UserError("headline results that the model cannot give:\n  " + "\n  ".join(errors))


def _statistic(entry: Entry) -> Statistic:
    if isinstance(entry, Stock):
        return Statistic.AT_END
    if isinstance(entry, Flow) or (isinstance(entry, Output) and entry.adds_up):
        return Statistic.SUM
    return Statistic.MEAN


def _unit(expression: Expression, registry: Registry) -> str:
    above = registry.find(expression.numerator[0].name).unit
    if not expression.denominator:
        return above
    below = registry.find(expression.denominator[0].name).unit
    return "1" if above == below else f"{above} / {below}"
