"""Networks to test the two engines on: hand-made ones that together use every rule, and random ones."""

from collections.abc import Callable
from datetime import date

import numpy as np

from model.hospital.network.network import (
    BACK,
    HOURS_PER_WEEK,
    Costs,
    Distribution,
    Network,
    Overflow,
    Point,
    Pool,
    Route,
    Schedule,
    Stream,
    WaitingExit,
    Watch,
)

FLAT = np.ones(HOURS_PER_WEEK)
HOUR_OF_DAY = np.arange(HOURS_PER_WEEK) % 24
DAY_OF_WEEK = np.arange(HOURS_PER_WEEK) // 24
DAYTIME = (HOUR_OF_DAY >= 9) & (HOUR_OF_DAY < 17)
WORKING_HOURS = DAYTIME & (DAY_OF_WEEK < 5)


def always(value: float) -> Schedule:
    """A number that never changes."""
    return Schedule(times=(0.0,), values=(float(value),))


def exactly(mean: float) -> Distribution:
    return Distribution("deterministic", mean)


def exponential(mean: float) -> Distribution:
    return Distribution("exponential", mean)


def lognormal(mean: float, sigma: float) -> Distribution:
    return Distribution("lognormal", mean, shape=sigma)


def gamma(mean: float, shape: float) -> Distribution:
    return Distribution("gamma", mean, shape=shape)


def weibull(mean: float, shape: float) -> Distribution:
    return Distribution("weibull", mean, shape=shape)


def empirical(values: tuple[float, ...], weights: tuple[float, ...]) -> Distribution:
    mean = float(np.dot(values, weights))
    return Distribution("empirical", mean, values=values, weights=weights)


def to(target: str, **times: Distribution) -> tuple[Route, ...]:
    """The only route."""
    return (Route(target, 1.0, **times),)


def mean_one(profile: np.ndarray) -> np.ndarray:
    return profile / profile.mean()


def single(
    *,
    rate: float,
    stay: Distribution,
    places: float | None,
    starting: int = 0,
    starting_queue: int = 0,
    queue_limit: int | None = None,
) -> Network:
    """One point, one class, arrivals at a constant rate."""
    point = Point(
        name="ward",
        stay={"all": stay},
        routes={"all": to("home")},
        places=None if places is None else always(places),
        queue_limit=queue_limit,
        starting={"all": starting},
        starting_queue={"all": starting_queue},
    )
    stream = Stream("arrivals", "ward", {"all": 1.0}, always(rate), FLAT)
    return Network("single", ("all",), (point,), (stream,), ("home",))


def tandem(*, rate: float, first: Distribution, second: Distribution, places: tuple[float, float]) -> Network:
    """Two wards in a row; whoever finds the second full blocks the first."""
    points = (
        Point("first", {"all": first}, {"all": to("second")}, places=always(places[0])),
        Point("second", {"all": second}, {"all": to("home")}, places=always(places[1])),
    )
    stream = Stream("arrivals", "first", {"all": 1.0}, always(rate), FLAT)
    return Network("tandem", ("all",), points, (stream,), ("home",))


