"""What the charts of a decision have in common: choices, names, colours, tables and Vega-Lite with named data."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from model.reporting.figures.style import scenario_colours
from model.reporting.names import capitalised, wrapped
from model.reporting.numbers import MISSING, between, millions
from model.reporting.tables.table import Cell, Column, Table
from model.reporting.theme import BETTER, CHART_LINE_PIXELS, CHART_TITLE_PIXELS, INK, QUIET, UNCLEAR, WORSE
from model.results.comparison import Spread
from model.results.headlines import Measure

if TYPE_CHECKING:
    import altair as alt

    from model.appraisal.costing.appraisal import Appraisal

Row = dict[str, Any]
"""One line of a chart's data; names are those of the tidy tables."""

HEIGHT = 320
"""Pixels of a chart whose height does not follow from its rows; the width is that of the page."""
ROW = 30
"""Pixels of a row whose name may take two lines."""
NAME, TITLE = 22, 40
"""Letters after which names beside an axis, and titles, are broken: a telephone shows 360 pixels."""
TICKS = ",.6~r"
"""Numbers on an axis: thousands apart, no needless noughts."""
NUMBERS, AMOUNTS = ",.4~r", ",.2f"
"""Numbers that show when a mark is touched: four figures; in £m, two decimals."""
VERDICT_COLOURS = (BETTER, WORSE, UNCLEAR, UNCLEAR)
VERDICT_SHAPES = ("circle", "triangle-down", "diamond", "square")
"""Better, worse, may be either, no change: told apart without colour, too."""


def label_of(texts: Mapping[str, str], key: str) -> str:
    """Return a Vega expression that gives the text of a key."""
    return f"({json.dumps(dict(texts), ensure_ascii=False)})[{key}]"


def wrapped_label_of(texts: Mapping[str, str], key: str, width: int) -> str:
    """Return the same, broken into lines that a narrow screen holds."""
    return f"split({label_of({name: wrapped(text, width) for name, text in texts.items()}, key)}, '\\n')"


def select(name: str, label: str, choices: Mapping[str, str], first: str = "") -> alt.Parameter:
    """Return a choice that the reader makes in a list; where there is but one there is no list."""
    import altair as alt

    keys = list(choices)
    if len(keys) == 1:
        return alt.param(name=name, value=keys[0])
    bound = alt.binding_select(options=keys, labels=[choices[key] for key in keys], name=f"{label} ")
    return alt.param(name=name, value=first or keys[0], bind=bound)


def chosen_rows(*names: str) -> str:
    """Return a Vega expression that keeps the rows chosen; a choice has the name of its field and ``chosen``."""
    return " && ".join(f"datum.{name} === chosen_{name}" for name in names)


def title(text: str) -> alt.TitleParams:
    """Return a title at the left, a Vega expression: it changes with what is chosen."""
    import altair as alt

    return alt.TitleParams(
        text=alt.ExprRef(text), anchor="start", frame="bounds", fontSize=CHART_TITLE_PIXELS, lineHeight=17, offset=8
    )


def result_title(measures: Iterable[Measure], parameter: str) -> alt.TitleParams:
    """Return the name of the result chosen; below it its unit and which way is better."""
    texts = {
        measure.name: f"{wrapped(measure.title, TITLE)}\n"
        + wrapped(f"{measure.unit}; {direction(measure.better)}", TITLE)
        for measure in measures
    }
    return title(f"split({label_of(texts, parameter)}, '\\n')")


def colours(options: Sequence[str], baseline: str = "") -> alt.Scale:
    """Return the colour that an option has in every chart; grey for the baseline."""
    import altair as alt

    palette = scenario_colours(options, baseline)
    return alt.Scale(domain=list(options), range=[palette[name] for name in options])


def option_legend(titles: Mapping[str, str]) -> alt.Legend:
    """Return a legend of options above the chart."""
    import altair as alt

    expression = label_of(titles, "datum.value")
    return alt.Legend(
        orient="top", title=None, labelExpr=expression, symbolType="stroke", symbolStrokeWidth=3, symbolOpacity=1
    )


