"""What the charts of a decision have in common: choices, names, colours, tables and Vega-Lite with named data."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from model.reporting.figures.style import scenario_colours
from model.reporting.names import capitalised, wrapped
from model.reporting.numbers import between
from model.reporting.tables.table import Cell, Column, Table
from model.reporting.theme import PALETTE
from model.results.comparison import Spread

if TYPE_CHECKING:
    import altair as alt

Row = dict[str, Any]
"""One line of a chart's data; names are those of the tidy tables."""

HEIGHT = 320
"""Pixels of a chart whose height does not follow from its rows; the width is that of the page."""
ROW = 30
"""Pixels of a row whose name may take two lines."""
NAME, TITLE = 22, 40
"""Letters after which names beside an axis, and titles, are broken: a telephone shows 360 pixels."""
LINE = 14
"""Pixels from one line of a name to the next."""
TICKS = ",.6~r"
"""Numbers on an axis: thousands apart, no needless noughts."""
NUMBERS = ",.4~r"
"""Numbers that show when a mark is touched: four figures."""
MILLION = 1e6
VERDICT_COLOURS = (PALETTE[0], PALETTE[1], "#767676", "#767676")
VERDICT_SHAPES = ("circle", "triangle-down", "diamond", "square")
"""Better, worse, may be either, no change: told apart without colour, too."""


def label_of(texts: Mapping[str, str], key: str) -> str:
    """Vega expression that gives the text of a key."""
    return f"({json.dumps(dict(texts), ensure_ascii=False)})[{key}]"


def wrapped_label_of(texts: Mapping[str, str], key: str, width: int) -> str:
    """The same, broken into lines that a narrow screen holds."""
    return f"split({label_of({name: wrapped(text, width) for name, text in texts.items()}, key)}, '\\n')"


def select(name: str, label: str, choices: Mapping[str, str], first: str = "") -> alt.Parameter:
    """A choice that the reader makes in a list; where there is but one there is no list."""
    import altair as alt

    keys = list(choices)
    if len(keys) == 1:
        return alt.param(name=name, value=keys[0])
    bound = alt.binding_select(options=keys, labels=[choices[key] for key in keys], name=f"{label} ")
    return alt.param(name=name, value=first or keys[0], bind=bound)


def chosen_rows(*names: str) -> str:
    """Vega expression that keeps the rows of what was chosen; a choice has the name of its field and ``chosen``."""
    return " && ".join(f"datum.{name} === chosen_{name}" for name in names)


def title(text: str) -> alt.TitleParams:
    """Title at the left, a Vega expression: it changes with what is chosen."""
    import altair as alt

    return alt.TitleParams(text=alt.ExprRef(text), anchor="start", frame="bounds", fontSize=13, lineHeight=17, offset=8)


def colours(options: Sequence[str], baseline: str = "") -> alt.Scale:
    """The colour that an option has in every chart; grey for the baseline."""
    import altair as alt

    palette = scenario_colours(options, baseline)
    return alt.Scale(domain=list(options), range=[palette[name] for name in options])


def option_legend(titles: Mapping[str, str]) -> alt.Legend:
    """A legend of options above the chart."""
    import altair as alt

    expression = label_of(titles, "datum.value")
    return alt.Legend(
        orient="top", title=None, labelExpr=expression, symbolType="stroke", symbolStrokeWidth=3, symbolOpacity=1
    )


