"""Ultralytics' smallest classifier, trained for a time and judged, printed as one line of JSON.

python benchmarks/peers/ultralytics_classify.py JOB        JOB: as five_minutes.py makes it

Source: Ultralytics' documentation, CIFAR-10 Dataset: `train(data, imgsz=32)` with all defaults, but `time`, its own
option for how long, which sets the epochs, and fresh weights in place of pretrained ones, as everybody's here.
"""

import json
import os
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

MODEL = "yolo26n-cls.yaml"
SIZE = 32


def train(folder: Path, out: Path, seconds: float, seed: int) -> tuple[Path, float, int]:
    """The file of the best weights by its validation images, the seconds that training took, and the images seen."""
    from ultralytics import YOLO

    model, seen, stamps = YOLO(MODEL, task="classify"), [0], [0.0]

    def count(trainer: Any) -> None:
        seen[0] += trainer.batch_size

    model.add_callback("on_train_start", lambda trainer: stamps.append(time.perf_counter()))
    model.add_callback("on_train_batch_start", count)  # that of the end is not called for the last one
    model.add_callback("on_model_save", lambda trainer: stamps.append(time.perf_counter()))
    model.train(
        data=str(folder), imgsz=SIZE, time=seconds / 3600, seed=seed, project=str(out), plots=False, verbose=False
    )
    return Path(model.trainer.best), stamps[-1] - stamps[1], seen[0]


def measure(job: dict[str, Any]) -> dict[str, Any]:
    """Train and judge. job: folder, of pictures; seconds; seed."""
    with TemporaryDirectory() as out:
        os.environ |= {"YOLO_CONFIG_DIR": out, "YOLO_OFFLINE": "true", "YOLO_VERBOSE": "false"}
        import torch
        import torchvision_alone  # noqa: F401  # first: torchvision may need it
        from ultralytics import YOLO, __version__

        folder = Path(job["folder"])
        best, seconds, images = train(folder, Path(out), job["seconds"], job["seed"])
        began = time.perf_counter()
        judged = YOLO(best).val(data=str(folder), split="test", imgsz=SIZE, plots=False, verbose=False)
        judging = time.perf_counter() - began
    tested = len(list((folder / "test").glob("*/*.png")))
    found = {"accuracy": float(judged.top1), "tested": tested, "images": images, "seconds": seconds}
    versions = {"ultralytics": __version__, "torch": torch.__version__}
    return found | {"judging_seconds": judging, "precision": "float32", "versions": versions}


if __name__ == "__main__":
    print(json.dumps(measure(json.loads(sys.argv[1]))))
