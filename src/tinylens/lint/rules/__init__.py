"""One file a rule, in a folder for each kind of thing that is looked at. Its docstring is its documentation."""