def row_names(field: str, texts: Mapping[str, str], order: Sequence[str] | None = None, most: int = 2) -> alt.Y:
    """Return rows with their names at the left, on several lines where they are long.

    Args:
        field: what names the rows; a key that ends in a bar heads the rows that follow.
        texts: name by key.
        order: keys from above; where left out, the order of the data.
        most: lines that a name may take.
    """
    import altair as alt

    broken = {key: few_lines(text, NAME, most) for key, text in texts.items()}
    # The first line stands at the middle of the row, so that the others would hang below it.
    offset = alt.when("false").then(alt.value(0))
    for count in range(1, most):
        keys = json.dumps([key for key, text in broken.items() if text.count("\n") == count], ensure_ascii=False)
        offset = offset.when(f"indexof({keys}, datum.value) >= 0").then(alt.value(-count * CHART_LINE_PIXELS / 2))
    heading = alt.when("indexof(datum.value, '|') === length(datum.value) - 1").then(alt.value("bold"))
    axis = alt.Axis(
        title=None,
        labelExpr=f"split({label_of(broken, 'datum.value')}, '\\n')",
        labelLineHeight=CHART_LINE_PIXELS,
        labelLimit=200,
        labelFontWeight=heading.otherwise(alt.value("normal")),
        labelOffset=offset.otherwise(alt.value(0)),
        ticks=False,
        domain=False,
    )
    scale = alt.Undefined if order is None else alt.Scale(domain=list(order))
    return alt.Y(f"{field}:N", sort=None, scale=scale, axis=axis)


def few_lines(text: str, width: int, most: int) -> str:
    """Break a text into so many lines at most, no wider than they must be."""
    broken = wrapped(text, width)
    return broken if broken.count("\n") < most else few_lines(text, width + 1, most)


def upright() -> alt.Axis:
    """Return financial years below a chart, written upright so that many fit."""
    import altair as alt

    return alt.Axis(labelAngle=-90, labelAlign="right", labelBaseline="middle", labelFlush=False)


def kind_colour(colours: Mapping[str, str]) -> alt.Color:
    """Return the colour of the field ``kind``, with a legend above the chart."""
    import altair as alt

    scale = alt.Scale(domain=list(colours), range=list(colours.values()))
    return alt.Color("kind:N", scale=scale, legend=alt.Legend(orient="top", title=None))


def spread_tips(
    fields: Sequence[tuple[str, str]], members: int, number_format: str, *, ends: tuple[str, str] = ("low", "high")
) -> list[alt.Tooltip]:
    """Return tooltips of values and, where there are several members, of the ends of their interval.

    Args:
        fields: field and title of each value; a unit behind a comma in the last title stands behind the ends, too.
        members: ensemble members.
        number_format: of all of them.
        ends: fields of the ends.
    """
    import altair as alt

    _, comma, unit = fields[-1][1].partition(", ")
    limits = [(field, f"{name} percentile{comma}{unit}") for field, name in zip(ends, ("10th", "90th"), strict=True)]
    return [
        alt.Tooltip(f"{field}:Q", title=text, format=number_format)
        for field, text in (*fields, *(limits if members > 1 else ()))
    ]


def spread_layers(
    base: alt.Chart,
    field: str,
    text: str,
    members: int,
    channels: Mapping[str, Any],
    tips: Sequence[alt.Tooltip],
    *,
    shape: alt.Shape | None = None,
    size: int = 75,
    width: float = 2.5,
) -> list[alt.Chart]:
    """Return a point for each row and, where there are several members, a line along its interval below it.

    Args:
        base: chart of the data, with fields ``low`` and ``high``.
        field: value at which the points stand.
        text: title of the axis.
        members: ensemble members.
        channels: rows, colours and offsets of both.
        tips: tooltips of the points.
        shape: of the points.
        size: of the points.
        width: of the lines, in pixels.
    """
    import altair as alt

    shapes = {} if shape is None else {"shape": shape}
    across = alt.X(f"{field}:Q", title=text, axis=alt.Axis(format=TICKS))
    points = base.mark_point(filled=True, size=size, opacity=1).encode(x=across, tooltip=tips, **channels, **shapes)
    if members == 1:
        return [points]
    line = base.mark_rule(strokeWidth=width).encode(x=alt.X("low:Q", title=text), x2="high:Q", **channels)
    return [line, points]


def names_above(labels: Mapping[str, str], **settings: Any) -> alt.Axis:
    """Return the names of columns above a table of coloured cells, written upright.

    Args:
        labels: name by key; one with a line break takes two lines.
        settings: of the axis.
    """
    import altair as alt

    texts = f"split({label_of(labels, 'datum.value')}, '\\n')"
    return alt.Axis(orient="top", title=None, labelExpr=texts, labelAngle=-90, ticks=False, domain=False, **settings)


