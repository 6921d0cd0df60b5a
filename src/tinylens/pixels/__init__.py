"""Pixels: what is done to images between the data and the model."""
