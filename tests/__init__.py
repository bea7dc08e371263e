"""The suite: unit and accuracy tests, benchmarks, and what they share."""
