"""What objects that keep a figure do: keras.metrics and torchmetrics are given batches, and asked at the end."""

from typing import Any

from tinylens.lint.source.call import Call
from tinylens.lint.source.deriving import derived
from tinylens.lint.source.values import Unknown

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


FUNCTIONS: dict[str, Any] = {}
METHODS = {
    **{f"{kind}.{name}": updated for kind in METRICS for name in ("update_state", "update", "__call__")},
    **{f"{kind}.{name}": asked for kind in METRICS for name in ("result", "compute")},
}
