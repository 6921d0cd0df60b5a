"""The mistakes that the lens is surest of."""

import numpy as np
from markupsafe import Markup

from tinylens.report.gallery import gallery
from tinylens.report.markup import html
from tinylens.report.story import Story

TITLE = "Surest mistakes"
ORDER = 60
IMAGES = 24


def render(story: Story) -> Markup | None:
    """The wrong predictions with the highest scores, where there are wrong ones."""
    predictions = story.predictions
    wrong = np.flatnonzero(~predictions.correct)
    if len(wrong) == 0:
        return None
    surest = wrong[np.argsort(-predictions.probabilities[wrong].max(axis=1), kind="stable")[:IMAGES]].tolist()
    return html("<p>What the lens says, how sure it is, and the truth.</p>") + gallery(story, surest)
