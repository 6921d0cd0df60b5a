"""The page of a sweep: one self-contained HTML file, in the style of the reports."""

from markupsafe import Markup

from tinylens.report import Section, page_of
from tinylens.report.drawing import inline
from tinylens.report.markup import html
from tinylens.runs import title_of
from tinylens.sweeps.figure import MOST_ROWS, axis_of
from tinylens.sweeps.outcome import IMAGES_INTERVAL, SEEDS_INTERVAL, Sweep
from tinylens.sweeps.plan import told
from tinylens.sweeps.remarks import remarks
from tinylens.words import duration, percent

RESULT = """
{% if best %}
<div class="headline">
  <div class="figure"><span class="big">{{ best.accuracy|percent }}</span>
    <span class="sub">{{ what }}{{ mean_of }}</span></div>
  <dl class="facts">
    {% for field, value in best_values %}<div><dt>{{ field }}</dt><dd>{{ value }}</dd></div>
    {% endfor %}
    <div><dt>{{ kind }}</dt><dd>{{ interval }}</dd></div>
    {% if best.deviation is not none %}
    <div><dt>Standard deviation</dt><dd>{{ best.deviation|percent }}</dd></div>{% endif %}
    {% if fields %}<div><dt>Combinations</dt><dd>{{ combinations }}</dd></div>{% else %}
    <div><dt>Lowest, highest</dt><dd>{{ best.lowest|percent }}, {{ best.highest|percent }}</dd></div>{% endif %}
    <div><dt>Runs</dt><dd>{{ runs }}, {{ time }} of training</dd></div>
  </dl>
</div>
{% endif %}
<div class="pair">
<div>{% for remark in remarks %}<p>{{ remark|coded }}</p>
{% endfor %}</div>
{% if drawing %}<figure class="sweep">{{ drawing }}{% if left_out %}
<figcaption class="muted">The best {{ drawn }} of {{ drawn + left_out }} combinations.</figcaption>{% endif %}</figure>
{% endif %}</div>
"""

TABLE = """
<div class="scroll"><table class="ranking">
<thead><tr><th>rank{% for field in fields %}<th>{{ field }}{% endfor %}<th>{{ split }} accuracy<th>runs<th>epochs
<th>time a run<th>reports</thead>
<tbody>{% for row in rows %}<tr{% if row.failures and not row.outcomes %} class="failed"{% endif %}>
<td>{{ loop.index if row.outcomes else "–" }}{% for cell in row.cells %}<td>{{ cell }}{% endfor %}
<td>{% for run in row.outcomes %}<a href="{{ run.run }}/report.html">seed {{ run.seed }}: {{ run.accuracy|percent }}</a>
{% endfor %}
{% endfor %}</tbody></table></div>
<p class="muted">Epochs and time are means over runs. A report opens where this page lies in the sweep's folder.</p>
"""

TRIED = """
<dl class="facts">
<div><dt>Recipe</dt><dd>{{ recipe }}</dd></div>
<div><dt>Data</dt><dd>{{ plan.data }}</dd></div>
<div><dt>Seeds</dt><dd>{{ plan.seeds }}</dd></div>
{% if plan.limit %}<div><dt>Limit</dt><dd>{{ "{:,}".format(plan.limit) }} images a split</dd></div>{% endif %}
{% for field, values in over %}<div><dt>{{ field }}</dt><dd>{{ values }}</dd></div>
{% endfor %}
{% for field, value in settings %}<div><dt>{{ field }}, in all runs</dt><dd>{{ value }}</dd></div>
{% endfor %}
</dl>
<p class="muted">Every run began with fresh weights, and {% if plan.open_test %}each looked at the test images when its
training was done.{% else %}none looked at the test images when its training was done.{% endif %}
{% if "validation_share" not in plan.over %}Runs with the same seed were judged on the same validation images.
{% endif %}</p>
{% if command %}<h3>To repeat this</h3>
<pre><code>{{ command }}</code></pre>{% endif %}
"""

STYLE = """
.pair p{max-width:56ch}
.pair code{overflow-wrap:anywhere;font-size:.85em;background:var(--ground);border-radius:4px;padding:.1rem .3rem}
.sweep svg{width:100%;max-width:560px;display:block}
.ranking th{white-space:normal;vertical-align:bottom}.ranking td{white-space:nowrap}
.ranking .failed td{white-space:normal;color:var(--red)}
.ranking a{color:var(--blue);margin-right:.8rem;text-decoration:none}.ranking a:hover{text-decoration:underline}
.ranking tbody tr:first-child td{font-weight:600}
"""


def page(sweep: Sweep, drawing: str | None) -> str:
    """The page as HTML. drawing: the figure, where there is anything to draw."""
    sections = [
        Section("result", "Result", result(sweep, drawing)),
        Section("combinations", "Combinations" if sweep.plan.over else "Runs", combinations(sweep)),
        Section("tried", "What was tried", tried(sweep)),
    ]
    title = f"{'Seeds' if sweep.plan.open_test else 'Sweep'} of {sweep.title}"
    return page_of(title, sweep.path.name, sections, style=STYLE)


def result(sweep: Sweep, drawing: str | None) -> Markup:
    """The best combination, what must be known before it is believed, and the figure."""
    if drawing is None:
        return html(RESULT, best=None, drawing=None, remarks=remarks(sweep))
    best = sweep.ranked[0]
    words = "; ".join(f"{row.name}: {row.said}" for row in sweep.ranked[:MOST_ROWS])
    return html(
        RESULT,
        best=best,
        what=f"test accuracy{sweep.mark}" if sweep.plan.open_test else "validation accuracy of the best combination",
        best_values=[(field, told(value)) for field, value in best.values.items()],
        mean_of="" if best.deviation is None else f", mean of {len(best.outcomes)} seeds",
        kind=SEEDS_INTERVAL if best.interval_of == "seeds" else IMAGES_INTERVAL,
        interval=" – ".join(map(percent, best.interval)),
        fields=list(sweep.plan.over),
        combinations=f"{len(sweep.plan.combinations):,}",
        runs=f"{len(sweep.outcomes):,}",
        time=duration(sum(outcome.seconds for outcome in sweep.outcomes)),
        remarks=remarks(sweep),
        drawing=inline(drawing, words),
        drawn=MOST_ROWS,
        left_out=max(0, len(sweep.ranked) - MOST_ROWS) if axis_of(sweep.plan) is None else 0,
    )


def combinations(sweep: Sweep) -> Markup:
    """The table of combinations, with links to the reports of their runs."""
    return html(TABLE, fields=list(sweep.plan.over), rows=sweep.rows, split=sweep.plan.split)


def tried(sweep: Sweep) -> Markup:
    """The plan, and the command that makes the sweep again."""
    plan = sweep.plan
    return html(
        TRIED,
        recipe=title_of(plan.recipe),
        plan=plan,
        over=[(field, ", ".join(map(told, values))) for field, values in plan.over.items()],
        settings=[(field, told(value)) for field, value in plan.settings.items()],
        command=plan.command(sweep.recipe),
    )
