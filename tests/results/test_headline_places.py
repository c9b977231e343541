"""A headline is declared in one place and appears wherever it says."""

from __future__ import annotations

import sys
from types import SimpleNamespace

import pytest
from synthetic_run import invented_run

from model.appraisal.costing.assumptions import read_costing_assumptions
from model.reporting.board.effects import Effects
from model.reporting.board.narrative import what_they_do, without_a_decision
from model.reporting.board.one_page import by_aim, tiles
from model.results.comparison import headline_table
from model.results.expressions import Statistic
from model.results.headlines import (
    HEADLINES,
    Aim,
    Measure,
    Place,
    Topic,
    headline,
    headlines_by_aim,
    headlines_shown,
    measure,
)
from model.sectors.model_registry import registry
from model.workflows.attribute import results_drawn

ADDED = Measure(
    name="open_beds",
    title="Acute beds open",
    topic=Topic.BEDS,
    expression="urgent_care.beds_open",
    statistic=Statistic.MEAN,
    unit="beds",
    better="higher",
    aim=Aim.DEVELOPMENT,
    decimals=0,
    shown=~Place.NOWHERE,
    improvement="open beds",
)


@pytest.fixture
def added(monkeypatch):
    """The model with one headline more."""
    for module in list(sys.modules.values()):
        if getattr(module, "HEADLINES", None) is HEADLINES:
            monkeypatch.setattr(module, "HEADLINES", (*HEADLINES, ADDED))
    return ADDED


@pytest.fixture
def results():
    """Two scenarios with the baseline."""
    runs = tuple(invented_run(name, effect=effect) for name, effect in (("baseline", 0), ("more", 0.1), ("less", -0.1)))
    scenarios = [SimpleNamespace(name=run.scenario) for run in runs[1:]]
    return SimpleNamespace(runs=runs, scenarios=scenarios, appraisals=(), members=1)


def test_every_place_shows_headlines_in_the_order_of_the_table():
    names = [known.name for known in HEADLINES]
    for place in Place:
        shown = [known.name for known in headlines_shown(place)]
        assert shown, place
        assert shown == sorted(shown, key=names.index)
        assert sorted(shown) == sorted(known.name for known in sum(headlines_by_aim(place).values(), ()))


def test_a_headline_has_all_that_tables_need():
    for known in HEADLINES:
        assert known.topic is not None, known.name
        assert known.aim is not None, known.name
        assert known.better in ("lower", "higher"), known.name
        assert known.improvement or Place.ANSWER not in known.shown, known.name


def test_a_result_that_is_no_headline_is_shown_nowhere():
    result = measure("waiting_lists.rtt_total", registry())
    assert result.shown is Place.NOWHERE
    assert (result.topic, result.aim) == (None, None)
    assert result.to_improve == f"lower '{result.title}'"


def test_an_added_headline_is_found_by_name_and_in_every_table(added):
    assert headline("open_beds") is added
    assert measure("open_beds", registry()) is added
    runs = [invented_run(), invented_run("more", effect=0.1)]
    assert "open_beds" in {row.headline.name for row in headline_table(runs, runs[0])}


def test_an_added_headline_is_at_every_place_that_it_names(added):
    assert all(headlines_shown(place)[-1] is added for place in Place)


def test_an_added_headline_is_on_the_tiles_and_the_page(added, results):
    effects = Effects.of(results.runs)
    assert [tile.heading for tile in tiles(results, effects)[-1].tiles][-1] == added.title
    assert [row[0] for row in by_aim(results, effects).rows][-1] == "Acute beds open, beds"
    assert "More does most to open beds" in what_they_do(effects)
    assert "acute beds open" in without_a_decision(effects)


def test_an_added_headline_is_in_costing_and_the_analyses(added):
    assert read_costing_assumptions(registry()).effects[-1] == "open_beds"
    assert results_drawn(())[-1] is added


def test_a_headline_that_names_no_place_is_in_none():
    assert not [place for place in Place if headline("rtt_65") in headlines_shown(place)]
