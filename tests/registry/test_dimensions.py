"""Dimensions say where a label lies, so that nobody types it."""

from __future__ import annotations

import pytest

from model.registry.dimensions import (
    DIMENSION_DESCRIPTIONS,
    DIMENSIONS,
    LIFE_COURSE,
    NHS_ORGANISATIONS,
    adjacent,
    position,
    positions,
)


def test_every_dimension_is_described_and_its_labels_are_distinct():
    assert set(DIMENSION_DESCRIPTIONS) == set(DIMENSIONS)
    for labels in DIMENSIONS.values():
        assert len(set(labels)) == len(labels)


def test_a_label_is_found_where_arrays_hold_it():
    for dimension, labels in DIMENSIONS.items():
        assert [position(dimension, label) for label in labels] == list(range(len(labels)))
        assert tuple(positions(dimension)) == labels
    assert positions("pathway") == {"P0": 0, "P1": 1, "P2": 2, "P3": 3}


def test_labels_that_follow_one_another_are_a_slice():
    assert adjacent("organisation", NHS_ORGANISATIONS) == slice(0, 5)
    stages = [adjacent("age_band", bands) for bands in LIFE_COURSE.values()]
    assert [stage.start for stage in stages[1:]] == [stage.stop for stage in stages[:-1]]


def test_unknown_and_scattered_labels_are_refused():
    with pytest.raises(KeyError):
        position("planet", "earth")
    with pytest.raises(ValueError, match="earth"):
        position("place", "earth")
    with pytest.raises(ValueError, match="do not follow one another"):
        adjacent("employer", ("acute", "vcse"))
