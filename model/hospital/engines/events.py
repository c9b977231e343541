"""What can happen to a patient, and the states a patient can be in: the vocabulary of logs, censuses and results."""

from __future__ import annotations

from enum import IntEnum

import numpy as np


class Event(IntEnum):
    """Kinds of records in the log of a simulation.

    A record holds time, number of the patient, kind, class, ``home``, ``at`` and ``other``. Points are numbered 0 to
    P-1, exits P to P+E-1; ``BACK`` is P+E; -1 means none.

    Attributes:
        ARRIVED: a patient arrives; home: the point requested.
        CANCELLED: an arrival is cancelled because the point is too full; home: the point requested.
        REJECTED: the queue of home is full.
        JOINED: a request of home joins its line; at: the place held. Written also where the place is granted at once.
        STARTED: a stay of home starts; at: the new place; other: the place left. For a patient treated again in the
            same place both are that place; for one in a stay at time 0 other is -1.
        ENDED: the stay of home is over; at: the place held.
        READY: prepared, and the hours allow leaving; other: where the patient goes.
        BLOCKED: waits for a place at home, holding the place at.
        QUEUED: leaves the place at and waits for home without a place.
        GRANTED: a place is found for the first of the line of home; at: the place held; other: where the new place is.
        GAVE_UP: one of the competing ways ends the wait for home; at: the place held; other: where it leads.
        LEFT: leaves the network by the exit other; at: the place left.
    """

    ARRIVED = 0
    CANCELLED = 1
    REJECTED = 2
    JOINED = 3
    STARTED = 4
    ENDED = 5
    READY = 6
    BLOCKED = 7
    QUEUED = 8
    GRANTED = 9
    GAVE_UP = 10
    LEFT = 11


class PatientState(IntEnum):
    """States of a patient; a patient in the network is in exactly one.

    Attributes:
        WAITING: in the line of a point, without a place.
        TREATED: in a place, the stay runs.
        PREPARING: in a place, the stay is over, not yet ready to leave.
        BLOCKED: in a place, ready, waiting for a place at the next point.
        TRANSFER: in a place, the next place reserved or the exit open.
    """

    WAITING = 0
    TREATED = 1
    PREPARING = 2
    BLOCKED = 3
    TRANSFER = 4


RECORD = np.dtype(
    [
        ("time", np.float64),
        ("patient", np.int64),
        ("kind", np.int32),
        ("class", np.int32),
        ("home", np.int32),
        ("at", np.int32),
        ("other", np.int32),
    ]
)
"""One record of the log. Records are in the order in which things happen."""

RECORD_FIELDS: tuple[str, ...] = RECORD.names or ()
"""Fields of a record."""
