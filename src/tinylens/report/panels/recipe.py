"""The recipe: where it comes from, each of its fields, and the command that repeats the run."""

import inspect

from markupsafe import Markup

from tinylens.report.markup import html
from tinylens.report.story import Story

TITLE = "Recipe"
ORDER = 100

TEMPLATE = """
<pre class="prose">{{ about }}</pre>
<div class="scroll"><table><thead><tr><th>field<th>value<th></thead><tbody>
{% for name, value, about in fields %}<tr><td>{{ name }}<td>{{ value }}<td class="muted">{{ about }}{% endfor %}
</tbody></table></div>
<h3>To repeat this run</h3>
{% if command %}<pre><code>{{ command }}</code></pre>{% else %}<p>It was made from arrays in memory, from Python.</p>
{% endif %}
"""


def render(story: Story) -> Markup:
    """The recipe of a run."""
    recipe = story.run.recipe
    return html(
        TEMPLATE,
        about=inspect.getdoc(type(recipe)),
        fields=recipe.fields(),
        command=story.run.command,
    )
