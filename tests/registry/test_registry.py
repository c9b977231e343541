"""The registry: everything declared once, with meaning, unit and source, and used."""

from __future__ import annotations

import numpy as np
import pytest

from model.registry.declarations import OUTSIDE, Kind
from model.registry.dimensions import DIMENSIONS
from model.registry.errors import UserError, nearest_names
from model.registry.parameter_files import read_parameter_file
from model.registry.yaml_source import read_yaml
from model.sectors.model_registry import registry


def test_every_name_is_declared_once_and_belongs_to_a_sector():
    known = registry()
    total = len(known.parameters) + len(known.stocks) + len(known.flows) + len(known.outputs)
    assert total == len(known.entries)
    assert {entry.sector for entry in known.entries.values()} <= {*known.sectors, "loops"}


def test_every_entry_has_meaning_unit_and_known_dimensions():
    for entry in registry().entries.values():
        assert entry.description.strip(), entry.name
        assert entry.unit, entry.name
        assert set(entry.dims) <= set(DIMENSIONS), entry.name


def test_every_parameter_has_a_source_and_is_used_by_an_equation():
    known = registry()
    for parameter in known.parameters.values():
        assert parameter.source.strip(), parameter.name
        assert known.uses.get(parameter.name), parameter.name


def test_parameters_lie_within_their_limits():
    for parameter in registry().parameters.values():
        assert np.all(parameter.low <= parameter.value), parameter.name
        assert np.all(parameter.value <= parameter.high), parameter.name
        assert np.all(parameter.low >= parameter.bounds[0]), parameter.name
        assert np.all(parameter.high <= parameter.bounds[1]), parameter.name


def test_flows_run_between_declared_stocks_of_one_substance():
    known = registry()
    for flow in known.flows.values():
        ends = [end for end in (flow.origin, flow.target) if end != OUTSIDE]
        assert ends, flow.name
        assert len({known.stocks[end].substance for end in ends}) == 1, flow.name


def test_names_put_together_in_an_equation_are_found():
    assert any("discharge/equations.py" in place for place in registry().uses["discharge.relapse_rate_while_waiting"])


def test_unknown_name_comes_with_the_nearest():
    with pytest.raises(UserError, match=r"waiting_lists\.rtt_total"):
        registry().find("waiting_lists.rtt_totl")
    assert nearest_names("rtt_total", registry().entries)[0] == "waiting_lists.rtt_total"


GOOD = """
a.b:
  description: A number.
  unit: "1"
  kind: share
  value: 0.5
  source: assumption
"""


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("unit:", "units:"), r"bad.yaml:4: 'a.b.units': not a field of a parameter. Did you mean 'unit'"),
        (("kind: share", "kind: part"), r"bad.yaml:2: 'a.b': kind must be one of"),
        (("value: 0.5", "value: 1.5"), r"must lie within the bounds 0 to 1"),
        (("value: 0.5", "value: half"), r"expected one number, found 'half'"),
        (("  source: assumption\n", ""), r"the field 'source' is missing"),
        (("value: 0.5", "value: 0.5\n  low: 0.6\n  high: 0.7"), r"the value must lie between low and high"),
        (("value: 0.5", "dims: [plaice]\n  value: 0.5"), r"'plaice' is not a dimension. Did you mean 'place'"),
        (("value: 0.5", "dims: [place]\n  value: {bristol: 1, north: 0}"), r"'north' is not a label of place"),
        (("value: 0.5", "dims: [place]\n  value: [0.1, 0.2]"), r"2 values for the 3 labels of place"),
        (("value: 0.5", "value: 0.5\n  value: 0.6"), r"'value': this key appears twice"),
    ],
)
def test_a_bad_parameter_is_refused_with_file_line_and_advice(tmp_path, change, message):
    path = tmp_path / "bad.yaml"
    path.write_text(GOOD.replace(*change), encoding="utf-8")
    with pytest.raises(UserError, match=message):
        read_parameter_file(path)


def test_factors_on_the_value_are_held_within_the_bounds(tmp_path):
    path = tmp_path / "good.yaml"
    path.write_text(GOOD.replace("value: 0.5", "value: 0.8\n  low: 0.5x\n  high: 2x"), encoding="utf-8")
    (parameter,) = read_parameter_file(path)
    assert (float(parameter.low), float(parameter.high)) == (0.4, 1.0)
    assert parameter.kind is Kind.SHARE


@pytest.mark.parametrize("text", ["a: \x07", "a: !!int abc", "[" * 3000, "a: [1", "a:\n\t- b", "- 1"])
def test_a_file_that_is_no_yaml_is_refused_in_plain_words(tmp_path, text):
    path = tmp_path / "broken.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UserError, match=r"broken\.yaml.*(not valid YAML|key: value)"):
        read_yaml(path)
