"""Income and expenditure by organisation, savings and deficit."""
