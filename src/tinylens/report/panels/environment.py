"""The machine and the versions that the run was made with."""

from markupsafe import Markup

from tinylens.report.markup import html
from tinylens.report.story import Story

TITLE = "Environment"
ORDER = 110

TEMPLATE = """
<dl class="facts">
<div><dt>When</dt><dd>{{ env.when }}</dd></div>
<div><dt>Device</dt><dd>{{ hw.device }} ({{ hw.device_name }}), {{ hw.threads }} threads</dd></div>
<div><dt>Precision</dt><dd>{{ hw.precision }}: {{ hw.reason }}</dd></div>
<div><dt>System</dt><dd>{{ env.system }}</dd></div>
<div><dt>Python</dt><dd>{{ env.python }}</dd></div>
{% for name, version in env.versions.items() %}<div><dt>{{ name }}</dt><dd>{{ version }}</dd></div>{% endfor %}
</dl>
"""


def render(story: Story) -> Markup:
    """Where the run was made."""
    return html(TEMPLATE, env=story.run.environment, hw=story.run.training["hardware"])
