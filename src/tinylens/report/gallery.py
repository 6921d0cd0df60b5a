"""A gallery of predictions: each image with its truth, its prediction and the score of it."""

from collections.abc import Iterable

from markupsafe import Markup

from tinylens.report.markup import html
from tinylens.report.story import Story

TEMPLATE = """
<div class="thumbs">{% for g in images %}<figure>{{ g.image }}<figcaption class="{{ "right" if g.right else "wrong" }}">
<b>{{ g.predicted }}</b><br>
{{ g.score }}&#8239;%{% if not g.right %}, <span class="muted">is {{ g.truth }}</span>{% endif %}
</figcaption></figure>{% endfor %}</div>
"""


def gallery(story: Story, indices: Iterable[int]) -> Markup:
    """The predictions at these positions of the judged split."""
    predictions, images = story.predictions, []
    for index in indices:
        predicted, truth = int(predictions.predicted[index]), int(predictions.labels[index])
        names = predictions.classes[predicted], predictions.classes[truth]
        images.append({
            "image": story.thumbnails.html(story.judged, index, f"{names[1]}, called {names[0]}"),
            "predicted": names[0],
            "truth": names[1],
            "score": f"{100 * predictions.probabilities[index, predicted]:.1f}",
            "right": predicted == truth,
        })  # fmt: skip
    return html(TEMPLATE, images=images)
