"""Names as people read them: of registered entries, in lists, in lines, in file names."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable

from model.registry.catalogue import Registry
from model.registry.declarations import Entry
from model.results.run import in_words


def plain_name(name: str) -> str:
    """Return the part of a dotted name after the sector, in words."""
    return in_words(name.split(".", 1)[-1])


def capitalised(text: str) -> str:
    """Return a text that begins with a capital, the rest as it is."""
    return text[:1].upper() + text[1:]


def short_title(entry: Entry, longest: int = 34) -> str:
    """Return the label of an entry where it is short enough for a picture, else its name in words."""
    return capitalised(entry.label if entry.label and len(entry.label) <= longest else plain_name(entry.name))


def registered_title(name: str, registry: Registry) -> str:
    """Return the short title of a registered name; the name in words where it is not registered."""
    return short_title(registry.entries[name]) if name in registry.entries else capitalised(plain_name(name))


def wrapped(text: str, width: int) -> str:
    """Break a text into lines of at most ``width`` letters, words kept whole."""
    return "\n".join(textwrap.wrap(text, width, break_long_words=False))


def shortened(name: str, longest: int) -> str:
    """Cut a name that is longer than so many letters, with an ellipsis at its end."""
    return name if len(name) <= longest else f"{name[: longest - 1]}…"


def listed(names: Iterable[str]) -> str:
    """Return names as a list in a sentence: ``a, b and c``, or ``none``."""
    first, *others = [*names] or ["none"]
    return f"{', '.join([first, *others[:-1]])} and {others[-1]}" if others else first


def file_name(text: str) -> str:
    """Return a text as part of a file name."""
    return re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")
