"""What is in a data set: counts, shapes, colour, balance of the classes, and where it came from."""

from typing import Any

from tinylens.data.dataset import Dataset, Splits


def describe(splits: Splits) -> dict[str, Any]:
    """Plain values that say what the splits are. Means and deviations are of each channel, in 0 .. 255."""
    return {
        "name": splits.name,
        "origin": splits.origin,
        "verified": splits.verified,
        "notes": splits.notes,
        "classes": splits.classes,
        "superclasses": splits.train.superclasses,
        "splits": {name: describe_split(split) for name, split in splits.all().items()},
    }


def describe_split(dataset: Dataset) -> dict[str, Any]:
    """What one split is. imbalance: the largest class over the smallest."""
    mean, deviation = dataset.channel_statistics()
    counts = dataset.class_counts()
    least, most = int(counts.argmin()), int(counts.argmax())
    return {
        "images": len(dataset),
        "shape": (len(dataset), *dataset.image_size, 3),
        "mean": mean.round(3).tolist(),
        "deviation": deviation.round(3).tolist(),
        "counts": counts.tolist(),
        "fewest": {"class": dataset.classes[least], "images": int(counts[least])},
        "most": {"class": dataset.classes[most], "images": int(counts[most])},
        "imbalance": round(float(counts[most] / counts[least]), 3),
        "fingerprint": dataset.fingerprint,
    }
