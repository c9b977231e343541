"""What the outcomes sector declares: stocks and outputs."""

from __future__ import annotations

from model.registry.declarations import UNBOUNDED, Declare, Kind, Output, Stock

DEPRIVATION = ("deprivation",)

# Tables, laid out by hand.
# fmt: off

declare = Declare("outcomes")

STOCKS: tuple[Stock, ...] = (
    declare.stock(
        "cumulative_life_years", "Life years lived since the start.", "years", "index", DEPRIVATION, bounds=UNBOUNDED,
    ),
    declare.stock(
        "cumulative_qalys", "Quality-adjusted life years lived since the start.", "QALYs", "index", DEPRIVATION,
        bounds=UNBOUNDED,
    ),
    declare.stock(
        "cumulative_avoidable_deaths", "Deaths under 75 since the start beyond the rates of the least deprived fifth.",
        "people", "index", DEPRIVATION, bounds=UNBOUNDED,
    ),
    declare.stock(
        "cumulative_bed_days_lost", "Acute bed days lost to delay since the start.", "bed days", "index", DEPRIVATION,
        bounds=UNBOUNDED,
    ),
)


def divided(name: str, description: str, unit: str, label: str, better: str = "lower") -> tuple[Output, ...]:
    """Declare a total over the step by deprivation, by place and by age."""
    return tuple(
        declare.output(
            f"{name}{ending}", description, unit, Kind.FLOW, dims, label=f"{label}{ending.replace('_', ' ')}",
            better=better,
        )
        for ending, dims in (("", DEPRIVATION), ("_by_place", ("place",)), ("_by_age", ("age_band",)))
    )


OUTPUTS: tuple[Output, ...] = (
    *divided("life_years", "Life years lived.", "years", "Life years", "higher"),
    *divided("qalys", "Quality-adjusted life years lived.", "QALYs", "QALYs", "higher"),
    *divided("premature_deaths", "Deaths under the age of 75 (the killers).", "people", "Premature deaths"),
    *divided("deaths", "Deaths at all ages.", "people", "Deaths"),
    *divided(
        "years_in_poor_health", "Person-years lived in core segments 4 and 5 (the degraders).", "years",
        "Years in poor health",
    ),
    *divided(
        "emergency_need", "Need for emergency admission, whether or not it is met.", "patients",
        "Need for emergency admission",
    ),
    declare.output(
        "quality_adjusted_life_expectancy",
        "Years of full health that a newborn can expect at the death rates and quality of life of the step.", "years",
        Kind.DURATION, DEPRIVATION, label="Quality-adjusted life expectancy", better="higher",
    ),
    declare.output(
        "poor_health_share", "Share of people in core segments 4 and 5.", "1", Kind.SHARE, DEPRIVATION,
        label="Share in poor health", better="lower",
    ),
    declare.output(
        "avoidable_deaths", "Deaths under 75 beyond the rates of the least deprived fifth.", "people", Kind.FLOW,
        DEPRIVATION, label="Avoidable premature deaths", better="lower",
    ),
    declare.output(
        "deaths_from_department_delay",
        "Deaths attributed to delay over six hours in the emergency department; part of all deaths.", "people",
        Kind.FLOW, label="Deaths attributed to emergency department delay", better="lower",
    ),
    declare.output(
        "bed_days_lost", "Acute bed days lost to delay, by deprivation of emergency need.", "bed days", Kind.FLOW,
        DEPRIVATION, label="Bed days lost to delay", better="lower",
    ),
    declare.output(
        "inequality_cost",
        "Yearly cost of hospital care beyond that at the rates of the least deprived fifth, 2022/23 prices.", "£/year",
        Kind.RATE, label="Cost of inequality", better="lower",
    ),
    declare.output(
        "inequality_cost_by_deprivation",
        "Yearly cost of hospital care beyond that at the rates of the least deprived fifth, 2022/23 prices.", "£/year",
        Kind.RATE, DEPRIVATION, label="Cost of inequality by fifth", better="lower",
    ),
    declare.output(
        "inequality_cost_all_services",
        "As the cost of inequality, for all health services that have a unit cost, 2022/23 prices.", "£/year",
        Kind.RATE, label="Cost of inequality, all services", better="lower",
    ),
    declare.output(
        "slope_index_premature_mortality", "Slope index of inequality of death under 75, age-standardised.", "1/year",
        Kind.RATE, label="Slope index, premature mortality", better="lower",
    ),
    declare.output(
        "relative_index_premature_mortality", "Relative index of inequality of death under 75.", "1", Kind.INDEX,
        label="Relative index, premature mortality", better="lower",
    ),
    declare.output(
        "slope_index_poor_health", "Slope index of inequality of the share in core segments 4 and 5.", "1", Kind.INDEX,
        label="Slope index, poor health", better="lower",
    ),
    declare.output(
        "relative_index_poor_health", "Relative index of inequality of the share in core segments 4 and 5.", "1",
        Kind.INDEX, label="Relative index, poor health", better="lower",
    ),
    declare.output(
        "slope_index_emergency_admissions",
        "Slope index of inequality of need for emergency admission per person, age-standardised.", "1/year", Kind.RATE,
        label="Slope index, emergency admissions", better="lower",
    ),
    declare.output(
        "relative_index_emergency_admissions", "Relative index of inequality of need for emergency admission.", "1",
        Kind.INDEX, label="Relative index, emergency admissions", better="lower",
    ),
    declare.output(
        "paid_roles", "Whole-time equivalents in post in health, social care and the voluntary sector.", "WTE",
        Kind.COUNT, label="Paid roles", better="higher",
    ),
)
