"""One look for all figures: a colour-blind safe palette, type sizes for A4, a note of units and source, saving."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from model.registry.catalogue import Registry
from model.registry.declarations import Entry
from model.results.atomic_files import written_whole

PALETTE = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#7A5195", "#8C564B")
"""Okabe and Ito's colour-blind safe colours (2008), two darker ones added for many scenarios."""

BASELINE = "#6E6E6E"
OBSERVED = "#111111"
FAINT = "#C8C8C8"
INK = "#222222"
A4_PORTRAIT = (8.27, 11.0)
A4_LANDSCAPE = (11.7, 8.0)
DOTS_PER_INCH = 150

SETTINGS = {
    "font.family": "DejaVu Sans",
    "font.size": 8,
    "axes.titlesize": 8.5,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.edgecolor": "#999999",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.labelcolor": INK,
    "xtick.labelsize": 7,
    "ytick.labelsize": 7,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": "#E6E6E6",
    "grid.linewidth": 0.6,
    "legend.frameon": False,
    "svg.fonttype": "none",
    "svg.hashsalt": "bnssg",
}
"""Settings of the drawing library, held while a figure is made and saved."""


def styled() -> AbstractContextManager[None]:
    """A context in which figures take the house style; nothing outside it changes."""
    return mpl.rc_context(SETTINGS)


def scenario_colours(scenarios: Sequence[str], baseline: str) -> dict[str, str]:
    """A colour for each scenario in order; grey for the baseline."""
    others = [name for name in scenarios if name != baseline]
    colours = {name: PALETTE[position % len(PALETTE)] for position, name in enumerate(others)}
    return {baseline: BASELINE, **colours}


SPELLING = {
    "nctr": "NCTR",
    "rtt": "RTT",
    "vcse": "VCSE",
    "nhs": "NHS",
    "icb": "ICB",
    "bristol": "Bristol",
    "somerset": "Somerset",
    "gloucestershire": "Gloucestershire",
}
"""Words of registered names that are not written small."""


def plain_name(name: str) -> str:
    """The part of a dotted name after the sector, in words."""
    words = name.split(".", 1)[-1].split("_")
    return " ".join(SPELLING.get(word, word) for word in words)


def capital(text: str) -> str:
    """Text that begins with a capital, the rest as it is."""
    return text[:1].upper() + text[1:]


def short_title(entry: Entry, longest: int = 34) -> str:
    """The label of an entry where it is short enough for a picture, else its name in words."""
    return capital(entry.label if entry.label and len(entry.label) <= longest else plain_name(entry.name))


def named(name: str, registry: Registry) -> str:
    """Short title of a registered name; the name in words where it is not registered."""
    return short_title(registry.entries[name]) if name in registry.entries else capital(plain_name(name))


def wrapped(text: str, width: int) -> str:
    """Text broken into lines of at most ``width`` letters, words kept whole."""
    return "\n".join(textwrap.wrap(text, width, break_long_words=False))


def heading(figure: Figure, title: str, subtitle: str = "") -> None:
    """Title, and a line below it, at the top left of a figure."""
    height = figure.get_figheight()
    figure.text(0.02, 1 - 0.12 / height, title, fontsize=12, fontweight="bold", va="top", color=INK)
    if subtitle:
        figure.text(0.02, 1 - 0.38 / height, subtitle, fontsize=8, va="top", color="#555555")


def note(figure: Figure, text: str) -> None:
    """Units, interval and source at the foot of a figure, wrapped to its width."""
    letters = int(figure.get_figwidth() * 19)
    place = 0.06 / figure.get_figheight()
    figure.text(0.02, place, wrapped(text, letters), fontsize=6.5, va="bottom", color="#555555", linespacing=1.25)


def bare(axes: Axes) -> None:
    """Take away everything but what is drawn."""
    axes.set_axis_off()
    axes.grid(False)


def save(figure: Figure, path: Path) -> Path:
    """Save a figure as PNG at ``path`` and as SVG beside it, each whole or not at all.

    Raises:
        UserError: a file cannot be written.
    """
    picture = path.with_suffix(".png")
    with written_whole(picture) as temporary:
        figure.savefig(temporary, dpi=DOTS_PER_INCH, facecolor="white", format="png")
    with written_whole(path.with_suffix(".svg")) as temporary:
        # Without a date the same run gives the same file.
        figure.savefig(temporary, facecolor="white", format="svg", metadata={"Date": None})
    return picture


def file_name(text: str) -> str:
    """Text as part of a file name."""
    return re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")
