"""How fast a recipe's model classifies in Keras, printed as one line of JSON. It runs in a peer's environment.

python benchmarks/peers/keras_inference.py JOB        JOB: as inference.py makes it

It does what a lens does: uint8 images in, probabilities out, so that dividing by 255 is in the time.
"""

import json
import sys
from functools import partial
from typing import Any

import keras
import numpy as np
from keras_network import about, network

from clock import calls


def classifier(job: dict[str, Any], model: Any) -> Any:
    """What takes images and gives probabilities in the job's way: `predict`, or a call of the model."""
    if job["way"] == "predict":
        return lambda images: model.predict(images / np.float32(255), batch_size=len(images), verbose=0)
    return lambda images: keras.ops.convert_to_numpy(model(images / np.float32(255), training=False))


def measure(job: dict[str, Any]) -> dict[str, Any]:
    """Time calls with each number of images.

    job: recipe and settings; images, an .npz file; batches; seconds; precision, a policy of Keras; way: predict, call.
    """
    with np.load(job["images"]) as arrays:
        images = arrays["x_train"][: max(job["batches"])]
    model = network(job, images.shape[1:], keras.layers.Softmax(dtype="float32"))
    classify = classifier(job, model)
    parts = {str(batch): images[:batch] for batch in job["batches"]}
    found = {name: calls(partial(classify, part), len(part), job["seconds"]) for name, part in parts.items()}
    return {"batches": found, **about(model)}


if __name__ == "__main__":
    print(json.dumps(measure(json.loads(sys.argv[1]))))
