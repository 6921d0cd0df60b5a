"""A gallery of predictions: each image with its truth, its prediction and the probability of that."""

from collections.abc import Iterable

from markupsafe import Markup

from tinylens.report.markup import html
from tinylens.report.story import Story

TEMPLATE = """
<div class="thumbs">{% for a, image in images %}<figure>{{ image }}
<figcaption class="{{ "right" if a.right else "wrong" }}">
<b>{{ a.predicted }}</b><br>
{{ a.probability|percent }}{% if not a.right %}, <span class="muted">is {{ a.truth }}</span>{% endif %}
</figcaption></figure>{% endfor %}</div>
"""


def gallery(story: Story, indices: Iterable[int]) -> Markup:
    """The predictions at these positions of the judged split."""
    answers = [story.predictions.answer(index) for index in indices]
    return html(TEMPLATE, images=[(answer, story.image(answer)) for answer in answers])
