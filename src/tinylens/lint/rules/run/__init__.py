"""Rules for runs and recipes: each has a RULE, and a `check(case)` that yields Findings."""
