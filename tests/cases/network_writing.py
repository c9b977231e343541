"""A small network file, and the same with changes, for the tests of network files."""

from pathlib import Path

BASE = """\
name: small
start: 2024-01-03
classes: [robust, frail]
streams:
  admissions:
    to: ward
    rate: 2 /day
    classes: {robust: 75 %, frail: rest}
points:
  ward:
    places: 30
    stay: 5 days
    routes: {home: 60 %, care: {share: 0.4, transfer: 3 hours}}
  care:
    places: 40
    queue: 6
    stay: {exponential: 10 days}
    routes: {home: 1}
    while_waiting:
      died: {rate: 1 %/day}
pools:
  nurses: 9
exits: [home, died]
run: {days: 28, warm_up: 7}
"""


def written(folder: Path, *changes: tuple[str, str], name: str = "small.yaml") -> Path:
    """The small network with texts replaced, in a file."""
    text = BASE
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path
