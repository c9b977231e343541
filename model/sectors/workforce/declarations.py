"""What the workforce sector declares: stocks, flows, outputs and loops."""

from __future__ import annotations

from model.registry.declarations import (
    NOT_NEGATIVE,
    OUTSIDE,
    UP_TO_ONE,
    Declare,
    Flow,
    Kind,
    Link,
    Loop,
    Memory,
    Output,
    Stock,
    named,
)

GROUP = ("staff_group",)
EMPLOYER_GROUP = ("employer", "staff_group")
EMPLOYER = ("employer",)

# Tables, laid out by hand.
# fmt: off

declare = Declare("workforce", output_bounds=NOT_NEGATIVE)

STOCKS: tuple[Stock, ...] = (
    declare.stock("trainees_first", "People in the first third of professional training.", "WTE", "staff", GROUP),
    declare.stock("trainees_middle", "People in the second third of professional training.", "WTE", "staff", GROUP),
    declare.stock("trainees_final", "People in the last third of professional training.", "WTE", "staff", GROUP),
    declare.stock(
        "apprentices_first", "Apprentices in the first half of their apprenticeship.", "WTE", "staff", EMPLOYER_GROUP,
    ),
    declare.stock(
        "apprentices_final", "Apprentices in the second half of their apprenticeship.", "WTE", "staff", EMPLOYER_GROUP,
    ),
    declare.stock("in_post_new", "New staff at work, not yet fully productive.", "WTE", "staff", EMPLOYER_GROUP),
    declare.stock("in_post_experienced", "Experienced staff at work.", "WTE", "staff", EMPLOYER_GROUP),
    declare.stock("on_sick_leave", "Staff in post who are absent through sickness.", "WTE", "staff", EMPLOYER_GROUP),
    declare.stock("temporary", "Agency and bank staff at work.", "WTE", "temporary_staff", EMPLOYER_GROUP),
    declare.stock("reserve_at_work", "Reserve staff called to work.", "WTE", "temporary_staff", EMPLOYER_GROUP),
    declare.stock(
        "establishment", "Funded posts, without those that interventions add.", "WTE", "index", EMPLOYER_GROUP,
    ),
    declare.stock(
        "vacancies_advertised", "Vacancy rate to which recruitment answers, with its delay.", "1", "index",
        EMPLOYER_GROUP, bounds=UP_TO_ONE, recorded=False,
    ),
    declare.stock(
        "workload_experience", "Workload as staff have come to feel it, 1 as in April 2019.", "1", "index",
        EMPLOYER_GROUP,
    ),
)

