"""Everything compiled: random draws, the calendar of events, and the rules by which patients move.

All compiled functions are in this one file with the layouts and constants they read, because numba rebuilds its cache
by the file of a function and does not look at the files from which it takes anything.

Draws are functions of keys, never of a state: ``uniform`` mixes the key of the patient, the key of a point, a purpose
and the number of the visit. The number of the visit counts, per patient, lines joined and stays started together; it
grows by one at each of them, and draws use it after the growth. Stay, route and preparation use the number that the
patient has at the start of the stay (there is none other meanwhile), a transfer the one at the time of the grant; they
use the key of the point whose stay it is. Ways to stop waiting use the number on joining the line and the key of the
point waited for.

The file reads from the bottom up, each section under a line that names it:

1. Borrowed arrays: how compiled code looks at arrays without counting references; knows no hospital.
2. Layouts of tables: what a network is to the engine. ``model/hospital/engines/kernel_tables.py`` fills them.
3. Draws: keys, distributions, arrivals, hours of leaving. Both engines call them.
4. Memory of a simulation: patients, points, lines, events, results.
5. The calendar of events.
6. Places and lines.
7. What patients do: the rules of ``docs/networks.md``, one function each.
8. Capacities, records, checks, and the loop (``run``, ``act``, ``census``).
"""

from __future__ import annotations

import math
import operator
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.core import cgutils
from numba.core.datamodel import models
from numba.core.typing import signature
from numba.core.typing.templates import AbstractTemplate, AttributeTemplate, infer_getattr, infer_global
from numba.extending import intrinsic, lower_builtin, lower_getattr, lower_getattr_generic, register_model

# 1. Borrowed arrays. Numba counts the references to every array in every tuple that is passed on or looked into, which
# costs far more than the events do. Inside the kernel, tables and memory are therefore looked at through plain
# pointers: ``borrow`` makes a view of a named tuple of arrays (and of such tuples and whole numbers) that has the same
# attributes, whose arrays are indexed as usual, but by whole numbers from 0 only. The arrays must outlive the caller.


class BorrowedArray(types.Type):
    """Pointer and shape of an array that someone else keeps; rows follow each other without gaps.

    Where the length of the last axis is known beforehand, finding an element takes no multiplication (else it is 0).
    """

    def __init__(self, dtype: types.Type, ndim: int, last: int = 0) -> None:
        self.dtype = dtype
        self.ndim = ndim
        self.last = last
        super().__init__(name=f"BorrowedArray({dtype}, {ndim}, {last})")


class BorrowedRecord(types.Type):
    """What a view points to: the members of a named tuple, arrays borrowed."""

    def __init__(self, members: tuple[tuple[str, types.Type], ...]) -> None:
        self.members = members
        super().__init__(name=f"BorrowedRecord({members})")


class BorrowedView(types.Type):
    """Pointer to a borrowed record."""

    def __init__(self, record: BorrowedRecord) -> None:
        self.record = record
        super().__init__(name=f"BorrowedView({record})")


@register_model(BorrowedArray)
class _BorrowedArrayModel(models.StructModel):
    def __init__(self, manager: Any, kind: BorrowedArray) -> None:
        shape = [(f"length{axis}", types.intp) for axis in range(kind.ndim)]
        super().__init__(manager, kind, [("data", types.CPointer(kind.dtype)), *shape])


@register_model(BorrowedRecord)
class _BorrowedRecordModel(models.StructModel):
    def __init__(self, manager: Any, kind: BorrowedRecord) -> None:
        super().__init__(manager, kind, list(kind.members))


@register_model(BorrowedView)
class _ViewModel(models.PrimitiveModel):
    def __init__(self, manager: Any, kind: BorrowedView) -> None:
        super().__init__(manager, kind, manager.lookup(kind.record).get_value_type().as_pointer())


def _borrowed(kind: types.Type, name: str = "") -> types.Type:
    """Type of what is borrowed of a value."""
    if isinstance(kind, types.Array):
        if kind.layout != "C":
            raise TypeError(f"array '{name}' has gaps between its rows")
        return BorrowedArray(kind.dtype, kind.ndim, KNOWN_COLUMNS.get(name, 0))
    if isinstance(kind, types.BaseNamedTuple):
        members = zip(kind.fields, kind.types, strict=True)
        return BorrowedRecord(tuple((member, _borrowed(of, member)) for member, of in members))
    return kind


def _borrow_value(context: Any, builder: Any, kind: types.Type, value: Any) -> Any:
    """What is borrowed of a value."""
    if isinstance(kind, types.Array):
        array = context.make_array(kind)(context, builder, value)
        lengths = cgutils.unpack_tuple(builder, array.shape, kind.ndim)
        members = [array.data, *lengths]
    elif isinstance(kind, types.BaseNamedTuple):
        values = [builder.extract_value(value, index) for index in range(len(kind.types))]
        members = [_borrow_value(context, builder, of, v) for of, v in zip(kind.types, values, strict=True)]
    else:
        return value
    record = ir.Constant(context.get_value_type(_borrowed(kind)), ir.Undefined)
    for index, member in enumerate(members):
        record = builder.insert_value(record, member, index)
    return record


