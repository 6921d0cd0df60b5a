"""What the lint found, with the evidence and the remedy."""

from markupsafe import Markup

from tinylens.report.markup import html
from tinylens.report.story import Story

TITLE = "Findings"
ORDER = 20

TEMPLATE = """
<ul class="findings">
{% for f in findings if not f.silenced %}
  <li class="{{ f.severity }}"><b>{{ f.code }} {{ f.title }}</b><br>{{ f.evidence }}.<br>
  <span class="muted">{{ f.remedy }}</span></li>
{% endfor %}
{% for f in findings if f.silenced %}
  <li class="note muted">{{ f.code }} {{ f.title }}: silenced by {{ f.silenced }}</li>
{% endfor %}
</ul>
"""

STYLE = """
.findings{list-style:none;padding:0;display:grid;gap:.8rem}
.findings li{border-left:4px solid var(--orange);padding:.2rem 0 .2rem 1rem}
.findings li.error{border-color:var(--red)}
.findings li.note{border-color:var(--line)}
"""


def render(story: Story) -> Markup | None:
    """The findings of a run, if there are any."""
    findings = story.run.findings
    return html(TEMPLATE, findings=findings) if findings else None
