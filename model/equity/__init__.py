"""Who gains: effects by fifth of deprivation, place, age and stage of life; whether the gap narrows."""
