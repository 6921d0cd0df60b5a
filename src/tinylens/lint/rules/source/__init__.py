"""Rules for source: each has a RULE, and a `check(program)` that yields a Finding for each place that breaks it."""
