"""The confusion matrix of classes and superclasses: a click on a cell shows the images in it."""

import json
from typing import Any

import numpy as np
from markupsafe import Markup

from tinylens.evaluation.confusion import ConfusionMatrix, confusion_matrix, near_misses
from tinylens.report.confusion_figure import LIT, percent_of_row, strengths
from tinylens.report.drawing import inline
from tinylens.report.markup import html
from tinylens.report.story import Story
from tinylens.words import shortened

TITLE = "Confusion"
ORDER = 40
MOST_IMAGES = 3600  # in all cells together: about 2.5 MB of the page

TEMPLATE = """
<p>Each row is a true class, each column what the lens called it. Blue is right, orange is wrong; the stronger the
colour, the larger the share of the row. <b>Click a cell to see its images.</b></p>
{% for m in matrices %}
{% if m.kind == "superclasses" %}<h3>Superclasses</h3><p>{{ near.words }}.</p>{% endif %}
<div class="matrix">
<fieldset class="switch"><legend>Numbers:</legend>
{% for kind, words in m.numbers %}<label><input type="radio" name="numbers-{{ m.kind }}" value="{{ kind }}"
 autocomplete="off"{{ " checked" if loop.first }}> {{ words }}</label>
{% endfor %}</fieldset>
<div class="scroll"><figure class="confusion {{ m.kind }}{{ " many" if m.many }}" style="--wide:{{ m.width }}px">
{{ m.drawing }}</figure></div>
</div>
{% if m.pairs %}<h3>{{ m.kind|capitalize }} most often confused</h3>
<ul class="columns">{% for pair in m.pairs %}
<li>{{ pair.words }} ({{ (pair.count / pair.images)|percent }})</li>{% endfor %}
</ul>{% endif %}
{% endfor %}
<div id="cell" aria-live="polite"></div>
<script type="application/json" id="cells">{{ cells }}</script>
<script type="application/json" id="groups">{{ groups }}</script>
"""

DRAWING = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {{ width }} {{ height }}" width="{{ width }}"
 height="{{ height }}" font-family="system-ui, sans-serif" font-size="{{ font }}">
