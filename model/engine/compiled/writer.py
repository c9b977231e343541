"""LLVM code as text: functions, loops, and arithmetic on one number or on the numbers of several members."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager

ATTRIBUTES = 'nounwind "min-legal-vector-width"="512" "prefer-vector-width"="512"'
INTRINSICS = ("rint", "floor", "sqrt", "fabs", "cos")


def number(value: float) -> str:
    """A double as LLVM writes it, bit for bit."""
    return f"0x{struct.unpack('<Q', struct.pack('<d', float(value)))[0]:016X}"


class Writer:
    """One function being written.

    Args:
        name: of the function.
        arguments: as LLVM writes them.
        returns: type of the result.
    """

    def __init__(self, name: str, arguments: str, returns: str = "void") -> None:
        self.name = name
        self._arguments = arguments
        self._returns = returns
        self._lines: list[str] = []
        self._first: list[str] = []
        self._count = 0
        self._block = "entry"

    def value(self, expression: str) -> str:
        """The name of a new value."""
        self._count += 1
        name = f"%v{self._count}"
        self._lines.append(f"  {name} = {expression}")
        return name

    def do(self, text: str) -> None:
        """A line that gives no value."""
        self._lines.append(f"  {text}")

    def variable(self, kind: str) -> str:
        """Room for a variable, made once at the beginning of the function."""
        self._count += 1
        name = f"%r{self._count}"
        self._first.append(f"  {name} = alloca {kind}")
        return name

    def label(self) -> str:
        """The name of a new block."""
        self._count += 1
        return f"b{self._count}"

    def begin(self, label: str) -> None:
        """Begin a block."""
        self._lines.append(f"{label}:")
        self._block = label

    @contextmanager
    def loop(self, count: str | int) -> Iterator[str]:
        """A loop whose body is run ``count`` times, at least once; gives the number of the round."""
        head, after, before = self.label(), self.label(), self._block
        self.do(f"br label %{head}")
        self.begin(head)
        index = self.value("phi")
        position = len(self._lines) - 1
        yield index
        following = self.value(f"add nuw nsw i64 {index}, 1")
        again = self.value(f"icmp slt i64 {following}, {count}")
        self.do(f"br i1 {again}, label %{head}, label %{after}")
        self._lines[position] = f"  {index} = phi i64 [ 0, %{before} ], [ {following}, %{self._block} ]"
        self.begin(after)

    @contextmanager
    def loops(self, counts: Sequence[int]) -> Iterator[list[str]]:
        """Loops within loops; a loop of one round is none."""
        with ExitStack() as stack:
            yield [stack.enter_context(self.loop(count)) if count > 1 else "0" for count in counts]

    @contextmanager
    def when(self, condition: str) -> Iterator[None]:
        """A block that is run if a condition holds."""
        inside, after = self.label(), self.label()
        self.do(f"br i1 {condition}, label %{inside}, label %{after}")
        self.begin(inside)
        yield
        self.do(f"br label %{after}")
        self.begin(after)

    def text(self, result: str | None = None) -> str:
        """The whole function."""
        end = "ret void" if result is None else f"ret {self._returns} {result}"
        body = "\n".join(["entry:", *self._first, *self._lines, f"  {end}"])
        return f"define {self._returns} @{self.name}({self._arguments}) {ATTRIBUTES} {{\n{body}\n}}\n"


class Arithmetic:
    """Arithmetic on a double, or on the doubles of several members side by side.

    Args:
        writer: the function that is written.
        lanes: members side by side.
    """

    def __init__(self, writer: Writer, lanes: int) -> None:
        self._writer = writer
        self.lanes = lanes
        self.kind = "double" if lanes == 1 else f"<{lanes} x double>"
        self._integers = "i64" if lanes == 1 else f"<{lanes} x i64>"
        self._truths = "i1" if lanes == 1 else f"<{lanes} x i1>"
        self._suffix = "f64" if lanes == 1 else f"v{lanes}f64"

    def constant(self, value: float) -> str:
        """The same number for all members."""
        text = number(value)
        return text if self.lanes == 1 else f"<{', '.join(f'double {text}' for _ in range(self.lanes))}>"

    def whole(self, value: int) -> str:
        """The same whole number for all members."""
        return str(value) if self.lanes == 1 else f"<{', '.join(f'i64 {value}' for _ in range(self.lanes))}>"

    def _binary(self, operation: str, one: str, other: str) -> str:
        return self._writer.value(f"{operation} {self.kind} {one}, {other}")

    def add(self, one: str, other: str) -> str:
        """Sum."""
        return self._binary("fadd", one, other)

    def subtract(self, one: str, other: str) -> str:
        """Difference."""
        return self._binary("fsub", one, other)

    def multiply(self, one: str, other: str) -> str:
        """Product."""
        return self._binary("fmul", one, other)

    def divide(self, one: str, other: str) -> str:
        """Quotient."""
        return self._binary("fdiv", one, other)

    def negative(self, one: str) -> str:
        """The number with the other sign."""
        return self._writer.value(f"fneg {self.kind} {one}")

    def compare(self, predicate: str, one: str, other: str) -> str:
        """Truth values."""
        return self._writer.value(f"fcmp {predicate} {self.kind} {one}, {other}")

    def select(self, condition: str, one: str, other: str) -> str:
        """One where the condition holds, the other elsewhere."""
        return self._writer.value(f"select {self._truths} {condition}, {self.kind} {one}, {self.kind} {other}")

    def maximum(self, one: str, other: str) -> str:
        """The larger."""
        return self.select(self.compare("ogt", one, other), one, other)

    def minimum(self, one: str, other: str) -> str:
        """The smaller."""
        return self.select(self.compare("olt", one, other), one, other)

    def truth(self, one: str) -> str:
        """Whether a number is not zero."""
        return self.compare("une", one, self.constant(0.0))

    def number_of(self, condition: str) -> str:
        """One where a condition holds, zero elsewhere."""
        return self.select(condition, self.constant(1.0), self.constant(0.0))

    def intrinsic(self, name: str, one: str) -> str:
        """A function that LLVM knows."""
        return self._writer.value(f"call {self.kind} @llvm.{name}.{self._suffix}({self.kind} {one})")

    def call(self, name: str, *arguments: str) -> str:
        """A function of ``mathematics``."""
        listed = ", ".join(f"{self.kind} {argument}" for argument in arguments)
        return self._writer.value(f"call {self.kind} @{name}_{self.lanes}({listed})")

    def bits(self, one: str) -> str:
        """A double as a whole number of the same bits."""
        return self._writer.value(f"bitcast {self.kind} {one} to {self._integers}")

    def from_bits(self, one: str) -> str:
        """A whole number as the double of the same bits."""
        return self._writer.value(f"bitcast {self._integers} {one} to {self.kind}")

    def integer(self, operation: str, one: str, other: str) -> str:
        """Arithmetic of whole numbers."""
        return self._writer.value(f"{operation} {self._integers} {one}, {other}")

    def as_number(self, one: str) -> str:
        """A whole number as a double."""
        return self._writer.value(f"sitofp {self._integers} {one} to {self.kind}")

    def polynomial(self, x: str, coefficients: Sequence[float]) -> str:
        """A polynomial by Horner's rule, highest power first."""
        result = self.constant(coefficients[0])
        for coefficient in coefficients[1:]:
            result = self.add(self.multiply(result, x), self.constant(coefficient))
        return result

    def load(self, pointer: str, *, repeated: bool = False) -> str:
        """Numbers at an address; ``repeated`` takes one number for all members."""
        if self.lanes == 1:
            return self._writer.value(f"load double, ptr {pointer}, align 8")
        if not repeated:
            return self._writer.value(f"load {self.kind}, ptr {pointer}, align 8")
        return self.spread(self._writer.value(f"load double, ptr {pointer}, align 8"))

    def spread(self, one: str) -> str:
        """One number for all members."""
        if self.lanes == 1:
            return one
        first = self._writer.value(f"insertelement {self.kind} poison, double {one}, i64 0")
        mask = f"<{self.lanes} x i32> zeroinitializer"
        return self._writer.value(f"shufflevector {self.kind} {first}, {self.kind} poison, {mask}")

    def store(self, value: str, pointer: str) -> None:
        """Write numbers to an address."""
        self._writer.do(f"store {self.kind} {value}, ptr {pointer}, align 8")


def declarations(lanes: set[int]) -> list[str]:
    """Functions that LLVM brings."""
    lines = []
    for count in sorted(lanes):
        kind, suffix = ("double", "f64") if count == 1 else (f"<{count} x double>", f"v{count}f64")
        lines += [f"declare {kind} @llvm.{name}.{suffix}({kind})" for name in INTRINSICS]
    return lines
