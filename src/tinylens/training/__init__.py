"""Training: one loop, and callbacks that do all the rest."""