FLOWS: tuple[Flow, ...] = (
    declare.flow("training_starts", "People who start professional training.", "WTE", OUTSIDE, "trainees_first", GROUP),
    declare.flow("training_dropouts", "Trainees who give up.", "WTE", "trainees_first", OUTSIDE, GROUP),
    declare.flow(
        "training_progress_first", "Trainees who pass the first stage.", "WTE", "trainees_first", "trainees_middle",
        GROUP,
    ),
    declare.flow(
        "training_progress_middle", "Trainees who pass the second.", "WTE", "trainees_middle", "trainees_final", GROUP,
    ),
    declare.flow(
        "graduates_joining", "Newly qualified staff who join an employer.", "WTE", "trainees_final", "in_post_new",
        EMPLOYER_GROUP,
    ),
    declare.flow(
        "graduates_elsewhere", "Newly qualified staff who leave the area.", "WTE", "trainees_final", OUTSIDE, GROUP,
    ),
    declare.flow(
        "apprenticeship_starts", "People who start an apprenticeship.", "WTE", OUTSIDE, "apprentices_first",
        EMPLOYER_GROUP,
    ),
    declare.flow(
        "apprenticeship_dropouts", "Apprentices who give up.", "WTE", "apprentices_first", OUTSIDE, EMPLOYER_GROUP,
    ),
    declare.flow(
        "apprenticeship_progress", "Apprentices who pass the first half.", "WTE", "apprentices_first",
        "apprentices_final", EMPLOYER_GROUP,
    ),
    declare.flow(
        "apprentices_joining", "Apprentices who take a post there.", "WTE", "apprentices_final", "in_post_new",
        EMPLOYER_GROUP,
    ),
    declare.flow(
        "apprentices_elsewhere", "Apprentices who find no post with their employer.", "WTE", "apprentices_final",
        OUTSIDE, EMPLOYER_GROUP,
    ),
    declare.flow(
        "overseas_joining", "Staff recruited from overseas.", "WTE", OUTSIDE, "in_post_experienced", EMPLOYER_GROUP,
    ),
    declare.flow(
        "domestic_joining", "Staff recruited from outside the modelled employers.", "WTE", OUTSIDE, "in_post_new",
        EMPLOYER_GROUP,
    ),
    declare.flow(
        "becoming_experienced", "New staff who become experienced.", "WTE", "in_post_new", "in_post_experienced",
        EMPLOYER_GROUP,
    ),
    declare.flow(
        "leavers_new", "New staff who leave the modelled employers.", "WTE", "in_post_new", OUTSIDE, EMPLOYER_GROUP,
    ),
    declare.flow(
        "leavers_experienced", "Experienced staff who leave the modelled employers.", "WTE", "in_post_experienced",
        OUTSIDE, EMPLOYER_GROUP,
    ),
    declare.flow("retirements", "Staff who retire.", "WTE", "in_post_experienced", OUTSIDE, EMPLOYER_GROUP),
    declare.flow(
        "sick_leave_new", "New staff who go on sick leave.", "WTE", "in_post_new", "on_sick_leave", EMPLOYER_GROUP,
    ),
    declare.flow(
        "sick_leave_experienced", "Experienced staff who go on sick leave.", "WTE", "in_post_experienced",
        "on_sick_leave", EMPLOYER_GROUP,
    ),
    declare.flow(
        "return_new", "New staff back from sick leave.", "WTE", "on_sick_leave", "in_post_new", EMPLOYER_GROUP,
    ),
    declare.flow(
        "return_experienced", "Experienced staff back from sick leave.", "WTE", "on_sick_leave", "in_post_experienced",
        EMPLOYER_GROUP,
    ),
    declare.flow(
        "moves_between_employers", "Staff who come from another modelled employer, by the one they join.", "WTE",
        "in_post_experienced", "in_post_experienced", EMPLOYER_GROUP,
    ),
    declare.flow("temporary_engaged", "Agency and bank staff engaged.", "WTE", OUTSIDE, "temporary", EMPLOYER_GROUP),
    declare.flow("temporary_released", "Agency and bank staff released.", "WTE", "temporary", OUTSIDE, EMPLOYER_GROUP),
    declare.flow("reserve_called", "Reserve staff called.", "WTE", OUTSIDE, "reserve_at_work", EMPLOYER_GROUP),
    declare.flow("reserve_released", "Reserve staff released.", "WTE", "reserve_at_work", OUTSIDE, EMPLOYER_GROUP),
)

OUTPUTS: tuple[Output, ...] = (
    declare.output(
        "in_post", "Staff in post, those on sick leave included.", "WTE", Kind.COUNT, EMPLOYER_GROUP,
        label="Staff in post",
    ),
    declare.output("in_post_nhs", "Staff in post of NHS employers and general practice.", "WTE", Kind.COUNT),
    declare.output(
        "funded_posts", "Funded posts, with those that interventions add.", "WTE", Kind.COUNT, EMPLOYER_GROUP,
    ),
    declare.output(
        "temporary_staff", "Agency and bank staff at work, without reserve staff.", "WTE", Kind.COUNT, EMPLOYER_GROUP,
    ),
    declare.output(
        "temporary_staff_total", "Agency and bank staff at work with all employers.", "WTE", Kind.COUNT,
        label="Temporary staff", better="lower",
    ),
    declare.output(
        "vacancy_rate", "Share of funded posts that are empty.", "1", Kind.SHARE, EMPLOYER, label="Vacancy rate",
        better="lower",
    ),
    declare.output(
        "vacancy_rate_overall", "Share of funded posts of NHS employers and general practice that are empty.", "1",
        Kind.SHARE, label="Vacancy rate, NHS and general practice", better="lower",
    ),
    declare.output(
        "staffed_share", "Work done by staff and temporary staff, in experienced WTE at work, over funded posts.", "1",
        Kind.SHARE, EMPLOYER,
    ),
    declare.output(
        "effective_staff", "Work that staff and temporary staff can do, 1 as in April 2019.", "1", Kind.INDEX, EMPLOYER,
    ),
    declare.output(
        "workload", "Work to be done per effective member of staff, 1 as in April 2019.", "1", Kind.INDEX, EMPLOYER,
    ),
    declare.output(
        "sickness_rate", "Share of staff in post who are on sick leave.", "1", Kind.SHARE, EMPLOYER, better="lower",
    ),
    declare.output(
        "leaver_rate", "Staff who leave the modelled employers or retire, in a year, over staff in post.", "1/year",
        Kind.RATE, EMPLOYER, better="lower",
    ),
    declare.output("local_movers", "Staff who move from one modelled employer to another.", "WTE", Kind.FLOW),
)

