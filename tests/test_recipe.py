"""Recipes: how settings are read, and what is said of those that cannot be."""

import re
from pathlib import Path
from typing import Any

import pytest

from tinylens import recipes
from tinylens.errors import UsageError
from tinylens.optim.optimizers import SGD, Adam
from tinylens.optim.schedules import Cosine
from tinylens.pixels.augment import Cutout, Flip
from tinylens.pixels.preprocess import Scale, Standardise

RECIPE = recipes.find("four-by-four")


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"epochs": "3"}, {"epochs": 3}),
        ({"batch-size": 64}, {"batch_size": 64}),
        ({"optimizer.lr": "0.5"}, {"optimizer": Adam(lr=0.5)}),
        ({"optimizer": "sgd"}, {"optimizer": SGD()}),
        ({"optimizer.kind": "sgd"}, {"optimizer": SGD()}),
        ({"optimizer.momentum": "0.9", "optimizer": "sgd"}, {"optimizer": SGD(momentum=0.9)}),
        (
            {"optimizer": "sgd", "optimizer.nesterov": "true", "optimizer.momentum": "0.9"},
            {"optimizer": SGD(momentum=0.9, nesterov=True)},
        ),
        ({"optimizer": '{"kind": "sgd", "lr": 1}'}, {"optimizer": SGD(lr=1)}),
        ({"patience": "null"}, {"patience": None}),
        ({"patience": "None"}, {"patience": None}),
        ({"preprocess": "scale,standardise"}, {"preprocess": (Scale(), Standardise())}),
        ({"augment": "flip, cutout"}, {"augment": (Flip(), Cutout())}),
        ({"as-published": "yes"}, {"as_published": True, "select_on": "test", "keep": "last"}),
        ({"as_published": True, "keep": "best"}, {"as_published": True, "select_on": "test", "keep": "best"}),
        ({"as_published": "no"}, {"as_published": False, "select_on": "validation", "keep": "best"}),
    ],
)
def test_settings_are_read(settings: dict[str, Any], expected: dict[str, Any]) -> None:
    recipe = RECIPE.resolve(settings)
    assert {name: getattr(recipe, name) for name in expected} == expected


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"epohcs": 1}, "no field 'epohcs'; did you mean epochs?"),
        ({"optimiser.lr": 1}, "did you mean optimizer?"),
        ({"optimizer.epsilom": 1}, "did you mean epsilon?"),
        ({"zzz": 1}, "there are as_published, image_size"),
        ({"epochs.x": 1}, "epochs has no fields inside"),
        ({"epochs": 0}, "epochs=0: input should be greater than or equal to 1"),
        ({"batch_size": "0"}, "greater than or equal to 1"),
        ({"epochs": "ten"}, "epochs=ten: input should be a valid integer"),
        ({"optimizer.lr": "fast"}, "optimizer.lr=fast: input should be a valid number"),
        ({"optimizer.lr": "NaN"}, "finite"),
        ({"optimizer.lr": "Infinity"}, "finite"),
        ({"optimizer.lr": "a\nb"}, "valid number"),
        ({"optimizer": "sdg"}, "expected tags: 'sgd', 'adam', 'adamw'"),
        ({"optimizer": "sgd", "optimizer.nesterov": True}, "nesterov needs a momentum above 0"),
        ({"precision": "bf16"}, "input should be 'auto', 'float32' or 'bfloat16'"),
        ({"as_published": "perhaps"}, "valid boolean"),
        ({"seed": -1}, "greater than or equal to 0"),
        ({"": 1}, "no field ''"),
        ({"lr": 0.1}, "lr: no field 'lr'; did you mean optimizer.lr?"),
        ({"learning-rate": 0.1}, "did you mean optimizer.lr?"),
        ({"optimizer.learning_rate": 0.1}, "did you mean lr?"),
        ({"epsilom": 0.1}, "did you mean optimizer.epsilon?"),
        (
            {"augment": "3"},
            'augment is a list: names with commas, as augment=flip,cutout, or JSON, as augment=[{"kind"',
        ),
        ({"augment": '{"kind": "cutout"}'}, "augment is a list: names with commas"),
        ({"augment.pixels": 3}, "augment is a list: names with commas"),
        ({"augment": "flip,mixup,mixup"}, "mixes images twice"),
        ({"augment": [{"kind": "pad-and-crop", "pixels": 32}]}, "augment: pad-and-crop: 32 pixels cannot be mirrored"),
        ({"batch-size": 1, "batch_size": 2}, "batch_size is set twice"),
        ({"optimizer": "sgd", "optimizer.kind": "adam"}, "optimizer is set twice"),
    ],
)
def test_settings_that_cannot_be_are_told_in_one_line(settings: dict[str, Any], said: str) -> None:
    with pytest.raises(UsageError, match=re.escape(said)) as failed:
        RECIPE.resolve(settings)
    assert "\n" not in str(failed.value)


