"""Who gains: by deprivation, place, age and stage of life."""