def wards() -> Network:
    """A chain of wards: blocking, priorities, transfers, paperwork, leaving hours, longer stays after delays."""
    assessment = Point(
        name="assessment",
        stay={"frail": gamma(1.5, 2.0), "fit": lognormal(0.8, 0.7)},
        routes={
            "frail": (
                Route("ward", 0.7, transfer=exactly(0.125)),
                Route("rehabilitation", 0.2, preparation=exponential(0.5), transfer=exponential(0.2)),
                Route("home", 0.1, preparation=exponential(0.25)),
            ),
            "fit": (Route("ward", 0.3), Route("home", 0.7, transfer=exactly(0.1))),
        },
        places=always(6),
        queue_limit=5,
        priority={"frail": 0, "fit": 1},
        leaving_hours=DAYTIME,
        costs=Costs(treated=500.0, delayed=450.0, waiting=100.0),
        watches=(
            Watch("assessment over 2 days", "stay", 2.0),
            Watch("wait over 4 hours", "wait", 4 / 24),
            Watch("12 hours to the ward", "since_arrival", 0.5, to="ward"),
            Watch("delay for the ward", "delay", 0.2, to="ward"),
        ),
    )
    ward = Point(
        name="ward",
        stay={"frail": lognormal(9.0, 0.9), "fit": weibull(4.0, 1.4)},
        routes={
            "frail": (Route("rehabilitation", 0.6, transfer=exactly(0.25)), Route("home", 0.4)),
            "fit": to("home", preparation=gamma(0.3, 0.8)),
        },
        places=Schedule((0.0, 20.0, 34.5), (12.0, 9.0, 14.0)),
        priority={"fit": 2, "frail": 1},
        leaving_hours=WORKING_HOURS,
        stay_per_delayed_day=0.1,
        most_lengthening=0.35,
        starting={"frail": 8, "fit": 3},
        costs=Costs(treated=400.0, delayed=346.0),
        watches=(Watch("delays over a day", "delay", 1.0),),
    )
    rehabilitation = Point(
        name="rehabilitation",
        stay={"frail": empirical((3.0, 10.0, 30.0), (0.5, 0.3, 0.2)), "fit": exactly(2.0)},
        routes={"frail": to("home"), "fit": to("home")},
        places=always(5),
        stay_per_delayed_day=0.05,
        most_lengthening=1.0,
        starting={"frail": 5},
        costs=Costs(treated=150.0),
    )
    streams = (
        Stream(
            "emergency",
            "assessment",
            {"frail": 0.4, "fit": 0.6},
            Schedule((0.0, 15.0, 30.0), (4.0, 6.0, 3.0)),
            mean_one(1.0 + 0.5 * np.cos(2 * np.pi * (HOUR_OF_DAY - 14) / 24)),
        ),
    )
    points = (assessment, ward, rehabilitation)
    return Network("wards", ("frail", "fit"), points, streams, ("home",), start=date(2024, 2, 28))


def discharge() -> Network:
    """Discharge pathways: queues left and joined, ways to stop waiting of every kind, people there from the start."""
    acute = Point(
        name="acute",
        stay={"pathway 1": weibull(5.0, 0.8), "pathway 2": lognormal(8.0, 1.0)},
        routes={
            "pathway 1": (
                Route("care at home", 0.8, preparation=exponential(1.0), transfer=exactly(0.25)),
                Route("home", 0.2),
            ),
            "pathway 2": (
                Route("community bed", 0.9, preparation=gamma(1.5, 2.0), transfer=exactly(0.5)),
                Route("died", 0.1),
            ),
        },
        places=always(14),
        queue_limit=10,
        starting={"pathway 1": 8, "pathway 2": 6},
        starting_queue={"pathway 1": 2, "pathway 2": 1},
        while_waiting={"pathway 1": (WaitingExit("goes elsewhere", exponential(2.0), "home"),)},
        costs=Costs(treated=350.0, delayed=346.0, waiting=50.0),
    )
    community = Point(
        name="community bed",
        stay={"pathway 1": exponential(15.0), "pathway 2": lognormal(20.0, 0.6)},
        routes={"pathway 1": to("home"), "pathway 2": (Route("home", 0.8), Route("care at home", 0.2))},
        places=Schedule((0.0, 25.0), (8.0, 10.0)),
        priority={"pathway 2": -1},
        while_waiting={
            "pathway 2": (
                WaitingExit("dies waiting", exponential(12.0), "died"),
                WaitingExit("relapse", gamma(8.0, 2.0), BACK),
                WaitingExit("switch", lognormal(6.0, 0.4), "care at home"),
            ),
            "pathway 1": (WaitingExit("switch", lognormal(6.0, 0.4), "care at home"),),
        },
        starting={"pathway 2": 9},
        starting_queue={"pathway 1": 3},
        costs=Costs(treated=150.0, waiting=20.0),
        watches=(Watch("waits over a week", "wait", 7.0), Watch("stays over three weeks", "stay", 21.0)),
    )
    home_care = Point(
        name="care at home",
        stay={"pathway 1": lognormal(10.0, 1.2), "pathway 2": empirical((2.0, 6.0, 20.0), (0.25, 0.5, 0.25))},
        routes={"pathway 1": to("home"), "pathway 2": (Route("home", 0.75), Route("acute", 0.25))},
        places=always(10),
        queue_limit=3,
        waits_in_place=False,
        while_waiting={
            "pathway 1": (
                WaitingExit("relapse", weibull(3.0, 1.5), BACK),
                WaitingExit("readmitted", exponential(5.0), "acute"),
            ),
            "pathway 2": (WaitingExit("goes home anyway", exactly(4.0), "home"),),
        },
        starting={"pathway 1": 10},
        starting_queue={"pathway 1": 5, "pathway 2": 1},
        costs=Costs(treated=125.0, delayed=10.0, waiting=30.0),
    )
    streams = (
        Stream("admissions", "acute", {"pathway 1": 0.6, "pathway 2": 0.4}, always(2.2), FLAT),
        Stream("referrals", "care at home", {"pathway 1": 1.0}, always(0.4), mean_one(1.0 * WORKING_HOURS)),
    )
    classes = ("pathway 1", "pathway 2")
    return Network("discharge", classes, (acute, community, home_care), streams, ("home", "died"))


