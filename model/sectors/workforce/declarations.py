"""What the workforce sector declares: stocks, flows, outputs and loops."""

from __future__ import annotations

from model.registry.declarations import OUTSIDE, Flow, Kind, Link, Loop, Output, Stock

BOTH = ("employer", "staff_group")
GROUP = ("staff_group",)
ANY_SIZE = (0.0, float("inf"))


def _staff(name: str, description: str, dims: tuple[str, ...] = BOTH, substance: str = "staff") -> Stock:
    return Stock(
        name=f"workforce.{name}", description=description, unit="WTE", dims=dims, substance=substance, bounds=ANY_SIZE
    )


def _flow(name: str, description: str, origin: str, target: str, dims: tuple[str, ...] = BOTH) -> Flow:
    ends = [end if end == OUTSIDE else f"workforce.{end}" for end in (origin, target)]
    return Flow(
        name=f"workforce.{name}", description=description, unit="WTE", dims=dims, origin=ends[0], target=ends[1],
        bounds=ANY_SIZE,
    )  # fmt: skip


def _output(
    name: str, description: str, unit: str, dims: tuple[str, ...], kind: Kind, *, better: str = "", label: str = ""
) -> Output:
    return Output(
        name=f"workforce.{name}", description=description, unit=unit, dims=dims, kind=kind, better=better, label=label,
        bounds=ANY_SIZE,
    )  # fmt: skip


def _link(cause: str, effect: str, sign: int) -> Link:
    return Link(cause=cause, effect=effect, sign=sign)


STOCKS: tuple[Stock, ...] = (
    _staff("trainees_first", "People in the first third of professional training.", GROUP),
    _staff("trainees_middle", "People in the second third of professional training.", GROUP),
    _staff("trainees_final", "People in the last third of professional training.", GROUP),
    _staff("apprentices_first", "Apprentices in the first half of their apprenticeship."),
    _staff("apprentices_final", "Apprentices in the second half of their apprenticeship."),
    _staff("in_post_new", "New staff at work, not yet fully productive."),
    _staff("in_post_experienced", "Experienced staff at work."),
    _staff("on_sick_leave", "Staff in post who are absent through sickness."),
    _staff("temporary", "Agency and bank staff at work.", substance="temporary_staff"),
    _staff("reserve_at_work", "Reserve staff called to work.", substance="temporary_staff"),
    _staff("establishment", "Funded posts, without those that interventions add.", substance="index"),
    Stock(
        name="workforce.vacancies_advertised", description="Vacancy rate to which recruitment answers, with its delay.",
        unit="1", dims=BOTH, substance="index", bounds=(0.0, 1.0), recorded=False,
    ),
    Stock(
        name="workforce.workload_experience", description="Workload as staff have come to feel it, 1 as in April 2019.",
        unit="1", dims=BOTH, substance="index", bounds=ANY_SIZE,
    ),
)  # fmt: skip

FLOWS: tuple[Flow, ...] = (
    _flow("training_starts", "People who start professional training.", OUTSIDE, "trainees_first", GROUP),
    _flow("training_dropouts", "Trainees who give up.", "trainees_first", OUTSIDE, GROUP),
    _flow("training_progress_first", "Trainees who pass the first stage.", "trainees_first", "trainees_middle", GROUP),
    _flow("training_progress_middle", "Trainees who pass the second.", "trainees_middle", "trainees_final", GROUP),
    _flow("graduates_joining", "Newly qualified staff who join an employer.", "trainees_final", "in_post_new"),
    _flow("graduates_elsewhere", "Newly qualified staff who leave the area.", "trainees_final", OUTSIDE, GROUP),
    _flow("apprenticeship_starts", "People who start an apprenticeship.", OUTSIDE, "apprentices_first"),
    _flow("apprenticeship_dropouts", "Apprentices who give up.", "apprentices_first", OUTSIDE),
    _flow("apprenticeship_progress", "Apprentices who pass the first half.", "apprentices_first", "apprentices_final"),
    _flow("apprentices_joining", "Apprentices who take a post there.", "apprentices_final", "in_post_new"),
    _flow("apprentices_elsewhere", "Apprentices who find no post with their employer.", "apprentices_final", OUTSIDE),
    _flow("overseas_joining", "Staff recruited from overseas.", OUTSIDE, "in_post_experienced"),
    _flow("domestic_joining", "Staff recruited from outside the modelled employers.", OUTSIDE, "in_post_new"),
    _flow("becoming_experienced", "New staff who become experienced.", "in_post_new", "in_post_experienced"),
    _flow("leavers_new", "New staff who leave the modelled employers.", "in_post_new", OUTSIDE),
    _flow("leavers_experienced", "Experienced staff who leave the modelled employers.", "in_post_experienced", OUTSIDE),
    _flow("retirements", "Staff who retire.", "in_post_experienced", OUTSIDE),
    _flow("sick_leave_new", "New staff who go on sick leave.", "in_post_new", "on_sick_leave"),
    _flow("sick_leave_experienced", "Experienced staff who go on sick leave.", "in_post_experienced", "on_sick_leave"),
    _flow("return_new", "New staff back from sick leave.", "on_sick_leave", "in_post_new"),
    _flow("return_experienced", "Experienced staff back from sick leave.", "on_sick_leave", "in_post_experienced"),
    _flow(
        "moves_between_employers", "Staff who come from another modelled employer, by the one they join.",
        "in_post_experienced", "in_post_experienced",
    ),
    _flow("temporary_engaged", "Agency and bank staff engaged.", OUTSIDE, "temporary"),
    _flow("temporary_released", "Agency and bank staff released.", "temporary", OUTSIDE),
    _flow("reserve_called", "Reserve staff called.", OUTSIDE, "reserve_at_work"),
    _flow("reserve_released", "Reserve staff released.", "reserve_at_work", OUTSIDE),
)  # fmt: skip

