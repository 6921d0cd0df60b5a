"""A recipe of one's own: a file to start from, and a trial that says in seconds whether it keeps the contract."""

import json
import keyword
import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from importlib import resources
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Int

from tinylens import recipes
from tinylens.data import Splits
from tinylens.data.library import entries
from tinylens.data.manifest import Manifest
from tinylens.data.sources import known
from tinylens.errors import TinylensError, TrainingError, UsageError
from tinylens.experiment import choose
from tinylens.files import write_text
from tinylens.hardware import choose_hardware
from tinylens.lens import Lens
from tinylens.networks.table import parameter_count
from tinylens.recipe import Recipe
from tinylens.runs import Run
from tinylens.training.callbacks.deciding import ScheduleDropout, ScheduleRate
from tinylens.training.fit import new_session, require_logits
from tinylens.training.loop import loaded, located, mixed_loss, prepared, train_step
from tinylens.training.session import Session

IMAGES = 256  # of each split, or two of each class where that is more
FEW = 8  # images on which logits are told from probabilities
ALWAYS_HERE = "digits"
NAMES = ("builds", "learns", "repeats", "comes back")


@dataclass(frozen=True)
class Check:
    """One thing that a recipe must do. words: what was found. passed: None where it could not be tried."""

    name: str
    passed: bool | None
    words: str


def write_template(path: str | Path, *, data: str = ALWAYS_HERE) -> Path:
    """Write a recipe file to start from.

    data: a name, or the path of a folder or an .npz file.
    Raises UsageError where the file cannot be a recipe, or is there already, and where there is no such data.
    """
    path = Path(path)
    name = path.stem.replace("-", "_")
    if path.suffix != ".py" or not name.isidentifier() or keyword.iskeyword(name):
        raise UsageError(f"{path}: a recipe is a Python file named in letters, digits and _, such as my_recipe.py")
    if path.exists():
        raise UsageError(f"{path} is there already; choose another name")
    if not path.parent.is_dir():
        raise UsageError(f"{path.parent}: no such folder")
    if data not in known() and not is_path(data):
        raise UsageError(f"no data {data!r}: it is neither a folder, nor an .npz file, nor one of {', '.join(known())}")
    words = {"NAME": path.stem, "CLASS": class_name(name), "DATA": json.dumps(data, ensure_ascii=False)}
    text = resources.files(recipes).joinpath("template.txt").read_text(encoding="utf-8")
    write_text(path, re.sub(r"\b(NAME|CLASS|DATA)\b", lambda found: words[found[0]], text))
    return path


def class_name(name: str) -> str:
    """The class of a recipe file: my_net is MyNetRecipe, which hides nothing that the file imports."""
    words = "".join(part[:1].upper() + part[1:] for part in name.split("_"))
    return f"{words}Recipe" if words.isidentifier() else "MyRecipe"


def is_path(data: str) -> bool:
    """Whether there is a file or folder of that name."""
    return bool(data) and Path(data).expanduser().exists()


def check(recipe: str, data: str | None = None, *, data_dir: str | Path | None = None) -> list[Check]:
    """Try a recipe on a few images: whether it builds, learns, repeats itself, and comes back from its file.

    recipe: a name or the path of a recipe file. data: what to try it on; by default the recipe's own where it is on
    this machine, else the digits, at the recipe's image size, and the first check says so.
    Raises TinylensError where there is no recipe or no data to try.
    """
    kind = recipes.find(recipe)
    resolved = kind.resolve({"precision": "float32"})
    name, remark = (data, "") if data else data_for(kind, data_dir)
    choice = choose(resolved, name, None, None, False)
    splits = choice.load(data_dir)
    splits = splits.limited(max(IMAGES, 2 * len(splits.classes)))
    with tempfile.TemporaryDirectory() as folder:
        run = Run.create(Path(folder), resolved, recipe, Manifest.of(choice, splits))
        first, *others = checks(run, splits)
    return [replace(first, words=f"{first.words}{remark}"), *others]


def data_for(kind: type[Recipe], data_dir: str | Path | None) -> tuple[str, str]:
    """What to try a recipe on where nothing is said, and a remark where that is not what it was written for."""
    here = {entry.name for entry in entries(data_dir) if entry.path is not None}
    if kind.data is None:
        return ALWAYS_HERE, f" (it names no data: tried on {ALWAYS_HERE})"
    if kind.data in here or is_path(kind.data):
        return kind.data, ""
    return ALWAYS_HERE, f" ({kind.data} is not here: tried on {ALWAYS_HERE})"


def checks(run: Run, splits: Splits) -> Iterator[Check]:
    """Each check in turn; after one that ends in an error the others cannot be tried."""
    names = list(NAMES)
    try:
        with torch.random.fork_rng():
            for one in tried(run, splits):
                names.remove(one.name)
                yield one
    except TinylensError as error:
        yield Check(names.pop(0), False, in_own_file(str(error), run))
    for name in names:
        yield Check(name, None, "not tried")