def test_a_list_of_numbers_is_written_with_commas_or_as_json() -> None:
    recipe = recipes.find("elu-net")
    assert recipe.resolve({"dropout": "0.1, 0.2"}).model_dump()["dropout"] == (0.1, 0.2)
    with pytest.raises(UsageError, match=r"^dropout is a list: JSON, as \[0\.0, 0\.1,"):
        recipe.resolve({"dropout": "0.1"})


@pytest.mark.parametrize("name", [name for name in recipes.names() if recipes.find(name).faults])
def test_a_published_form_can_be_changed(name: str) -> None:
    recipe = recipes.find(name).resolve({"as_published": "true", "schedule": "cosine", "schedule.warmup": 0.1})
    assert (recipe.as_published, recipe.schedule) == (True, Cosine(warmup=0.1))
    assert not recipe.keeps_faults or "schedule" not in recipe.faults


def test_the_split_that_selection_goes_by_has_one_name() -> None:
    names = {split: RECIPE.resolve({"select_on": split}) for split in ("validation", "test", "train")}
    assert [recipe.selection_name for recipe in names.values()] == ["validation", "test", "train again"]
    assert names["train"].named("validation_loss") == "train again loss"
    assert names["train"].named("train_loss") == "train loss"


def test_another_default_keeps_a_field_s_limits_and_description() -> None:
    for kind in (RECIPE, recipes.find(str(Path(__file__).parent / "noisy_recipe.py"))):
        assert kind.model_fields["epochs"].description == "at most"
        with pytest.raises(ValueError, match="epochs=0"):
            kind.restored({"epochs": 0})


def test_what_is_resolved_is_restored_from_plain_values() -> None:
    recipe = RECIPE.resolve({"optimizer": "sgd", "schedule": "cosine", "preprocess": "standardise", "patience": None})
    assert RECIPE.restored(recipe.model_dump(mode="json")) == recipe


def test_a_recipe_that_is_not_there_is_told_with_the_nearest() -> None:
    with pytest.raises(UsageError, match=r"did you mean four-by-four\?"):
        recipes.find("four-by-for")
    with pytest.raises(UsageError, match=r"nowhere\.py: no such recipe file"):
        recipes.find("nowhere.py")


OWN = """
from tinylens.optim.optimizers import Optimizer
from tinylens.recipe import Recipe

class Own(Recipe):
    {1}

    def {0}(self, image_size, num_classes):
        return None
"""


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "must define one subclass of Recipe; it defines 0"),
        ("def (", "SyntaxError"),
        ("import nothing_of_that_name", "ModuleNotFoundError"),
        ("raise SystemExit(3)", "SystemExit"),
        ("raise ValueError('two\\nlines')", "ValueError: two lines"),
        ("\x00", "cannot be loaded"),
        (OWN.format("biuld", "seed: int = 1"), r"mine\.py: Own has no build$"),
        (OWN.format("build", "augment: tuple = 3"), r"mine\.py: augment=3: input should be a valid tuple"),
        (OWN.format("build", "epochs: int = 'ten'"), r"mine\.py: epochs=ten: input should be a valid integer"),
        (OWN.format("build", "optimizer: Optimizer = 'sgd'"), r"mine\.py: optimizer"),
        (OWN.format("build", "width: int"), r"mine\.py: width: field required"),
        (OWN.format("build", "data: str = 'digits'"), r"mine\.py: data is not a field .* data: ClassVar"),
        (OWN.format("build", "loss: str = 'mse'"), r"mine\.py: loss is not a field of a recipe: choose another name"),
    ],
)
def test_a_recipe_file_that_cannot_be_used_is_told_in_one_line(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "mine.py"
    file.write_text(text)
    with pytest.raises(UsageError, match=said) as failed:
        recipes.find(str(file))
    assert "\n" not in str(failed.value)
    assert list(tmp_path.iterdir()) == [file]  # nothing is left behind
