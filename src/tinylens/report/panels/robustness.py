"""The accuracy on corrupted images, by kind and severity, where it was measured."""

import statistics

from markupsafe import Markup

from tinylens.corruptions import GROUPS, SEVERITIES
from tinylens.evaluation.robustness import Robustness, saved_robustness
from tinylens.report.drawing import BLUE, INK, MUTED, ORANGE, inline, new_figure, svg
from tinylens.report.markup import html
from tinylens.report.story import Story

TITLE = "Robustness"
ORDER = 56
STYLES = dict(zip(GROUPS, [(BLUE, "o-"), (ORANGE, "s-"), (INK, "^-"), (MUTED, "D-")], strict=True))

TEMPLATE = """
<p><b>{{ r.mean|percent }}{{ mark }}</b> of the corrupted images are classified correctly, on average over 15 kinds
and 5 severities; of the same {{ "{:,}".format(r.images) }} {{ r.split }} images as they are, {{ r.clean|percent }}
({{ r.interval[0]|percent }} – {{ r.interval[1]|percent }}).</p>
<div class="beside"><div class="scroll"><table class="corrupted"><thead>
<tr><th>corruption{% for severity in severities %}<th>{{ severity }}{% endfor %}<th>mean</thead>
{% for group, rows in groups %}<tbody><tr><th colspan="7">{{ group }}
{% for kind, values, mean in rows %}<tr><td>{{ kind }}{% for value in values + [mean] %}
<td style="--share:{{ "%.3f"|format(value) }}">{{ "%.1f"|format(100 * value) }}{% endfor %}{% endfor %}</tbody>
{% endfor %}</table></div>
<figure>{{ drawing }}</figure></div>
<p class="muted">Percent right at severities 1 to 5. Kinds and severities are those of Hendrycks and Dietterich 2019 for
32×32 pixels, by code of our own: near CIFAR-10-C, not the same images. Frost is drawn; theirs is photographed.</p>
"""

STYLE = """
.corrupted :is(th,td){text-align:right;padding:.2rem .55rem}
.corrupted :is(th,td):first-child{text-align:left;padding-left:0}
.corrupted tbody th{color:var(--muted);font-weight:600;padding-top:.7rem}
.corrupted td[style]{background:color-mix(in srgb,var(--blue) calc(55%*var(--share)),transparent);
-webkit-print-color-adjust:exact;print-color-adjust:exact}
"""


def render(story: Story) -> Markup | None:
    """The table and the curves, where robustness was measured on the split that the report is about."""
    robustness = saved_robustness(story.run, story.split)
    if robustness is None:
        return None
    story.figures["robustness.svg"] = draw(robustness)
    groups = [(group, [row(robustness, kind) for kind in kinds]) for group, kinds in GROUPS.items()]
    drawing = inline(story.figures["robustness.svg"], "accuracy by severity, of each group of corruptions")
    return html(TEMPLATE, r=robustness, mark=story.mark, groups=groups, severities=SEVERITIES, drawing=drawing)


def row(robustness: Robustness, kind: str) -> tuple[str, list[float], float]:
    """A kind, its accuracies, and their mean."""
    values = robustness.accuracies[kind]
    return kind, list(values), statistics.fmean(values)


def draw(robustness: Robustness) -> str:
    """Accuracy by severity, the mean of each group, as an SVG document; severity 0 is no corruption."""
    with new_figure(5.2, 4.2) as figure:
        axes = figure.subplots()
        for group, (colour, style) in STYLES.items():
            values = [100 * value for value in (robustness.clean, *robustness.of_group(group))]
            axes.plot(range(len(values)), values, style, color=colour, linewidth=2, markersize=4.5, label=group)
        axes.set(xlabel="severity", ylabel="accuracy in %", ylim=(0, 100))
        axes.set_xticks(range(6), labels=["none", *map(str, SEVERITIES)])
        axes.legend(frameon=False, loc="lower left")
        return svg(figure)
