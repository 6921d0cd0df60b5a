"""The result, how sure it is, and what it means against chance and against the published figure."""

import numpy as np
from markupsafe import Markup

from tinylens.report.markup import html
from tinylens.report.story import Story
from tinylens.words import MARKED, count, duration, percent, times

TITLE = "Result"
ORDER = 10

TEMPLATE = """
<div class="headline">
  <div class="figure"><span class="big">{{ m.accuracy|percent }}{{ mark }}</span>
    <span class="sub">{{ split }} accuracy, top-1</span></div>
  <dl class="facts">
    <div><dt>95 % interval</dt><dd>{{ m.interval[0]|percent }} – {{ m.interval[1]|percent }}</dd></div>
    {% if m.top5 is not none %}
    <div><dt>Top-5</dt><dd>{{ m.top5|percent }}</dd></div>{% endif %}
    <div><dt>Macro F1</dt><dd>{{ "%.3f"|format(m.macro_f1) }}
      <span class="muted">({{ "%.3f – %.3f"|format(*m.macro_f1_interval) }})</span></dd></div>
    <div><dt>Loss</dt><dd>{{ "%.3f"|format(m.loss) }}</dd></div>
    <div><dt>Calibration error</dt><dd>{{ m.calibration_error|percent }}
      <span class="muted">({{ m.calibration_floor|percent }} if perfect)</span></dd></div>
    {% if m.superclass_accuracy is not none %}
    <div><dt>Superclass</dt><dd>{{ m.superclass_accuracy|percent }}</dd></div>{% endif %}
    <div><dt>Training</dt><dd>{{ epochs }}, {{ time }}</dd></div>
  </dl>
</div>
<svg class="scale" viewBox="0 0 1000 96" role="img" aria-label="{{ marks|map(attribute='text')|join(', ') }}">
  <rect x="0" y="44" width="1000" height="8" rx="4" fill="var(--line)"/>
  <rect x="{{ 1000 * m.interval[0] }}" y="40" width="{{ 1000 * (m.interval[1] - m.interval[0]) }}" height="16" rx="4"
        fill="var(--blue)" opacity=".35"/>
  {% for mark in marks %}
  <line x1="{{ mark.x }}" x2="{{ mark.x }}" y1="34" y2="62" stroke="var(--{{ mark.colour }})" stroke-width="4"/>
  <text x="{{ mark.text_x }}" y="{{ mark.y }}" text-anchor="{{ mark.anchor }}" fill="var(--{{ mark.colour }})">
    {{- mark.text }}</text>
  {% endfor %}
</svg>
{% for sentence in sentences %}<p>{{ sentence }}</p>{% endfor %}
"""

STYLE = """
.scale{width:100%;height:auto;min-height:56px;margin:1rem 0 .4rem;overflow:visible}
.scale text{font-size:22px;font-weight:600}
@media(max-width:640px){.scale text{font-size:34px}}
"""


def render(story: Story) -> Markup:
    """The headline of a run."""
    training = story.run.training
    return html(
        TEMPLATE,
        m=story.metrics,
        split=story.split,
        mark=story.mark,
        training=training,
        epochs=count(training["epochs"], "epoch"),
        time=duration(training["seconds"]),
        marks=marks(story),
        sentences=sentences(story),
    )


def majority(story: Story) -> float:
    """The accuracy of always predicting the largest class."""
    counts = np.array([figures.images for figures in story.metrics.per_class])
    return float(counts.max() / counts.sum())


def marks(story: Story) -> list[dict[str, object]]:
    """The places on the scale from 0 to 100 %: chance and the published figure below it, the result above."""
    places = [
        ("ink", 24, f"this run{story.mark}", story.metrics.accuracy),
        ("muted", 88, "largest class", majority(story)),
    ]
    if story.published:
        places.append(("orange", 88, "published", story.published.accuracy))
    return [{"colour": c, "y": y, "x": 1000 * v, **label(f"{name} {percent(v)}", v)} for c, y, name, v in places]


def label(text: str, value: float) -> dict[str, object]:
    """A mark's text, set so that it does not leave the scale."""
    anchor = "start" if value < 0.15 else "end" if value > 0.85 else "middle"
    return {"text": text, "anchor": anchor, "text_x": 1000 * value}


def sentences(story: Story) -> list[str]:
    """The result in words."""
    return [*result_words(story), *published_words(story), *caveats(story)]


def result_words(story: Story) -> list[str]:
    """The accuracy against always predicting the largest class, and what its interval speaks of."""
    metrics, least = story.metrics, majority(story)
    right = round(metrics.accuracy * metrics.images)
    low, high = metrics.interval
    always = f"always predicting the largest class ({percent(least)})"
    better = f"{metrics.accuracy / least:.1f} times the share of {always}"
    against = better if low > least else f"not shown to be better than {always}"
    return [
        f"{right:,} of {metrics.images:,} {story.split} images are classified correctly: {against}. With 95 % "
        f"confidence the true rate lies between {percent(low)} and {percent(high)}; that speaks of other images like "
        "these, not of another training with another seed."
    ]


def published_words(story: Story) -> list[str]:
    """The accuracy beside the published one, where there is one like it."""
    if story.published is None:
        return []
    value = story.published.accuracy
    points = 100 * (story.metrics.accuracy - value)
    return [
        f"The source of this recipe published {percent(value, 2)} ({story.published.where}): this run is "
        f"{abs(points):.1f} points {'above' if points >= 0 else 'below'} it. Both are single runs; several seeds tell "
        "whether that is more than luck."
    ]


def caveats(story: Story) -> list[str]:
    """What a reader must know before believing the figure."""
    said = []
    if story.run.recipe.select_on == "test":
        said.append(f"{MARKED}.")
    if (limit := story.run.manifest.choice.limit) is not None:
        said.append(f"At most {limit:,} images of each split were used (--limit {limit}).")
    if story.split == "validation" and story.run.recipe.keep == "best":
        said.append("The epoch that was kept was chosen by these very images, so the figure is a little too good.")
    opened = story.run.times_opened
    reasons = "; ".join(dict.fromkeys(opening["by"] for opening in story.run.openings))
    looked = f"The test images were looked at {times(opened)}: {reasons}." if opened else "The test images are unseen."
    return [*said, looked]
