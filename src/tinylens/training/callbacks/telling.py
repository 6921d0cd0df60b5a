"""Callbacks that tell: history.jsonl, the log, TensorBoard, and what a person sees."""

import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from tinylens.console import say, stderr
from tinylens.errors import TrainingError
from tinylens.training.callbacks import Callback
from tinylens.training.session import Session
from tinylens.words import count, duration

if TYPE_CHECKING:
    from torch.utils.tensorboard import SummaryWriter

REDRAW_SECONDS = 0.2


class WriteHistory(Callback):
    """Write history.jsonl after each epoch, and once at the start so that it never runs ahead of the checkpoint."""

    def on_start(self, session: Session) -> None:
        session.run.write_history(session.progress.history)

    def after_epoch(self, session: Session, row: dict[str, Any]) -> None:
        session.run.write_history(session.progress.history)


class WriteLog(Callback):
    """One line an epoch in log.txt, and on stderr where there is no terminal to draw a bar on."""

    def __init__(self, *, visible: bool) -> None:
        self.visible = visible and not sys.stderr.isatty()

    def tell(self, session: Session, line: str) -> None:
        """Write the line to the log, and print it."""
        session.run.log(line)
        if self.visible:
            say(line)

    def on_start(self, session: Session) -> None:
        at, chosen = session.progress, session.hardware
        begun = f"goes on after step {at.step}" if at.step else "begins"
        work = f"{len(session.splits.train):,} images, {session.steps_per_epoch:,} steps an epoch"
        means = f"{chosen.device} ({chosen.device_name}), {chosen.threads} threads, {chosen.precision}"
        self.tell(session, f"training {begun}: {work}, at most {count(session.recipe.epochs, 'epoch')}, {means}")

    def after_epoch(self, session: Session, row: dict[str, Any]) -> None:
        self.tell(session, line_for(row, session))

    def on_interrupt(self, session: Session) -> None:
        session.run.log(f"stopped after step {session.progress.step}")

    def on_end(self, session: Session) -> None:
        at = session.progress
        why = at.stop or session.whole
        self.tell(session, f"training ends after {count(at.epoch, 'epoch')} and {duration(at.seconds)}: {why}")


class WriteTensorBoard(Callback):
    """TensorBoard event files: learning rate, and loss and accuracy in training and validation, after each epoch.

    Each sitting writes all of the history anew, in place of the file before: a process that was killed may have been
    behind the checkpoint, and TensorBoard may read two files in the wrong order.
    """

    def __init__(self) -> None:
        self.writer: SummaryWriter | None = None

    def on_start(self, session: Session) -> None:
        from torch.utils.tensorboard import SummaryWriter

        shutil.rmtree(session.run.tensorboard, ignore_errors=True)
        with written(session):
            # From step 0: a TensorBoard that is looking on forgets what it read of the file before.
            self.writer = SummaryWriter(str(session.run.tensorboard), purge_step=0)
            for row in session.progress.history:
                self.add(session, row)

    def add(self, session: Session, row: dict[str, Any]) -> None:
        """Write an epoch's figures."""
        assert self.writer is not None
        for name in (name for name in row if name.startswith(("train_", "validation_"))):
            part, metric = name.split("_")
            split = session.recipe.selection_name if part == "validation" else part
            self.writer.add_scalar(f"{metric}/{split}", row[name], row["step"])
        self.writer.add_scalar("learning_rate", row["learning_rate"], row["step"])
        self.writer.flush()

    def after_epoch(self, session: Session, row: dict[str, Any]) -> None:
        with written(session):
            self.add(session, row)

    def on_close(self, session: Session) -> None:
        if self.writer is not None:
            with suppress(OSError):  # every epoch was flushed, or its failure told
                self.writer.close()


@contextmanager
def written(session: Session) -> Iterator[None]:
    """Say in our words that TensorBoard's events cannot be written."""
    try:
        yield
    except OSError as error:
        raise TrainingError(f"cannot write {session.run.tensorboard}: {error.strerror or error}") from error


class ShowBar(Callback):
    """A bar for the epoch under way, with rate and time left, and a line for each that is done. Only on a terminal."""

    def __init__(self) -> None:
        columns = (
            TextColumn("{task.description}"),
            BarColumn(bar_width=24),
            TextColumn("{task.percentage:>3.0f} %  {task.fields[rate]}  {task.fields[loss]}"),
            TimeRemainingColumn(compact=True),
        )
        self.bar = Progress(*columns, console=stderr, transient=True, refresh_per_second=1 / REDRAW_SECONDS)
        self.task: TaskID | None = None
        self.drawn = 0.0

    def on_start(self, session: Session) -> None:
        self.bar.start()
        self.begin(session)

    def begin(self, session: Session) -> None:
        """A new bar for the epoch that begins, or goes on."""
        at, recipe = session.progress, session.recipe
        if not session.done:
            about = f"epoch {at.epoch + 1:>{len(str(recipe.epochs))}}/{recipe.epochs}"
            images = len(session.splits.train)
            self.task = self.bar.add_task(about, total=images, completed=at.seen, rate="", loss="")

    def after_step(self, session: Session) -> None:
        assert self.task is not None
        at, task = session.progress, self.bar.tasks[-1]
        if at.batch < session.steps_per_epoch and time.monotonic() - self.drawn < REDRAW_SECONDS:
            return  # small models take hundreds of steps a second
        self.drawn = time.monotonic()
        rate = f"{task.speed:>7,.0f} images/s" if task.speed else ""
        loss = f"loss {at.loss_sum / at.seen:.3f}  accuracy {at.correct / at.seen:.3f}"
        self.bar.update(self.task, completed=at.seen, rate=rate, loss=loss)

    def after_epoch(self, session: Session, row: dict[str, Any]) -> None:
        assert self.task is not None
        self.bar.remove_task(self.task)
        self.bar.console.print(line_for(row, session), markup=False)
        if session.progress.stop is None:
            self.begin(session)

    def on_close(self, session: Session) -> None:
        self.bar.stop()


def line_for(row: dict[str, Any], session: Session) -> str:
    """An epoch in one line."""
    epochs = session.recipe.epochs
    figures = [
        f"{name} loss {row[f'{part}_loss']:.3f} acc {row[f'{part}_accuracy']:.3f}"
        for name, part in (("train", "train"), (session.recipe.selection_name, "validation"))
    ]
    return f"epoch {row['epoch']:>{len(str(epochs))}}/{epochs}  {'  '.join(figures)}  {row['seconds']:.1f} s"
