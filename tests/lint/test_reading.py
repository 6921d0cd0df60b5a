"""Reading scripts, notebooks and pages: what is Python in them, where it stands, and what cannot be read."""

import json
import time
from pathlib import Path

import pytest

from tinylens.errors import UsageError
from tinylens.lint.finding import Finding
from tinylens.lint.source import reading
from tinylens.lint.source.data import Cut, Data, Part, by_name, overlap, role_in
from tinylens.lint.source.linting import lint_source
from tinylens.lint.source.reader import read_program

FIT = "model.fit(x, y, validation_data=(xt, yt), epochs=3)"
MODEL = """
import keras
keras.utils.set_random_seed(0)
(x, y), (xt, yt) = keras.datasets.mnist.load_data()
x, xt = x / 255, xt / 255
model = keras.Sequential([keras.layers.Flatten(), keras.layers.Dense(10, activation="softmax")])
model.compile("adam", "sparse_categorical_crossentropy")
"""


def linted(tmp_path: Path, text: str, name: str = "script.py") -> list[Finding]:
    (tmp_path / name).write_text(text)
    return lint_source(tmp_path / name)


def places(findings: list[Finding]) -> list[tuple[str, str]]:
    return [(one.code, one.where) for one in findings]


def test_nothing_of_a_script_is_run(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    linted(
        tmp_path, f"open({str(mark)!r}, 'w').write('run')\nimport os\nos.system('touch {mark}')\nraise SystemExit(3)"
    )
    assert not mark.exists()


def test_a_comment_silences_the_codes_that_it_names_on_its_line(tmp_path: Path) -> None:
    found = linted(tmp_path, f"{MODEL}{FIT}  # tinylens: ignore TL202, TL305\n{FIT}\n")
    assert [(one.code, one.silenced, one.counts) for one in found] == [
        ("TL202", "a comment on its line", False),
        ("TL202", None, True),
    ]


def test_the_page_styles_are_read_with_the_lines_of_the_file(tmp_path: Path) -> None:
    code = MODEL.strip() + "\n" + FIT
    indented = "\n".join("      " + line for line in code.split("\n"))
    prompted = "\n\n".join(f"In [{i}]:\n{part}\nText after it." for i, part in enumerate(code.split("\n"), 1))
    for text in (
        f"# Title\n\n```python\n{code}\n```\n\nText.\n",
        f"Text.\n{{% highlight python %}}\n{code}\n{{% endhighlight %}}\n",
        f"Some text:\n\n{indented}\n\nMore text.\n",
        f"Title\n\n{prompted}\n",
        f"```python\nthis is no code\n## and a fence that is left open\n```python\n{code}\n```\n",
    ):
        line = next(i for i, one in enumerate(text.split("\n"), 1) if FIT in one)
        assert ("TL202", f"{line}") in places(linted(tmp_path, text, "page.md")), text


def test_a_notebook_gives_cell_and_line(tmp_path: Path) -> None:
    cells = [
        {"cell_type": "markdown", "source": ["# Title"]},
        {"cell_type": "code", "source": MODEL.splitlines(keepends=True), "outputs": []},
        {"cell_type": "code", "source": f"%%time\n!ls\n{FIT}", "outputs": []},
    ]
    found = linted(tmp_path, json.dumps({"cells": cells, "nbformat": 4}), "book.ipynb")
    assert [(one.code, one.cell, one.line) for one in found] == [("TL202", 3, 3)]
    assert found[0].where == "cell 3, line 3"


def test_what_cannot_be_read_is_one_line_and_the_rest_is_read(tmp_path: Path) -> None:
    found = linted(tmp_path, f"{MODEL}\ndef broken(:\n    pass\n\n{FIT}\n")
    assert [one.code for one in found] == ["TL200", "TL202"]
    assert "left out" in found[0].evidence
    assert not found[0].counts
    python2 = f"{MODEL}\nprint 'shape', x.shape\nfor i in range(3):\n    print i\n{FIT}\n"
    found = linted(tmp_path, python2)
    assert [one.code for one in found] == ["TL200", "TL202"]
    assert "Python 2" in found[0].evidence


def test_lost_indentation_is_mended(tmp_path: Path) -> None:
    text = (
        f"{MODEL}\nimport numpy as np\ndef crop(image, size):\nfor i in range(1):\nj = np.random.randint(0, 1)\n{FIT}\n"
    )
    assert {"TL200", "TL202"} <= {one.code for one in linted(tmp_path, text)}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\0\0\0",
        "(" * 5000,
        "x = " + "[" * 500 + "]" * 500,
        "-" * 3000 + "1",
        "a = 10 ** 10 ** 10 ** 10\nb = 'x' * 10**12\nc = [0] * 10**12\nd = 1 << 10**9\ne = 1 / 0\nf = 5 % 0",
        "def f(x):\n    return f(f(x))\nf(f(1))\ng = lambda h: h(h)\ng(g)",
        "while True:\n    while True:\n        for i in iter(int, 1):\n            pass",
        "class A(A): pass\nclass B: x = x\nA().y.z[0](1)(2)",
        "import keras\nm = keras.Sequential()\nm.add(m)\nm.fit(m, m)\nkeras.Model(m, m)\nm.compile(m, m)\nm(m)",
        "import torch\nn = torch.nn.Sequential()\nn.append(n)\nn(torch.rand(1))\nfor x in n: n(x)",
        "from tensorflow.keras.layers import *\nfrom nowhere import *\nDense(*args, **more)(Input(shape))",
        "x, *y = *a, b = c\n(x := y).z = [*x, *y][::0]\ndel x\nassert x\nmatch x:\n    case [1, *_]: pass",
        "async def f():\n    async for x in y:\n        await x\n    async with a as b:\n        yield b",
    ],
    ids=range(14),
)
def test_hostile_text_costs_no_time_and_no_traceback(tmp_path: Path, text: str) -> None:
    began = time.process_time()
    for finding in linted(tmp_path, text):
        assert finding.code in ("TL200", "TL211")
    assert time.process_time() - began < 5