OUTPUTS: tuple[Output, ...] = (
    _output("in_post", "Staff in post, those on sick leave included.", "WTE", BOTH, Kind.COUNT, label="Staff in post"),
    _output("in_post_nhs", "Staff in post of NHS employers and general practice.", "WTE", (), Kind.COUNT),
    _output("funded_posts", "Funded posts, with those that interventions add.", "WTE", BOTH, Kind.COUNT),
    _output("temporary_staff", "Agency and bank staff at work, without reserve staff.", "WTE", BOTH, Kind.COUNT),
    _output(
        "temporary_staff_total", "Agency and bank staff at work with all employers.", "WTE", (), Kind.COUNT,
        better="lower", label="Temporary staff",
    ),
    _output(
        "vacancy_rate", "Share of funded posts that are empty.", "1", ("employer",), Kind.SHARE, better="lower",
        label="Vacancy rate",
    ),
    _output(
        "vacancy_rate_overall", "Share of funded posts of NHS employers and general practice that are empty.", "1", (),
        Kind.SHARE, better="lower", label="Vacancy rate, NHS and general practice",
    ),
    _output(
        "staffed_share", "Work done by staff and temporary staff, in experienced WTE at work, over funded posts.", "1",
        ("employer",), Kind.SHARE,
    ),
    _output(
        "effective_staff", "Work that staff and temporary staff can do, 1 as in April 2019.", "1", ("employer",),
        Kind.INDEX,
    ),
    _output(
        "workload", "Work to be done per effective member of staff, 1 as in April 2019.", "1", ("employer",),
        Kind.INDEX,
    ),
    _output(
        "sickness_rate", "Share of staff in post who are on sick leave.", "1", ("employer",), Kind.SHARE,
        better="lower",
    ),
    _output(
        "leaver_rate", "Staff who leave the modelled employers or retire, in a year, over staff in post.", "1/year",
        ("employer",), Kind.RATE, better="lower",
    ),
    _output("local_movers", "Staff who move from one modelled employer to another.", "WTE", (), Kind.FLOW),
)  # fmt: skip

LOOPS: tuple[Loop, ...] = (
    Loop(
        identifier="R2", name="burnout",
        description=(
            "Empty posts leave more work and thinner cover to those at work; felt for months, it raises sickness and "
            "leaving and lowers what each achieves, which empties more posts."
        ),
        links=(
            _link("workforce.vacancy_rate", "workforce.workload_experience", 1),
            _link("workforce.workload_experience", "workforce.leaver_rate", 1),
            _link("workforce.leaver_rate", "workforce.vacancy_rate", 1),
        ),
        gain="loops.R2_burnout",
        strength=(
            "workforce.sickness_per_workload", "workforce.leaving_per_workload", "workforce.burnout_limit",
            "workforce.overwork_loss",
        ),
        shows_in=("workforce.vacancy_rate_overall", 1),
    ),
    Loop(
        identifier="R7", name="poaching",
        description=(
            "An employer short of staff that pays better draws staff from social care and community services; their "
            "discharge capacity falls, patients stay in hospital, and the hospital needs more staff."
        ),
        links=(
            _link("workforce.vacancy_rate", "workforce.moves_between_employers", 1),
            _link("workforce.moves_between_employers", "workforce.staffed_share", -1),
            _link("workforce.staffed_share", "discharge.nctr_before_discharges", -1),
            _link("discharge.nctr_before_discharges", "urgent_care.beds_occupied", 1),
            _link("urgent_care.beds_occupied", "workforce.workload", 1),
            _link("workforce.workload", "workforce.vacancy_rate", 1),
        ),
        gain="loops.R7_poaching",
        strength=(
            "workforce.move_pay_elasticity", "workforce.move_workload_elasticity", "workforce.move_vacancy_response",
            "workforce.move_pull_limit",
        ),
        shows_in=("workforce.local_movers", 1),
    ),
    Loop(
        identifier="B1", name="hiring",
        description="Empty posts are advertised; with a delay more staff are hired and fewer posts stay empty.",
        links=(
            _link("workforce.vacancy_rate", "workforce.domestic_joining", 1),
            _link("workforce.domestic_joining", "workforce.vacancy_rate", -1),
        ),
        gain="loops.B1_hiring",
        strength=("workforce.recruitment_response", "workforce.recruitment_limit"),
        shows_in=("workforce.vacancy_rate_overall", -1),
    ),
    Loop(
        identifier="B2", name="agency",
        description=(
            "Empty posts are covered by agency and bank staff, which keeps up the work done, lowers the workload felt "
            "and with it leaving, at a premium in cost."
        ),
        links=(
            _link("workforce.vacancy_rate", "workforce.temporary_staff", 1),
            _link("workforce.temporary_staff", "workforce.workload", -1),
            _link("workforce.workload", "workforce.leaver_rate", 1),
            _link("workforce.leaver_rate", "workforce.vacancy_rate", 1),
        ),
        gain="loops.B2_agency",
        strength=("workforce.temporary_fill_share",),
        shows_in=("workforce.temporary_staff_total", 1),
    ),
)  # fmt: skip
