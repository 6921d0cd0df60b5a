"""What objects that keep a figure do: keras.metrics and torchmetrics are given batches, and asked at the end."""

from typing import Any

from tinylens.lint.source.call import Call
from tinylens.lint.source.deriving import derived
from tinylens.lint.source.values import Made, Unknown

METRICS = ("Mean", "MeanMetric", "Accuracy", "SparseCategoricalAccuracy", "CategoricalAccuracy", "BinaryAccuracy",
           "MulticlassAccuracy", "SparseTopKCategoricalAccuracy", "TopKCategoricalAccuracy", "F1Score", "Precision",
           "Recall", "AverageMeter")  # fmt: skip


def updated(call: Call) -> Any:
    """metric.update_state(labels, outputs), metric(outputs, labels): a figure of the images that were judged."""
    found = derived(*call.values)
    if found.judged:
        call.of.fields["figure"] = found
    return found


def asked(call: Call) -> Any:
    """metric.result(), metric.compute()."""
    return call.of.fields.get("figure", Unknown())


def curves(call: Call) -> Any:
    """pandas.DataFrame(history.history): the curves by the same names."""
    given = call.get(0, "data")
    return given if isinstance(given, Made) and given.kind == "History" else call.made()


def rows(call: Call) -> Any:
    """Rows of a table of curves: a table of them."""
    return call.of


FUNCTIONS: dict[str, Any] = {}
METHODS = {
    **{f"History.{name}": rows for name in ("tail", "head", "copy", "round")},
    **{f"{kind}.{name}": updated for kind in METRICS for name in ("update_state", "update", "__call__")},
    **{f"{kind}.{name}": asked for kind in METRICS for name in ("result", "compute")},
}
