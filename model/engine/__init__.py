"""A small stepper for stocks and flows, batched over ensemble members. It knows nothing of health care."""
