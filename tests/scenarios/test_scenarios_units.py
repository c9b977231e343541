"""Quantities with units, dates, and draws that do not depend on the chunk."""

import subprocess
import sys
from datetime import date

import numpy as np
import pytest

from model.registry.calendar import shift_date
from model.scenarios.dates import parse_date
from model.scenarios.schema import FILES, json_schema
from model.scenarios.uncertainty.draws import triangular, uniforms
from model.scenarios.units import UnitError, quantity


@pytest.mark.parametrize(
    ("written", "expected", "value"),
    [
        (0.05, "1/year", 0.05),
        ("5 %/year", "1/year", 0.05),
        ("0.05 1/year", "1/year", 0.05),
        ("10 days", "days", 10.0),
        ("1.4 weeks", "days", 9.8),
        ("£2.5m/year", "£/year", 2.5e6),
        ("£1.2bn", "£", 1.2e9),
        ("£365.25/day", "£/year", 133407.5625),
        ("250 places", "places", 250.0),
        ("-12 %", "1", -0.12),
        ("1,200 WTE", "WTE", 1200.0),
        ("7 patients/week", "patients/day", 1.0),
        ("12 hours", "days", 0.5),
        ("£100/bed day", "£/bed day", 100.0),
    ],
)
def test_quantities_are_converted(written, expected, value):
    assert quantity(written, expected) == pytest.approx(value)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("10 beds", "places"),
        ("10 days", "1/year"),
        ("£5", "£/year"),
        ("10 WTE", "patients"),
        ("5 dayz", "days"),
        ("x", "1"),
        ("5 %/year", "1"),
        ([1], "1"),
        ("4 people", "patients"),
        ("3 d)ays", "days"),
    ],
)
def test_wrong_units_are_refused(written, expected):
    with pytest.raises(UnitError, match=r"expected|not a number"):
        quantity(written, expected)


def test_the_unit_library_stays_unread_while_units_agree():
    program = (
        "import sys; from model.scenarios.units import quantity; quantity('3 places', 'places'); quantity(2, '£'); "
        "assert 'pint' not in sys.modules; quantity('3 weeks', 'days'); assert 'pint' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


def test_dates():
    decision = date(2023, 4, 1)
    assert parse_date("2023-04") == decision
    assert parse_date("2023-04-15") == date(2023, 4, 15)
    assert parse_date("decision + 18 months", decision) == date(2024, 10, 1)
    assert parse_date("decision - 2 years", decision) == date(2021, 4, 1)
    assert shift_date(date(2023, 1, 31), 1) == date(2023, 3, 3)
    for wrong in ("2023-13", "soon", "decision +", "2023"):
        with pytest.raises(ValueError, match=r"expected|calendar"):
            parse_date(wrong, decision)


def test_draws_do_not_depend_on_the_chunk_or_on_other_streams():
    whole = uniforms(3, "some.parameter", 0, 1001)
    for first, count in ((0, 3), (1, 1), (2, 7), (6, 500), (997, 4)):
        assert np.array_equal(uniforms(3, "some.parameter", first, count), whole[first : first + count])
    assert not np.array_equal(uniforms(4, "some.parameter", 0, 5), whole[:5])
    assert not np.array_equal(uniforms(3, "other.parameter", 0, 5), whole[:5])
    assert abs(whole.mean() - 0.5) < 0.03
    assert whole.min() > 0
    assert whole.max() < 1


def test_triangular_keeps_its_limits_and_median():
    uniform = np.linspace(1e-9, 1 - 1e-9, 2001)
    for low, mode, high in ((0.0, 0.3, 1.0), (-0.02, -0.06, -0.1), (2.0, 2.0, 5.0), (1.0, 1.0, 1.0)):
        drawn = triangular(uniform, np.asarray(low), np.asarray(mode), np.asarray(high))
        assert drawn.min() >= min(low, high) - 1e-9
        assert drawn.max() <= max(low, high) + 1e-9
        assert drawn.mean() == pytest.approx((low + mode + high) / 3, abs=1e-3)


def test_json_schema_describes_every_field():
    for kind in FILES:
        schema = json_schema(kind)
        for name, field in schema["properties"].items():
            assert "description" in field or "$ref" in field or "anyOf" in field, (kind, name)
