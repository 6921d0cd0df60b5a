"""A recipe of one's own: a file to start from, and a trial that says in seconds whether it keeps the contract."""

import keyword
import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Int

from tinylens import recipes
from tinylens.data import Splits
from tinylens.data.library import entries
from tinylens.data.manifest import Manifest
from tinylens.errors import TinylensError, UsageError
from tinylens.experiment import choose
from tinylens.files import write_text
from tinylens.hardware import choose_hardware
from tinylens.lens import Lens, pixels
from tinylens.networks.table import parameter_count
from tinylens.pixels.augment import Batch
from tinylens.runs import Run
from tinylens.training.callbacks.deciding import ScheduleDropout, ScheduleRate
from tinylens.training.fit import new_session, require_logits
from tinylens.training.loop import mixed_loss, prepared, train_step
from tinylens.training.session import Session

IMAGES = 256  # of each split, or two of each class where that is more
ALWAYS_HERE = "digits"


@dataclass(frozen=True)
class Check:
    """One thing that a recipe must do. words: what was found. passed: None where it could not be tried."""

    name: str
    passed: bool | None
    words: str


def write_template(path: str | Path, *, data: str = ALWAYS_HERE) -> Path:
    """Write a recipe file to start from. Raises UsageError where it cannot be one, or is there already."""
    path = Path(path)
    name = re.sub(r"\W+", "_", path.stem)
    if path.suffix != ".py" or not name.isidentifier() or keyword.iskeyword(name):
        raise UsageError(f"{path}: a recipe is a Python file named in letters, digits and _, such as my_recipe.py")
    if path.exists():
        raise UsageError(f"{path} is there already; choose another name")
    if not path.parent.is_dir():
        raise UsageError(f"{path.parent}: no such folder")
    words = {"NAME": path.stem, "CLASS": "".join(part.title() for part in name.split("_")), "DATA": data}
    text = resources.files(recipes).joinpath("template.txt").read_text(encoding="utf-8")
    write_text(path, re.sub(r"\b(NAME|CLASS|DATA)\b", lambda found: words[found[0]], text))
    return path


def check(recipe: str, data: str | None = None, *, data_dir: str | Path | None = None) -> list[Check]:
    """Try a recipe on a few images: whether it builds, learns, repeats itself, and comes back from its file.

    recipe: a name or the path of a recipe file. data: what to try it on; by default the recipe's own where it is on
    this machine, else the digits, at the recipe's image size.
    Raises TinylensError where there is no recipe or no data to try.
    """
    kind = recipes.find(recipe)
    resolved = kind.resolve({"precision": "float32"})
    here = {entry.name for entry in entries(data_dir) if entry.path is not None}
    name = data or (kind.data if kind.data in here else ALWAYS_HERE)
    choice = choose(resolved, name, None, None, False)
    splits = choice.load(data_dir)
    splits = splits.limited(max(IMAGES, 2 * len(splits.classes)))
    with tempfile.TemporaryDirectory() as folder:
        run = Run.create(Path(folder), resolved, recipe, Manifest.of(choice, splits))
        return list(checks(run, splits))


def checks(run: Run, splits: Splits) -> Iterator[Check]:
    """Each check in turn; after one that fails the others cannot be tried."""
    names = ["builds", "learns", "repeats", "comes back"]
    try:
        with torch.random.fork_rng():
            session = begun(run, splits)
            size = "x".join(map(str, session.lens.image_size))
            model = f"{parameter_count(session.lens.network):,} parameters, {len(splits.classes)} logits"
            yield Check(names.pop(0), True, f"{model} for {size} images of {splits.name}")
            yield learns(names.pop(0), session, begun(run, splits))
            again = begun(run, splits)
            train_once(again)
            yield repeats(names.pop(0), session, again)
            yield comes_back(names.pop(0), session)
    except TinylensError as error:
        yield Check(names.pop(0), False, str(error))
    for name in names:
        yield Check(name, None, "not tried")


def begun(run: Run, splits: Splits) -> Session:
    """A session before its first step. Raises TrainingError where the model cannot be built or gives no logits."""
    torch.manual_seed(run.recipe.seed)
    session = new_session(run, splits, choose_hardware("float32"))
    require_logits(session)
    session.lens.network.train()
    return session


def train_once(session: Session, share: float = 1.0) -> None:
    """The first step of a training, with its rates; of the learning rate only a share."""
    for callback in (ScheduleRate(), ScheduleDropout()):
        callback.on_start(session)
        callback.on_step(session)
    for group in session.optimizer.param_groups:
        group["lr"] *= share
    torch.manual_seed(session.recipe.seed)
    train_step(session, first_batch(session))


def first_batch(session: Session) -> Int[np.ndarray, "b"]:
    """The positions of the images that are learned and looked at again."""
    return np.arange(min(session.recipe.batch_size, len(session.splits.train)))


def loss_now(session: Session) -> float:
    """The loss on the first batch as training sees it, with the same random numbers each time."""
    indices, train = first_batch(session), session.splits.train
    torch.manual_seed(session.recipe.seed)
    with torch.no_grad():
        images, labels = torch.from_numpy(train.batch(indices)), torch.from_numpy(train.labels[indices]).long()
        batch = prepared(session, Batch(pixels(images), labels))
        return mixed_loss(session.recipe, session.lens.network(batch.images), batch).item()


def learns(name: str, session: Session, careful: Session) -> Check:
    """Whether one step lowers the loss on the images that it was taken on.

    careful: the same before its first step, which is tried with a tenth of the rate where the first overshoots: Adam
    moves all weights equally far at first, which can be too far for the loss of a few images.
    """
    before = loss_now(session)
    train_once(session)
    after = loss_now(session)
    words = f"one step takes the loss on its own images from {before:.4f} to {after:.4f}"
    if after < before:
        return Check(name, True, words)
    train_once(careful, 0.1)
    lower = loss_now(careful)
    if lower < before:
        return Check(name, True, f"{words}, too far, and with a tenth of the learning rate to {lower:.4f}")
    return Check(name, False, f"{words}: the learning rate is too high, or no gradient reaches the weights")


def repeats(name: str, session: Session, again: Session) -> Check:
    """Whether a second training from the same seed has the same weights after a step."""
    pairs = zip(session.lens.network.named_parameters(), again.lens.network.parameters(), strict=True)
    different = [key for (key, mine), its in pairs if not torch.equal(mine, its)]
    if not different:
        return Check(name, True, "the same seed gives the same weights")
    return Check(name, False, f"{different[0]} differs after a step from the same seed: draw only from torch's numbers")


def comes_back(name: str, session: Session) -> Check:
    """Whether the lens, saved and loaded, gives the same logits."""
    session.run.save_lens(session.lens)
    images = session.splits.train.batch(first_batch(session))
    torch.manual_seed(session.recipe.seed + 1)  # what is drawn when the model is built must be in its file
    same = torch.equal(session.lens.logits(images), Lens.load(session.run.path).logits(images))
    return Check(name, same, "saved and loaded, it gives the same logits" if same else "its logits differ when loaded")
