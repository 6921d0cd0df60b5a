"""The result, how sure it is, and what it means against chance and against the published figure."""

import numpy as np
from markupsafe import Markup

from tinylens.report.markup import html, percent
from tinylens.report.story import Story

TITLE = "Result"
ORDER = 10

TEMPLATE = """
<div class="headline">
  <div class="figure"><span class="big">{{ m.accuracy|percent }}</span>
    <span class="sub">{{ split }} accuracy, top-1</span></div>
  <dl class="facts">
    <div><dt>95 % interval</dt><dd>{{ m.interval[0]|percent }} – {{ m.interval[1]|percent }}</dd></div>
    <div><dt>Top-5</dt><dd>{{ m.top5|percent }}</dd></div>
    <div><dt>Macro F1</dt><dd>{{ "%.3f"|format(m.macro_f1) }}</dd></div>
    <div><dt>Loss</dt><dd>{{ "%.3f"|format(m.loss) }}</dd></div>
    <div><dt>Calibration error</dt><dd>{{ m.calibration_error|percent }}</dd></div>
    {% if m.superclass_accuracy is not none %}
    <div><dt>Superclass</dt><dd>{{ m.superclass_accuracy|percent }}</dd></div>{% endif %}
    <div><dt>Training</dt><dd>{{ training.epochs }} epochs, {{ time }}</dd></div>
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
.headline{display:flex;flex-wrap:wrap;gap:1rem 3rem;align-items:center}
.headline .figure{display:flex;flex-direction:column}
.headline .big{font-size:3.6rem;font-weight:700;line-height:1.1;letter-spacing:-.02em}
.headline .sub{color:var(--muted)}
.scale{width:100%;height:auto;min-height:56px;margin:1rem 0 .4rem;overflow:visible}
.scale text{font-size:22px;font-weight:600}
@media(max-width:640px){.scale text{font-size:34px}.headline .big{font-size:2.8rem}}
"""


def render(story: Story) -> Markup:
    """The headline of a run."""
    training = story.run.training
    return html(
        TEMPLATE,
        m=story.metrics,
        split=story.split,
        training=training,
        time=duration(training["seconds"]),
        marks=marks(story),
        sentences=sentences(story),
    )


def duration(seconds: float) -> str:
    """A time as people say it."""
    minutes = int(seconds) // 60
    if seconds < 60:
        return f"{seconds:.1f} s"
    return f"{minutes} min {seconds % 60:.0f} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def chance(story: Story) -> float:
    """The accuracy of always naming the largest class."""
    counts = np.array([figures.images for figures in story.metrics.per_class])
    return float(counts.max() / counts.sum())


def marks(story: Story) -> list[dict[str, object]]:
    """The places on the scale from 0 to 100 %: chance and the published figure below it, the result above."""
    places = [("ink", 24, "this run", story.metrics.accuracy), ("muted", 88, "chance", chance(story))]
    if story.published:
        places.append(("orange", 88, "published", story.published.accuracy))
    return [{"colour": c, "y": y, "x": 1000 * v, **label(f"{name} {percent(v)}", v)} for c, y, name, v in places]


def label(text: str, value: float) -> dict[str, object]:
    """A mark's text, set so that it does not leave the scale."""
    anchor = "start" if value < 0.15 else "end" if value > 0.85 else "middle"
    return {"text": text, "anchor": anchor, "text_x": 1000 * value}


def sentences(story: Story) -> list[str]:
    """The result in words."""
    metrics, luck = story.metrics, chance(story)
    right = round(metrics.accuracy * metrics.images)
    low, high = metrics.interval
    against = f"that is {metrics.accuracy / luck:.1f} times as often as" if low > luck else "which is not shown to beat"
    said = [
        f"{right:,} of {metrics.images:,} {story.split} images are classified rightly, {against} always naming the "
        f"largest class would ({percent(luck)}). With 95 % confidence the true rate lies between {percent(low)} and "
        f"{percent(high)}; that speaks of other images like these, not of another training with another seed."
    ]
    if story.published:
        value = story.published.accuracy
        where = "above" if low > value else "below" if high < value else "not distinguishable from"
        said.append(
            f"The source of this recipe published {percent(value, 2)} ({story.published.where}): "
            f"this result is {where} it, one run compared with one figure."
        )
    if story.run.recipe.select_on == "test":
        said.append("Selection looked at these very images, so the figure is too good by an unknown amount.")
    if (limit := story.run.manifest.choice.limit) is not None:
        said.append(f"Only {limit:,} images of each split were used (--limit {limit}).")
    opened = len(story.run.openings)
    times = "once" if opened == 1 else f"{opened} times"
    said.append(
        f"The test images were opened {times}: {'; '.join(o['by'] for o in story.run.openings)}."
        if opened
        else "The test images have not been opened."
    )
    return said
