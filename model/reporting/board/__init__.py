"""The report to a board: one page first, then effects, money, who gains, principles, evidence and limits."""
