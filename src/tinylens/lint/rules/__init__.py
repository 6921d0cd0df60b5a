"""One file a rule. A rule has `check(run)`, which yields a Finding for each place where the run breaks it."""
