"""The probabilities of the most probable classes, as bars beside a few images."""

import numpy as np
from markupsafe import Markup

from tinylens.report.markup import html
from tinylens.report.story import Story

TITLE = "Probabilities"
ORDER = 75
IMAGES, CLASSES = 6, 5

TEMPLATE = """
<p>The most probable classes of {{ images|length }} {{ split }} images, drawn by seed. The bar of the prediction is blue
where it is right, orange where it is wrong.</p>
<div class="chances">{% for a, image, bars in images %}
<figure class="{{ "right" if a.right else "wrong" }}"><div>{{ image }}<span class="muted">is {{ a.truth }}</span></div>
<dl>{% for name, share in bars %}<dt>{{ name }}
<dd style="--share:{{ "%.4f"|format(share) }}">{{ share|percent }}
{% endfor %}</dl>
</figure>{% endfor %}</div>
"""

STYLE = """
.chances{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,21rem),1fr));gap:1.4rem 2rem;--thumb:96px;
margin-top:.8rem}
.chances figure{display:flex;gap:1rem;align-items:start;font-size:.85rem;break-inside:avoid}
.chances figure>div{width:max(var(--thumb),5.2rem);flex:none;overflow-wrap:anywhere}
.chances dl{flex:1;margin:0;display:grid;grid-template-columns:minmax(0,7rem) 1fr;gap:.2rem .6rem;align-items:center}
@media(max-width:640px){.chances{--thumb:64px}.chances dl{grid-template-columns:minmax(0,5.5rem) 1fr}}
.chances dt{text-align:right;overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
.chances dd{margin:0;white-space:nowrap;display:flex;align-items:center;gap:.4rem}
.chances dd::before{content:"";height:1rem;border-radius:2px;background:var(--line);
width:calc((100% - 4rem)*var(--share));-webkit-print-color-adjust:exact;print-color-adjust:exact}
.chances .right dd:first-of-type::before{background:var(--blue)}
.chances .wrong dd:first-of-type::before{background:var(--orange)}
"""


def render(story: Story) -> Markup:
    """Bars of a few images drawn by the run's seed."""
    predictions = story.predictions
    answers = [predictions.answer(index) for index in predictions.pick(IMAGES, seed=story.run.recipe.seed)]
    images = [(answer, story.image(answer), bars(story, answer.index)) for answer in answers]
    return html(TEMPLATE, images=images, split=story.split)


def bars(story: Story, index: int) -> list[tuple[str, float]]:
    """The most probable classes of one image with their probabilities, most probable first."""
    probabilities = story.predictions.probabilities[index]
    top = np.argsort(-probabilities, kind="stable")[:CLASSES].tolist()
    return [(story.predictions.classes[label], float(probabilities[label])) for label in top]
