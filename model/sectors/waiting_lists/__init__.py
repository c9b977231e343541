"""Referral to treatment and six other lists."""
