"""Evaluation: predictions, and the figures that follow from them without the model."""