def emergency() -> Network:
    """A hospital with staff shared by wards, escalation, outliers, a calendar of beds, cancelled electives."""
    department = Point(
        name="department",
        stay={"minor": lognormal(0.1, 0.6), "major": gamma(0.2, 3.0), "elective": exactly(0.1)},
        routes={
            "minor": to("home"),
            "major": (Route("medicine", 0.5, transfer=exponential(0.03)), Route("home", 0.5)),
            "elective": to("surgery"),
        },
        places=Schedule(tuple(np.arange(80) / 2), tuple(float(4 + n % 2) for n in range(80))),
        pool="doctors",
        staff_per_place=1.0,
        priority={"major": 0, "minor": 1},
        while_waiting={"minor": (WaitingExit("leaves unseen", exponential(0.3), "home"),)},
        queue_limit=20,
        watches=(Watch("over four hours", "since_arrival", 4 / 24), Watch("waits over an hour", "wait", 1 / 24)),
        costs=Costs(treated=900.0, delayed=700.0, waiting=200.0),
    )
    medicine = Point(
        name="medicine",
        stay={"minor": exponential(2.0), "major": lognormal(4.0, 0.8), "elective": exponential(1.0)},
        routes={"minor": to("home"), "major": to("home", preparation=exponential(0.4)), "elective": to("home")},
        places=always(10),
        overflow=(Overflow("surgery", 2, 1.2), Overflow("escalation", 4, 1.1)),
        leaving_hours=DAYTIME,
        pool="nurses",
        staff_per_place=0.25,
        starting={"major": 9},
        costs=Costs(treated=350.0, delayed=300.0),
    )
    surgery = Point(
        name="surgery",
        stay={"minor": exponential(1.0), "major": exponential(1.0), "elective": weibull(2.5, 1.6)},
        routes={"minor": to("home"), "major": to("home"), "elective": to("home")},
        places=Schedule((0.0, 12.0, 26.0), (8.0, 5.0, 8.0)),
        overflow=(Overflow("medicine", 1, 0.9),),
        pool="nurses",
        staff_per_place=0.2,
        queue_limit=6,
        starting={"elective": 4},
        starting_queue={"elective": 2},
        costs=Costs(treated=500.0, delayed=320.0, waiting=5.0),
    )
    escalation = Point(name="escalation", stay={}, routes={}, places=always(4), pool="nurses", staff_per_place=0.5)
    streams = (
        Stream(
            "walk-in",
            "department",
            {"minor": 0.7, "major": 0.3},
            always(16.0),
            mean_one(0.3 + 1.0 * DAYTIME + 0.5 * (DAY_OF_WEEK == 0)),
        ),
        Stream("ambulance", "department", {"major": 1.0}, Schedule((0.0, 18.0), (4.0, 6.0)), FLAT),
        Stream(
            "elective plan",
            "surgery",
            {"elective": 1.0},
            Schedule((0.0, 20.0), (2.5, 3.5)),
            mean_one(1.0 * WORKING_HOURS),
            regular=True,
            cancelled_above=0.9,
        ),
    )
    pools = (
        Pool("doctors", Schedule((0.0, 10.0, 30.0), (5.0, 4.0, 6.0))),
        Pool("nurses", Schedule((0.0, 15.0, 22.0), (6.0, 3.6, 5.5))),
    )
    points = (department, medicine, surgery, escalation)
    return Network("emergency", ("minor", "major", "elective"), points, streams, ("home",), pools)


