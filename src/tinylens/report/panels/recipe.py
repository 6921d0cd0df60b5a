"""The recipe: where it comes from, each of its fields, and the command that repeats the run."""

import inspect
import json
import shlex

from markupsafe import Markup

from tinylens.data.dataset import IN_MEMORY
from tinylens.data.sources import known
from tinylens.report.markup import html
from tinylens.report.story import Story
from tinylens.runs import Run

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
        command=command(story.run) if story.run.manifest.origin != IN_MEMORY else None,
    )


def command(run: Run) -> str:
    """The command that makes this run again: every setting that is not the recipe's own is in it."""
    recipe, choice = run.recipe, run.manifest.choice
    changed = recipe.changed()
    data = choice.name if choice.name in known() else run.manifest.origin
    words = ["tinylens", "train", run.recipe_file or run.recipe_name, "--data", data]
    words += ["--seed", str(changed.pop("seed", recipe.seed))]
    words += ["--limit", str(choice.limit)] if choice.limit is not None else []
    words += ["--skip-bad"] if choice.skip_bad else []
    for name, value in changed.items():
        words += ["--set", f"{name}={value if isinstance(value, str) else json.dumps(value)}"]
    return shlex.join(words)
