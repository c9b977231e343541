"""The number formatter: separators, true minus, significant figures, dashes."""

from __future__ import annotations

import pytest

from model.results.number_format import format_millions, format_number


@pytest.mark.parametrize(
    ("value", "decimals", "signed", "text"),
    [
        (1234567.8, 0, False, "1,234,568"),
        (-1234.4, 0, True, "−1,234"),
        (1234.4, 0, True, "+1,234"),
        (0.94, 1, False, "0.9"),
        (-0.04, 1, True, "0.0"),
        (0.0, None, True, "0"),
        (0.93456, None, False, "0.9346"),
        (93.456, None, False, "93.46"),
        (123456.7, None, False, "123,457"),
        (0.000012346, None, True, "+0.00001235"),
        (float("nan"), 0, False, "–"),
        (float("-inf"), None, True, "–"),
    ],
)
def test_numbers_are_written_as_people_read_them(value, decimals, signed, text):
    assert format_number(value, decimals, signed=signed) == text


def test_amounts_are_written_in_millions():
    assert format_millions(1_234_567.0, 2) == "1.23"
    assert format_millions(-76e6, signed=True) == "−76.00"