def ties() -> Network:
    """Everything happens on the hour: whole days, plans, changes of places and staff at the same moments."""
    morning = np.zeros(HOURS_PER_WEEK)
    morning[HOUR_OF_DAY == 8] = 24.0
    clinic = Point(
        name="clinic",
        stay={"a": exactly(1.0), "b": exactly(0.0)},
        routes={
            "a": (Route("ward", 0.5, preparation=exactly(1.0)), Route("home", 0.5, transfer=exactly(1.0))),
            "b": (Route("ward", 0.5, transfer=exactly(0.0)), Route("clinic", 0.25), Route("home", 0.25)),
        },
        places=Schedule((0.0, 5.0, 6.0, 7.0, 20.0), (2.0, 0.0, 3.0, 1.0, 4.0)),
        pool="team",
        staff_per_place=1.0,
        queue_limit=4,
        while_waiting={"a": (WaitingExit("bored", exactly(2.0), "home"), WaitingExit("tired", exactly(2.0), "ward"))},
        starting={"a": 2},
        starting_queue={"b": 3},
        overflow=(Overflow("ward", 3, 2.0),),
    )
    ward = Point(
        name="ward",
        stay={"a": exactly(2.0), "b": empirical((0.0, 1.0, 3.0), (0.25, 0.5, 0.25))},
        routes={"a": to("home"), "b": (Route("home", 0.75, preparation=exactly(0.0)), Route("clinic", 0.25))},
        places=Schedule((0.0, 5.0, 9.0), (2.0, 1.0, 3.0)),
        waits_in_place=False,
        pool="team",
        staff_per_place=1.0,
        queue_limit=2,
        while_waiting={
            "a": (WaitingExit("back", exactly(1.0), BACK), WaitingExit("away", exactly(3.0), "home")),
            "b": (WaitingExit("back", exactly(1.0), BACK),),
        },
        leaving_hours=HOUR_OF_DAY == 0,
        starting={"b": 3},
    )
    streams = (
        Stream("plan a", "clinic", {"a": 1.0}, always(2.0), FLAT, regular=True),
        Stream("plan b", "clinic", {"b": 0.5, "a": 0.5}, always(2.0), morning, regular=True),
        Stream("direct", "ward", {"b": 1.0}, Schedule((0.0, 8.0), (1.0, 0.0)), FLAT, regular=True, cancelled_above=1.0),
    )
    pools = (Pool("team", Schedule((0.0, 5.0, 10.0), (5.0, 3.0, 4.0))),)
    return Network("ties", ("a", "b"), (clinic, ward), streams, ("home",), pools)


def ring() -> Network:
    """Three wards that pass patients round and may lock each other, with few ways out."""

    def ward(name: str, following: str, *, waits_in_place: bool) -> Point:
        return Point(
            name=name,
            stay={"all": exponential(1.0)},
            routes={"all": (Route(following, 0.8), Route("out", 0.2, transfer=exponential(0.5)))},
            places=always(2),
            queue_limit=1,
            waits_in_place=waits_in_place,
            while_waiting={
                "all": (WaitingExit("gives up", exponential(9.0), "out"), WaitingExit("round", exponential(6.0), BACK))
            },
            starting={"all": 1},
        )

    points = (
        ward("north", "east", waits_in_place=True),
        ward("east", "south", waits_in_place=True),
        ward("south", "north", waits_in_place=False),
    )
    streams = tuple(Stream(f"to {p.name}", p.name, {"all": 1.0}, always(0.5), FLAT) for p in points)
    return Network("ring", ("all",), points, streams, ("out",))


