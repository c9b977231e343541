"""The headline results as data: what each is made of, how it is read for a year, its unit, direction and aim."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from model.registry.catalogue import Registry
from model.registry.declarations import Aim
from model.registry.errors import UserError, nearest_names
from model.results.expressions import (
    Expression,
    Statistic,
    errors_in,
    evaluate_monthly,
    evaluate_years,
    parse_expression,
)
from model.results.run import Run

MILLION = 1e-6
THOUSAND = 1e-3
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


@dataclass(frozen=True, kw_only=True)
class Headline:
    """One headline result.

    Attributes:
        name: key in tables and files.
        title: as a board member reads it.
        topic: section of the table.
        expression: what it is made of (see ``expressions``).
        statistic: how months become a year.
        unit: unit after scaling.
        better: ``lower`` or ``higher``.
        aim: aim of the strategy.
        scale: factor from the registered unit to ``unit``.
        decimals: digits after the point.
    """

    name: str
    title: str
    topic: Topic
    expression: str
    statistic: Statistic
    unit: str
    better: str
    aim: Aim
    scale: float = 1.0
    decimals: int = 0

    @property
    def parsed(self) -> Expression:
        """The expression, read."""
        return parse_expression(self.expression)

    def by_year(self, run: Run) -> dict[str, np.ndarray]:
        """Value of each complete financial year in ``unit``, each of shape ``(members,)``."""
        by_year = evaluate_years(run, self.parsed, self.statistic)
        return {year: values * self.scale for year, values in by_year.items()}

    def monthly(self, run: Run) -> np.ndarray:
        """Value of each month in ``unit``, shape ``(months, members)``."""
        return evaluate_monthly(run, self.parsed) * self.scale

    @property
    def improves(self) -> int:
        """+1 where a higher value is better, -1 where a lower one is."""
        return 1 if self.better == "higher" else -1

    def write(self, value: float, *, signed: bool = False) -> str:
        """A value as text, with thousands separators, a true minus sign, and a dash where there is none."""
        if not np.isfinite(value):
            return "–"
        if round(abs(value), self.decimals) == 0:
            value = 0.0
        sign = "+" if signed and value != 0 else ""
        return f"{value:{sign},.{self.decimals}f}".replace("-", "−")


BED_DAYS = "urgent_care.bed_days_needed + urgent_care.bed_days_delayed"
MENTAL_HEALTH_LISTS = "service_list=talking_therapies|cyp_mental_health|adult_community_mental_health"
SUM, MEAN, AT_END = Statistic.SUM, Statistic.MEAN, Statistic.AT_END
OUT, INEQ, PROD, DEV = Aim.OUTCOMES, Aim.INEQUALITIES, Aim.PRODUCTIVITY, Aim.DEVELOPMENT

HEADLINES: tuple[Headline, ...] = (
    Headline(name="bed_days", title="Acute occupied bed days", topic=Topic.BEDS, expression=BED_DAYS, statistic=SUM,
             unit="thousand a year", scale=THOUSAND, better="lower", aim=PROD, decimals=1),
    Headline(name="bed_days_needed", title="Acute bed days in treatment", topic=Topic.BEDS,
             expression="urgent_care.bed_days_needed", statistic=SUM, unit="thousand a year", scale=THOUSAND,
             better="lower", aim=PROD, decimals=1),
    Headline(name="bed_days_delayed", title="Acute bed days delayed", topic=Topic.BEDS,
             expression="urgent_care.bed_days_delayed", statistic=SUM, unit="thousand a year", scale=THOUSAND,
             better="lower", aim=PROD, decimals=1),
    Headline(name="beds_required", title="Acute beds required at 92% occupancy", topic=Topic.BEDS,
             expression="urgent_care.beds_required", statistic=MEAN, unit="beds", better="lower", aim=PROD),
    Headline(name="occupancy", title="Acute bed occupancy", topic=Topic.BEDS,
             expression="urgent_care.beds_occupied / urgent_care.beds_open", statistic=MEAN, unit="%", scale=PERCENT,
             better="lower", aim=PROD, decimals=1),
    Headline(name="nctr_before", title="No criteria to reside per day", topic=Topic.BEDS,
             expression="discharge.nctr_before_discharges", statistic=MEAN, unit="patients, before discharges",
             better="lower", aim=PROD),
    Headline(name="nctr_remaining", title="No criteria to reside at midnight", topic=Topic.BEDS,
             expression="discharge.nctr_remaining", statistic=MEAN, unit="patients", better="lower", aim=PROD),
    Headline(name="four_hour", title="A&E within 4 hours", topic=Topic.URGENT, expression="urgent_care.four_hour_share",
             statistic=MEAN, unit="%", scale=PERCENT, better="higher", aim=OUT, decimals=1),
    Headline(name="twelve_hour", title="Waits over 12 hours for a bed", topic=Topic.URGENT,
             expression="urgent_care.twelve_hour_waits", statistic=SUM, unit="patients a year", better="lower",
             aim=OUT),
    Headline(name="handover", title="Ambulance hours lost at handover", topic=Topic.URGENT,
             expression="urgent_care.handover_hours_lost", statistic=SUM, unit="thousand a year", scale=THOUSAND,
             better="lower", aim=OUT, decimals=1),
    Headline(name="rtt", title="Referral-to-treatment list, March", topic=Topic.WAITING,
             expression="waiting_lists.rtt_total", statistic=AT_END, unit="pathways", better="lower", aim=OUT),
    Headline(name="rtt_within_18_weeks", title="Within 18 weeks of referral, March", topic=Topic.WAITING,
             expression="waiting_lists.within_18_weeks", statistic=AT_END, unit="%", scale=PERCENT, better="higher",
             aim=OUT, decimals=1),
    Headline(name="rtt_18", title="Waiting over 18 weeks, March", topic=Topic.WAITING,
             expression="waiting_lists.over_18_weeks", statistic=AT_END, unit="pathways", better="lower", aim=OUT),
    Headline(name="rtt_52", title="Waiting over 52 weeks, March", topic=Topic.WAITING,
             expression="waiting_lists.over_52_weeks", statistic=AT_END, unit="pathways", better="lower", aim=OUT),
    Headline(name="rtt_65", title="Waiting over 65 weeks, March", topic=Topic.WAITING,
             expression="waiting_lists.over_65_weeks", statistic=AT_END, unit="pathways", better="lower", aim=OUT),
    Headline(name="diagnostics", title="Diagnostics list, March", topic=Topic.WAITING,
             expression="waiting_lists.service_list_total[service_list=diagnostics]", statistic=AT_END, unit="patients",
             better="lower", aim=OUT),
    Headline(name="cancer_62", title="Cancer treated within 62 days", topic=Topic.WAITING,
             expression="waiting_lists.cancer_within_62_days", statistic=MEAN, unit="%", scale=PERCENT, better="higher",
             aim=OUT, decimals=1),
    Headline(name="mental_health_lists", title="Mental-health lists, March", topic=Topic.WAITING,
             expression=f"waiting_lists.service_list_total[{MENTAL_HEALTH_LISTS}]", statistic=AT_END, unit="patients",
             better="lower", aim=OUT),
    Headline(name="community_list", title="Community services list, March", topic=Topic.WAITING,
             expression="waiting_lists.service_list_total[service_list=community]", statistic=AT_END, unit="patients",
             better="lower", aim=OUT),
    Headline(name="in_post", title="Staff in post, all employers", topic=Topic.WORKFORCE,
             expression="workforce.in_post", statistic=MEAN, unit="WTE", better="higher", aim=DEV),
    Headline(name="vacancy", title="Vacancy rate, NHS employers", topic=Topic.WORKFORCE,
             expression="workforce.vacancy_rate_overall", statistic=MEAN, unit="%", scale=PERCENT, better="lower",
             aim=PROD, decimals=1),
    Headline(name="temporary", title="Temporary staff", topic=Topic.WORKFORCE, expression="workforce.temporary_staff",
             statistic=MEAN, unit="WTE", better="lower", aim=PROD),
    Headline(name="underlying_deficit", title="Underlying NHS deficit", topic=Topic.MONEY,
             expression="finance.underlying_deficit", statistic=MEAN, unit=REAL, scale=MILLION, better="lower",
             aim=PROD, decimals=1),
    Headline(name="in_year_deficit", title="In-year NHS deficit", topic=Topic.MONEY,
             expression="finance.in_year_deficit", statistic=MEAN, unit=REAL, scale=MILLION, better="lower",
             aim=PROD, decimals=1),
    Headline(name="nhs_expenditure", title="NHS expenditure", topic=Topic.MONEY,
             expression=f"finance.expenditure[{NHS}]", statistic=SUM, unit=NOMINAL, scale=MILLION, better="lower",
             aim=PROD),
    Headline(name="council_expenditure", title="Councils' adult social care spend", topic=Topic.MONEY,
             expression=f"finance.expenditure[{COUNCILS}]", statistic=SUM, unit=NOMINAL, scale=MILLION,
             better="lower", aim=PROD),
    Headline(name="social_care_gap", title="Social-care gap", topic=Topic.MONEY, expression="finance.social_care_gap",
             statistic=MEAN, unit=REAL, scale=MILLION, better="lower", aim=PROD, decimals=1),
    Headline(name="qalys", title="Quality-adjusted life years lived", topic=Topic.HEALTH, expression="outcomes.qalys",
             statistic=SUM, unit="thousand a year", scale=THOUSAND, better="higher", aim=OUT, decimals=2),
    Headline(name="premature_deaths", title="Deaths under 75", topic=Topic.HEALTH,
             expression="outcomes.premature_deaths", statistic=SUM, unit="deaths a year", better="lower", aim=OUT),
    Headline(name="people_cs45", title="People with the most need (CS4, CS5)", topic=Topic.HEALTH,
             expression="population.by_deprivation[segment=CS4|CS5]", statistic=AT_END, unit="thousand people",
             scale=THOUSAND, better="lower", aim=OUT, decimals=2),
    Headline(name="slope_index", title="Slope index of inequality, emergency admissions", topic=Topic.HEALTH,
             expression="outcomes.slope_index_emergency_admissions", statistic=MEAN, unit="per 1,000 people",
             scale=PER_THOUSAND, better="lower", aim=INEQ, decimals=1),
    Headline(name="inequality_cost", title="Cost of inequality", topic=Topic.HEALTH,
             expression="outcomes.inequality_cost", statistic=MEAN, unit=REAL, scale=MILLION, better="lower",
             aim=INEQ, decimals=1),
)  # fmt: skip
"""All headline results, in the order of the table."""


def headline(name: str) -> Headline:
    """The headline of that name.

    Raises:
        UserError: unknown name, with the nearest.
    """
    known = {each.name: each for each in HEADLINES}
    if name not in known:
        raise UserError("not a headline result.", key=name, nearest=nearest_names(name, known))
    return known[name]


FIGURES_READ = (
    "demand.falls_bed_day_concentration", "discharge.overnight_discharges", "finance.statement",
    "population.by_deprivation", "workforce.vacancy_rate",
)  # fmt: skip
"""Results that the case for change, the statement and the figures read besides the headlines."""


def names_of_headlines(registry: Registry) -> tuple[str, ...]:
    """Names of the results that headlines, the case for change, the statement and the figures are made from.

    Raises:
        UserError: a headline that the model cannot give.
    """
    check_headlines(registry)
    terms = (term.name for each in HEADLINES for term in each.parsed.terms)
    return tuple(dict.fromkeys([*terms, *FIGURES_READ]))


def check_headlines(registry: Registry) -> None:
    """Check that every headline can be read from the results of a model.

    Raises:
        UserError: names, dimensions or labels that the registry does not know; all of them in one message.
    """
    errors = [f"{each.name}: {error}" for each in HEADLINES for error in errors_in(each.parsed, registry)]
    errors += [f"figures: {error}" for name in FIGURES_READ for error in errors_in(parse_expression(name), registry)]
    if errors:
        raise UserError("headline results that the model cannot give:\n  " + "\n  ".join(errors))
