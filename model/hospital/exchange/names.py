"""Names of the points and classes of the BNSSG network, which say what they are for: site, council, pathway, care."""

from __future__ import annotations

from model.registry.dimensions import DIMENSIONS, adjacent, position

SITES = DIMENSIONS["site"]
COUNCILS = DIMENSIONS["place"]
PATHWAYS = DIMENSIONS["pathway"]
CARE_KINDS = DIMENSIONS["long_term_care"]
SUPPORTED = ("P1", "P2", "P3")
"""Pathways that need a place; P0 goes home."""
SUPPORTED_AT = tuple((position("pathway", label), label) for label in SUPPORTED)
"""The same with the index of each among all pathways."""
NEEDING_PLACE = adjacent("pathway", SUPPORTED)
"""The same as a slice of all pathways."""
ARRIVALS = ("ambulance", "other")
"""How emergency patients come: by ambulance, or on foot or referred. Part of the names of their classes."""
WARDS = ("medical", "elective", "escalation", "corridor", "surge")
"""Points at which patients hold beds."""
ELECTIVE, RESIDENT, VIRTUAL_WARD = "elective", "resident", "virtual_ward"
HOME, OWN_MEANS, DIED, DIED_WAITING, DIED_ON_PATHWAY = (
    "home",
    "home_with_own_means",
    "died",
    "died_while_waiting",
    "died_on_pathway",
)


def department(site: str) -> str:
    """Name of the emergency department of a site."""
    return f"{site}_department"


def minors(site: str) -> str:
    """Name of the part of a department for those who come with something minor, none of whom is admitted."""
    return f"{site}_minors"


def waiting_area(site: str) -> str:
    """Name of chairs and trolleys on which patients of a department are treated when its cubicles are full."""
    return f"{site}_waiting_area"


def bay(site: str) -> str:
    """Name of the place where ambulances of a site hand over."""
    return f"{site}_ambulance_bay"


def ward(site: str, kind: str) -> str:
    """Name of beds of a site, of one of ``WARDS``."""
    return f"{site}_{kind}"


def pathway_point(council: str, pathway: str) -> str:
    """Name of the funded places of a pathway."""
    return f"{council}_{pathway}"


def spot_point(council: str, pathway: str) -> str:
    """Name of the places of a pathway bought at spot price."""
    return f"{council}_{pathway}_spot"


def long_term_point(council: str, kind: str, *, from_home: bool = False) -> str:
    """Name of long-term care places, of which a part goes first to people at home."""
    return f"{council}_{kind}_from_home" if from_home else f"{council}_{kind}"


def arrangement_point(council: str, kind: str) -> str:
    """Name of the arrangement of long-term care for people at home."""
    return f"{council}_{kind}_arrangement"


def emergency_class(council: str, arrival: str) -> str:
    """Name of the class of emergency patients of a council who come in one of the ways of ``ARRIVALS``."""
    return f"{council}_{arrival}"


def delayed_class(council: str, pathway: str) -> str:
    """Name of the class of patients who are without criteria to reside at time 0."""
    return f"{council}_{pathway}_delayed"


def seeking_class(kind: str) -> str:
    """Name of the class of people who hold a pathway place at time 0 and seek long-term care."""
    return f"seeking_{kind}"