def test_much_work_is_cut_short_and_told_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MOST_WORK", 20_000)  # the same in less time
    nested = (
        "\n".join(f"{'    ' * i}for a{i} in [1, 2, 3, 4, 5, 6, 7, 8]:" for i in range(12))
        + "\n"
        + "    " * 12
        + "x = 1"
    )
    assert [one.code for one in linted(tmp_path, nested)] == ["TL200"]


def test_what_is_no_source_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot read"):
        lint_source(tmp_path / "none.py")
    for text in ("{", "[]", '{"cells": 3}', '{"a": 1}'):
        with pytest.raises(UsageError, match="is not a notebook"):
            linted(tmp_path, text, "book.ipynb")


def test_networks_are_the_same_in_every_style(tmp_path: Path) -> None:
    styles = [
        "m = keras.Sequential([L.Dense(5, 'relu'), L.Dense(3)])",
        "m = keras.Sequential()\nm.add(L.Dense(5, activation=tf.nn.relu))\nm.add(L.Dense(3))",
        "i = keras.Input((4,))\nh = L.Dense(5)(i)\nh = L.Activation('relu')(h)\nm = keras.Model(i, L.Dense(3)(h))",
        "class M(keras.Model):\n    def __init__(self):\n        super().__init__()\n        self.a = L.Dense(5)\n"
        "        self.b = L.Dense(3)\n    def call(self, x):\n        return self.b(tf.nn.relu(self.a(x)))\nm = M()",
        "def part(x, n, act=None):\n    return L.Dense(n, activation=act)(x)\n"
        "i = L.Input((4,))\nm = keras.Model(inputs=i, outputs=part(part(i, 5, 'relu'), 3))",
    ]
    for style in styles:
        text = f"import tensorflow as tf\nfrom tensorflow import keras\nimport tensorflow.keras.layers as L\n{style}\n"
        (tmp_path / "m.py").write_text(text)
        (network,) = read_program(tmp_path / "m.py").networks
        roles = [node.layer.role for node in network.nodes() if node.layer and node.layer.role != "input"][::-1]
        assert roles == ["linear", "activation", "linear"], style


def test_splits_are_known_by_words() -> None:
    assert role_in("x_train") == role_in("trainLoader") == role_in("trainloader") == role_in("y_tr") == "train"
    assert role_in("X_test") == role_in("testset") == "test"
    assert role_in("val_ds") == role_in("validation_generator") == role_in("xval") == "validation"
    assert role_in("latest") is role_in("contest_data") is role_in("train_test") is role_in("data") is None
    assert by_name("test_loss") is by_name("val_acc") is by_name("train_step") is None
    assert by_name("test_loader") is not None


def test_overlap_is_told_only_where_it_is_certain() -> None:
    whole = Data("images", frozenset({Part("cifar10", "train")}))

    def cut(start: object, stop: object) -> Data:
        return whole.cut(Cut("slice", start=start, stop=stop))

    assert overlap(whole, whole) is True
    assert overlap(cut(None, 40_000), cut(40_000, None)) is False
    assert overlap(cut(None, 40_000), cut(30_000, None)) is True
    assert overlap(cut(None, "n"), cut("n", None)) is False
    assert overlap(cut("a", None), cut(None, "b")) is None
    assert overlap(whole, Data("images", frozenset({Part("cifar10", "test")}))) is False
    assert overlap(whole.cut(Cut("split", 0)), whole.cut(Cut("split", 1))) is False
    assert overlap(whole.cut(Cut("split", 0)), whole.cut(Cut("other", 1))) is None
