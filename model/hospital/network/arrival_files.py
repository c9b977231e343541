"""CSV files beside a network file: arrivals by date, and observed times."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import date
from math import isfinite
from pathlib import Path

from model.hospital.network.calendars import CalendarError, Dated, parse_date
from model.hospital.network.document import NetworkDocument
from model.hospital.network.parameter_references import Location
from model.registry.errors import Exit, UserError, nearest_names


class _BadRowError(Exception):
    pass


def _rows(
    document: NetworkDocument, name: str, location: Location, needed: tuple[str, ...], optional: tuple[str, ...] = ()
) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield line and columns of each row; none where the file or a column is missing, which is reported."""
    path = document.file.parent / name
    if not path.is_file():
        others = [file.name for file in path.parent.glob("*.csv")] if path.parent.is_dir() else []
        document.report(
            location,
            f"no file '{name}' beside the network file.",
            nearest=nearest_names(Path(name).name, others),
            code=Exit.MISSING_FILE,
        )
        return
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        document.report(location, f"'{name}' is not a UTF-8 text file.")
        return
    header: list[str] = []
    empty = True
    for line_number, line in enumerate(text.splitlines(), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        cells = [cell.strip() for cell in next(csv.reader([line]))]
        if not header:
            header = cells
            for column in needed:
                if column not in header:
                    document.errors.append(
                        UserError(
                            f"the column '{column}' is missing; columns are {', '.join([*needed, *optional])}.",
                            file=path,
                            line=line_number,
                            nearest=nearest_names(column, header),
                        )
                    )
                    return
            continue
        if len(cells) != len(header):
            message = f"{len(cells)} cells for the {len(header)} columns."
            document.errors.append(UserError(message, file=path, line=line_number))
            return
        empty = False
        yield line_number, dict(zip(header, cells, strict=True))
    if empty:
        document.errors.append(UserError("the file has no rows.", file=path))


def _number(text: str, column: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not isfinite(value) or value < 0:
        raise _BadRowError(f"expected a number of zero or more under '{column}', found '{text}'.")
    return value


def read_observed_times(
    document: NetworkDocument, name: str, location: Location
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Times in days and weights from a file with the columns ``days`` and perhaps ``weight``.

    Errors are reported to the document; there are then no times worth having.
    """
    values, weights = [], []
    for line, row in _rows(document, name, location, ("days",), ("weight",)):
        try:
            values.append(_number(row["days"], "days"))
            weights.append(_number(row["weight"], "weight") if "weight" in row else 1.0)
        except _BadRowError as error:
            document.errors.append(UserError(str(error), file=document.file.parent / name, line=line))
            return (1.0,), (1.0,)
    return (tuple(values), tuple(weights)) if values else ((1.0,), (1.0,))


def read_arrivals(
    document: NetworkDocument, name: str, location: Location, start: date, days: float, then: str | None
) -> list[Dated]:
    """Arrivals per day from a file with the columns ``date`` and ``arrivals``; each holds until the next row.

    Args:
        document: collects the errors.
        name: file, relative to the network file.
        location: of the name in the network file.
        start: date of day 0.
        days: length of the run.
        then: what holds after the end: ``last``, ``repeat``, or ``None`` where the file must reach the end of the run.
            The file ends as long after its last row as that comes after the row before.
    """
    path = document.file.parent / name
    dated: list[Dated] = []
    for line, row in _rows(document, name, location, ("date", "arrivals")):
        try:
            day = float((parse_date(row["date"]) - start).days)
            if dated and day <= dated[-1].day:
                raise _BadRowError(f"dates must ascend; {row['date']} comes after a later or the same one.")
            dated.append(Dated(day, _number(row["arrivals"], "arrivals")))
        except (_BadRowError, CalendarError) as error:
            message = f"{str(error).removesuffix('.')}."
            document.errors.append(UserError(message, file=path, line=line))
            return [Dated(0.0, 0.0)]
    if not dated:
        return [Dated(0.0, 0.0)]
    if dated[0].day > 0:
        document.report(location, f"'{name}' begins {dated[0].day:g} days after the start of the network, {start}.")
        return [Dated(0.0, 0.0)]
    end = dated[-1].day + (dated[-1].day - dated[-2].day if len(dated) > 1 else 1.0)
    if end < days and then is None:
        document.report(
            location,
            f"'{name}' ends {days - end:g} days before the run; say what holds then with 'then: last' or "
            "'then: repeat', or make the run shorter.",
        )
    length = end - dated[0].day
    rows = list(dated)
    while then == "repeat" and end < days:
        dated += [Dated(entry.day + end - rows[0].day, entry.value) for entry in rows]
        end += length
    return dated