@intrinsic
def borrow(typing_context: Any, group: types.Type) -> tuple[Any, Any]:
    """A view of a named tuple, for as long as the function that calls this runs."""
    view = BorrowedView(_borrowed(group))

    def make(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        value = _borrow_value(context, builder, signature.args[0], arguments[0])
        return cgutils.alloca_once_value(builder, value)

    return view(group), make


@infer_getattr
class _ViewAttributes(AttributeTemplate):
    key = BorrowedView

    def generic_resolve(self, view: BorrowedView, name: str) -> types.Type | None:
        kind = dict(view.record.members).get(name)
        return BorrowedView(kind) if isinstance(kind, BorrowedRecord) else kind


@lower_getattr_generic(BorrowedView)
def _view_attribute(context: Any, builder: Any, view: BorrowedView, pointer: Any, name: str) -> Any:
    index = [member for member, _ in view.record.members].index(name)
    kind = view.record.members[index][1]
    address = cgutils.gep_inbounds(builder, pointer, 0, index)
    if isinstance(kind, BorrowedRecord):
        return address
    if not isinstance(kind, BorrowedArray):
        return builder.load(address)
    value = ir.Constant(context.get_value_type(kind), ir.Undefined)
    for field in range(1 + kind.ndim):
        value = builder.insert_value(value, builder.load(cgutils.gep_inbounds(builder, address, 0, field)), field)
    return value


@infer_getattr
class _BorrowedArrayAttributes(AttributeTemplate):
    key = BorrowedArray

    def resolve_shape(self, array: BorrowedArray) -> types.Type:
        return types.UniTuple(types.intp, array.ndim)


@lower_getattr(BorrowedArray, "shape")
def _borrowed_shape(context: Any, builder: Any, kind: BorrowedArray, value: Any) -> Any:
    lengths = [builder.extract_value(value, 1 + axis) for axis in range(kind.ndim)]
    return context.make_tuple(builder, types.UniTuple(types.intp, kind.ndim), lengths)


def _indices(index: types.Type) -> tuple[types.Type, ...]:
    return tuple(index.types) if isinstance(index, types.BaseTuple) else (index,)


@infer_global(operator.getitem)
class _BorrowedGet(AbstractTemplate):
    def generic(self, arguments: Any, keywords: Any) -> Any:
        array, index = arguments
        if not isinstance(array, BorrowedArray) or not all(isinstance(i, types.Integer) for i in _indices(index)):
            return None
        left = array.ndim - len(_indices(index))
        if left:
            return signature(BorrowedArray(array.dtype, left, array.last), array, index)
        # Short whole numbers are read as long ones, so that functions are compiled for one kind only.
        return signature(
            types.intp if isinstance(array.dtype, types.Integer) and array.dtype.signed else array.dtype, array, index
        )


@infer_global(operator.setitem)
class _BorrowedSet(AbstractTemplate):
    def generic(self, arguments: Any, keywords: Any) -> Any:
        array, index, _ = arguments
        if not isinstance(array, BorrowedArray) or len(_indices(index)) != array.ndim:
            return None
        return signature(types.none, array, index, array.dtype)


def _element(context: Any, builder: Any, kind: BorrowedArray, value: Any, of: types.Type, index: Any) -> Any:
    """Pointer to the element, or first element of the part, at an index."""
    numbers = cgutils.unpack_tuple(builder, index) if isinstance(of, types.BaseTuple) else [index]
    numbers = [context.cast(builder, n, t, types.intp) for n, t in zip(numbers, _indices(of), strict=True)]
    numbers += [context.get_constant(types.intp, 0)] * (kind.ndim - len(numbers))
    offset = numbers[0]
    for axis in range(1, kind.ndim):
        known = kind.last if axis == kind.ndim - 1 else 0
        length = context.get_constant(types.intp, known) if known else builder.extract_value(value, 1 + axis)
        offset = builder.add(builder.mul(offset, length), numbers[axis])
    return builder.gep(builder.extract_value(value, 0), [offset])


@lower_builtin(operator.getitem, BorrowedArray, types.Integer)
@lower_builtin(operator.getitem, BorrowedArray, types.BaseTuple)
def _borrowed_get(context: Any, builder: Any, called: Any, arguments: Any) -> Any:
    kind, of = called.args
    address = _element(context, builder, kind, arguments[0], of, arguments[1])
    if not isinstance(called.return_type, BorrowedArray):
        element = context.unpack_value(builder, kind.dtype, address)
        return context.cast(builder, element, kind.dtype, called.return_type)
    row = ir.Constant(context.get_value_type(called.return_type), ir.Undefined)
    row = builder.insert_value(row, address, 0)
    for axis in range(called.return_type.ndim):
        length = builder.extract_value(arguments[0], 1 + kind.ndim - called.return_type.ndim + axis)
        row = builder.insert_value(row, length, 1 + axis)
    return row


@lower_builtin(operator.setitem, BorrowedArray, types.Integer, types.Any)
@lower_builtin(operator.setitem, BorrowedArray, types.BaseTuple, types.Any)
def _borrowed_set(context: Any, builder: Any, called: Any, arguments: Any) -> Any:
    kind, of, _ = called.args
    address = _element(context, builder, kind, arguments[0], of, arguments[1])
    context.pack_value(builder, kind.dtype, arguments[2], address)
    return context.get_dummy_value()


# 2. Layouts of tables.

HOURS_A_DAY = 24
HOURS_A_WEEK = 168

CLASS, STAY, RESIDUAL, ROUTE, PREPARATION, TRANSFER, ARRIVAL = (np.uint64(purpose) for purpose in range(1, 8))
"""Purposes of draws; those of ways to stop waiting are hashes of their names."""
NOWHERE_YET = np.uint64(0)
"""Key in the place of a point's for draws of the arrival."""

DETERMINISTIC = 0
"""Kinds of distributions as the kernel knows them: ``scale`` times a power, or its exponential, of a simple draw."""
EXPONENTIAL = 1
LOGNORMAL = 2
POWER_OF_EXPONENTIAL = 3
POWER_OF_GAMMA = 4
EMPIRICAL = 5

GAMMA_REACH = 8.25
"""Normal scores from minus to plus this are tabulated; no draw lies beyond."""
GAMMA_NODES_PER_UNIT = 32


class Distributions(NamedTuple):
    """All distributions of a network, numbered.

    Attributes:
        kind: kind of each.
        scale: days: the value, mean, or factor.
        power: sigma (lognormal) or power of the simple draw.
        first: row of ``gamma``, or first point of an empirical one.
        last: last point of an empirical one.
        gamma: logarithm of gamma quantiles, and its slope per step, at even normal scores, [row, node, 2].
        value: points of the empirical ones, days.
        cumulated: share up to each point; the last of each is 1.
    """

    kind: np.ndarray
    scale: np.ndarray
    power: np.ndarray
    first: np.ndarray
    last: np.ndarray
    gamma: np.ndarray
    value: np.ndarray
    cumulated: np.ndarray


class Hours(NamedTuple):
    """Hours of the week at which patients may leave.

    Attributes:
        ahead: [point, hour of the week] whole hours until the next hour in which they may; 0 in it, -1 never.
        start: hour of the week at time 0.
    """

    ahead: np.ndarray
    start: int


class Streams(NamedTuple):
    """Arrivals.

    Attributes:
        key: key of each stream for draws.
        point: point of arrival.
        regular: whether evenly spaced.
        cancelled_above: share of the places in use or waited for; infinite for never.
        classes: [stream, class] cumulated shares.
        last_class: last class with a share; ``only_class`` the one class or -1.
        only_class: the class of all, -1 where there are several.
        first: first piece of each stream in ``time`` and ``rate`` (one more entry than streams).
        time: days at which each piece of the schedule starts.
        rate: arrivals per day.
        rate_set: rate in force in place of the schedule; not a number where the schedule holds.
        hours: [stream, hour of the week] factor.
        start: hour of the week at time 0.
    """

    key: np.ndarray
    point: np.ndarray
    regular: np.ndarray
    cancelled_above: np.ndarray
    classes: np.ndarray
    last_class: np.ndarray
    only_class: np.ndarray
    first: np.ndarray
    time: np.ndarray
    rate: np.ndarray
    rate_set: np.ndarray
    hours: np.ndarray
    start: int


class Points(NamedTuple):
    """Service points.

    Attributes:
        key: key of each point for draws.
        stay: [class, point] distribution of the stay, -1 for none.
        residual: [class, point] length-biased companion of the stay, -1 where nobody is in a stay at time 0.
        factor: [class, point] factor of stays in force.
        level: [class, point] rank of the priority among those of the point, from 0.
        levels: number of priorities of the point with most.
        queue_limit: most patients waiting without a place.
        waits_in_place: whether patients from another point wait in the place they hold.
        per_delayed_day: lengthening of the stay per delayed day; ``most_lengthening`` its bound.
        most_lengthening: greatest lengthening.
        has_hours: whether leaving hours are restricted.
        pool: pool of each point, -1 for none.
        staff_per_place: staff of the pool that a place in use takes.
        overflow_first: first overflow of each point in the four lists that follow (one more entry than points).
        overflow_point: point overflowed to.
        overflow_opens: least number in the line.
        overflow_multiplier: factor of stays there.
        served_first: first entry of each point in ``served``.
        served: points to serve in order when a place of the point becomes free.
        pool_first: first entry of each pool in ``pool_points``.
        pool_points: points of the pool in order.
    """

    key: np.ndarray
    stay: np.ndarray
    residual: np.ndarray
    factor: np.ndarray
    level: np.ndarray
    levels: int
    queue_limit: np.ndarray
    waits_in_place: np.ndarray
    per_delayed_day: np.ndarray
    most_lengthening: np.ndarray
    has_hours: np.ndarray
    pool: np.ndarray
    staff_per_place: np.ndarray
    overflow_first: np.ndarray
    overflow_point: np.ndarray
    overflow_opens: np.ndarray
    overflow_multiplier: np.ndarray
    served_first: np.ndarray
    served: np.ndarray
    pool_first: np.ndarray
    pool_points: np.ndarray


class Routes(NamedTuple):
    """Ways on at the end of a stay, in rows: those of class c at point p are ``first[c P + p]`` up to the next.

    Attributes:
        first: first row of each class and point (one more entry).
        share: shares cumulated within class and point, in force.
        to: node: point, or exit from P on.
        preparation: distribution, -1 for none.
        transfer: distribution, -1 for none.
        factor: factor of preparations in force.
    """

    first: np.ndarray
    share: np.ndarray
    to: np.ndarray
    preparation: np.ndarray
    transfer: np.ndarray
    factor: np.ndarray


class Ways(NamedTuple):
    """Competing ways to stop waiting, in rows like routes.

    Attributes:
        first: first row of each class and point (one more entry).
        to: node; P+E for back.
        after: distribution of the time from joining.
        name: number among the waiting exits of results.
        purpose: purpose of its draws, a hash of its name.
        factor: by number among the waiting exits: factor of the rate in force.
    """

    first: np.ndarray
    to: np.ndarray
    after: np.ndarray
    name: np.ndarray
    purpose: np.ndarray
    factor: np.ndarray


class Watches(NamedTuple):
    """Durations counted over thresholds; those of a point are ``first[p]`` up to the next.

    Attributes:
        first: first watch of each point (one more entry).
        measure: ``WAIT``, ``STAY``, ``DELAY`` or ``SINCE_ARRIVAL``.
        over: days.
        to: node for which the place is left, -1 for any.
    """

    first: np.ndarray
    measure: np.ndarray
    over: np.ndarray
    to: np.ndarray


class Changes(NamedTuple):
    """Capacities at time 0 and their changes, in order of time, pools before points.

    Attributes:
        places: places of each point at time 0, infinite for no limit.
        staff: staff of each pool at time 0.
        time: days.
        of_point: whether a change of places (else of staff).
        which: point or pool.
        value: places or staff from then on.
    """

    places: np.ndarray
    staff: np.ndarray
    time: np.ndarray
    of_point: np.ndarray
    which: np.ndarray
    value: np.ndarray


class Start(NamedTuple):
    """Patients present at time 0, in order of their numbers.

    Attributes:
        point: their point.
        class_: their class.
        treated: whether in a stay (else in the line).
        key: their key for draws.
    """

    point: np.ndarray
    class_: np.ndarray
    treated: np.ndarray
    key: np.ndarray


class NetworkTables(NamedTuple):
    """A network as arrays. Settings in force are arrays in it, so that each simulation has its own tables."""

    distributions: Distributions
    hours: Hours
    streams: Streams
    points: Points
    routes: Routes
    ways: Ways
    watches: Watches
    changes: Changes
    start: Start
    exits: int


WAIT = 0
"""Measures of watches."""
STAY_TIME = 1
DELAY = 2
SINCE_ARRIVAL = 3

NO_LIMIT = 2**62
"""Queue limit of a point without limit."""


# 3. Draws.

Key: TypeAlias = int | np.uint64
"""A key of draws: 64 bits."""


@njit(cache=True, forceinline=True)
def mix(a: Key, b: Key) -> np.uint64:
    """Hash two 64-bit numbers to one (finaliser of splitmix64); for one ``a`` no two ``b`` give the same."""
    x = np.uint64(a) ^ (np.uint64(b) * np.uint64(0x9E3779B97F4A7C15))
    x ^= x >> np.uint64(30)
    x *= np.uint64(0xBF58476D1CE4E5B9)
    x ^= x >> np.uint64(27)
    x *= np.uint64(0x94D049BB133111EB)
    x ^= x >> np.uint64(31)
    return x


@njit(cache=True, forceinline=True)
def uniform(patient_key: Key, point_key: Key, purpose: Key, visit: int) -> float:
    """Uniform draw in (0, 1) of a patient at a point for a purpose; 1 minus it is exact as well."""
    hashed = mix(mix(np.uint64(patient_key), np.uint64(point_key) ^ np.uint64(purpose)), np.uint64(visit))
    return (np.float64(np.int64(hashed >> np.uint64(12))) + 0.5) * 2.220446049250313e-16


@njit(cache=True)
def normal_quantile(u: float) -> float:
    """Quantile of the standard normal distribution (Wichura 1988, AS 241, PPND16: about 16 digits)."""
    q = u - 0.5
    if abs(q) <= 0.425:
        r = 0.180625 - q * q
        top = 2.5090809287301226727e3
        top = top * r + 3.3430575583588128105e4
        top = top * r + 6.7265770927008700853e4
        top = top * r + 4.5921953931549871457e4
        top = top * r + 1.3731693765509461125e4
        top = top * r + 1.9715909503065514427e3
        top = top * r + 1.3314166789178437745e2
        top = top * r + 3.3871328727963666080e0
        low = 5.2264952788528545610e3
        low = low * r + 2.8729085735721942674e4
        low = low * r + 3.9307895800092710610e4
        low = low * r + 2.1213794301586595867e4
        low = low * r + 5.3941960214247511077e3
        low = low * r + 6.8718700749205790830e2
        low = low * r + 4.2313330701600911252e1
        low = low * r + 1.0
        return q * top / low
    r = math.sqrt(-math.log(min(u, 1.0 - u)))
    if r <= 5.0:
        r -= 1.6
        top = 7.74545014278341407640e-4
        top = top * r + 2.27238449892691845833e-2
        top = top * r + 2.41780725177450611770e-1
        top = top * r + 1.27045825245236838258e0
        top = top * r + 3.64784832476320460504e0
        top = top * r + 5.76949722146069140550e0
        top = top * r + 4.63033784615654529590e0
        top = top * r + 1.42343711074968357734e0
        low = 1.05075007164441684324e-9
        low = low * r + 5.47593808499534494600e-4
        low = low * r + 1.51986665636164571966e-2
        low = low * r + 1.48103976427480074590e-1
        low = low * r + 6.89767334985100004550e-1
        low = low * r + 1.67638483018380384940e0
        low = low * r + 2.05319162663775882187e0
        low = low * r + 1.0
    else:
        r -= 5.0
        top = 2.01033439929228813265e-7
        top = top * r + 2.71155556874348757815e-5
        top = top * r + 1.24266094738807843860e-3
        top = top * r + 2.65321895265761230930e-2
        top = top * r + 2.96560571828504891230e-1
        top = top * r + 1.78482653991729133580e0
        top = top * r + 5.46378491116411436990e0
        top = top * r + 6.65790464350110377720e0
        low = 2.04426310338993978564e-15
        low = low * r + 1.42151175831644588870e-7
        low = low * r + 1.84631831751005468180e-5
        low = low * r + 7.86869131145613259100e-4
        low = low * r + 1.48753612908506148525e-2
        low = low * r + 1.36929880922735805310e-1
        low = low * r + 5.99832206555887937690e-1
        low = low * r + 1.0
    if q < 0.0:
        return -top / low
    return top / low


@njit(cache=True)
def gamma_logarithm(nodes: np.ndarray, z: float) -> float:
    """Logarithm of a gamma quantile at the normal score ``z``: cubic between the nodes (value, slope per step)."""
    position = (z + GAMMA_REACH) * GAMMA_NODES_PER_UNIT
    node = min(max(int(position), 0), nodes.shape[0] - 2)
    x = position - node
    rise = nodes[node + 1, 0] - nodes[node, 0]
    first = nodes[node, 1] - rise
    last = rise - nodes[node + 1, 1]
    return nodes[node, 0] + x * (rise + (1.0 - x) * (first * (1.0 - x) + last * x))


@njit(cache=True)
def sample(distributions: Distributions, distribution: int, u: float) -> float:
    """Quantile ``u`` of a distribution, in days.

    Args:
        distributions: ``tables.distributions``.
        distribution: index of the distribution.
        u: in (0, 1).
    """
    kind = distributions.kind[distribution]
    scale = distributions.scale[distribution]
    power = distributions.power[distribution]
    if kind == EXPONENTIAL:
        return -scale * math.log(1.0 - u)
    if kind == LOGNORMAL:
        return scale * math.exp(power * normal_quantile(u))
    if kind == POWER_OF_EXPONENTIAL:
        return scale * (-math.log(1.0 - u)) ** power
    if kind == POWER_OF_GAMMA:
        nodes = distributions.gamma[distributions.first[distribution]]
        return scale * math.exp(power * gamma_logarithm(nodes, normal_quantile(u)))
    if kind == EMPIRICAL:
        low = distributions.first[distribution]
        high = distributions.last[distribution]
        while low < high:
            middle = (low + high) // 2
            if distributions.cumulated[middle] < u:
                low = middle + 1
            else:
                high = middle
        return distributions.value[low]
    return scale


@njit(cache=True)
def next_open(hours: Hours, point: int, t: float) -> float:
    """First time from ``t`` on at which patients of the point may leave; infinite where they never may."""
    hour = math.floor(t * HOURS_A_DAY)
    ahead = hours.ahead[point, (hours.start + hour) % HOURS_A_WEEK]
    if ahead == 0:
        return t
    if ahead < 0:
        return math.inf
    return (hour + ahead) / HOURS_A_DAY


@njit(cache=True, forceinline=True)
def arrival_hazard(streams: Streams, stream: int, arrival: int) -> float:
    """Cumulated rate between arrival ``arrival`` of a stream, counted from 0, and the one before.

    Random arrivals: exponential with mean 1. Regular ones: 1, and a random part of 1 before the first.
    """
    if streams.regular[stream] and arrival > 0:
        return 1.0
    u = uniform(mix(streams.key[stream], np.uint64(arrival)), NOWHERE_YET, ARRIVAL, np.int64(0))
    if streams.regular[stream]:
        return u
    return -math.log(1.0 - u)


@njit(cache=True, forceinline=True)
def walk_arrival(streams: Streams, stream: int, from_time: float, hazard: float, until: float) -> tuple[float, float]:
    """Walk hour by hour until the cumulated rate of the stream has grown by ``hazard``.

    Args:
        streams: ``tables.streams``.
        stream: index of the stream.
        from_time: time of the arrival before, or where an earlier walk ended.
        hazard: cumulated rate still to run off.
        until: walk no further.

    Returns:
        Time of the arrival and 0; or infinity and the hazard left at ``until``.
    """
    t = from_time
    hour = math.floor(t * HOURS_A_DAY)
    last = streams.first[stream + 1] - 1
    given = streams.rate_set[stream]
    scheduled = math.isnan(given)
    piece = streams.first[stream] if scheduled else last
    high = last
    while piece < high:
        middle = (piece + high + 1) // 2
        if streams.time[middle] <= t:
            piece = middle
        else:
            high = middle - 1
    while t < until:
        rate = streams.rate[piece] if scheduled else given
        end_of_piece = streams.time[piece + 1] if piece < last else math.inf
        if rate <= 0.0:
            # Nothing runs off in this piece of the schedule.
            if end_of_piece >= until:
                break
            t = end_of_piece
            piece += 1
            hour = math.floor(t * HOURS_A_DAY)
            continue
        rate *= streams.hours[stream, (streams.start + hour) % HOURS_A_WEEK]
        end_of_hour = (hour + 1) / HOURS_A_DAY
        end = min(end_of_hour, end_of_piece, until)
        runs_off = rate * (end - t)
        if hazard < runs_off:
            return t + hazard / rate, 0.0
        hazard -= runs_off
        t = end
        if end == end_of_hour:
            hour += 1
        if end == end_of_piece:
            piece += 1
    return math.inf, hazard


@njit(cache=True, forceinline=True)
def draw_class(streams: Streams, stream: int, patient_key: Key) -> int:
    """Class of an arriving patient."""
    if streams.only_class[stream] >= 0:
        return streams.only_class[stream]
    u = uniform(patient_key, NOWHERE_YET, CLASS, np.int64(0))
    class_ = 0
    while class_ < streams.last_class[stream] and u >= streams.classes[stream, class_]:
        class_ += 1
    return class_


# 4. Memory of a simulation.

# Kinds of records and states, as in events.py (a test compares them).
ARRIVED, CANCELLED, REJECTED, JOINED, STARTED, ENDED, READY, BLOCKING, QUEUED, GRANTED, GAVE_UP, LEFT = range(12)
WAITING, TREATED, PREPARING, BLOCKED, IN_TRANSFER = range(5)

# A patient is a row of 128 bytes: eight numbers of 8 bytes, then sixteen of 4 bytes, each kind seen by an array of its
# own. Columns of KernelMemory.patient_time: when the next event is due, and times of the past; days delayed so far.
DUE, ARRIVED_AT, JOINED_AT, STARTED_AT, ENDED_AT, DELAYED_SO_FAR = range(6)
# Columns of KernelMemory.patient_number and KernelMemory.patient_key.
NUMBER, KEY = 6, 7
LONG_COLUMNS = 16
# Columns of KernelMemory.patient_fact, -1 for none. HOME: point of the stay; AT: place held; AWAITED: line or
# home to be; RESERVED_AT: place reserved; rows of the route, of the soonest way to stop waiting, of the overflow taken.
CLASS_OF, STATE, HOME, AT, AWAITED, RESERVED_AT, ROUTE_ROW, WAY_ROW, OVERFLOW_ROW, VISIT = range(16, 26)
LINE_NEXT, LINE_PREVIOUS, CALENDAR_NEXT, CALENDAR_PREVIOUS, BUCKET = range(26, 31)
SHORT_COLUMNS = 32
NOWHERE = -1
IN_HEAP = -2
# Columns of KernelMemory.point; the first five are integrated over time.
TREATED_NOW, DELAYED_NOW, RESERVED_NOW, WAITING_NOW, FULL_NOW, IN_USE, IN_LINE, BLOCKED_IN_LINE = range(8)
POINT_COLUMNS = 8
INTEGRATED = 5
# Columns of KernelMemory.count.
JOINED_COUNT, STARTED_COUNT, OUTLIERS_COUNT, ENDED_COUNT, LEFT_COUNT, REJECTED_COUNT, CANCELLED_COUNT, GAVE_UP_COUNT = (
    range(8)
)
COUNTED = 8
# Entries of KernelMemory.clock.
NOW, INTERVAL_END, INTERVAL_DAYS, BUCKETS_A_DAY, HORIZON = range(5)
TIMES_KEPT = 5
# Entries of KernelMemory.tally.
FREE, HEAP_SIZE, CURRENT_BUCKET, AGENDA_FIRST, AGENDA_SIZE, SERVED_FROM, SERVED_TO = range(7)
REQUESTING, LINE_LEFT, LOGGING, LOG_SIZE, EVENTS, INTERVAL, NEXT_CHANGE, NEXT_NUMBER = range(7, 15)
ARRIVALS, PRESENT, GONE, FAILED_POINT = range(15, 19)
TALLIES = 20

KNOWN_COLUMNS = {
    "patient_time": LONG_COLUMNS,
    "patient_fact": SHORT_COLUMNS,
    "patient_number": LONG_COLUMNS,
    "patient_key": LONG_COLUMNS,
    "point": POINT_COLUMNS,
    "integral": INTEGRATED,
    "time": INTEGRATED,
    "count": COUNTED,
    "days": 2,
    "watch": 2,
}
"""Lengths of the last axes of arrays of ``KernelMemory`` that are always the same."""

# What run returns.
DONE, GROW_PATIENTS, GROW_HEAP, GROW_AGENDA, GROW_LOG, GROW_RECORD = range(6)
ERROR_OCCUPANCY, ERROR_LINE, ERROR_CAPACITY, ERROR_CONSERVATION, ERROR_STAFF = range(6, 11)

# What act can do.
BEGIN, SET_PLACES, SET_STAFF, SET_RATE, EXTEND = range(5)

LATEST_BUCKET = 4.0e18


class KernelMemory(NamedTuple):
    """All that changes while a simulation runs.

    Slots of patients are reused; the first slots are those of the streams, whose event is the next arrival. The
    calendar keeps events of the current bucket of time in a heap by time and rank, later ones in lists, one per bucket,
    and those beyond the last bucket in a list of their own (the last). A slot has at most one event, so that nothing in
    the heap counts but what agrees with the slot.

    Attributes:
        clock: times, by the entries named above.
        tally: whole numbers, by the entries named above.
        patient_time: [slot, column] days.
        patient_fact: [slot, column] numbers.
        patient_number: [slot, column] rank among events of one time: number of the patient; below 0 for streams.
        patient_key: [slot, column] key for draws.
        heap_time: time of each entry of the heap.
        heap_rank: rank of each entry.
        heap_slot: slot of each entry.
        bucket: first slot of each bucket.
        agenda: points with freed places, a ring.
        line_first: [point, level] first slot of the line; ``line_last`` the last.
        line_last: last slot of the line.
        point: [point, column] patients now.
        places: places in force.
        staff: staff of pools in force.
        places_set: whether places were set, so that the schedule no longer holds; ``staff_set`` the same for pools.
        staff_set: whether staff was set.
        most: most places in use that a past cut of them allows; ``most_staff`` the same for the staff of pools.
        most_staff: most staff taken.
        walked_from: time of the last arrival of each stream, or of the last change of its rate.
        walked_hazard: cumulated rate from there to the next arrival.
        stream_number: number of the next arrival of each stream.
        integral: [point, 5] patient-days of the interval, were nothing more to happen in it.
        time: [interval, point, 5] as in the results.
        count: [interval, point, 8] as in the results.
        days: [interval, point, 2] days waited and delayed.
        exits: [interval, exit] as in the results.
        gave_up: [interval, waiting exit] as in the results.
        watch: [interval, watch, 2] as in the results.
        log_mask: [kind, home (last: none)] whether records are kept; of those who leave, by the place left.
        log_time: times of the records not yet taken.
        log_patient: their patients.
        log_fact: [5, record] the rest of each, in the order of ``events.RECORD``.
    """

    clock: np.ndarray
    tally: np.ndarray
    patient_time: np.ndarray
    patient_fact: np.ndarray
    patient_number: np.ndarray
    patient_key: np.ndarray
    heap_time: np.ndarray
    heap_rank: np.ndarray
    heap_slot: np.ndarray
    bucket: np.ndarray
    agenda: np.ndarray
    line_first: np.ndarray
    line_last: np.ndarray
    point: np.ndarray
    places: np.ndarray
    staff: np.ndarray
    places_set: np.ndarray
    staff_set: np.ndarray
    most: np.ndarray
    most_staff: np.ndarray
    walked_from: np.ndarray
    walked_hazard: np.ndarray
    stream_number: np.ndarray
    integral: np.ndarray
    time: np.ndarray
    count: np.ndarray
    days: np.ndarray
    exits: np.ndarray
    gave_up: np.ndarray
    watch: np.ndarray
    log_mask: np.ndarray
    log_time: np.ndarray
    log_patient: np.ndarray
    log_fact: np.ndarray


inner = njit(no_cpython_wrapper=True, no_cfunc_wrapper=True, forceinline=True)
"""For the parts of the loop; they are kept on disk within the functions that call them."""
seldom = njit(no_cpython_wrapper=True, no_cfunc_wrapper=True)
"""For parts that run seldom and need not be repeated at every call."""


@inner
def _write(memory: KernelMemory, slot: int, kind: int, home: int, at: int, other: int) -> None:
    """Write a record about the patient of a slot."""
    if memory.tally[LOGGING]:
        of_point = at if kind == LEFT else home
        if memory.log_mask[kind, of_point if of_point >= 0 else memory.point.shape[0]]:
            n = memory.tally[LOG_SIZE]
            memory.tally[LOG_SIZE] = n + 1
            memory.log_time[n] = memory.clock[NOW]
            memory.log_patient[n] = memory.patient_number[slot, NUMBER]
            memory.log_fact[0, n] = kind
            memory.log_fact[1, n] = memory.patient_fact[slot, CLASS_OF]
            memory.log_fact[2, n] = home
            memory.log_fact[3, n] = at
            memory.log_fact[4, n] = other


# 5. The calendar of events.


@inner
def _heap_push(memory: KernelMemory, time: float, rank: int, slot: int) -> None:
    at = memory.tally[HEAP_SIZE]
    memory.tally[HEAP_SIZE] = at + 1
    while at > 0:
        above = (at - 1) >> 1
        time_above = memory.heap_time[above]
        if time_above < time or (time_above == time and memory.heap_rank[above] <= rank):
            break
        memory.heap_time[at] = time_above
        memory.heap_rank[at] = memory.heap_rank[above]
        memory.heap_slot[at] = memory.heap_slot[above]
        at = above
    memory.heap_time[at] = time
    memory.heap_rank[at] = rank
    memory.heap_slot[at] = slot


@inner
def _heap_drop(memory: KernelMemory) -> None:
    """Take the first entry off the heap."""
    size = memory.tally[HEAP_SIZE] - 1
    memory.tally[HEAP_SIZE] = size
    time = memory.heap_time[size]
    rank = memory.heap_rank[size]
    slot = memory.heap_slot[size]
    at = 0
    below = 1
    while below < size:
        time_below = memory.heap_time[below]
        other = below + 1
        if other < size:
            time_other = memory.heap_time[other]
            if time_other < time_below or (
                time_other == time_below and memory.heap_rank[other] < memory.heap_rank[below]
            ):
                below = other
                time_below = time_other
        if time < time_below or (time == time_below and rank <= memory.heap_rank[below]):
            break
        memory.heap_time[at] = time_below
        memory.heap_rank[at] = memory.heap_rank[below]
        memory.heap_slot[at] = memory.heap_slot[below]
        at = below
        below = 2 * at + 1
    memory.heap_time[at] = time
    memory.heap_rank[at] = rank
    memory.heap_slot[at] = slot


@inner
def _bucket_of(memory: KernelMemory, time: float) -> int:
    """Number of the bucket of a time; it never falls as time grows, which is all that the order needs."""
    bucket = time * memory.clock[BUCKETS_A_DAY]
    return int(bucket) if bucket < LATEST_BUCKET else int(LATEST_BUCKET)


@inner
def _link(memory: KernelMemory, slot: int, bucket: int) -> None:
    """Put a slot in the list of a later bucket, or in the last list where the bucket lies beyond."""
    buckets = memory.bucket.shape[0] - 1
    row = bucket & (buckets - 1) if bucket - memory.tally[CURRENT_BUCKET] < buckets else buckets
    first = memory.bucket[row]
    memory.bucket[row] = slot
    facts = memory.patient_fact
    facts[slot, BUCKET] = row
    facts[slot, CALENDAR_NEXT] = first
    facts[slot, CALENDAR_PREVIOUS] = NOWHERE
    if first >= 0:
        facts[first, CALENDAR_PREVIOUS] = slot


@inner
def _schedule(memory: KernelMemory, slot: int, time: float) -> None:
    """Make the event of a slot due at a time. It must not have one."""
    memory.patient_time[slot, DUE] = time
    if time == math.inf:
        return
    bucket = _bucket_of(memory, time)
    if bucket <= memory.tally[CURRENT_BUCKET]:
        memory.patient_fact[slot, BUCKET] = IN_HEAP
        _heap_push(memory, time, memory.patient_number[slot, NUMBER], slot)
    else:
        _link(memory, slot, bucket)


@inner
def _unschedule(memory: KernelMemory, slot: int) -> None:
    facts = memory.patient_fact
    row = facts[slot, BUCKET]
    if row >= 0:
        after = facts[slot, CALENDAR_NEXT]
        before = facts[slot, CALENDAR_PREVIOUS]
        if before >= 0:
            facts[before, CALENDAR_NEXT] = after
        else:
            memory.bucket[row] = after
        if after >= 0:
            facts[after, CALENDAR_PREVIOUS] = before
    facts[slot, BUCKET] = NOWHERE


@inner
def _open_next_bucket(memory: KernelMemory) -> None:
    """Go on to the next bucket and put its events in the heap, which is empty."""
    facts = memory.patient_fact
    current = memory.tally[CURRENT_BUCKET] + 1
    memory.tally[CURRENT_BUCKET] = current
    buckets = memory.bucket.shape[0] - 1
    if current & (buckets // 2 - 1) == 0:
        # Twice a round, those in the last list that have come within reach move to their buckets.
        slot = memory.bucket[buckets]
        while slot >= 0:
            after = facts[slot, CALENDAR_NEXT]
            bucket = _bucket_of(memory, memory.patient_time[slot, DUE])
            if bucket - current < buckets:
                _unschedule(memory, slot)
                _link(memory, slot, bucket)
            slot = after
    row = current & (buckets - 1)
    slot = memory.bucket[row]
    memory.bucket[row] = NOWHERE
    while slot >= 0:
        facts[slot, BUCKET] = IN_HEAP
        _heap_push(memory, memory.patient_time[slot, DUE], memory.patient_number[slot, NUMBER], slot)
        slot = facts[slot, CALENDAR_NEXT]


@inner
def _next_due(memory: KernelMemory, until: float, last_bucket: int) -> float:
    """Time of the first event before ``until``, of that bucket; it is then first in the heap. Infinite for none."""
    while True:
        if memory.tally[HEAP_SIZE] > 0:
            slot = memory.heap_slot[0]
            time = memory.heap_time[0]
            if (
                memory.patient_fact[slot, BUCKET] == IN_HEAP
                and memory.patient_time[slot, DUE] == time
                and memory.patient_number[slot, NUMBER] == memory.heap_rank[0]
            ):
                return time if time < until else math.inf
            _heap_drop(memory)
        elif memory.tally[CURRENT_BUCKET] >= last_bucket:
            return math.inf
        else:
            _open_next_bucket(memory)


# 6. Places and lines.


@inner
def _shift(memory: KernelMemory, point: int, column: int, by: int) -> None:
    """Change a number of patients now and its integral to the end of the interval."""
    memory.point[point, column] += by
    memory.integral[point, column] += by * (memory.clock[INTERVAL_END] - memory.clock[NOW])


@inner
def _staff_left(points: Points, memory: KernelMemory, pool: int) -> float:
    """Staff of a pool that no place in use takes."""
    left = memory.staff[pool]
    for row in range(points.pool_first[pool], points.pool_first[pool + 1]):
        other = points.pool_points[row]
        left -= memory.point[other, IN_USE] * points.staff_per_place[other]
    return left


@inner
def _is_free(points: Points, memory: KernelMemory, point: int) -> bool:
    """Whether a place of the point can be taken."""
    if memory.point[point, IN_USE] >= memory.places[point]:
        return False
    pool = points.pool[point]
    return pool < 0 or _staff_left(points, memory, pool) + 1e-9 >= points.staff_per_place[point]


@seldom
def _mark_pool(points: Points, memory: KernelMemory, pool: int) -> None:
    """Keep count of which points of a pool are full."""
    left = _staff_left(points, memory, pool) + 1e-9
    for row in range(points.pool_first[pool], points.pool_first[pool + 1]):
        point = points.pool_points[row]
        full = memory.point[point, IN_USE] >= memory.places[point] or left < points.staff_per_place[point]
        if full != memory.point[point, FULL_NOW]:
            _shift(memory, point, FULL_NOW, 1 if full else -1)


@inner
def _mark_full(points: Points, memory: KernelMemory, point: int) -> None:
    """Keep count of whether the point is full, with those that share its pool."""
    if points.pool[point] >= 0:
        _mark_pool(points, memory, points.pool[point])
    else:
        full = memory.point[point, IN_USE] >= memory.places[point]
        if full != memory.point[point, FULL_NOW]:
            _shift(memory, point, FULL_NOW, 1 if full else -1)


@inner
def _use(points: Points, memory: KernelMemory, point: int, by: int) -> None:
    """Take (1) or give back (-1) a place."""
    memory.point[point, IN_USE] += by
    _mark_full(points, memory, point)


@inner
def _to_agenda(memory: KernelMemory, point: int) -> None:
    size = memory.agenda.shape[0]
    memory.agenda[(memory.tally[AGENDA_FIRST] + memory.tally[AGENDA_SIZE]) % size] = point
    memory.tally[AGENDA_SIZE] += 1


@inner
def _line_up(points: Points, memory: KernelMemory, slot: int, point: int) -> None:
    """Put a patient at the end of those of equal priority."""
    facts = memory.patient_fact
    level = points.level[facts[slot, CLASS_OF], point]
    last = memory.line_last[point, level]
    facts[slot, LINE_PREVIOUS] = last
    facts[slot, LINE_NEXT] = NOWHERE
    if last >= 0:
        facts[last, LINE_NEXT] = slot
    else:
        memory.line_first[point, level] = slot
    memory.line_last[point, level] = slot
    memory.point[point, IN_LINE] += 1


@inner
def _leave_line(points: Points, memory: KernelMemory, slot: int) -> None:
    facts = memory.patient_fact
    point = facts[slot, AWAITED]
    level = points.level[facts[slot, CLASS_OF], point]
    after = facts[slot, LINE_NEXT]
    before = facts[slot, LINE_PREVIOUS]
    if before >= 0:
        facts[before, LINE_NEXT] = after
    else:
        memory.line_first[point, level] = after
    if after >= 0:
        facts[after, LINE_PREVIOUS] = before
    else:
        memory.line_last[point, level] = before
    memory.point[point, IN_LINE] -= 1


@inner
def _first_in_line(memory: KernelMemory, point: int) -> int:
    level = 0
    while memory.line_first[point, level] < 0:
        level += 1
    return memory.line_first[point, level]


# 7. What patients do.


@inner
def _observe(watches: Watches, memory: KernelMemory, point: int, measure: int, days: float, node: int) -> None:
    """Count a duration at the watches of a point."""
    for watch in range(watches.first[point], watches.first[point + 1]):
        if watches.measure[watch] == measure and (watches.to[watch] < 0 or watches.to[watch] == node):
            interval = memory.tally[INTERVAL]
            memory.watch[interval, watch, 1] += 1
            if days > watches.over[watch]:
                memory.watch[interval, watch, 0] += 1


@inner
def _end_delay(memory: KernelMemory, slot: int) -> float:
    """Add the delay that ends now to what the patient was delayed so far, and to the days of the home point."""
    delay = memory.clock[NOW] - memory.patient_time[slot, ENDED_AT]
    memory.patient_time[slot, DELAYED_SO_FAR] += delay
    memory.days[memory.tally[INTERVAL], memory.patient_fact[slot, HOME], 1] += delay
    return delay


@inner
def _leave_place(tables: NetworkTables, memory: KernelMemory, slot: int, node: int) -> None:
    """Give up the place held, at the end of a delay, for a node."""
    facts = memory.patient_fact
    at = facts[slot, AT]
    home = facts[slot, HOME]
    delay = _end_delay(memory, slot)
    memory.count[memory.tally[INTERVAL], home, LEFT_COUNT] += 1
    if tables.watches.first[home] < tables.watches.first[home + 1]:
        _observe(tables.watches, memory, home, DELAY, delay, node)
        since_arrival = memory.clock[NOW] - memory.patient_time[slot, ARRIVED_AT]
        _observe(tables.watches, memory, home, SINCE_ARRIVAL, since_arrival, node)
    _shift(memory, at, DELAYED_NOW, -1)
    _use(tables.points, memory, at, -1)
    _to_agenda(memory, at)
    facts[slot, AT] = NOWHERE


@inner
def _start_stay(tables: NetworkTables, memory: KernelMemory, slot: int, left: int) -> None:
    """Start a stay of HOME in the place AT, which is in use already."""
    facts = memory.patient_fact
    times = memory.patient_time
    points = tables.points
    now = memory.clock[NOW]
    home = facts[slot, HOME]
    at = facts[slot, AT]
    class_ = facts[slot, CLASS_OF]
    facts[slot, VISIT] += 1
    facts[slot, STATE] = TREATED
    times[slot, STARTED_AT] = now
    _shift(memory, at, TREATED_NOW, 1)
    _write(memory, slot, STARTED, home, at, left)
    u = uniform(memory.patient_key[slot, KEY], points.key[home], STAY, facts[slot, VISIT])
    stay = sample(tables.distributions, points.stay[class_, home], u)
    if facts[slot, OVERFLOW_ROW] >= 0:
        stay *= points.overflow_multiplier[facts[slot, OVERFLOW_ROW]]
    longer = points.per_delayed_day[home] * times[slot, DELAYED_SO_FAR]
    stay *= 1.0 + min(longer, points.most_lengthening[home])
    stay *= points.factor[class_, home]
    _schedule(memory, slot, now + stay)


@inner
def _start_after_wait(tables: NetworkTables, memory: KernelMemory, slot: int, place: int, left: int) -> None:
    """Start the stay for which the patient waited, in a place that is in use already."""
    facts = memory.patient_fact
    home = facts[slot, AWAITED]
    wait = memory.clock[NOW] - memory.patient_time[slot, JOINED_AT]
    interval = memory.tally[INTERVAL]
    memory.days[interval, home, 0] += wait
    memory.count[interval, home, STARTED_COUNT] += 1
    if place != home:
        memory.count[interval, home, OUTLIERS_COUNT] += 1
    if tables.watches.first[home] < tables.watches.first[home + 1]:
        _observe(tables.watches, memory, home, WAIT, wait, NOWHERE)
    facts[slot, HOME] = home
    facts[slot, AT] = place
    facts[slot, AWAITED] = NOWHERE
    _start_stay(tables, memory, slot, left)


@inner
def _draw_way(tables: NetworkTables, memory: KernelMemory, slot: int) -> None:
    """Schedule the soonest of the competing ways to stop waiting that are possible."""
    facts = memory.patient_fact
    ways = tables.ways
    awaited = facts[slot, AWAITED]
    group = facts[slot, CLASS_OF] * tables.points.key.shape[0] + awaited
    back = tables.points.key.shape[0] + tables.exits
    soonest = math.inf
    facts[slot, WAY_ROW] = NOWHERE
    for row in range(ways.first[group], ways.first[group + 1]):
        rate_factor = ways.factor[ways.name[row]]
        if rate_factor > 0.0 and (facts[slot, AT] >= 0 or ways.to[row] != back):
            u = uniform(
                memory.patient_key[slot, KEY], tables.points.key[awaited], ways.purpose[row], facts[slot, VISIT]
            )
            after = sample(tables.distributions, ways.after[row], u) / rate_factor
            if after < soonest:
                soonest = after
                facts[slot, WAY_ROW] = row
    if facts[slot, WAY_ROW] >= 0:
        _schedule(memory, slot, max(memory.patient_time[slot, JOINED_AT] + soonest, memory.clock[NOW]))


@inner
def _join(tables: NetworkTables, memory: KernelMemory, slot: int) -> None:
    """Join the line of AWAITED, holding a place or not."""
    facts = memory.patient_fact
    point = facts[slot, AWAITED]
    facts[slot, VISIT] += 1
    memory.patient_time[slot, JOINED_AT] = memory.clock[NOW]
    facts[slot, WAY_ROW] = NOWHERE
    memory.count[memory.tally[INTERVAL], point, JOINED_COUNT] += 1
    _line_up(tables.points, memory, slot, point)
    if facts[slot, AT] >= 0:
        facts[slot, STATE] = BLOCKED
        memory.point[point, BLOCKED_IN_LINE] += 1
    else:
        facts[slot, STATE] = WAITING
        _shift(memory, point, WAITING_NOW, 1)
    _write(memory, slot, JOINED, point, facts[slot, AT], NOWHERE)


@inner
def _grant(tables: NetworkTables, memory: KernelMemory, slot: int, place: int, overflow: int) -> None:
    """Give the first of a line a place: reserve it for the transfer, or start the stay at once."""
    facts = memory.patient_fact
    point = facts[slot, AWAITED]
    at = facts[slot, AT]
    _unschedule(memory, slot)
    _leave_line(tables.points, memory, slot)
    _write(memory, slot, GRANTED, point, at, place)
    facts[slot, OVERFLOW_ROW] = overflow
    _use(tables.points, memory, place, 1)
    if at < 0:
        _shift(memory, point, WAITING_NOW, -1)
    else:
        memory.point[point, BLOCKED_IN_LINE] -= 1
        route = facts[slot, ROUTE_ROW]
        if route >= 0 and tables.routes.transfer[route] >= 0:
            u = uniform(
                memory.patient_key[slot, KEY], tables.points.key[facts[slot, HOME]], TRANSFER, facts[slot, VISIT]
            )
            time = sample(tables.distributions, tables.routes.transfer[route], u)
            if time > 0.0:
                facts[slot, STATE] = IN_TRANSFER
                facts[slot, RESERVED_AT] = place
                _shift(memory, place, RESERVED_NOW, 1)
                _schedule(memory, slot, memory.clock[NOW] + time)
                return
        _leave_place(tables, memory, slot, point)
    _start_after_wait(tables, memory, slot, place, at)


@inner
def _find_place(points: Points, memory: KernelMemory, point: int) -> tuple[int, int]:
    """First free place for the line of a point, its own or an overflow, and the row of the overflow; -1 for none."""
    if _is_free(points, memory, point):
        return point, NOWHERE
    for row in range(points.overflow_first[point], points.overflow_first[point + 1]):
        if memory.point[point, IN_LINE] >= points.overflow_opens[row] and _is_free(
            points, memory, points.overflow_point[row]
        ):
            return points.overflow_point[row], row
    return NOWHERE, NOWHERE


@inner
def _to_queue(tables: NetworkTables, memory: KernelMemory, slot: int) -> None:
    """Let a blocked patient leave the place held and wait without one."""
    facts = memory.patient_fact
    point = facts[slot, AWAITED]
    at = facts[slot, AT]
    _write(memory, slot, QUEUED, point, at, NOWHERE)
    memory.point[point, BLOCKED_IN_LINE] -= 1
    _shift(memory, point, WAITING_NOW, 1)
    facts[slot, STATE] = WAITING
    _leave_place(tables, memory, slot, point)
    way = facts[slot, WAY_ROW]
    if way >= 0 and tables.ways.to[way] == tables.points.key.shape[0] + tables.exits:
        # Back into treatment is no longer possible: the soonest of the others takes its place.
        _unschedule(memory, slot)
        _draw_way(tables, memory, slot)


@inner
def _serve(tables: NetworkTables, memory: KernelMemory, point: int) -> None:
    """Give places to the first of the line while there are any; then let blocked patients into the queue."""
    while memory.point[point, IN_LINE] > 0:
        place, overflow = _find_place(tables.points, memory, point)
        if place < 0:
            break
        _grant(tables, memory, _first_in_line(memory, point), place, overflow)
    if memory.point[point, BLOCKED_IN_LINE] > 0 and not tables.points.waits_in_place[point]:
        for level in range(memory.line_first.shape[1]):
            slot = memory.line_first[point, level]
            while (
                slot >= 0
                and memory.point[point, BLOCKED_IN_LINE] > 0
                and memory.point[point, WAITING_NOW] < tables.points.queue_limit[point]
            ):
                if memory.patient_fact[slot, STATE] == BLOCKED:
                    _to_queue(tables, memory, slot)
                slot = memory.patient_fact[slot, LINE_NEXT]


@inner
def _forget(memory: KernelMemory, slot: int) -> None:
    """Free the slot of a patient who has left the network."""
    memory.patient_number[slot, NUMBER] = NOWHERE
    memory.patient_fact[slot, CALENDAR_NEXT] = memory.tally[FREE]
    memory.tally[FREE] = slot
    memory.tally[PRESENT] -= 1
    memory.tally[GONE] += 1


@inner
def _settle(tables: NetworkTables, memory: KernelMemory, slot: int) -> None:
    """What becomes of a patient who joined a line and was not granted a place at once."""
    facts = memory.patient_fact
    point = facts[slot, AWAITED]
    if facts[slot, STATE] == BLOCKED:
        _write(memory, slot, BLOCKING, point, facts[slot, AT], NOWHERE)
    elif memory.point[point, WAITING_NOW] > tables.points.queue_limit[point]:
        _write(memory, slot, REJECTED, point, NOWHERE, NOWHERE)
        memory.count[memory.tally[INTERVAL], point, REJECTED_COUNT] += 1
        _leave_line(tables.points, memory, slot)
        _shift(memory, point, WAITING_NOW, -1)
        _forget(memory, slot)
        return
    _draw_way(tables, memory, slot)


@inner
def _leave(tables: NetworkTables, memory: KernelMemory, slot: int, node: int) -> None:
    """Leave the network by an exit."""
    at = memory.patient_fact[slot, AT]
    _write(memory, slot, LEFT, NOWHERE, at, node)
    memory.exits[memory.tally[INTERVAL], node - tables.points.key.shape[0]] += 1
    if at >= 0:
        _leave_place(tables, memory, slot, node)
    _forget(memory, slot)


@inner
def _new_patient(memory: KernelMemory, number: int, key: int, class_: int) -> int:
    """A slot for a patient who enters now; there must be a free one."""
    facts = memory.patient_fact
    slot = memory.tally[FREE]
    memory.tally[FREE] = facts[slot, CALENDAR_NEXT]
    memory.tally[PRESENT] += 1
    memory.patient_number[slot, NUMBER] = number
    memory.patient_key[slot, KEY] = key
    memory.patient_time[slot, ARRIVED_AT] = memory.clock[NOW]
    memory.patient_time[slot, DELAYED_SO_FAR] = 0.0
    facts[slot, CLASS_OF] = class_
    facts[slot, HOME] = NOWHERE
    facts[slot, AT] = NOWHERE
    facts[slot, RESERVED_AT] = NOWHERE
    facts[slot, ROUTE_ROW] = NOWHERE
    facts[slot, OVERFLOW_ROW] = NOWHERE
    facts[slot, VISIT] = 0
    facts[slot, BUCKET] = NOWHERE
    return slot


@inner
def _walk(streams: Streams, memory: KernelMemory, stream: int) -> None:
    """Schedule the next arrival of a stream, if it comes before the horizon."""
    time, _ = walk_arrival(
        streams, stream, memory.walked_from[stream], memory.walked_hazard[stream], memory.clock[HORIZON]
    )
    _schedule(memory, stream, time)


@inner
def _arrive(tables: NetworkTables, memory: KernelMemory, stream: int) -> None:
    """The arrival of a stream that is due: the next is drawn; the patient is cancelled or makes a request."""
    streams = tables.streams
    number = memory.stream_number[stream]
    key = mix(streams.key[stream], np.uint64(number))
    memory.stream_number[stream] = number + 1
    memory.walked_from[stream] = memory.clock[NOW]
    memory.walked_hazard[stream] = arrival_hazard(streams, stream, number + 1)
    _walk(streams, memory, stream)
    slot = _new_patient(memory, memory.tally[NEXT_NUMBER], key, draw_class(streams, stream, key))
    memory.tally[NEXT_NUMBER] += 1
    memory.tally[ARRIVALS] += 1
    point = streams.point[stream]
    _write(memory, slot, ARRIVED, point, NOWHERE, NOWHERE)
    wanted = memory.point[point, IN_USE] + memory.point[point, WAITING_NOW]
    if streams.cancelled_above[stream] < math.inf and wanted >= streams.cancelled_above[stream] * memory.places[point]:
        _write(memory, slot, CANCELLED, point, NOWHERE, NOWHERE)
        memory.count[memory.tally[INTERVAL], point, CANCELLED_COUNT] += 1
        _forget(memory, slot)
    else:
        memory.patient_fact[slot, AWAITED] = point
        memory.tally[REQUESTING] = slot


@inner
def _end_stay(tables: NetworkTables, memory: KernelMemory, slot: int) -> bool:
    """The end of a stay: the route is drawn and the preparation begins. Returns whether it is over at once."""
    facts = memory.patient_fact
    routes = tables.routes
    now = memory.clock[NOW]
    home = facts[slot, HOME]
    at = facts[slot, AT]
    class_ = facts[slot, CLASS_OF]
    key = memory.patient_key[slot, KEY]
    point_key = tables.points.key[home]
    group = class_ * tables.points.key.shape[0] + home
    row = routes.first[group]
    last = routes.first[group + 1] - 1
    if row < last:
        u = uniform(key, point_key, ROUTE, facts[slot, VISIT])
        while row < last and u >= routes.share[row]:
            row += 1
    facts[slot, ROUTE_ROW] = row
    memory.patient_time[slot, ENDED_AT] = now
    memory.count[memory.tally[INTERVAL], home, ENDED_COUNT] += 1
    _write(memory, slot, ENDED, home, at, routes.to[row])
    _shift(memory, at, TREATED_NOW, -1)
    _shift(memory, at, DELAYED_NOW, 1)
    if tables.watches.first[home] < tables.watches.first[home + 1]:
        _observe(tables.watches, memory, home, STAY_TIME, now - memory.patient_time[slot, STARTED_AT], NOWHERE)
    ready = now
    if routes.preparation[row] >= 0:
        u = uniform(key, point_key, PREPARATION, facts[slot, VISIT])
        ready += sample(tables.distributions, routes.preparation[row], u) * routes.factor[row]
    if tables.points.has_hours[home]:
        ready = next_open(tables.hours, home, ready)
    facts[slot, STATE] = PREPARING
    if ready > now:
        _schedule(memory, slot, ready)
        return False
    return True


@inner
def _give_up(tables: NetworkTables, memory: KernelMemory, slot: int) -> int:
    """A way to stop waiting is due: leave the line. Returns the node to which it leads."""
    facts = memory.patient_fact
    awaited = facts[slot, AWAITED]
    way = facts[slot, WAY_ROW]
    node = tables.ways.to[way]
    _write(memory, slot, GAVE_UP, awaited, facts[slot, AT], node)
    _leave_line(tables.points, memory, slot)
    if facts[slot, AT] >= 0:
        memory.point[awaited, BLOCKED_IN_LINE] -= 1
    else:
        _shift(memory, awaited, WAITING_NOW, -1)
    interval = memory.tally[INTERVAL]
    memory.count[interval, awaited, GAVE_UP_COUNT] += 1
    memory.gave_up[interval, tables.ways.name[way]] += 1
    memory.tally[LINE_LEFT] = awaited
    facts[slot, ROUTE_ROW] = NOWHERE
    return node


@inner
def _happen(tables: NetworkTables, memory: KernelMemory, slot: int) -> None:
    """Carry through the event of a slot; a request and the serving of a line left are for later."""
    facts = memory.patient_fact
    points = tables.points.key.shape[0]
    leaves_for = NOWHERE
    state = facts[slot, STATE]
    if state == TREATED:
        if _end_stay(tables, memory, slot):
            state = PREPARING
    elif state == IN_TRANSFER:
        place = facts[slot, RESERVED_AT]
        if place >= 0:
            left = facts[slot, AT]
            _leave_place(tables, memory, slot, facts[slot, AWAITED])
            _shift(memory, place, RESERVED_NOW, -1)
            facts[slot, RESERVED_AT] = NOWHERE
            _start_after_wait(tables, memory, slot, place, left)
        else:
            leaves_for = tables.routes.to[facts[slot, ROUTE_ROW]]
    elif state != PREPARING:
        node = _give_up(tables, memory, slot)
        if node < points:
            facts[slot, AWAITED] = node
            memory.tally[REQUESTING] = slot
        elif node < points + tables.exits:
            leaves_for = node
        else:
            _end_delay(memory, slot)
            _shift(memory, facts[slot, AT], DELAYED_NOW, -1)
            _start_stay(tables, memory, slot, facts[slot, AT])
    if state == PREPARING:
        route = facts[slot, ROUTE_ROW]
        node = tables.routes.to[route]
        home = facts[slot, HOME]
        _write(memory, slot, READY, home, facts[slot, AT], node)
        if node < points:
            facts[slot, AWAITED] = node
            memory.tally[REQUESTING] = slot
        else:
            leaves_for = node
            if tables.routes.transfer[route] >= 0:
                u = uniform(memory.patient_key[slot, KEY], tables.points.key[home], TRANSFER, facts[slot, VISIT])
                time = sample(tables.distributions, tables.routes.transfer[route], u)
                if time > 0.0:
                    leaves_for = NOWHERE
                    facts[slot, STATE] = IN_TRANSFER
                    _schedule(memory, slot, memory.clock[NOW] + time)
    if leaves_for >= 0:
        _leave(tables, memory, slot, leaves_for)


# 8. Capacities, records, checks, and the loop.


@seldom
def _change_capacity(points: Points, memory: KernelMemory, of_point: bool, which: int, value: float) -> None:
    """Put a number of places of a point, or of staff of a pool, in force, and its points on the agenda."""
    if of_point:
        memory.places[which] = value
        memory.most[which] = max(value, float(memory.point[which, IN_USE]))
        _mark_full(points, memory, which)
        _to_agenda(memory, which)
    else:
        memory.most_staff[which] = max(value, memory.staff[which] - _staff_left(points, memory, which))
        memory.staff[which] = value
        _mark_pool(points, memory, which)
        for row in range(points.pool_first[which], points.pool_first[which + 1]):
            _to_agenda(memory, points.pool_points[row])


@seldom
def _close_interval(memory: KernelMemory) -> None:
    """Write the integrals of the interval that ends, and begin the next."""
    interval = memory.tally[INTERVAL]
    memory.tally[INTERVAL] = interval + 1
    memory.clock[INTERVAL_END] = (interval + 2) * memory.clock[INTERVAL_DAYS]
    for point in range(memory.point.shape[0]):
        for column in range(INTEGRATED):
            memory.time[interval, point, column] = memory.integral[point, column]
            memory.integral[point, column] = memory.point[point, column] * memory.clock[INTERVAL_DAYS]


@njit(cache=True)
def census(facts: np.ndarray, numbers: np.ndarray, route_to: np.ndarray, points: int, classes: int) -> np.ndarray:
    """Patients now by state, place held (last: none), point of the stay or to come, and class.

    Args:
        facts: ``KernelMemory.patient_fact``.
        numbers: ``KernelMemory.patient_number``.
        route_to: ``Routes.to``.
        points: number of points.
        classes: number of classes.
    """
    counted = np.zeros((5, points + 1, points, classes), dtype=np.int64)
    for slot in range(numbers.shape[0]):
        if numbers[slot, NUMBER] >= 0:
            state = facts[slot, STATE]
            at = facts[slot, AT]
            point = facts[slot, HOME]
            if state in (WAITING, BLOCKED) or (state == IN_TRANSFER and facts[slot, RESERVED_AT] >= 0):
                point = facts[slot, AWAITED]
            elif state == PREPARING and route_to[facts[slot, ROUTE_ROW]] < points:
                point = route_to[facts[slot, ROUTE_ROW]]
            counted[state, at if at >= 0 else points, point, facts[slot, CLASS_OF]] += 1
    return counted


@seldom
def _audit(tables: NetworkTables, memory: KernelMemory) -> int:
    """Count the patients again: a code of an error (the point or pool is then in the tally), or ``DONE``."""
    facts = memory.patient_fact
    points = memory.point.shape[0]
    streams = tables.streams.key.shape[0]
    counted = np.zeros((points, memory.point.shape[1]), dtype=np.int64)
    present = 0
    for slot in range(streams, facts.shape[0]):
        if memory.patient_number[slot, NUMBER] < 0:
            continue
        present += 1
        state = facts[slot, STATE]
        at = facts[slot, AT]
        if at >= 0:
            counted[at, TREATED_NOW if state == TREATED else DELAYED_NOW] += 1
            counted[at, IN_USE] += 1
        if facts[slot, RESERVED_AT] >= 0:
            counted[facts[slot, RESERVED_AT], RESERVED_NOW] += 1
            counted[facts[slot, RESERVED_AT], IN_USE] += 1
        if state in (WAITING, BLOCKED):
            counted[facts[slot, AWAITED], WAITING_NOW if state == WAITING else BLOCKED_IN_LINE] += 1
            if (state == WAITING) != (at < 0):
                memory.tally[FAILED_POINT] = facts[slot, AWAITED]
                return ERROR_LINE
    for point in range(points):
        memory.tally[FAILED_POINT] = point
        for level in range(memory.line_first.shape[1]):
            slot = memory.line_first[point, level]
            while slot >= 0:
                counted[point, IN_LINE] += 1
                slot = facts[slot, LINE_NEXT]
        if (
            counted[point, IN_LINE] != memory.point[point, IN_LINE]
            or counted[point, IN_LINE] != counted[point, WAITING_NOW] + counted[point, BLOCKED_IN_LINE]
            or counted[point, BLOCKED_IN_LINE] != memory.point[point, BLOCKED_IN_LINE]
        ):
            return ERROR_LINE
        for column in (TREATED_NOW, DELAYED_NOW, RESERVED_NOW, WAITING_NOW, IN_USE):
            if counted[point, column] != memory.point[point, column]:
                return ERROR_OCCUPANCY
        # Above the places only what was in use when they were cut, and that may only fall.
        if memory.point[point, IN_USE] > memory.most[point]:
            return ERROR_CAPACITY
        memory.most[point] = max(memory.places[point], float(memory.point[point, IN_USE]))
    for pool in range(memory.staff.shape[0]):
        memory.tally[FAILED_POINT] = pool
        taken = memory.staff[pool] - _staff_left(tables.points, memory, pool)
        if taken > memory.most_staff[pool] + 1e-6:
            return ERROR_STAFF
        memory.most_staff[pool] = max(memory.staff[pool], taken)
    memory.tally[FAILED_POINT] = NOWHERE
    if present != memory.tally[PRESENT] or memory.tally[ARRIVALS] != present + memory.tally[GONE]:
        return ERROR_CONSERVATION
    return DONE


@seldom
def _begin(tables: NetworkTables, memory: KernelMemory) -> None:
    """Time 0: patients present take their places and lines, first arrivals are drawn, all points go on the agenda."""
    points = tables.points
    facts = memory.patient_fact
    start = tables.start
    for point in range(points.key.shape[0]):
        _mark_full(points, memory, point)
    for stream in range(tables.streams.key.shape[0]):
        memory.walked_hazard[stream] = arrival_hazard(tables.streams, stream, 0)
        _walk(tables.streams, memory, stream)
    for row in range(start.point.shape[0]):
        point = start.point[row]
        slot = _new_patient(memory, row, start.key[row], start.class_[row])
        memory.tally[NEXT_NUMBER] += 1
        memory.tally[ARRIVALS] += 1
        if start.treated[row]:
            facts[slot, HOME] = point
            facts[slot, AT] = point
            facts[slot, AWAITED] = NOWHERE
            facts[slot, VISIT] = 1
            facts[slot, STATE] = TREATED
            memory.patient_time[slot, STARTED_AT] = 0.0
            _use(points, memory, point, 1)
            _shift(memory, point, TREATED_NOW, 1)
            _write(memory, slot, STARTED, point, point, NOWHERE)
            u = uniform(start.key[row], points.key[point], STAY, facts[slot, VISIT])
            stay = sample(tables.distributions, points.residual[start.class_[row], point], u)
            share_left = uniform(start.key[row], points.key[point], RESIDUAL, facts[slot, VISIT])
            _schedule(memory, slot, share_left * stay)
        else:
            facts[slot, AWAITED] = point
            _join(tables, memory, slot)
            _draw_way(tables, memory, slot)
    for point in range(points.key.shape[0]):
        memory.most[point] = max(memory.places[point], float(memory.point[point, IN_USE]))
        _to_agenda(memory, point)
    for pool in range(memory.staff.shape[0]):
        memory.most_staff[pool] = max(memory.staff[pool], memory.staff[pool] - _staff_left(points, memory, pool))


@njit(cache=True)
def run(tables_given: NetworkTables, memory_given: KernelMemory, until: float, checked: bool) -> int:
    """Carry through what is left of the present, then all events before ``until``.

    Returns:
        ``DONE``; or which arrays to enlarge before calling again; or the error that the audit found.
    """
    tables = borrow(tables_given)
    memory = borrow(memory_given)
    tally = memory.tally
    clock = memory.clock
    streams = tables.streams.key.shape[0]
    last_bucket = _bucket_of(memory, until)
    while True:
        # What happens at a time is carried through: a request, the line that was left, then freed places in turn.
        while True:
            slot = tally[REQUESTING]
            if slot >= 0:
                point = memory.patient_fact[slot, AWAITED]
            elif tally[LINE_LEFT] >= 0:
                point = tally[LINE_LEFT]
            elif tally[SERVED_FROM] < tally[SERVED_TO]:
                point = tables.points.served[tally[SERVED_FROM]]
            elif tally[AGENDA_SIZE] > 0:
                point = memory.agenda[tally[AGENDA_FIRST]]
                tally[AGENDA_FIRST] = (tally[AGENDA_FIRST] + 1) % memory.agenda.shape[0]
                tally[AGENDA_SIZE] -= 1
                tally[SERVED_FROM] = tables.points.served_first[point]
                tally[SERVED_TO] = tables.points.served_first[point + 1]
                continue
            else:
                break
            # Each in the line writes at most four records, schedules one event and frees one place.
            line = memory.point[point, IN_LINE] + 2
            if tally[HEAP_SIZE] + line > memory.heap_time.shape[0]:
                return GROW_HEAP
            if tally[AGENDA_SIZE] + line > memory.agenda.shape[0]:
                return GROW_AGENDA
            if tally[LOGGING] and tally[LOG_SIZE] + 4 * line > memory.log_time.shape[0]:
                return GROW_LOG
            if slot >= 0:
                tally[REQUESTING] = NOWHERE
                _join(tables, memory, slot)
            elif tally[LINE_LEFT] >= 0:
                tally[LINE_LEFT] = NOWHERE
            else:
                tally[SERVED_FROM] += 1
            if memory.point[point, IN_LINE] > 0:
                _serve(tables, memory, point)
            if slot >= 0 and memory.patient_fact[slot, AWAITED] == point:
                state = memory.patient_fact[slot, STATE]
                if state in (WAITING, BLOCKED):
                    _settle(tables, memory, slot)
        if tally[FREE] < 0:
            return GROW_PATIENTS
        if tally[LOGGING] and tally[LOG_SIZE] + 4 > memory.log_time.shape[0]:
            return GROW_LOG
        if tally[HEAP_SIZE] + 2 > memory.heap_time.shape[0]:
            return GROW_HEAP
        due = _next_due(memory, until, last_bucket)
        change = tally[NEXT_CHANGE]
        changes_at = tables.changes.time[change] if change < tables.changes.time.shape[0] else math.inf
        while clock[INTERVAL_END] <= due and clock[INTERVAL_END] <= until and clock[INTERVAL_END] <= changes_at:
            if tally[INTERVAL] + 1 >= memory.time.shape[0]:
                return GROW_RECORD
            _close_interval(memory)
            if checked:
                error = _audit(tables, memory)
                if error != DONE:
                    return error
        if changes_at < until and changes_at <= due:
            clock[NOW] = changes_at
            tally[NEXT_CHANGE] = change + 1
            which = tables.changes.which[change]
            of_point = tables.changes.of_point[change]
            if not (memory.places_set[which] if of_point else memory.staff_set[which]):
                tally[EVENTS] += 1
                _change_capacity(tables.points, memory, of_point, which, tables.changes.value[change])
            continue
        if due == math.inf:
            clock[NOW] = until
            return DONE
        clock[NOW] = due
        tally[EVENTS] += 1
        slot = memory.heap_slot[0]
        _heap_drop(memory)
        memory.patient_fact[slot, BUCKET] = NOWHERE
        if slot < streams:
            _arrive(tables, memory, slot)
        else:
            _happen(tables, memory, slot)


@seldom
def _change_rate(streams: Streams, memory: KernelMemory, stream: int, rate: float) -> None:
    """Put a rate in force: what has run off of the way to the next arrival stays run off."""
    now = memory.clock[NOW]
    due, left = walk_arrival(streams, stream, memory.walked_from[stream], memory.walked_hazard[stream], now)
    memory.walked_hazard[stream] = left if due == math.inf else 0.0
    memory.walked_from[stream] = now
    streams.rate_set[stream] = rate
    _unschedule(memory, stream)
    _walk(streams, memory, stream)


@seldom
def _extend(streams: Streams, memory: KernelMemory, horizon: float) -> None:
    """Look for arrivals up to a later horizon."""
    memory.clock[HORIZON] = horizon
    for stream in range(streams.key.shape[0]):
        if memory.patient_time[stream, DUE] == math.inf:
            _walk(streams, memory, stream)


@njit(cache=True)
def act(tables_given: NetworkTables, memory_given: KernelMemory, what: int, which: int, value: float) -> None:
    """Do one thing from outside; ``run`` then carries through what follows.

    Args:
        tables_given: the tables.
        memory_given: the memory.
        what: ``BEGIN`` (time 0), ``SET_PLACES``, ``SET_STAFF``, ``SET_RATE`` or ``EXTEND`` (the horizon of arrivals).
        which: index of the point, pool or stream.
        value: what is put in force; the horizon.
    """
    tables = borrow(tables_given)
    memory = borrow(memory_given)
    if what == BEGIN:
        _begin(tables, memory)
    elif what == SET_PLACES:
        memory.places_set[which] = True
        _change_capacity(tables.points, memory, True, which, value)
    elif what == SET_STAFF:
        memory.staff_set[which] = True
        _change_capacity(tables.points, memory, False, which, value)
    elif what == SET_RATE:
        _change_rate(tables.streams, memory, which, value)
    else:
        _extend(tables.streams, memory, value)
