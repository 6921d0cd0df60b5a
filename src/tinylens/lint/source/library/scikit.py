"""What scikit-learn and imbalanced-learn do: data sets, cuts, folds, scalers, and figures of predictions."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from tinylens.lint.source.call import Call
from tinylens.lint.source.data import BEHIND, SETS, Cut, Data, Part
from tinylens.lint.source.deriving import derived, parts_of
from tinylens.lint.source.library.arrays import gathered
from tinylens.lint.source.library.builtin import places
from tinylens.lint.source.library.chance import drawn_order
from tinylens.lint.source.program import Fitted
from tinylens.lint.source.table import on_rows, rows_of
from tinylens.lint.source.values import Made, Name, Statistic, Unknown, number

SCALERS = ("StandardScaler", "MinMaxScaler", "PCA", "RobustScaler", "Normalizer", "MaxAbsScaler", "QuantileTransformer")
ENCODERS = ("LabelBinarizer", "OneHotEncoder")
UNTOLD = ("PCA", "Normalizer", "LabelEncoder", *ENCODERS)  # fitted for a picture, or to each image or to names alone
SAMPLERS = ("RandomOverSampler", "SMOTE", "ADASYN", "BorderlineSMOTE")  # of imbalanced-learn
OPENML = {"digits": "digits", "mnist-784": "mnist", "fashion-mnist": "fashion_mnist", "cifar-10": "cifar10",
          "kuzushiji-mnist": "kmnist"}  # fmt: skip


def pipeline(call: Call) -> Any:
    """make_pipeline(StandardScaler(), PCA(50)): fitted as a scaler is."""
    return call.made("sklearn.Pipeline")


def resampled(call: Call) -> Any:
    """RandomOverSampler().fit_resample(x, y), sklearn.utils.resample(x, y): some images more than once."""
    again = call.reading.fresh(BEHIND)
    if call.get("replace", default=True) is not True:
        return call.unknown
    order = drawn_order(call, "resampled")
    found = [on_rows(one, lambda data: data.shuffle(order).with_copies(again)) for one in call.args]
    return found[0] if len(found) == 1 else tuple(found)


def split_in_two(call: Call) -> Any:
    """train_test_split: of each array a part for training and one for what comes after. The same seed cuts alike."""
    arrays = [gathered(one) for one in call.args]
    share = (call.get("test_size"), call.get("train_size"))
    if not any(isinstance(one, Data) or rows_of(one) is not None for one in arrays):
        return made_up(call, len(arrays), share)
    knife = knife_of(call, share)

    def cut_to(side: int) -> Callable[[Data], Data]:
        return lambda data: data.as_one().cut(Cut(knife, side), side_count(data, share, side))

    return [on_rows(one, cut_to(side)) for one in arrays for side in (0, 1)]


def knife_of(call: Call, share: tuple[Any, Any]) -> str:
    """What a cut by train_test_split is known by: the same for two calls that cut alike."""
    seed, seeds = call.get("random_state"), call.reading.program.seeds
    shares = [number(one) for one in share]
    if call.get("shuffle") is False:
        return f"split {shares} in order"
    if number(seed) is not None:
        return f"split {shares} seed {number(seed)}"
    if seed is None and seeds and seeds[-1].endswith("!"):  # seeded right before
        seeds[-1] = seeds[-1][:-1]
        return f"split {shares} after {seeds[-1]}"
    return call.reading.fresh("split" if seed is None and call.complete else "cut")


def side_count(data: Data, share: tuple[Any, Any], side: int) -> int | None:
    """How many images a side of a cut has, where that can be told."""
    test, train = map(number, share)
    told = test if side else train
    if told is not None and told > 1:
        return int(told)
    if data.count is None or (share[0] is not None and test is None):
        return None
    if test is None and train is not None:
        test = 1 - train if train < 1 else data.count - train
    test = 0.25 if test is None else test
    late = -int(-data.count * test // 1) if test < 1 else int(test)
    return late if side else data.count - late


def made_up(call: Call, arrays: int, share: tuple[Any, Any]) -> Any:
    """The same of arrays of which nothing is known: data all the same."""
    source, knife = call.reading.fresh("arrays"), call.reading.fresh("split")
    whole = Data("images", frozenset({Part(source, "all")}), sure=False)
    sides = [whole.cut(Cut(knife, side), side_count(whole, share, side)) for side in (0, 1)]
    return [replace(one, kind="labels" if (place, arrays) == (1, 2) else "images")
            for place in range(arrays) for one in sides]  # fmt: skip


def folds(call: Call) -> Any:
    """KFold.split: places for training and for validation, other ones each time."""
    knife = call.reading.fresh("fold" if "Group" not in call.of.kind else "group fold")
    base = places(call.reading.fresh("folds"))
    pair = tuple(base.cut(Cut(knife, side, role=role)) for side, role in ((0, "train"), (1, "validation")))  # type: ignore[arg-type]
    return [tuple(pair), fold_again(call)]


def fold_again(call: Call) -> Any:
    """Another fold."""
    knife = call.reading.fresh("fold" if "Group" not in call.of.kind else "group fold")
    base = places(call.reading.fresh("folds"))
    return tuple(base.cut(Cut(knife, side, role=role)) for side, role in ((0, "train"), (1, "validation")))  # type: ignore[arg-type]


def shuffled(call: Call) -> Any:
    """sklearn.utils.shuffle: arrays in one other order, or the same order for the same seed."""
    seed = number(call.get("random_state"))
    how = call.reading.fresh("shuffle") if seed is None else f"shuffle seed {seed}"
    found = [on_rows(one, lambda data: data.shuffle(how)) for one in call.args]
    return found[0] if len(found) == 1 else tuple(found)


def of_sklearn(call: Call) -> Any:
    """load_digits(), fetch_openml("mnist_784"): all the images of a data set, which nobody has cut yet."""
    asked = call.get(0, "name") if call.name.last == "fetch_openml" else "digits"
    name = OPENML.get(asked.lower().replace("_", "-")) if isinstance(asked, str) else None
    if name is None:
        return Unknown()
    known, parts = SETS[name], frozenset({Part(name, "all")})
    count = (known.train or 0) + (known.test or 0)
    images = Data("images", parts, count=count, classes=known.classes, raw=True, source=name, top=known.top)
    labels = Data("labels", parts, count=count, classes=known.classes, encoding="sparse", source=name)
    if call.get("return_X_y") is True:
        return images, labels
    found = Made(Name("sklearn.Bunch"), {}, call.place)
    found.fields |= {"data": images, "images": images, "target": labels}
    return found


def fit_scaler(call: Call) -> Any:
    """StandardScaler().fit: statistics of what it is given."""
    value = call.get(0, "X")
    if call.of.kind != "Normalizer":
        call.of.fields["fitted"] = parts_of(value)
    if isinstance(value, Data) and call.of.kind not in UNTOLD:
        call.reading.program.fitted.append(Fitted(call.place, call.of.kind, value.parts))
    if call.name.last == "fit_transform" and isinstance(value, Data):
        return scaled(call.of, value, call)
    return call.of if call.name.last == "fit" else derived(value)


def transform(call: Call) -> Any:
    """StandardScaler().transform."""
    value = call.get(0, "X")
    return scaled(call.of, value, call) if isinstance(value, Data) else derived(value)


def scaled(scaler: Made, data: Data, call: Call) -> Data:
    """Images after a scaler, labels after an encoder."""
    if scaler.kind in ENCODERS:
        return replace(data, encoding="onehot")
    if scaler.kind == "LabelEncoder":
        return replace(data, encoding="sparse")
    statistic = Statistic(scaler.fields.get("fitted", frozenset()), scaler.kind)
    return data.done("standardise", statistic, call.place)


def compared(call: Call) -> Any:
    """classification_report(generator.classes, predictions): in another order where the generator shuffles."""
    truths = [one for one in call.values if isinstance(one, Data) and one.order == ("as listed",)]
    judged = [one for one in call.values if isinstance(one, Unknown) and one.judged and one.text == "shuffled flow"]
    if truths and judged:
        call.reading.program.orders.append((call.place, call.name.last))
    return call.unknown  # a figure of the images whose predictions it is given


FUNCTIONS = {
    "sklearn:resample": resampled,
    "sklearn:shuffle": shuffled,
    "sklearn:train_test_split": split_in_two,
    "sklearn:make_pipeline": pipeline,
    "sklearn:load_digits": of_sklearn,
    "sklearn:fetch_openml": of_sklearn,
    **{f"sklearn:{name}": compared for name in (
        "accuracy_score", "f1_score", "precision_score", "recall_score", "confusion_matrix", "classification_report",
        "balanced_accuracy_score", "roc_auc_score", "top_k_accuracy_score")},
}  # fmt: skip
METHODS = {
    **{f"{kind}.{name}": resampled for kind in SAMPLERS for name in ("fit_resample", "fit_sample")},
    **{f"{kind}.{name}": handler for kind in (*SCALERS, *ENCODERS, "Pipeline", "LabelEncoder") for name, handler in (
        ("fit", fit_scaler), ("fit_transform", fit_scaler), ("transform", transform))},
    **{f"{kind}.split": folds for kind in (
        "KFold", "StratifiedKFold", "RepeatedKFold", "RepeatedStratifiedKFold", "GroupKFold")},
}  # fmt: skip
