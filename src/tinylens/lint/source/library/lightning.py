"""What PyTorch Lightning does: a trainer calls the steps of a module with batches of loaders."""

from typing import Any

from tinylens.lint.source.call import Call
from tinylens.lint.source.data import Data
from tinylens.lint.source.items import batch_of, items_of
from tinylens.lint.source.library.chance import seeded
from tinylens.lint.source.library.layers import network_of
from tinylens.lint.source.network import Fit
from tinylens.lint.source.program import Paced
from tinylens.lint.source.values import Made, Thing, Unknown


def trainer(call: Call) -> Any:
    """Trainer(max_epochs, callbacks)."""
    return call.made()


def fit(call: Call) -> Any:
    """trainer.fit(module, train, val): a training, with the callbacks of the trainer."""
    module = call.get("model", 0)
    network = network_of(module)
    train, validation = loaders(call)
    if network is None or not isinstance(module, Thing):
        return None
    images = train
    callbacks = items_of(call.of.get("callbacks", default=[]))
    network.fits.append(
        Fit(call.place, network, images, None, validation, None, None, callbacks,
            call.of.get("max_epochs", default=Unknown()), images.batch if isinstance(images, Data) else None,
            known=call.of.get("hidden") is None)
    )  # fmt: skip
    call.reading.program.fits.append(network.fits[-1])
    for one in callbacks or []:
        if isinstance(one, Made):
            one.fields["trainer"] = call.of  # who says how often it is asked
    configure(call, module, images)
    for name, data in (("training_step", train), ("validation_step", validation)):
        step(call, module, name, data)
    return None


def test(call: Call) -> Any:
    """trainer.test(module, loader)."""
    module = call.get("model", 0)
    data = call.get("dataloaders", "test_dataloaders", 1)
    holder = call.get("datamodule", default=data)
    if isinstance(holder, Thing):
        call.asked(holder, "setup", "test")
        data = call.asked(holder, "test_dataloader")
    if isinstance(module, Thing):
        step(call, module, "test_step", data)
    return None


def loaders(call: Call) -> tuple[Any, Any]:
    """The loaders for training and validation, given, or asked of a data module or of the module itself."""
    train = call.get("train_dataloaders", "train_dataloader", 1)
    validation = call.get("val_dataloaders", 2)
    holder = call.get("datamodule", default=train)
    source = holder if isinstance(holder, Thing) else call.get("model", 0) if train is None else None
    if not isinstance(source, Thing):
        return train, validation
    call.asked(source, "prepare_data")
    call.asked(source, "setup", "fit")
    return call.asked(source, "train_dataloader"), call.asked(source, "val_dataloader")


def configure(call: Call, module: Thing, images: Any) -> None:
    """The optimizers and schedulers of a module: each is stepped once an epoch, unless it is told otherwise."""
    for scheduler in schedulers_in(call.asked(module, "configure_optimizers")):
        interval = "epoch"
        if isinstance(scheduler, dict):
            interval, scheduler = scheduler.get("interval", "epoch"), scheduler.get("scheduler")
        if isinstance(scheduler, Made):
            epochs = call.of.get("max_epochs", default=Unknown())
            call.reading.program.paced.append(Paced(scheduler, interval, epochs, images))


def schedulers_in(given: Any) -> list[Any]:
    """The schedulers in what configure_optimizers gives: a dictionary, or a list of optimizers and one of these."""
    if isinstance(given, dict):
        return [given.get("lr_scheduler")]
    several = given if isinstance(given, tuple | list) else ()
    if len(several) == 2 and isinstance(several[0], list | tuple) and isinstance(several[1], list | tuple):
        return list(several[1])
    return [found for one in several if isinstance(one, dict) for found in schedulers_in(one)]


def step(call: Call, module: Thing, name: str, data: Any) -> None:
    """A step of a module with a batch: in the mode that the trainer sets, so that nothing is wrong with that."""
    if not isinstance(data, Data):
        return
    call.reading.inside += 1
    try:
        call.asked(module, name, batch_of(data), Unknown())
    finally:
        call.reading.inside -= 1


def stopper(call: Call) -> Any:
    """EarlyStopping and ModelCheckpoint of Lightning."""
    return call.made(f"lightning.{call.name.last}")


def scheduler(call: Call) -> Any:
    """A schedule of the transformers library, which torch's are stepped like."""
    return call.made()


def logged(call: Call) -> Any:
    """self.log."""
    return None


FUNCTIONS = {
    "lightning:Trainer": trainer,
    "lightning:seed_everything": seeded,
    "lightning:EarlyStopping": stopper,
    "lightning:ModelCheckpoint": stopper,
    **{
        f"transformers:get_{shape}_schedule_with_warmup": scheduler
        for shape in ("linear", "cosine", "polynomial_decay")
    },
}
METHODS = {
    "Trainer.fit": fit,
    "Trainer.test": test,
    "network.log": logged,
    "network.save_hyperparameters": logged,
}
