"""Optimizers and learning-rate schedules, as recipes name them."""
