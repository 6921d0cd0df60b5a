"""Predictions of images drawn at random: neither the best nor the worst."""

import numpy as np
from markupsafe import Markup

from tinylens.report.gallery import gallery
from tinylens.report.markup import html
from tinylens.report.story import Story

TITLE = "Random predictions"
ORDER = 70
IMAGES = 24


def render(story: Story) -> Markup:
    """Predictions of images drawn by the run's seed."""
    draw = np.random.default_rng(story.run.recipe.seed)
    chosen = draw.choice(len(story.predictions), min(IMAGES, len(story.predictions)), replace=False).tolist()
    return html("<p>Drawn by seed from the {{ split }} images.</p>", split=story.split) + gallery(story, chosen)
