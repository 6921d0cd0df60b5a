"""What every recipe, callback, choice and rule keeps to. New ones are found by themselves."""

import importlib
import inspect
import io
import json
import pkgutil
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

import pytest
import torch
from markupsafe import Markup
from pydantic import BaseModel

import tinylens
import tinylens.training.callbacks as callbacks
from tinylens import recipes
from tinylens.data import Splits, load_data
from tinylens.data.checkup import check_modules
from tinylens.data.checkup.observation import SEVERITIES
from tinylens.data.checkup.survey import of_splits
from tinylens.data.sources import Request, Source, all_sources
from tinylens.errors import DataError
from tinylens.hardware import choose_hardware
from tinylens.lint import SUBJECTS, rule_modules, rule_names
from tinylens.optim.optimizers import Optimizer
from tinylens.optim.schedules import Schedule
from tinylens.pixels.augment import Augment
from tinylens.pixels.preprocess import Preprocess, fit_steps, unfitted_steps
from tinylens.recipe import Published
from tinylens.report import panel_modules
from tinylens.report.story import tell
from tinylens.runs import Run
from tinylens.training.callbacks import Callback
from tinylens.training.fit import new_session
from tinylens.trial import checks

Prepare = Callable[..., tuple[Run, Splits]]


def choices(union: Any) -> list[type[BaseModel]]:
    """The classes among which a field chooses by `kind`."""
    return list(get_args(get_args(union)[0]))


def every_callback() -> list[type[Callback]]:
    modules = [
        importlib.import_module(m.name) for m in pkgutil.iter_modules(callbacks.__path__, f"{callbacks.__name__}.")
    ]
    return [
        kind
        for module in modules
        for kind in vars(module).values()
        if inspect.isclass(kind) and issubclass(kind, Callback) and kind.__module__ == module.__name__
    ]


@pytest.mark.parametrize("name", recipes.names())
def test_a_recipe_cites_its_source_and_names_its_faults(name: str) -> None:
    kind = recipes.find(name)
    assert kind.source
    assert kind.data
    assert kind.__doc__ is not None
    assert "Source:" in kind.__doc__
    assert f"Expect: `tinylens train {name}` " in kind.__doc__
    for field in kind.faults:
        assert f"({field})" in kind.__doc__
    assert kind.published is None or (isinstance(kind.published, Published) and 0 < kind.published.accuracy < 1)
    kept = kind.resolve({"as_published": True})
    assert {field: getattr(kept, field) for field in kind.faults} == kind.faults
    assert all(getattr(kind(), field) != value for field, value in kind.faults.items())


@pytest.mark.parametrize("name", recipes.names())
def test_a_recipe_builds_learns_repeats_itself_and_comes_back(name: str, prepare: Prepare) -> None:
    small = {"image_size": 8} if name.startswith("elu") else {}  # 42 million weights, whitened: half a minute at 32
    run, splits = prepare(name, precision="float32", batch_size=32, **small)
    assert {one.name: one.words for one in checks(run, splits) if not one.passed} == {}


@pytest.mark.parametrize("kind", every_callback())
def test_a_callback_s_state_is_plain_and_comes_back(kind: type[Callback], prepare: Prepare) -> None:
    given = {"metric": "validation_loss", "patience": 2, "restore": True, "callbacks": (), "visible": False, "every": 1}
    wanted = inspect.signature(kind).parameters
    first, second = (kind(**{name: given[name] for name in wanted}) for _ in range(2))
    run, splits = prepare()
    session = new_session(run, splits, choose_hardware("float32"))
    row = {"epoch": 1, "step": 5, "seconds": 1.0, "learning_rate": 0.1, "train_loss": 1.0, "train_accuracy": 0.5}
    row |= {"validation_loss": 1.0, "validation_accuracy": 0.5}
    first.on_start(session)
    first.on_step(session)
    first.after_epoch(session, row)
    first.on_close(session)
    whole = io.BytesIO()
    torch.save(first.state_dict(), whole)
    whole.seek(0)
    second.load_state_dict(torch.load(whole, weights_only=True))
    assert second.state_dict() == first.state_dict()
    second.on_close(session)  # a callback that never started is closed too


@pytest.mark.parametrize("kind", choices(Optimizer))
def test_an_optimizer_goes_on_from_its_state_to_the_same_weights(kind: Any) -> None:
    def steps(optimizer: torch.optim.Optimizer, weight: torch.nn.Parameter, count: int) -> None:
        for _ in range(count):
            weight.grad = 2 * weight.detach()
            optimizer.step()

    whole = torch.nn.Parameter(torch.linspace(-1, 1, 7))
    steps(kind().build([whole]), whole, 4)
    parted = torch.nn.Parameter(torch.linspace(-1, 1, 7))
    first, second = kind().build([parted]), kind().build([parted])
    steps(first, parted, 2)
    second.load_state_dict(first.state_dict())
    steps(second, parted, 2)
    assert torch.equal(whole, parted)
    assert whole.abs().sum() < 4 * 7
    assert kind().lr > 0  # schedules multiply it


