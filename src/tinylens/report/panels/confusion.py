"""The confusion matrix: a click on a cell shows the images in it."""

import json
from typing import Any

import numpy as np
from markupsafe import Markup

from tinylens.report.drawing import inline
from tinylens.report.markup import environment, html
from tinylens.report.story import Story

TITLE = "Confusion"
ORDER = 40
MOST_IMAGES = 3600  # in all cells together: about 2.5 MB of the page
LONGEST = 18  # letters of a class name at the matrix
LIT = 0.5  # opacity above which a cell's number is written in the colour of the paper

TEMPLATE = """
<p>Each row is a true class, each column what the lens called it. Blue is right, orange is wrong; the stronger the
colour, the larger the share of the row. <b>Click a cell to see its images.</b></p>
<div class="scroll"><figure class="confusion{{ " many" if many }}" style="--wide:{{ width }}px">{{ drawing }}</figure>
</div>
<div id="cell" aria-live="polite"></div>
<script type="application/json" id="cells">{{ cells }}</script>
{% if pairs %}<h3>Most often confused</h3>
<ul class="columns">{% for pair in pairs %}
<li>{{ pair.words }} ({{ (pair.count / pair.images)|percent }})</li>{% endfor %}
</ul>{% endif %}
"""

DRAWING = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {{ width }} {{ height }}" width="{{ width }}"
 height="{{ height }}" font-family="system-ui, sans-serif" font-size="{{ font }}">
<rect width="{{ width }}" height="{{ height }}" fill="#ffffff"/>
<g text-anchor="end" fill="#1d2430">
{% for name in names %}
<text x="{{ left - 6 }}" y="{{ top + cell * loop.index0 + cell / 2 }}" dy=".35em">{{ name|short }}</text>
{% endfor %}</g>
<g fill="#1d2430">
{% for name in names %}
<text transform="translate({{ left + cell * loop.index0 + cell / 2 }} {{ top - 6 }}) rotate(-60)"
 dy=".35em">{{ name|short }}</text>
{% endfor %}</g>
<rect x="{{ left }}" y="{{ top }}" width="{{ cell * names|length }}" height="{{ cell * names|length }}" fill="none"
 stroke="#dfe3ea"/>
{% for c in cells %}
<rect class="cell" data-c="{{ c.row }},{{ c.column }}" x="{{ left + cell * c.column }}" y="{{ top + cell * c.row }}"
 width="{{ cell - gap }}" height="{{ cell - gap }}" fill="{{ c.colour }}" fill-opacity="{{ c.opacity }}">
