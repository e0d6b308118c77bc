"""MobileNetV2 (Sandler et al., CVPR 2018) at output stride 16 under SEAM's head in plain PyTorch, for scripts beside this one.

torchvision's names of parameters, TensorFlow's SAME padding, frozen batch norm. The last stride becomes dilation.
"""
import torch.nn.functional as F

from seam import seam_head

# expansion, channels, repeats, first stride: table 2 of the paper
STAGES = [
    (1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1),
]
OUTPUT_STRIDE = 16
LOW, MID = "features.10", "features.17"


def blocks():
    """Name, whether it expands, stride, dilation and whether there is a shortcut, of each inverted residual."""
    reached, dilation, channels, found = 2, 1, 32, []
    for expansion, output, repeats, first in STAGES:
        for i in range(repeats):
            wanted = first if i == 0 else 1
            stride = wanted if reached * wanted <= OUTPUT_STRIDE else 1
            reached *= stride
            shortcut = wanted == 1 and channels == output
            found.append((f"features.{len(found) + 1}", expansion > 1, stride, dilation, shortcut))
            if stride != wanted:
                dilation *= wanted
            channels = output
    return found


BLOCKS = blocks()


class MobileNetV2:
    def __init__(self, params):
        self.params = params

    def conv(self, x, name, stride=1, dilation=1):
        weight = self.params[f"{name}.weight"]
        reach = dilation * (weight.shape[2] - 1)
        groups = x.shape[1] // weight.shape[1]
        if stride == 1:
            return F.conv2d(x, weight, None, 1, reach // 2, dilation, groups)
        missing = [max((-(-side // stride) - 1) * stride + reach + 1 - side, 0) for side in x.shape[2:]]
        (top, bottom), (left, right) = ((pad // 2, pad - pad // 2) for pad in missing)
        return F.conv2d(F.pad(x, (left, right, top, bottom)), weight, None, stride, 0, dilation, groups)

    def norm(self, x, name):
        p = [self.params[f"{name}.{part}"] for part in ("running_mean", "running_var", "weight", "bias")]
        return F.batch_norm(x, *p, training=False, eps=1e-5)

    def activated(self, x, conv, norm, stride=1, dilation=1):
        return F.relu6(self.norm(self.conv(x, conv, stride, dilation), norm), inplace=True)

    def inverted_residual(self, x, name, expands, stride, dilation, shortcut):
        y, at = x, 0
        if expands:
            y, at = self.activated(y, f"{name}.conv.0.0", f"{name}.conv.0.1"), 1
        y = self.activated(y, f"{name}.conv.{at}.0", f"{name}.conv.{at}.1", stride, dilation)
        y = self.norm(self.conv(y, f"{name}.conv.{at + 1}"), f"{name}.conv.{at + 2}")
        return x + y if shortcut else y

    def forward(self, image, masks=None):
        taps = {}
        x = self.activated(image, "features.0.0", "features.0.1", 2)
        for name, *how in BLOCKS:
            x = self.inverted_residual(x, name, *how)
            if name in (LOW, MID):
                taps[name] = x
        deep = self.activated(x, "features.18.0", "features.18.1")
        if masks is not None:
            deep = deep * masks["fc8"]
        return seam_head(self.params, image, (taps[LOW], taps[MID]), deep)
