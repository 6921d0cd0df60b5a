"""The data: how much of it, from where, and samples of each class."""

from markupsafe import Markup

from tinylens.report.markup import html
from tinylens.report.story import Story
from tinylens.report.thumbnails import spread

TITLE = "Data"
ORDER = 80

TEMPLATE = """
<dl class="facts">
<div><dt>Data</dt><dd>{{ manifest.choice.name }}</dd></div>
{% for name, part in manifest.splits.items() %}
<div><dt>{{ name }}</dt><dd>{{ "{:,}".format(part.images) }} images</dd></div>
{% endfor %}
<div><dt>Classes</dt><dd>{{ manifest.classes|length }}</dd></div>
<div><dt>Size</dt><dd>{{ manifest.choice.image_size }}×{{ manifest.choice.image_size }}</dd></div>
<div><dt>Verified</dt><dd>{{ manifest.verified }}</dd></div>
</dl>
{% for note in manifest.notes %}<p class="muted">{{ note }}</p>{% endfor %}
<div class="samples {{ "many" if many }}">{% for name, images in rows %}<div><span>{{ name }}</span>
<span class="strip">{% for image in images %}{{ image }}{% endfor %}</span></div>{% endfor %}</div>
<p class="muted">Training images, drawn by seed.</p>
"""

STYLE = """
.samples>div{display:flex;gap:.8rem;align-items:center;margin:.3rem 0}
.samples>div>span:first-child{flex:0 0 6.5rem;text-align:right;overflow-wrap:anywhere}
.strip{display:flex;flex-wrap:wrap;gap:3px}
.samples.many{display:grid;grid-template-columns:repeat(auto-fill,minmax(15rem,1fr));gap:0 1rem}
@media(max-width:640px){.samples{--thumb:40px}.samples>div>span:first-child{flex-basis:4.8rem;font-size:.85rem}}
"""


def render(story: Story) -> Markup:
    """What the data is."""
    train = story.splits.train
    count = len(train.classes)
    per_class = 10 if count <= 12 else 5 if count <= 30 else 2
    rows = [
        (name, [story.thumbnails.html(train, int(index), name) for index in indices])
        for name, indices in zip(train.classes, spread(train, per_class, story.run.recipe.seed), strict=True)
    ]
    return html(TEMPLATE, manifest=story.run.manifest, rows=rows, many=count > 30)