HAND_MADE: dict[str, Callable[[], Network]] = {
    function.__name__: function for function in (wards, discharge, emergency, ties, ring)
}


def random_network(seed: int) -> Network:
    """A small network with any rule used or not, valid by construction."""
    return _Maker(np.random.default_rng(seed)).network()


class _Maker:
    """Makes one random network."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.rng = rng
        self.on_the_hour = rng.random() < 0.25
        self.classes = tuple(f"class {n}" for n in range(rng.integers(1, 4)))
        self.wards = tuple(f"ward {n}" for n in range(rng.integers(1, 5)))
        self.exits = tuple(f"exit {n}" for n in range(rng.integers(1, 3)))
        self.pools = tuple(f"pool {n}" for n in range(rng.integers(0, 3)))
        self.escalation = ("escalation",) if rng.random() < 0.4 else ()

    def chance(self, probability: float) -> bool:
        return bool(self.rng.random() < probability)

    def one_of(self, choices: tuple[str, ...]) -> str:
        return choices[self.rng.integers(len(choices))]

    def some_of(self, choices: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(choice for choice in choices if self.chance(0.5))

    def time(self, mean: float) -> Distribution:
        """Any distribution of about that mean."""
        rng = self.rng
        mean = mean * rng.uniform(0.5, 1.5)
        if self.on_the_hour:
            return exactly(float(rng.integers(0, 1 + int(2 * mean)))) if self.chance(0.8) else exponential(mean)
        kind = rng.integers(6)
        if kind == 0:
            return exactly(mean)
        if kind == 1:
            return exponential(mean)
        if kind == 2:
            return lognormal(mean, rng.uniform(0.2, 1.5))
        if kind == 3:
            return gamma(mean, rng.uniform(0.4, 5.0))
        if kind == 4:
            return weibull(mean, rng.uniform(0.6, 3.0))
        values = np.sort(rng.uniform(0.0, 2 * mean, rng.integers(1, 6)))
        weights = rng.dirichlet(np.ones(len(values)))
        return empirical(tuple(map(float, values)), tuple(map(float, weights)))

    def steps(self, low: int, high: int) -> Schedule:
        """A whole number over time."""
        rng = self.rng
        times = [0.0]
        for _ in range(rng.integers(0, 4)):
            times.append(
                times[-1] + (float(rng.integers(1, 12)) if self.chance(0.5) else float(rng.uniform(0.5, 12.0)))
            )
        return Schedule(tuple(times), tuple(float(rng.integers(low, high + 1)) for _ in times))

    def flags(self) -> np.ndarray:
        kinds = (DAYTIME, WORKING_HOURS, HOUR_OF_DAY == 0, self.rng.random(HOURS_PER_WEEK) < 0.3)
        flags = kinds[self.rng.integers(len(kinds))].copy()
        flags[self.rng.integers(HOURS_PER_WEEK)] = True
        return flags

    def routes(self) -> tuple[Route, ...]:
        rng = self.rng
        targets = [*self.some_of(self.wards), self.one_of(self.exits)]
        shares = rng.dirichlet(np.ones(len(targets))) * 0.75
        shares[-1] += 0.25
        return tuple(
            Route(
                target,
                float(share),
                preparation=self.time(0.5) if self.chance(0.3) else None,
                transfer=self.time(0.3) if self.chance(0.3) else None,
            )
            for target, share in zip(targets, shares, strict=True)
        )

    def waiting_exits(self, own: str) -> tuple[WaitingExit, ...]:
        others = tuple(name for name in self.wards if name != own)
        ways = [
            WaitingExit(f"way {n}", exponential(self.rng.uniform(1.0, 8.0)), self.one_of((*self.exits, *others, BACK)))
            for n in range(self.rng.integers(0, 4))
        ]
        if self.on_the_hour:
            ways.append(WaitingExit("on the day", exactly(float(self.rng.integers(1, 4))), BACK))
        return tuple(ways)

    def by_class(self, most: int) -> dict[str, int]:
        return {name: int(self.rng.integers(0, most + 1)) for name in self.some_of(self.classes)}

    def watches(self, name: str) -> tuple[Watch, ...]:
        found = []
        for measure in self.some_of(("wait", "stay", "delay", "since_arrival")):
            leaving = measure in ("delay", "since_arrival") and self.chance(0.5)
            target = self.one_of((*self.wards, *self.exits)) if leaving else None
            found.append(Watch(f"{name} {measure}", measure, float(self.rng.uniform(0.0, 3.0)), target))
        return tuple(found)

    def ward(self, name: str) -> Point:
        rng = self.rng
        others = tuple(other for other in (*self.wards, *self.escalation) if other != name)
        return Point(
            name=name,
            stay={label: self.time(2.0) for label in self.classes},
            routes={label: self.routes() for label in self.classes},
            places=self.steps(0, 8) if self.chance(0.85) else None,
            queue_limit=int(rng.integers(0, 6)) if self.chance(0.5) else None,
            waits_in_place=self.chance(0.5),
            priority={label: int(rng.integers(-1, 3)) for label in self.some_of(self.classes)},
            while_waiting={label: self.waiting_exits(name) for label in self.some_of(self.classes)},
            overflow=tuple(
                Overflow(other, int(rng.integers(1, 4)), float(rng.uniform(0.5, 1.5)))
                for other in self.some_of(others)
                if self.chance(0.5)
            ),
            leaving_hours=self.flags() if self.chance(0.3) else None,
            **self.staffing(),
            costs=Costs(*(float(cost) for cost in rng.uniform(0.0, 500.0, 3))) if self.chance(0.7) else Costs(),
            stay_per_delayed_day=float(rng.uniform(0.0, 0.5)) if self.chance(0.5) else 0.0,
            most_lengthening=float(rng.uniform(0.0, 1.0)),
            starting=self.by_class(3),
            starting_queue=self.by_class(3),
            watches=self.watches(name),
        )

    def staffing(self) -> dict[str, str | float]:
        if not self.pools or self.chance(0.5):
            return {}
        return {"pool": self.one_of(self.pools), "staff_per_place": float(self.rng.choice([0.25, 0.5, 1.0]))}

    def stream(self, name: str) -> Stream:
        rng = self.rng
        shares = rng.dirichlet(np.ones(len(self.classes)))
        changes = self.steps(0, 4)
        rates = tuple(float(value * rng.uniform(0.3, 1.0)) for value in changes.values)
        return Stream(
            name=name,
            point=self.one_of(self.wards),
            classes=dict(zip(self.classes, map(float, shares), strict=True)),
            rate=Schedule(changes.times, rates),
            hours=mean_one(rng.random(HOURS_PER_WEEK)) if self.chance(0.5) else FLAT,
            regular=self.on_the_hour or self.chance(0.3),
            cancelled_above=float(rng.uniform(0.5, 1.5)) if self.chance(0.3) else None,
        )

    def network(self) -> Network:
        points = [self.ward(name) for name in self.wards]
        points += [
            Point(name=name, stay={}, routes={}, places=self.steps(0, 4), **self.staffing()) for name in self.escalation
        ]
        return Network(
            name="random",
            classes=self.classes,
            points=tuple(points),
            streams=tuple(self.stream(f"stream {n}") for n in range(self.rng.integers(1, 4))),
            exits=self.exits,
            pools=tuple(Pool(name, self.steps(1, 6)) for name in self.pools),
            start=date(2024, 1, 1 + int(self.rng.integers(0, 7))),
        )