def row_names(field: str, texts: Mapping[str, str], order: Sequence[str] | None = None, most: int = 2) -> alt.Y:
    """Rows with their names at the left, on several lines where they are long.

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
        offset = offset.when(f"indexof({keys}, datum.value) >= 0").then(alt.value(-count * LINE / 2))
    heading = alt.when("indexof(datum.value, '|') === length(datum.value) - 1").then(alt.value("bold"))
    axis = alt.Axis(
        title=None,
        labelExpr=f"split({label_of(broken, 'datum.value')}, '\\n')",
        labelLineHeight=LINE,
        labelLimit=200,
        labelFontWeight=heading.otherwise(alt.value("normal")),
        labelOffset=offset.otherwise(alt.value(0)),
        ticks=False,
        domain=False,
    )
    scale = alt.Undefined if order is None else alt.Scale(domain=list(order))
    return alt.Y(f"{field}:N", sort=None, scale=scale, axis=axis)


def few_lines(text: str, width: int, most: int) -> str:
    """A text on so many lines at most, no wider than it must be."""
    wrapped_label_of = wrapped(text, width)
    return wrapped_label_of if wrapped_label_of.count("\n") < most else few_lines(text, width + 1, most)


def upright() -> alt.Axis:
    """Financial years below a chart, written upright so that many fit."""
    import altair as alt

    return alt.Axis(labelAngle=-90, labelAlign="right", labelBaseline="middle", labelFlush=False)


def verdict_key(verdicts: Sequence[str], rows: Sequence[Row]) -> tuple[alt.Color, alt.Shape]:
    """Colour and shape of the mark of a verdict.

    Args:
        verdicts: better, worse, may be either and no change, in the words of the chart.
        rows: data; of the last two verdicts the key has those that there are.
    """
    import altair as alt

    met = {row["verdict"] for row in rows}
    shown = [index for index, verdict in enumerate(verdicts) if index < 2 or verdict in met]
    domain, key = [verdicts[index] for index in shown], alt.Legend(orient="top", title=None)
    ranges = ([several[index] for index in shown] for several in (VERDICT_COLOURS, VERDICT_SHAPES))
    colours, shapes = (alt.Scale(domain=domain, range=values) for values in ranges)
    return alt.Color("verdict:N", scale=colours, legend=key), alt.Shape("verdict:N", scale=shapes, legend=key)


def verdict_of(improvement: Spread, verdicts: Sequence[str]) -> str:
    """Better or worse where the interval says so, no change where it is nothing but 0."""
    if improvement.low == improvement.high == 0.0:
        return verdicts[3]
    return verdicts[0] if improvement.low > 0.0 else verdicts[1] if improvement.high < 0.0 else verdicts[2]


def zero_rule() -> alt.Chart:
    """A line at nothing."""
    import altair as alt

    return alt.Chart(alt.InlineData([{}])).mark_rule(color="#555555").encode(x=alt.datum(0))


def assembled(chart: alt.TopLevelMixin, **datasets: Sequence[Row]) -> dict[str, Any]:
    """The specification with its data; look and width are the page's.

    Raises:
        SchemaValidationError: what is drawn is no valid Vega-Lite.
    """
    specification = chart.to_dict(context={"pre_transform": False})
    specification.pop("config", None)
    data = {name: [_finite(row) for row in rows] for name, rows in datasets.items()}
    specification["datasets"] = {**specification.get("datasets", {}), **data}
    return specification


def _finite(row: Row) -> Row:
    """What is no number is nothing: a file of JSON has no other."""
    return {name: None if isinstance(value, float) and not np.isfinite(value) else value for name, value in row.items()}


def spread_fields(spread: Spread, members: int) -> Row:
    """Median and limits of the interval; no limits with one member."""
    return {"median": spread.median} | ({"low": spread.low, "high": spread.high} if members > 1 else {})


def numbers_table(
    caption: str, texts: Sequence[str], numbers: Sequence[str], rows: Sequence[Sequence[str | Cell]], note: str = ""
) -> Table:
    """The numbers of a chart as a table: columns of texts, then columns of numbers."""
    columns = (*(Column(text) for text in texts), *(Column(text, number=True) for text in numbers))
    return Table(caption, columns, rows, note)


def interval_text(spread: Spread | None, scale: float = 1.0) -> str:
    """An interval of a table; a dash where there is none."""
    return "–" if spread is None else between(spread.low / scale, spread.high / scale)


def horizon_titles(horizons: Mapping[str, str]) -> dict[str, str]:
    """Names of horizons with the financial year by which each is reported."""
    return {name: f"{capitalised(name.replace('_', ' '))}, {year}" for name, year in horizons.items()}


def direction(better: str) -> str:
    """Which way is better, in words."""
    return f"{better} is better" if better else "neither way is better"


def millions(value: float) -> str:
    """An amount in £ as millions, two decimals."""
    return f"{value / MILLION:,.2f}".replace("-", "−") if abs(value) >= MILLION / 200 else "0"
