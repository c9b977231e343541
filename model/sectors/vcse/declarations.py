"""What the voluntary sector (VCSE) declares: stocks, flows and outputs."""

from __future__ import annotations

from model.registry.declarations import NOT_NEGATIVE, OUTSIDE, Declare, Flow, Kind, Memory, Output, Stock, named

PLACE = ("place",)
PLACE_DEPRIVATION = ("place", "deprivation")

# Tables, laid out by hand.
# fmt: off

declare = Declare("vcse", output_bounds=NOT_NEGATIVE)

STOCKS: tuple[Stock, ...] = (
    declare.stock("capacity_short", "Posts under short contracts.", "WTE", "vcse_capacity", PLACE),
    declare.stock("capacity_long", "Posts under long contracts.", "WTE", "vcse_capacity", PLACE),
    declare.stock(
        "volunteers", "Volunteers by deprivation of where they live.", "people", "volunteers", PLACE_DEPRIVATION,
    ),
    declare.stock("reserves", "Reserves of organisations, 2022/23 prices.", "£", "money", PLACE),
    declare.stock("supported", "People being supported.", "people", "supported_people", PLACE),
    declare.stock("capability", "What a post achieves, 1 if all contracts were short.", "1", "index", PLACE),
    declare.stock(
        "support_felt", "Support relative to April 2019 as it acts on need, with its delay.", "1", "index", PLACE,
    ),
)

FLOWS: tuple[Flow, ...] = (
    declare.flow("contracts_let_short", "Posts under new short contracts.", "WTE", OUTSIDE, "capacity_short", PLACE),
    declare.flow("contracts_let_long", "Posts under new long contracts.", "WTE", OUTSIDE, "capacity_long", PLACE),
    declare.flow(
        "posts_lost_short", "Posts lost at the end of short contracts.", "WTE", "capacity_short", OUTSIDE, PLACE,
    ),
    declare.flow("posts_lost_long", "Posts lost at the end of long contracts.", "WTE", "capacity_long", OUTSIDE, PLACE),
    declare.flow(
        "posts_closed_short", "Short-contract posts closed for want of money.", "WTE", "capacity_short", OUTSIDE, PLACE,
    ),
    declare.flow(
        "posts_closed_long", "Long-contract posts closed for want of money.", "WTE", "capacity_long", OUTSIDE, PLACE,
    ),
    declare.flow(
        "contracts_lengthened", "Posts moved to long contracts.", "WTE", "capacity_short", "capacity_long", PLACE,
    ),
    declare.flow(
        "volunteers_joining", "People who begin to volunteer.", "people", OUTSIDE, "volunteers", PLACE_DEPRIVATION,
    ),
    declare.flow(
        "volunteers_leaving", "People who stop volunteering.", "people", "volunteers", OUTSIDE, PLACE_DEPRIVATION,
    ),
    declare.flow("reserves_saved", "Income put into reserves.", "£", OUTSIDE, "reserves", PLACE),
    declare.flow("reserves_spent", "Reserves spent on posts.", "£", "reserves", OUTSIDE, PLACE),
    declare.flow("support_starts", "People who begin to be supported.", "people", OUTSIDE, "supported", PLACE),
    declare.flow("support_ends", "People whose support ends.", "people", "supported", OUTSIDE, PLACE),
)

OUTPUTS: tuple[Output, ...] = (
    declare.output(
        "capacity", "Capacity, paid and voluntary, without what interventions take up.", "WTE", Kind.COUNT, PLACE,
    ),
    declare.output("capacity_index", "What capacity achieves, 1 as in April 2019.", "1", Kind.INDEX, PLACE),
    declare.output("contracted_posts", "Posts under contract.", "WTE", Kind.COUNT),
    declare.output("programme_filled_share", "Share of programme capacity that is there.", "1", Kind.SHARE, PLACE),
    declare.output("people_supported", "People being supported.", "people", Kind.COUNT, label="People supported"),
    declare.output(
        "supported_by_deprivation", "People supported, by deprivation.", "people", Kind.COUNT, ("deprivation",),
    ),
    declare.output("volunteers_total", "Volunteers.", "people", Kind.COUNT, label="Volunteers", better="higher"),
    declare.output("income", "Income of organisations in a year, 2022/23 prices.", "£/year", Kind.RATE, PLACE),
    declare.output("discharge_support", "Share of simple discharges helped home.", "1", Kind.SHARE, PLACE),
    declare.output(
        "emergency_need_multiplier", "Emergency need, 1 at the support of April 2019.", "1", Kind.INDEX, PLACE,
    ),
    declare.output("gp_contact_multiplier", "GP contacts, 1 at the support of April 2019.", "1", Kind.INDEX, PLACE),
    declare.output(
        "falls_need_multiplier", "Need for care after falls, 1 at the support of April 2019.", "1", Kind.INDEX, PLACE,
    ),
    declare.output(
        "mental_health_need_multiplier", "Community mental health need, 1 at the support of April 2019.", "1",
        Kind.INDEX, PLACE,
    ),
)

MEMORY: tuple[Memory, ...] = (
    declare.memory("first_volunteers", "Volunteers of April 2019.", "people", ("deprivation",)),
    declare.memory("first_staffed", "How far posts were filled in the first step.", "1"),
    declare.memory("first_achieved", "What capacity achieved in April 2019.", "WTE", PLACE),
)

# fmt: on

# Signals that other sectors read.
CONTRACTED_POSTS = named(OUTPUTS, "contracted_posts")
DISCHARGE_SUPPORT = named(OUTPUTS, "discharge_support")
EMERGENCY_NEED_MULTIPLIER = named(OUTPUTS, "emergency_need_multiplier")
FALLS_NEED_MULTIPLIER = named(OUTPUTS, "falls_need_multiplier")
GP_CONTACT_MULTIPLIER = named(OUTPUTS, "gp_contact_multiplier")
MENTAL_HEALTH_NEED_MULTIPLIER = named(OUTPUTS, "mental_health_need_multiplier")