def tried(run: Run, splits: Splits) -> Iterator[Check]:
    """Each check in turn. Raises TinylensError where the recipe's own code fails in one."""
    session = begun(run, splits)
    size = "x".join(map(str, session.lens.image_size))
    model = f"{parameter_count(session.lens.network):,} parameters, {len(splits.classes)} logits"
    yield Check("builds", True, f"{model} for {size} images of {splits.name}")
    yield learns(session, begun(run, splits))
    again = begun(run, splits)
    train_once(again)
    yield repeats(session, again)
    yield comes_back(session)


def in_own_file(words: str, run: Run) -> str:
    """An error in the words of somebody who knows only the recipe file, not its copy in the run of the trial."""
    return words.replace(run.recipe_name, Path(run.recipe_file).name) if run.recipe_file else words


def begun(run: Run, splits: Splits) -> Session:
    """A session on the CPU before its first step.

    Raises TrainingError where the model cannot be built or gives no logits.
    """
    torch.manual_seed(run.recipe.seed)
    session = new_session(run, splits, replace(choose_hardware("float32"), device="cpu"))
    require_logits(session)
    require_no_softmax(session)
    session.lens.network.train()
    return session


def require_no_softmax(session: Session) -> None:
    """Raise TrainingError where what the model gives are probabilities: the loss would take their softmax again."""
    outputs = session.lens.logits(session.splits.train.batch(first_batch(session)[:FEW]))
    sums = outputs.sum(dim=1)
    if bool((outputs >= 0).all()) and torch.allclose(sums, torch.ones_like(sums), atol=1e-4):
        raise TrainingError(f"{session.run.title}: its model gives probabilities, not logits: leave softmax out")


def train_once(session: Session, share: float = 1.0) -> None:
    """The first step of a training, with its rates; of the learning rate only a share."""
    for callback in (ScheduleRate(), ScheduleDropout()):
        callback.on_start(session)
        callback.on_step(session)
    for group in session.optimizer.param_groups:
        group["lr"] *= share
    torch.manual_seed(session.recipe.seed)
    train_step(session, first_batch(session))


def first_batch(session: Session) -> Int[np.ndarray, " b"]:
    """The positions of the images that are learned and looked at again."""
    return np.arange(min(session.recipe.batch_size, len(session.splits.train)))


def loss_now(session: Session) -> float:
    """The loss on the first batch as training sees it, with the same random numbers each time.

    Raises TrainingError where the model or the loss fails, as it may only in training.
    """
    torch.manual_seed(session.recipe.seed)
    with torch.no_grad(), located(session):
        batch = prepared(session, loaded(session, first_batch(session)))
        return mixed_loss(session.recipe, session.lens.network(batch.images), batch).item()


def learns(session: Session, careful: Session) -> Check:
    """Whether one step lowers the loss on the images that it was taken on.

    careful: the same before its first step, which is tried with a tenth of the rate where the first overshoots: Adam
    moves all weights equally far at first, which can be too far for the loss of a few images.
    """
    before = loss_now(session)
    train_once(session)
    after = loss_now(session)
    words = f"one step takes the loss on its own images from {before:.4f} to {after:.4f}"
    if after < before:
        return Check("learns", True, words)
    train_once(careful, 0.1)
    lower = loss_now(careful)
    if lower < before:
        return Check("learns", True, f"{words}, too far, and with a tenth of the learning rate to {lower:.4f}")
    return Check("learns", False, f"{words}: the learning rate is too high, or no gradient reaches the weights")


def repeats(session: Session, again: Session) -> Check:
    """Whether a second training from the same seed has the same weights after a step."""
    pairs = zip(session.lens.network.named_parameters(), again.lens.network.parameters(), strict=True)
    different = [key for (key, mine), its in pairs if not torch.equal(mine, its)]
    if not different:
        return Check("repeats", True, "the same seed gives the same weights")
    return Check(
        "repeats", False, f"{different[0]} differs after a step from the same seed: draw only from torch's numbers"
    )


def comes_back(session: Session) -> Check:
    """Whether the lens, saved and loaded, gives the same logits."""
    session.run.save_lens(session.lens)
    images = session.splits.train.batch(first_batch(session))
    torch.manual_seed(session.recipe.seed + 1)  # what is drawn when the model is built must be in its file
    same = torch.equal(session.lens.logits(images), Lens.load(session.run.path).logits(images))
    if same:
        return Check("comes back", True, "saved and loaded, it gives the same logits")
    return Check(
        "comes back", False, "its logits differ when loaded: what it draws or counts must be a parameter or a buffer"
    )
