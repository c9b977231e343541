"""The test on figures that the fit has not seen: fit up to a cut-off, forecast what follows, score by series."""
