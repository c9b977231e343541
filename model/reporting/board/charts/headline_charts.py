"""Charts of headline results: over the years, differences from the baseline, how likely each is an improvement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from model.registry.calendar import decimal_year
from model.reporting.board.charts.vega import (
    HEIGHT,
    NUMBERS,
    ROW,
    TICKS,
    Row,
    assembled,
    cell_layers,
    chosen_rows,
    colours,
    horizon_titles,
    label_of,
    names_above,
    numbers_table,
    option_legend,
    result_title,
    row_names,
    select,
    spread_fields,
    spread_layers,
    spread_tips,
    verdict_key,
    verdict_of,
    zero_rule,
)
from model.reporting.board.statements import of_effects
from model.reporting.html.blocks import Chart
from model.reporting.names import capitalised, wrapped
from model.reporting.numbers import MISSING, probability
from model.reporting.tables.table import Table
from model.reporting.theme import BETTER_TINT, CHART_LINE_PIXELS, INK, OBSERVED, PAPER, UNCLEAR, WORSE_TINT
from model.reporting.time_axis import observed_points, year_position
from model.results.comparison import HeadlineRow, Spread, headline_table, headline_years, interval_of
from model.results.headlines import HEADLINES, Aim, Measure
from model.results.observations import Observation
from model.results.run import Run

if TYPE_CHECKING:
    import altair as alt

VERDICTS = ("better", "worse", "may be either", "no change")
NARROW = 32
"""Letters that fit over the cells of a map on a telephone."""


def fan_chart(
    runs: Sequence[Run], observations: Sequence[Observation], headlines: Sequence[Measure] = HEADLINES
) -> Chart:
    """Return headline results by financial year: medians, 80 % bands, and what was observed.

    Args:
        runs: the baseline first.
        observations: history, drawn where a figure is compared with just that result.
        headlines: results to choose from.

    Raises:
        UserError: runs whose members do not pair with the baseline's.
    """
    import altair as alt

    baseline, members = runs[0], runs[0].members
    titles = {run.scenario: capitalised(run.heading) for run in runs}
    packages = {name: text for name, text in titles.items() if name != baseline.scenario} or titles
    rows = headline_years(runs, baseline, headlines)
    years = list(dict.fromkeys(row.financial_year for row in rows))
    horizon_rows = headline_table(runs, baseline, headlines) or [row for row in rows if row.financial_year == years[-1]]
    data: list[Row] = [
        {
            "option": row.scenario,
            "headline": row.headline.name,
            "year": row.financial_year,
            "place": year_position(row.financial_year, row.headline.statistic),
            **spread_fields(row.value, members),
        }
        for row in rows
    ]
    observed = [row for measure in headlines for row in _observed(measure, observations, data)]
    any_seen = any(row["observed"] for row in observed)
    chart = (
        alt.layer(*_fan_layers(titles, baseline, any_seen=any_seen), height=HEIGHT)
        .properties(title=result_title(headlines, "chosen_headline"))
        .add_params(_result_choice(headlines))
    )
    if members > 1:
        chart = chart.add_params(select("chosen_band", "Band of", packages))
    statement = of_effects(
        runs,
        unit="of each result, below its name",
        horizon=f"financial years {years[0]} to {years[-1]}; decision {baseline.decision:%B %Y}",
    )
    return Chart(
        "fan",
        "How results develop, year by year",
        f"Lines of the result chosen over financial years, {len(packages)} packages beside the baseline, which is grey "
        f"and broken{'; a band holds 80% of the members' if members > 1 else ''}; circles are observed figures; an "
        f"upright line stands at the decision, {baseline.decision:%B %Y}.",
        assembled(chart, years=data, **({"observed": observed} if any_seen else {})),
        _fan_table(horizon_rows, titles, members),
        replace(
            statement,
            interval=f"{interval_of(members)}, of the level" if members > 1 else interval_of(members),
            source="this run of the model (headlines_by_year.csv, results.nc)"
            + ("; circles: calibration/observations.csv" if any_seen else ""),
        ),
    )


def _fan_layers(titles: Mapping[str, str], baseline: Run, *, any_seen: bool) -> list[alt.Chart]:
    """Bands, lines, the decision, and what was observed."""
    import altair as alt

    members = baseline.members
    shown = alt.selection_point(name="shown", fields=["option"], bind="legend")
    colour = alt.Color("option:N", scale=colours(list(titles), baseline.scenario), legend=option_legend(titles))
    years_across = alt.Axis(format="d", tickCount=6)
    where = alt.X("place:Q", title=None, scale=alt.Scale(zero=False, nice=False), axis=years_across)
    height = alt.Y("median:Q", title=None, scale=alt.Scale(zero=False), axis=alt.Axis(format=TICKS))
    faint = alt.condition(shown, alt.value(1.0), alt.value(0.08))
    base = alt.Chart(alt.NamedData(name="years")).transform_filter(chosen_rows("headline"))
    base = base.transform_calculate(package=label_of(titles, "datum.option"))
    tips = [
        alt.Tooltip("package:N", title="Package"),
        alt.Tooltip("year:N", title="Financial year"),
        *spread_tips([("median", "Median" if members > 1 else "Value")], members, NUMBERS),
    ]
    layers: list[alt.Chart] = []
    if members > 1:
        banded = f"datum.option === chosen_band || datum.option === '{baseline.scenario}'"
        layers.append(
            base.transform_filter(banded)
            .mark_area(opacity=0.2)
            .encode(x=where, y=alt.Y("low:Q", title=None), y2="high:Q", color=colour)
        )
    dashes = alt.condition(f"datum.option === '{baseline.scenario}'", alt.value([5, 3]), alt.value([1, 0]))
    layers += [
        base.mark_line(strokeWidth=2)
        .encode(x=where, y=height, color=colour, strokeDash=dashes, opacity=faint)
        .add_params(shown),
        base.mark_circle(size=22).encode(x=where, y=height, color=colour, opacity=faint, tooltip=tips),
        alt.Chart(alt.InlineData([{}]))
        .mark_rule(color=UNCLEAR, strokeDash=[4, 3])
        .encode(x=alt.datum(decimal_year(baseline.decision))),
    ]
    if any_seen:
        layers.append(
            alt.Chart(alt.NamedData(name="observed"))
            .transform_filter(chosen_rows("headline"))
            .mark_point(filled=True, fill="white", stroke=OBSERVED, strokeWidth=1.2, opacity=1)
            .encode(
                x=where,
                y=alt.Y("value:Q", title=None),
                size=alt.condition("datum.observed", alt.value(30), alt.value(0)),
                tooltip=[alt.Tooltip("value:Q", title="Observed", format=NUMBERS)],
            )
        )
    return layers


def _fan_table(rows: Sequence[HeadlineRow], titles: Mapping[str, str], members: int) -> Table:
    return numbers_table(
        "Headline results at the horizons",
        ["Result", "Package", "Financial year"],
        ["Value", "80% interval", "Unit"],
        [
            [
                row.headline.title,
                titles[row.scenario],
                row.financial_year,
                row.headline.format(row.value.median),
                _interval(row.headline, row.value, members),
                row.headline.unit,
            ]
            for row in rows
        ],
        "The chart shows every financial year; all of them are in headlines_by_year.csv.",
    )


def _result_choice(headlines: Sequence[Measure]) -> alt.Parameter:
    return select("chosen_headline", "Result", {measure.name: measure.title for measure in headlines})


def effects_chart(runs: Sequence[Run], headlines: Sequence[Measure] = HEADLINES) -> Chart | None:
    """Return the difference of each package from the baseline at each horizon, member by member.

    None where no horizon lies within the run, or no package stands beside the baseline.

    Args:
        runs: the baseline first.
        headlines: results to choose from.

    Raises:
        UserError: runs whose members do not pair with the baseline's.
    """
    import altair as alt

    members, horizons = runs[0].members, horizon_titles(runs[0].horizon_years)
    if not horizons or len(runs) == 1:
        return None
    titles = {run.scenario: capitalised(run.heading) for run in runs[1:]}
    rows = _differences(runs, headlines)
    data = [_effect(row, difference, members) for row, difference in rows]
    layers = _effect_layers(data, titles, horizons, members)
    chart = (
        alt.layer(zero_rule(), *layers, height=alt.Step(ROW))
        .properties(title=result_title(headlines, "chosen_headline"))
        .add_params(_result_choice(headlines))
    )
    table = numbers_table(
        "Differences from the baseline",
        ["Result", "Package", "Horizon"],
        ["Difference", "80% interval", "Unit", "Probability of improvement"],
        [
            [
                row.headline.title,
                titles[row.scenario],
                horizons[row.horizon],
                row.headline.format(difference.median, signed=True),
                _interval(row.headline, difference, members, signed=True),
                row.headline.unit,
                MISSING if row.improvement is None else probability(row.improvement),
            ]
            for row, difference in rows
        ],
    )
    return Chart(
        "effects",
        "What each package changes, by horizon",
        "For the result chosen and each horizon, a mark for each package at its difference from the baseline"
        + (
            ", with a line over its 80% interval; blue is better, orange is worse, grey: may be either, as the "
            "interval includes zero."
            if members > 1
            else "; blue is better, orange is worse."
        ),
        assembled(chart, effects=data),
        table,
        of_effects(runs, unit="of each result, below its name"),
    )


def _effect_layers(
    data: Sequence[Row], titles: Mapping[str, str], horizons: Mapping[str, str], members: int
) -> list[alt.Chart]:
    """Differences below the name of each horizon, with their intervals."""
    import altair as alt

    order = [f"{horizon}|{name}" for horizon in horizons for name in ("", *titles)]
    texts = {f"{horizon}|{name}": titles.get(name, horizons[horizon]) for horizon in horizons for name in ("", *titles)}
    base = (
        alt.Chart(alt.NamedData(name="effects"))
        .transform_filter(chosen_rows("headline"))
        .transform_calculate(
            row="datum.horizon + '|' + datum.option",
            package=label_of(titles, "datum.option"),
            chance="datum.probability === null ? 'not known' : format(datum.probability, '.0%')",
        )
    )
    down = row_names("row", texts, order)
    colour, shape = verdict_key(VERDICTS, data)
    difference = "Median difference" if members > 1 else "Difference"
    tips = [
        alt.Tooltip("package:N", title="Package"),
        alt.Tooltip("year:N", title="Financial year"),
        *spread_tips([("median", difference)], members, f"+{NUMBERS}"),
        *([alt.Tooltip("chance:N", title="Probability of improvement")] if members > 1 else []),
    ]
    channels, text = {"y": down, "color": colour}, "Difference from the baseline"
    return spread_layers(base, "median", text, members, channels, tips, shape=shape)


def probability_chart(runs: Sequence[Run], headlines: Sequence[Measure] = HEADLINES) -> Chart | None:
    """Return how likely each package improves each result, by aim.

    None with one member, of which no share can be taken, and where there is no horizon or no package.

    Args:
        runs: the baseline first.
        headlines: results shown.

    Raises:
        UserError: runs whose members do not pair with the baseline's.
    """
    import altair as alt

    if runs[0].members == 1 or len(runs) == 1 or not runs[0].horizon_years:
        return None
    titles = {run.scenario: capitalised(run.heading) for run in runs[1:]}
    horizons = horizon_titles(runs[0].horizon_years)
    rows = [
        (row, difference, row.improvement)
        for row, difference in _differences(runs, headlines)
        if row.improvement is not None
    ]
    data: list[Row] = [
        {
            "option": row.scenario,
            "headline": row.headline.name,
            "horizon": row.horizon,
            "year": row.financial_year,
            "aim": row.headline.aim,
            "probability": improvement,
            "changes": not difference.low == difference.high == 0.0,
        }
        for row, difference, improvement in rows
    ]
    by_aim = {aim.value: [measure for measure in headlines if measure.aim == aim] for aim in Aim}
    by_aim = {aim: measures for aim, measures in by_aim.items() if measures}
    heads: list[Row] = [{"row": f"{aim}|", "aim": _low(wrapped(aim, NARROW))} for aim in by_aim]
    layers = _probability_layers(titles, by_aim)
    chart = alt.layer(*layers, height=alt.Step(ROW)).add_params(select("chosen_horizon", "Horizon", horizons))
    at = {(row.headline.name, row.horizon, row.scenario): improvement for row, _, improvement in rows}
    table = numbers_table(
        "Probability of improvement",
        ["Aim", "Result", "Horizon"],
        list(titles.values()),
        [
            [str(measure.aim), measure.title, text, *(probability(at[measure.name, horizon, name]) for name in titles)]
            for measure in headlines
            for horizon, text in horizons.items()
        ],
    )
    statement = of_effects(runs, unit="share of members, per cent")
    return Chart(
        "probability",
        "How surely each package improves each result",
        f"A table of results, grouped by the four aims, and {len(titles)} packages; each cell gives the share of "
        "members in which the package is better than the baseline, blue where most are, orange where few are; a dash "
        "where there is no change.",
        assembled(chart, probabilities=data, heads=heads),
        table,
        replace(statement, interval=f"none: a probability over {runs[0].members} paired members is shown itself"),
    )


def _probability_layers(titles: Mapping[str, str], by_aim: Mapping[str, Sequence[Measure]]) -> list[alt.Chart]:
    """Cells of results by package, below the name of each aim."""
    import altair as alt

    order = [f"{aim}|{name}" for aim, group in by_aim.items() for name in ("", *(measure.name for measure in group))]
    texts = {f"{aim}|{measure.name}": measure.title for aim, measures in by_aim.items() for measure in measures}
    base = (
        alt.Chart(alt.NamedData(name="probabilities"))
        .transform_filter(chosen_rows("horizon"))
        .transform_calculate(
            row="datum.aim + '|' + datum.headline",
            package=label_of(titles, "datum.option"),
            result=label_of(texts, "datum.row"),
            # What changes nothing is no worse than the baseline, though it improves no member.
            shade="datum.changes ? datum.probability : 0.5",
            percent="datum.changes ? format(100 * datum.probability, '.0f') : '–'",
        )
    )
    axis = names_above(titles, labelLimit=150)
    across = alt.X("option:N", sort=None, scale=alt.Scale(domain=list(titles)), axis=axis)
    down = row_names("row", texts | {f"{aim}|": "" for aim in by_aim}, order)
    fill = alt.Color(
        "shade:Q",
        scale=alt.Scale(domain=[0, 0.5, 1], range=[WORSE_TINT, PAPER, BETTER_TINT], interpolate="rgb"),
        legend=alt.Legend(orient="bottom", title="Probability of improvement, %", format=".0%", values=[0, 0.5, 1]),
    )
    tips = [
        alt.Tooltip("result:N", title="Result"),
        alt.Tooltip("package:N", title="Package"),
        alt.Tooltip("year:N", title="Financial year"),
        alt.Tooltip("probability:Q", title="Probability of improvement", format=".0%"),
    ]
    aims = alt.Chart(alt.NamedData(name="heads")).mark_text(
        align="left",
        fontWeight="bold",
        lineBreak="\n",
        dy=-CHART_LINE_PIXELS / 2,
        lineHeight=CHART_LINE_PIXELS,
        color=INK,
    )
    names = aims.encode(x=alt.value(0), y=down, text="aim:N")
    return [*cell_layers(base, across, down, fill, "percent:N", tips), names]


def _observed(measure: Measure, observations: Sequence[Observation], data: Sequence[Row]) -> list[Row]:
    """Observed figures of a result; where there is none, a mark of no size, as the axis needs something to span."""
    points = observed_points(measure, observations, yearly=True)
    if points:
        return [
            {"headline": measure.name, "place": position, "value": value, "observed": True}
            for position, value in points
        ]
    first = next(row for row in data if row["headline"] == measure.name)
    return [{"headline": measure.name, "place": first["place"], "value": first["median"], "observed": False}]


def _low(text: str) -> str:
    """A heading of one line put down to the rows that it heads."""
    return text if "\n" in text else f"\n{text}"


def _differences(runs: Sequence[Run], headlines: Sequence[Measure]) -> list[tuple[HeadlineRow, Spread]]:
    """Rows of differences from the first run, by result, horizon and scenario, with the difference of each."""
    rows = headline_table(runs, runs[0], headlines)
    return [(row, row.difference) for row in rows if row.difference is not None]


def _effect(row: HeadlineRow, difference: Spread, members: int) -> Row:
    """One difference as a row of data."""
    turned = row.headline.improves * difference.median
    low, high = sorted((row.headline.improves * difference.low, row.headline.improves * difference.high))
    return {
        "option": row.scenario,
        "headline": row.headline.name,
        "horizon": row.horizon,
        "year": row.financial_year,
        **spread_fields(difference, members),
        "probability": row.improvement,
        "verdict": verdict_of(Spread(turned, low, high), VERDICTS),
    }


def _interval(measure: Measure, spread: Spread, members: int, *, signed: bool = False) -> str:
    """An interval in the decimals of its result; a dash with one member."""
    low, high = (measure.format(end, signed=signed) for end in (spread.low, spread.high))
    return MISSING if members == 1 else f"{low} to {high}"