<rect width="{{ width }}" height="{{ height }}" fill="#ffffff"/>
<g text-anchor="end" fill="#1d2430">
{% for name in names %}
<text x="{{ left - 6 }}" y="{{ top + cell * loop.index0 + cell / 2 }}" dy=".35em">{{ name }}</text>
{% endfor %}</g>
<g fill="#1d2430">
{% for name in names %}
<text transform="translate({{ left + cell * loop.index0 + cell / 2 }} {{ top - 6 }}) rotate(-60)"
 dy=".35em">{{ name }}</text>
{% endfor %}</g>
<rect x="{{ left }}" y="{{ top }}" width="{{ cell * names|length }}" height="{{ cell * names|length }}" fill="none"
 stroke="#dfe3ea"/>
{% for c in cells %}
<rect class="cell" data-c="{{ c.row }},{{ c.column }}" data-count="{{ c.count }}"
 data-percent="{{ c.percent }}" x="{{ left + cell * c.column }}" y="{{ top + cell * c.row }}"
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
.confusion.zoomed .cell.on{stroke-width:1}.many .number{font-size:5px;text-anchor:middle;pointer-events:none}
@media screen{.zoomed svg{width:calc(2.4*var(--wide));max-width:none}
.scroll:has(.zoomed){max-height:85vh;overflow:auto}}
.switch{border:none;margin:0 0 .6rem;padding:0;display:flex;flex-wrap:wrap;gap:.2rem 1rem}
.switch legend{float:left;margin-right:1rem;padding:0;color:var(--muted)}
#cell:not(:empty){border:1px solid var(--line);border-radius:8px;padding:.8rem 1rem;margin:1rem 0}
#cell .thumbs{margin-top:.6rem}
@media print{.switch,.zoomed .number{display:none}}
"""

SCRIPT = """
const cells = JSON.parse(document.getElementById('cells').textContent);
const groups = JSON.parse(document.getElementById('groups').textContent);
const imagesIn = (figure, place, right) => {
  if (!figure.matches('.superclasses')) return cells[place] || [];
  const inside = key => key.split(',').map(label => groups[label]).join() === place;
  const found = Object.keys(cells).filter(inside).flatMap(key => cells[key]);
  return found.sort((a, b) => right ? a[1] - b[1] : b[1] - a[1]);
};
const showCell = (matrix, rect) => {
  document.querySelectorAll('.confusion .cell.on').forEach(r => r.classList.remove('on'));
  rect.classList.add('on');
  const [row, column] = rect.dataset.c.split(','), box = document.getElementById('cell');
  const images = imagesIn(matrix.querySelector('.confusion'), rect.dataset.c, row === column);
  const line = document.createElement('b'), grid = document.createElement('div');
  line.textContent = rect.querySelector('title').textContent;
  if (images.length < rect.dataset.count)
    line.textContent += `; ${images.length} of them shown, ${row === column ? 'least' : 'most'} sure first`;
  grid.className = 'thumbs small';
  for (const [n, score] of images) {
    const figure = document.createElement('figure'), caption = document.createElement('figcaption');
    caption.textContent = score + ' %';
    figure.append(thumb(n), caption);
    grid.append(figure);
  }
  box.replaceChildren(line, grid);
  matrix.append(box);
};
const writeNumbers = (figure, kind) => {
  figure.classList.toggle('zoomed', kind !== 'none' && figure.matches('.many'));
  figure.querySelectorAll('.cell').forEach(rect => {
    let text = rect.nextElementSibling;
    if (!text || text.tagName !== 'text') {
      text = document.createElementNS(rect.namespaceURI, 'text');
      for (const [place, size] of [['x', 'width'], ['y', 'height']])
        text.setAttribute(place, +rect.getAttribute(place) + rect.getAttribute(size) / 2);
      text.setAttribute('dy', '.35em');
      text.setAttribute('class', 'number');
      text.style.fill = rect.getAttribute('fill-opacity') > LIT ? 'var(--paper)' : 'var(--ink)';
      rect.after(text);
    }
    text.textContent = rect.dataset[kind] || '';
  });
};
document.querySelectorAll('.matrix').forEach(matrix => {
  const figure = matrix.querySelector('.confusion');
  figure.querySelectorAll('.cell').forEach(rect => rect.addEventListener('click', () => showCell(matrix, rect)));
  matrix.querySelector('.switch').addEventListener('change', event => writeNumbers(figure, event.target.value));
});
""".replace("LIT", str(LIT))


def render(story: Story) -> Markup:
    """The confusion matrix of a run, and its worst pairs in words; the same of superclasses, where there are any."""
    predictions = story.predictions
    matrix = confusion_matrix(predictions)
    matrices, groups = [drawn(story, matrix, "classes")], []
    near = near_misses(predictions)
    if predictions.superclasses is not None:
        grouped = confusion_matrix(predictions, superclasses=True)
        matrices.append(drawn(story, grouped, "superclasses"))
        groups = [grouped.names.index(name) for name in predictions.superclasses]
    shown = cell_images(story, cap(matrix.counts))
    return html(
        TEMPLATE, matrices=matrices, near=near, cells=Markup(json.dumps(shown)), groups=Markup(json.dumps(groups))
    )


def drawn(story: Story, matrix: ConfusionMatrix, kind: str) -> dict[str, Any]:
    """What the template needs of one matrix, whose drawing is kept as a figure too. kind: classes or superclasses."""
    layout = sizes(matrix.names)
    document = str(html(DRAWING, cells=cells(matrix), lit=LIT, **layout))
    story.figures["confusion.svg" if kind == "classes" else f"confusion-{kind}.svg"] = document
    numbers = [("count", "counts"), ("percent", "percent of the row")]
    return {
        "kind": kind,
        "drawing": inline(document, f"confusion matrix of {len(matrix.names)} {kind}"),
        "width": layout["width"],
        "many": not layout["numbers"],
        "numbers": numbers if layout["numbers"] else [("none", "none"), *numbers],
        "pairs": matrix.most_confused(),
    }


def sizes(names: tuple[str, ...]) -> dict[str, Any]:
    """Names cut to fit, pixels of cells, margins and letters for that many classes: numbers stand where they fit."""
    count = len(names)
    numbers = count <= 30
    cell = 52 if count <= 12 else 30 if numbers else 11
    font = 13 if numbers else 9.5
    labels = [shortened(name, 32 if numbers else 18) for name in names]
    letters = max(map(len, labels))
    left, top = round(letters * font * 0.58) + 14, round(letters * font * 0.52) + 22
    slant = round(letters * font * 0.32) + 10  # the last column's name leans out to the right
    width, height = left + cell * count + slant, top + cell * count + 2
    return {"names": labels, "cell": cell, "font": font, "left": left, "top": top, "width": width, "height": height,
            "numbers": numbers, "gap": 2 if numbers else 1}  # fmt: skip


def cells(matrix: ConfusionMatrix) -> list[dict[str, Any]]:
    """Each cell that has images, with its numbers, its colour and its words."""
    counts, shares, strength, names = matrix.counts, matrix.shares, strengths(matrix), matrix.names
    found = []
    for row, column in np.argwhere(counts).tolist():
        right, share, count = row == column, float(shares[row, column]), int(counts[row, column])
        said = f"{names[row]} correctly recognised" if right else f"{names[row]} called {names[column]}"
        found.append({
            "row": row, "column": column, "count": count, "percent": percent_of_row(share),
            "words": f"{said}: {count:,} of {counts[row].sum():,} images ({share:.1%})",
            "colour": "#2f6bd8" if right else "#d9662b", "opacity": round(float(max(strength[row, column], 0.06)), 3),
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
