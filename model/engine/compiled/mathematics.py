"""Exponentials, logarithms and powers as LLVM code without branches: the same bits for any number of members.

Reductions of the argument and the logarithm's expansion in s = (m - 1) / (m + 1) are those of Muller, 'Elementary
Functions', 3rd edition 2016, chapters 3 and 4; Taylor polynomials long enough for double precision.
"""

from __future__ import annotations

from math import factorial

from model.engine.compiled.writer import Arithmetic, Writer

LOG2_OF_E = 1.4426950408889634
LN2_HIGH, LN2_LOW = 6.93147180369123816490e-01, 1.90821492927058770002e-10
"""ln 2 in two parts: whole multiples of the first are exact."""
TO_INTEGER = 6755399441055744.0
"""1.5 x 2^52: added to a whole number, its low bits are that number."""
HALF_ROOT_BITS = 0x3FE6A09E667F3BCD
"""Bits of the square root of one half, where the mantissa of a logarithm begins."""
MANTISSA = 0x000FFFFFFFFFFFFF


def functions(lanes: int) -> list[str]:
    """The functions ``exp``, ``expm1``, ``log``, ``power`` and ``tanh`` for so many members side by side."""
    return [_exp(lanes), _expm1(lanes), _log(lanes), _power(lanes), _tanh(lanes)]


def _begin(name: str, lanes: int, arguments: str) -> tuple[Writer, Arithmetic]:
    kind = "double" if lanes == 1 else f"<{lanes} x double>"
    writer = Writer(f"{name}_{lanes}", ", ".join(f"{kind} %{argument}" for argument in arguments), returns=kind)
    return writer, Arithmetic(writer, lanes)


def _reduced(a: Arithmetic, x: str) -> tuple[str, str]:
    """X = n ln 2 + r: the whole number n and the rest r."""
    n = a.intrinsic("rint", a.multiply(x, a.constant(LOG2_OF_E)))
    high = a.subtract(x, a.multiply(n, a.constant(LN2_HIGH)))
    return n, a.subtract(high, a.multiply(n, a.constant(LN2_LOW)))


def _power_of_two(a: Arithmetic, n: str) -> str:
    bits = a.bits(a.add(n, a.constant(TO_INTEGER)))
    return a.from_bits(a.integer("shl", a.integer("add", bits, a.whole(1023)), a.whole(52)))


def _expm1_series(a: Arithmetic, r: str) -> str:
    """exp(r) - 1 for |r| up to ln 2 / 2."""
    rest = a.polynomial(r, [1.0 / factorial(k) for k in range(14, 1, -1)])
    return a.add(r, a.multiply(a.multiply(r, r), rest))


def _exp(lanes: int) -> str:
    writer, a = _begin("exp", lanes, "x")
    x = a.minimum(a.maximum("%x", a.constant(-745.2)), a.constant(709.7))
    n, r = _reduced(a, x)
    half = a.intrinsic("floor", a.multiply(n, a.constant(0.5)))
    near = a.add(a.constant(1.0), _expm1_series(a, r))
    y = a.multiply(a.multiply(near, _power_of_two(a, half)), _power_of_two(a, a.subtract(n, half)))
    return writer.text(y)


def _expm1(lanes: int) -> str:
    writer, a = _begin("expm1", lanes, "x")
    x = a.minimum(a.maximum("%x", a.constant(-50.0)), a.constant(700.0))
    n, r = _reduced(a, x)
    scale = _power_of_two(a, n)
    y = a.add(a.multiply(scale, _expm1_series(a, r)), a.subtract(scale, a.constant(1.0)))
    return writer.text(y)


def _log(lanes: int) -> str:
    writer, a = _begin("log", lanes, "x")
    shifted = a.integer("sub", a.bits("%x"), a.whole(HALF_ROOT_BITS))
    exponent = a.as_number(a.integer("ashr", shifted, a.whole(52)))
    mantissa = a.integer("add", a.integer("and", shifted, a.whole(MANTISSA)), a.whole(HALF_ROOT_BITS))
    beyond = a.subtract(a.from_bits(mantissa), a.constant(1.0))
    s = a.divide(beyond, a.add(a.constant(2.0), beyond))
    z = a.multiply(s, s)
    series = a.polynomial(z, [2.0 / (2 * j + 1) for j in range(11, 0, -1)])
    near = a.add(a.multiply(a.constant(2.0), s), a.multiply(a.multiply(s, z), series))
    y = a.add(a.multiply(exponent, a.constant(LN2_HIGH)), a.add(near, a.multiply(exponent, a.constant(LN2_LOW))))
    positive = a.compare("ogt", "%x", a.constant(0.0))
    nothing = a.select(a.compare("oeq", "%x", a.constant(0.0)), a.constant(float("-inf")), a.constant(float("nan")))
    return writer.text(a.select(positive, y, nothing))


def _power(lanes: int) -> str:
    writer, a = _begin("power", lanes, "xy")
    y = a.call("exp", a.multiply("%y", a.call("log", "%x")))
    y = a.select(a.compare("oeq", "%x", a.constant(1.0)), a.constant(1.0), y)
    y = a.select(a.compare("oeq", "%y", a.constant(1.0)), "%x", y)
    zero = a.select(a.compare("ogt", "%y", a.constant(0.0)), a.constant(0.0), a.constant(float("inf")))
    y = a.select(a.compare("oeq", "%x", a.constant(0.0)), zero, y)
    return writer.text(a.select(a.compare("oeq", "%y", a.constant(0.0)), a.constant(1.0), y))


def _tanh(lanes: int) -> str:
    writer, a = _begin("tanh", lanes, "x")
    x = a.minimum(a.maximum("%x", a.constant(-20.0)), a.constant(20.0))
    m = a.call("expm1", a.add(x, x))
    return writer.text(a.divide(m, a.add(m, a.constant(2.0))))
