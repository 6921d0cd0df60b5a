"""Makes torchvision importable where its compiled operators do not load.

From PyPI it is built for CUDA, and beside a PyTorch for the processor alone its operators are missing, which its import
takes for an error. No classifier uses them: it is enough that they are declared.
"""

import torch

try:
    import torchvision  # noqa: F401
except RuntimeError:
    library = torch.library.Library("torchvision", "DEF")
    for operator in ("nms", "qnms"):
        library.define(f"{operator}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