MEMORY: tuple[Memory, ...] = (
    declare.memory("first_work", "Work that staff did in April 2019, experienced WTE.", "WTE", ("employer",)),
    declare.memory("first_cover", "Work over posts in April 2019.", "1", EMPLOYER_GROUP),
    declare.memory("first_vcse_posts", "Posts of the voluntary sector in April 2019.", "WTE", ("staff_group",)),
    declare.memory("first_contracted", "Posts under contracts of the voluntary sector in the first step.", "WTE"),
    declare.memory("first_need", "Need for each service in the first step.", "1/day", ("service",)),
    declare.memory("first_beds", "Acute beds in use in the first step.", "beds"),
    declare.memory("first_users", "Users of long-term care in the first step.", "people"),
    declare.memory("felt", "Workload and uncovered posts at the end of the last step.", "1", EMPLOYER_GROUP),
)

LOOPS: tuple[Loop, ...] = (
    Loop(
        identifier="R2", name="burnout", gain="loops.R2_burnout",
        description=(
            "Empty posts leave more work and thinner cover to those at work; felt for months, it raises sickness "
            "and leaving and lowers what each achieves, which empties more posts."
        ),
        links=(
            Link("workforce.vacancy_rate", "workforce.workload_experience", +1),
            Link("workforce.workload_experience", "workforce.leaver_rate", +1),
            Link("workforce.leaver_rate", "workforce.vacancy_rate", +1),
        ),
        strength=(
            "workforce.sickness_per_workload", "workforce.leaving_per_workload", "workforce.burnout_limit",
            "workforce.overwork_loss",
        ),
        shows_in=("workforce.vacancy_rate_overall", +1),
    ),
    Loop(
        identifier="R7", name="poaching", gain="loops.R7_poaching",
        description=(
            "An employer short of staff that pays better draws staff from social care and community services; "
            "their discharge capacity falls, patients stay in hospital, and the hospital needs more staff."
        ),
        links=(
            Link("workforce.vacancy_rate", "workforce.moves_between_employers", +1),
            Link("workforce.moves_between_employers", "workforce.staffed_share", -1),
            Link("workforce.staffed_share", "discharge.nctr_before_discharges", -1),
            Link("discharge.nctr_before_discharges", "urgent_care.beds_occupied", +1),
            Link("urgent_care.beds_occupied", "workforce.workload", +1),
            Link("workforce.workload", "workforce.vacancy_rate", +1),
        ),
        strength=(
            "workforce.move_pay_elasticity", "workforce.move_workload_elasticity", "workforce.move_vacancy_response",
            "workforce.move_pull_limit",
        ),
        shows_in=("workforce.local_movers", +1),
    ),
    Loop(
        identifier="B1", name="hiring", gain="loops.B1_hiring",
        description="Empty posts are advertised; with a delay more staff are hired and fewer posts stay empty.",
        links=(
            Link("workforce.vacancy_rate", "workforce.domestic_joining", +1),
            Link("workforce.domestic_joining", "workforce.vacancy_rate", -1),
        ),
        strength=("workforce.recruitment_response", "workforce.recruitment_limit"),
        shows_in=("workforce.vacancy_rate_overall", -1),
    ),
    Loop(
        identifier="B2", name="agency", gain="loops.B2_agency",
        description=(
            "Empty posts are covered by agency and bank staff, which keeps up the work done, lowers the workload "
            "felt and with it leaving, at a premium in cost."
        ),
        links=(
            Link("workforce.vacancy_rate", "workforce.temporary_staff", +1),
            Link("workforce.temporary_staff", "workforce.workload", -1),
            Link("workforce.workload", "workforce.leaver_rate", +1),
            Link("workforce.leaver_rate", "workforce.vacancy_rate", +1),
        ),
        strength=("workforce.temporary_fill_share",),
        shows_in=("workforce.temporary_staff_total", +1),
    ),
)

# fmt: on

# Signals that other sectors read.
EFFECTIVE_STAFF = named(OUTPUTS, "effective_staff")
IN_POST = named(OUTPUTS, "in_post")
STAFFED_SHARE = named(OUTPUTS, "staffed_share")
TEMPORARY_STAFF = named(OUTPUTS, "temporary_staff")
VACANCY_RATE = named(OUTPUTS, "vacancy_rate")