def cell_layers(
    base: alt.Chart, across: alt.X, down: alt.Y, fill: alt.Color, text: alt.Text | str, tips: Sequence[alt.Tooltip]
) -> list[alt.Chart]:
    """Return the cells of a coloured table, each with its text."""
    return [
        base.mark_rect(stroke="white").encode(x=across, y=down, color=fill, tooltip=tips),
        base.mark_text(color=INK).encode(x=across, y=down, text=text, tooltip=tips),
    ]


def verdict_key(verdicts: Sequence[str], rows: Sequence[Row]) -> tuple[alt.Color, alt.Shape]:
    """Return colour and shape of the mark of a verdict.

    Args:
        verdicts: better, worse, may be either and no change, in the words of the chart.
        rows: data; of the last two verdicts the key has those that there are.
    """
    import altair as alt

    met = {row["verdict"] for row in rows}
    shown = [index for index, verdict in enumerate(verdicts) if index < 2 or verdict in met]
    domain, key = [verdicts[index] for index in shown], alt.Legend(orient="top", title=None)
    colours, shapes = (
        alt.Scale(domain=domain, range=[values[index] for index in shown])
        for values in (VERDICT_COLOURS, VERDICT_SHAPES)
    )
    return alt.Color("verdict:N", scale=colours, legend=key), alt.Shape("verdict:N", scale=shapes, legend=key)


def verdict_of(improvement: Spread, verdicts: Sequence[str]) -> str:
    """Return better or worse where the interval says so, no change where it holds zero only."""
    if improvement.low == improvement.high == 0.0:
        return verdicts[3]
    return verdicts[0] if improvement.low > 0.0 else verdicts[1] if improvement.high < 0.0 else verdicts[2]


def zero_rule(*, upright: bool = True, colour: str = QUIET) -> alt.Chart:
    """Return a line at zero."""
    import altair as alt

    rule = alt.Chart(alt.InlineData([{}])).mark_rule(color=colour)
    return rule.encode(x=alt.datum(0)) if upright else rule.encode(y=alt.datum(0))


def assembled(chart: alt.TopLevelMixin, **datasets: Sequence[Row]) -> dict[str, Any]:
    """Return the specification with its data; look and width are the page's.

    Raises:
        SchemaValidationError: what is drawn is no valid Vega-Lite.
    """
    specification = chart.to_dict(context={"pre_transform": False})
    specification.pop("config", None)
    data = {name: [_finite(row) for row in rows] for name, rows in datasets.items()}
    specification["datasets"] = {**specification.get("datasets", {}), **data}
    return specification


def _finite(row: Row) -> Row:
    """Turn numbers that are not finite into None: a file of JSON has no other."""
    return {name: None if isinstance(value, float) and not np.isfinite(value) else value for name, value in row.items()}


def spread_fields(spread: Spread, members: int) -> Row:
    """Return median and ends of the interval as fields; no ends with one member."""
    return {"median": spread.median} | interval_fields(spread, members)


def interval_fields(spread: Spread, members: int) -> Row:
    """Return the ends of the interval as fields; none with one member."""
    return {"low": spread.low, "high": spread.high} if members > 1 else {}


def numbers_table(
    caption: str, texts: Sequence[str], numbers: Sequence[str], rows: Sequence[Sequence[str | Cell]], note: str = ""
) -> Table:
    """Return the numbers of a chart as a table: columns of texts, then columns of numbers."""
    columns = (*(Column(text) for text in texts), *(Column(text, number=True) for text in numbers))
    return Table(caption, columns, rows, note)


def interval_text(row: Row) -> str:
    """Return the interval of a row of data; a dash where it has none."""
    return between(row["low"], row["high"]) if "low" in row else MISSING


def interval_in_millions(row: Row, low: str = "low", high: str = "high") -> str:
    """Return the interval of a row of data in £m; a dash where it has none."""
    return f"{millions(row[low])} to {millions(row[high])}" if low in row else MISSING


def option_titles(appraisals: Iterable[Appraisal]) -> dict[str, str]:
    """Return the title of each option by its name."""
    return {appraisal.option.name: capitalised(appraisal.option.title) for appraisal in appraisals}


def horizon_titles(horizons: Mapping[str, str]) -> dict[str, str]:
    """Return names of horizons with the financial year by which each is reported."""
    return {name: f"{capitalised(name.replace('_', ' '))}, {year}" for name, year in horizons.items()}


def direction(better: str) -> str:
    """Say which way is better."""
    return f"{better} is better" if better else "neither way is better"
