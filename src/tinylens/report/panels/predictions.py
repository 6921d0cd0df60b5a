"""Predictions of images drawn at random, neither the best nor the worst, and of the first ten."""

from markupsafe import Markup

from tinylens.report.gallery import gallery
from tinylens.report.markup import html
from tinylens.report.story import Story

TITLE = "Random predictions"
ORDER = 70
IMAGES, FIRST = 24, 10

TABLE = """
<h3>The first {{ rows|length }}</h3>
<div class="scroll"><table class="first">
<thead><tr><th>#<th><th>truth<th>predicted<th>probability</thead>
<tbody>{% for a, image in rows %}<tr class="{{ "right" if a.right else "wrong" }}"><td>{{ a.index }}<td>{{ image }}
<td>{{ a.truth }}<td><b>{{ a.predicted }}</b><td>{{ a.probability|percent }}
{% endfor %}</tbody></table></div>
"""

STYLE = """
.first{--thumb:32px}.first td{vertical-align:middle;overflow-wrap:break-word;max-width:12rem}
@media(max-width:640px){.first{font-size:.9rem}.first :is(th,td){padding-right:.6rem}}
"""


def render(story: Story) -> Markup:
    """Predictions of images drawn by the run's seed, and of the first ones in the order of the split."""
    predictions = story.predictions
    drawn = predictions.pick(IMAGES, seed=story.run.recipe.seed)
    first = [predictions.answer(index) for index in predictions.pick(FIRST)]
    said = html("<p>Drawn by seed from the {{ split }} images.</p>", split=story.split)
    return said + gallery(story, drawn) + html(TABLE, rows=[(answer, story.image(answer)) for answer in first])
