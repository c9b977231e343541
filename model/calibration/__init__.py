"""The fit to the public record: observed figures, priors, the forward operator, point fit, posterior and its file."""
