"""Selection: what the split that a recipe selects on decides."""

from tinylens.recipe import Recipe


def decided(recipe: Recipe) -> list[str]:
    """What looks at that split decide, for a sentence; nothing where training runs to its end and keeps the last."""
    decisions = (("when to stop", recipe.patience is not None), ("which weights to keep", recipe.keep == "best"))
    return [what for what, is_decided in decisions if is_decided]
