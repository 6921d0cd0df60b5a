"""What PyTorch Lightning does: a trainer calls the steps of a module with batches of loaders."""

from typing import Any

from tinylens.lint.source.call import Call
from tinylens.lint.source.data import Data
from tinylens.lint.source.items import batch_of, items_of
from tinylens.lint.source.library.builtin import seeded
from tinylens.lint.source.library.layers import network_of
from tinylens.lint.source.network import Fit
from tinylens.lint.source.values import Function, Thing, Unknown


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
    configure(call, module)
    for name, data in (("training_step", train), ("validation_step", validation)):
        step(call, module, name, data)
    return None


def test(call: Call) -> Any:
    """trainer.test(module, loader)."""
    module = call.get("model", 0)
    data = call.get("dataloaders", "test_dataloaders", 1)
    holder = call.get("datamodule", default=data)
    if isinstance(holder, Thing):
        hook(call, holder, "setup", "test")
        data = hook(call, holder, "test_dataloader")
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
    hook(call, source, "prepare_data")
    hook(call, source, "setup", "fit")
    return hook(call, source, "train_dataloader"), hook(call, source, "val_dataloader")


def hook(call: Call, thing: Thing, name: str, *args: Any) -> Any:
    """What a method of theirs gives, where there is one."""
    from tinylens.lint.source.calling import bound_to, enter

    function = thing.cls.lookup(name)
    return enter(call.reading, bound_to(function, thing), list(args), {}) if isinstance(function, Function) else None


def configure(call: Call, module: Thing) -> None:
    """The optimizers and schedulers of a module."""
    hook(call, module, "configure_optimizers")


def step(call: Call, module: Thing, name: str, data: Any) -> None:
    """A step of a module with a batch: in the mode that the trainer sets, so that nothing is wrong with that."""
    if not isinstance(data, Data):
        return
    call.reading.inside += 1
    try:
        hook(call, module, name, batch_of(data), Unknown())
    finally:
        call.reading.inside -= 1


def stopper(call: Call) -> Any:
    """EarlyStopping and ModelCheckpoint of Lightning."""
    return call.made(f"lightning.{call.name.last}")


def logged(call: Call) -> Any:
    """self.log."""
    return None


FUNCTIONS = {
    "lightning:Trainer": trainer,
    "lightning:seed_everything": seeded,
    "lightning:EarlyStopping": stopper,
    "lightning:ModelCheckpoint": stopper,
}
METHODS = {
    "Trainer.fit": fit,
    "Trainer.test": test,
    "network.log": logged,
    "network.save_hyperparameters": logged,
}
