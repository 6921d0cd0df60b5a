"""What is gained where the lens may say that it is not sure: the risk-coverage curve, and conformal sets."""

from markupsafe import Markup

from tinylens.evaluation.abstaining import RiskCoverage, risk_coverage
from tinylens.report.drawing import BLUE, MUTED, inline, new_figure, svg
from tinylens.report.markup import html
from tinylens.report.story import Story

TITLE = "Abstaining"
ORDER = 54
ANSWERED = 1.0, 0.9, 0.8, 0.7, 0.5  # shares of images in the table
RISKS = 0.1, 0.05, 0.01
POINTS = 400  # of the curve that is drawn

TEMPLATE = """
<div class="beside"><figure>{{ drawing }}</figure>
<div><p>Where the lens answers only the images that it is surest of, it is wrong less often. Mean share of mistakes over
all shares of images (AURC): {{ area|percent(2) }}; lower is better.</p>
<table class="figures"><thead><tr><th>answered<th>right</thead>
<tbody>{% for share, right in answered %}<tr><td>{{ share|percent(0) }}<td>{{ right|percent }}{% endfor %}</tbody>
</table>
{% for sentence in within %}<p class="muted">{{ sentence }}</p>{% endfor %}</div></div>
<h3>Conformal sets</h3>
{% if sets %}
<p>Asked for a coverage, the lens tells as many classes of an image as it takes for the right one to be among them that
often. How probable a class must be was fitted on the validation images; here it is measured on the {{ split }}
images.{% if split == "validation" %} They are the same, so it comes out as asked.{% endif %}</p>
<div class="scroll"><table class="figures"><thead>
<tr><th>asked<th>covered<th>95 % interval<th>classes in a set<th>one class<th>no class</thead>
<tbody>{% for s in sets %}<tr><td>{{ s.asked|percent(0) }}<td>{{ s.covered|percent }}
<td>{{ s.interval[0]|percent }} – {{ s.interval[1]|percent }}<td>{{ "%.2f"|format(s.size) }}
<td>{{ s.single|percent }}<td>{{ s.empty|percent }}{% endfor %}</tbody></table></div>
<p class="muted">The promise is kept on average over validation sets, for images like these. It is a little weaker than
that here, because the epoch and the temperature were chosen by the same validation images.
<code>tinylens predict RUN IMAGE --coverage 0.95</code> prints the set of a picture.</p>
{% else %}<p>None were fitted: that takes validation images of the lens's own.</p>{% endif %}
"""

STYLE = """
.figures :is(th,td){text-align:right;padding-left:.6rem}.figures th{white-space:normal;vertical-align:bottom}
"""


def render(story: Story) -> Markup:
    """The curve, and what sets of several coverages came to."""
    curve = risk_coverage(story.predictions.confidence, story.predictions.correct)
    story.figures["risk-coverage.svg"] = draw(curve)
    return html(
        TEMPLATE,
        drawing=inline(story.figures["risk-coverage.svg"], "share of mistakes by share of images answered"),
        area=curve.area,
        answered=[(share, 1 - curve.risk_at(share)) for share in ANSWERED],
        within=within(curve),
        sets=story.metrics.sets,
        split=story.split,
    )


def draw(curve: RiskCoverage) -> str:
    """Mistakes by images answered, as an SVG document."""
    step = max(1, len(curve.risk) // POINTS)
    all_of_them = 100 * float(curve.risk[-1])
    with new_figure(5.6, 3.2) as figure:
        axes = figure.subplots()
        axes.axhline(all_of_them, color=MUTED, linestyle=":", linewidth=1.2, label="in random order")
        # From the end on, so that the last point is all images.
        axes.plot(
            100 * curve.coverage[::-step], 100 * curve.risk[::-step], color=BLUE, linewidth=2, label="surest first"
        )
        axes.set(xlabel="images answered, in %", ylabel="of these wrong, in %", xlim=(0, 100))
        axes.set_ylim(0, max(1.15 * all_of_them, 1))
        axes.legend(frameon=False, loc="best")
        return svg(figure)


def within(curve: RiskCoverage) -> list[str]:
    """How many images can be answered with few mistakes, for levels below the share of mistakes in all."""
    levels = [level for level in RISKS if level < curve.risk[-1]]
    shares = [(level, curve.coverage_at(level)) for level in levels]
    parts = [f"{100 * share:.0f} % of the images with at most {100 * level:.0f} % mistakes" for level, share in shares]
    return [f"It can answer {'; '.join(parts)}."] if parts else []