<title>{{ c.words }}</title></rect>
{% if numbers %}
<text x="{{ left + cell * c.column + cell / 2 }}" y="{{ top + cell * c.row + cell / 2 }}" dy=".35em"
 text-anchor="middle" pointer-events="none"
 fill="{{ "#ffffff" if c.opacity > lit else "#1d2430" }}">{{ c.count }}</text>
{% endif %}{% endfor %}
</svg>
"""

STYLE = """
.confusion svg{width:100%;max-width:var(--wide);min-width:calc(.9*var(--wide));height:auto;display:block}
@media(min-width:1140px){section:has(.confusion.many){width:min(100vw - 2rem,1400px);
margin-left:calc(50% - min(50vw - 1rem,700px))}}
.confusion .cell{cursor:pointer}.confusion .cell:hover,.confusion .cell.on{stroke:var(--ink);stroke-width:2}
#cell:not(:empty){border:1px solid var(--line);border-radius:8px;padding:.8rem 1rem;margin:1rem 0}
#cell .thumbs{margin-top:.6rem}
"""

SCRIPT = """
const cells = JSON.parse(document.getElementById('cells').textContent);
document.querySelectorAll('.confusion .cell').forEach(rect => rect.addEventListener('click', () => {
  document.querySelectorAll('.confusion .cell.on').forEach(r => r.classList.remove('on'));
  rect.classList.add('on');
  const images = cells[rect.dataset.c] || [], box = document.getElementById('cell');
  box.replaceChildren();
  const line = document.createElement('b'), grid = document.createElement('div');
  line.textContent = rect.querySelector('title').textContent;
  grid.className = 'thumbs small';
  for (const [n, score] of images) {
    const figure = document.createElement('figure'), caption = document.createElement('figcaption');
    caption.textContent = score + ' %';
    figure.append(thumb(n), caption);
    grid.append(figure);
  }
  box.append(line, grid);
}));
"""


def render(story: Story) -> Markup:
    """The confusion matrix of a run, and its worst pairs in words."""
    table, names = np.array(story.metrics.confusion), story.predictions.classes
    shown = cell_images(story, cap(table))
    layout = sizes(names)
    drawing = html(DRAWING, names=names, cells=cells(table, names, shown), lit=LIT, **layout)
    story.figures["confusion.svg"] = str(drawing)
    return html(
        TEMPLATE,
        drawing=inline(str(drawing), f"confusion matrix of {len(names)} classes"),
        width=layout["width"],
        many=not layout["numbers"],
        cells=Markup(json.dumps(shown)),
        pairs=story.metrics.most_confused,
    )


def sizes(names: tuple[str, ...]) -> dict[str, Any]:
    """Pixels of cells, margins and letters for that many classes: numbers are written where they fit."""
    count = len(names)
    cell = 52 if count <= 12 else 30 if count <= 30 else 11
    font = 13 if count <= 30 else 9.5
    letters = max(len(short(name)) for name in names)
    left, top = round(letters * font * 0.58) + 14, round(letters * font * 0.52) + 22
    slant = round(letters * font * 0.32) + 10  # the last column's name leans out to the right
    width, height = left + cell * count + slant, top + cell * count + 2
    numbers = count <= 30
    return {"cell": cell, "font": font, "left": left, "top": top, "width": width, "height": height,
            "numbers": numbers, "gap": 2 if numbers else 1}  # fmt: skip


def short(name: str) -> str:
    """A class name that leaves room for the matrix; the words of each cell have it whole."""
    return name if len(name) <= LONGEST else name[: LONGEST - 1] + "…"


environment.filters["short"] = short


def cells(table: np.ndarray, names: tuple[str, ...], shown: dict[str, list[Any]]) -> list[dict[str, Any]]:
    """Each cell that has images, with its colour and its words."""
    shares = table / np.maximum(table.sum(axis=1, keepdims=True), 1)
    worst = max(np.where(np.eye(len(names), dtype=bool), 0, shares).max(), 0.02)
    found = []
    for row, column in zip(*np.nonzero(table), strict=True):
        right, share, count = row == column, shares[row, column], int(table[row, column])
        strength = share if right else np.sqrt(share / worst) * 0.85
        said = f"{names[row]} correctly recognised" if right else f"{names[row]} called {names[column]}"
        words = f"{said}: {count:,} of {table[row].sum():,} images ({share:.1%})"
        part = len(shown[f"{row},{column}"])
        if part < count:
            words += f"; {part} of them shown, " + ("least sure first" if right else "most sure first")
        found.append({
            "row": int(row), "column": int(column), "count": count, "words": words,
            "colour": "#2f6bd8" if right else "#d9662b", "opacity": round(float(max(strength, 0.06)), 3),
        })  # fmt: skip
    return found


def cap(table: np.ndarray) -> int:
    """How many images each cell may show so that all of them together stay within the page's budget."""
    most = 1
    while most < table.max() and np.minimum(table, most + 1).sum() <= MOST_IMAGES:
        most += 1
    return most


def cell_images(story: Story, most: int) -> dict[str, list[Any]]:
    """For each cell its images' numbers and scores: the surest mistakes first, the right ones from the least sure."""
    predictions = story.predictions
    score = predictions.probabilities[np.arange(len(predictions)), predictions.predicted]
    shown: dict[str, list[Any]] = {}
    for index in np.argsort(np.where(predictions.correct, score, -score), kind="stable").tolist():
        cell = shown.setdefault(f"{predictions.labels[index]},{predictions.predicted[index]}", [])
        if len(cell) < most:
            cell.append([story.thumbnails.number(story.judged, index), f"{100 * score[index]:.1f}"])
    return shown
