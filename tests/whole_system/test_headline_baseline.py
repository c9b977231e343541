"""Every headline of every shipped package and future equals the stored baseline (``tests/baseline/headlines.csv``).

Renew the file only on purpose: ``python tests/baseline/renew.py --write``.
"""

from __future__ import annotations

import pytest
from headline_baseline import changes, read_baseline, run_headlines, scenario_names, write_baseline

from model.results.headlines import HEADLINES

RENEW = "Renew it only on purpose: python tests/baseline/renew.py --write"


@pytest.mark.parametrize("scenario", scenario_names())
def test_headlines_equal_the_stored_baseline(scenario):
    stored = read_baseline().get(scenario, {})
    lines = changes(scenario, stored, run_headlines(scenario))
    assert not lines, "\n".join([f"{len(lines)} values are not those stored.", *lines[:20], RENEW])


def test_the_stored_baseline_has_every_scenario_and_headline():
    stored = read_baseline()
    assert list(stored) == scenario_names(), RENEW
    for scenario, values in stored.items():
        assert {headline for headline, _ in values} == {headline.name for headline in HEADLINES}, (scenario, RENEW)


@pytest.mark.parametrize("share", [0.001, 1e-8])
def test_a_small_change_of_one_value_is_told_with_its_place(share):
    stored = read_baseline()["baseline"]
    unit, value = stored["rtt", "2027/28"]
    moved = {**stored, ("rtt", "2027/28"): (unit, value * (1 + share))}
    (line,) = changes("baseline", stored, moved)
    assert line.startswith(f"baseline, rtt, 2027/28: was {value:.10g} and is")
    assert unit in line
    assert changes("baseline", stored, stored) == []


def test_a_value_that_is_missing_or_new_or_in_another_unit_is_told():
    stored = read_baseline()["baseline"]
    fewer = {key: value for key, value in stored.items() if key != ("rtt", "2027/28")}
    assert changes("baseline", stored, fewer) == ["baseline, rtt, 2027/28: stored, but no longer a result"]
    assert changes("baseline", fewer, stored) == ["baseline, rtt, 2027/28: a result, but not stored"]
    other = {**stored, ("rtt", "2027/28"): ("patients", stored["rtt", "2027/28"][1])}
    assert changes("baseline", stored, other) == ["baseline, rtt, 2027/28: unit was 'pathways' and is 'patients'"]


def test_what_is_written_is_read_again(tmp_path):
    stored = read_baseline()
    write_baseline(stored, tmp_path / "headlines.csv")
    assert read_baseline(tmp_path / "headlines.csv") == stored