@pytest.mark.parametrize("kind", choices(Schedule))
def test_a_schedule_gives_a_factor_from_0_to_1_for_every_step(kind: Any) -> None:
    for total in (1, 2, 7, 100):
        assert all(0 <= kind().factor(step, max(total // 5, 1), total) <= 1 for step in range(total))


@pytest.mark.parametrize("kind", choices(Preprocess))
def test_preprocessing_is_saved_with_its_numbers(kind: Any) -> None:
    digits = load_data("digits", image_size=8)
    fitted, unfitted = fit_steps((kind(),), digits.train), unfitted_steps((kind(),), (8, 8))
    unfitted.load_state_dict(fitted.state_dict())
    images = torch.from_numpy(digits.test.images[:5]).permute(0, 3, 1, 2).float()
    assert torch.equal(fitted(images), unfitted(images))
    assert fitted(images).shape == images.shape


@pytest.mark.parametrize("union", [Optimizer, Schedule, Preprocess, Augment])
def test_choices_have_a_kind_of_their_own_and_refuse_what_they_do_not_know(union: Any) -> None:
    kinds = [kind.model_fields["kind"].default for kind in choices(union)]
    assert len(set(kinds)) == len(kinds)
    for kind in choices(union):
        assert kind.__doc__
        assert kind.model_config["extra"] == "forbid"
        assert kind.model_config["frozen"]
        assert kind.model_config["allow_inf_nan"] is False


def test_every_rule_has_a_code_of_its_own_and_a_page_of_documentation() -> None:
    codes = []
    for subject in SUBJECTS:
        modules = rule_modules(subject)
        assert len(modules) == len(rule_names(subject))
        for module in modules:
            rule = module.RULE
            assert re.fullmatch(r"TL[1-9]\d\d", rule.code)
            assert rule.code.startswith("TL1") is (subject == "run")
            assert (module.__doc__ or "").startswith(f"{rule.code}: "), module.__name__
            assert len((module.__doc__ or "").split("\n\n")) > 1, module.__name__  # what it means, after its title
            assert inspect.getdoc(module.check)
            assert rule.title
            assert rule.remedy
            assert rule.severity in ("error", "warning", "note")
            codes.append(rule.code)
    assert len(set(codes)) == len(codes)


@pytest.mark.parametrize("source", all_sources(), ids=lambda source: source.__name__.rsplit(".", 1)[1])
def test_a_source_claims_its_names_and_no_other_and_says_where_they_are(source: Source, tmp_path: Path) -> None:
    assert inspect.getdoc(source)
    others = [name for other in all_sources() if other is not source for name in other.NAMES]
    assert all(source.claims(name) for name in source.NAMES)
    assert not any(source.claims(name) for name in others)
    assert not source.claims("no such data")
    for name, known in source.NAMES.items():
        assert known.about
        assert known.classes >= 2
        place = source.found(name, (tmp_path,))
        request = Request(name, 32, "crop", (tmp_path,))
        if place is None:
            with pytest.raises(DataError, match="is not on this machine"):
                source.load(request)
        else:
            assert len(source.load(request).classes) == known.classes


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A run that panels can tell of."""
    out = tmp_path_factory.mktemp("judged")
    return tinylens.train("four-by-four", "digits", epochs=1, limit=100, out=out, progress=False)


@pytest.mark.parametrize("panel", panel_modules(), ids=lambda panel: panel.__name__.rsplit(".", 1)[1])
def test_a_panel_has_a_title_and_a_place_and_draws_html(panel: Any, judged: Run) -> None:
    assert inspect.getdoc(panel)
    assert panel.TITLE
    assert [other.ORDER for other in panel_modules()].count(panel.ORDER) == 1
    body = panel.render(tell(judged, judged.manifest.reload()))
    assert body is None or isinstance(body, Markup)


@pytest.mark.parametrize("check", check_modules(), ids=lambda check: check.CODE)
def test_a_check_of_data_has_a_name_and_a_place_and_says_something_plain(check: Any, digits: Splits) -> None:
    assert inspect.getdoc(check)
    assert check.TITLE
    for names in ("ORDER", "CODE"):
        values = [getattr(other, names) for other in check_modules()]
        assert values.count(getattr(check, names)) == 1
    few = of_splits(digits.limited(60))
    found = check.check(few)
    if found is not None:
        assert (found.code, found.title) == (check.CODE, check.TITLE)
        assert found.severity in SEVERITIES
        assert found.found
        assert json.loads(json.dumps(found.to_json(few)))["code"] == check.CODE
        assert all(len(row) == len(table.headings) for table in found.tables for row in table.rows)
