"""SEAM's head and losses in plain PyTorch, as the authors' code (YudeWang/SEAM) computes them, for scripts beside this one."""
import torch
import torch.nn.functional as F


def resize(x, size):
    return F.interpolate(x, tuple(size), mode="bilinear", align_corners=True)


def normalized(cam):
    """The CAM that the pixel correlation module spreads."""
    r = F.relu(cam)
    n = F.relu(r - 1e-5) / (r.amax((2, 3), True) + 1e-5)
    foreground = n[:, 1:]
    best = foreground.amax(1, True)
    return torch.cat([1 - best, torch.where(foreground == best, foreground, torch.zeros_like(foreground))], 1)


def correlate(cam, features):
    n, classes, h, w = cam.shape
    f = features.flatten(2)
    f = f / (f.norm(dim=1, keepdim=True) + 1e-5)
    affinity = F.relu(f.transpose(1, 2) @ f)
    affinity = affinity / (affinity.sum(1, keepdim=True) + 1e-5)
    return (cam.flatten(2) @ affinity).view(n, classes, h, w)


def max_norm(cam):
    p = F.relu(cam)
    flat = p.flatten(2)
    largest = flat.max(2)[0][..., None, None]
    least = flat.min(2)[0][..., None, None]
    return F.relu(p - least - 1e-5) / (largest - least + 1e-5)


def classification(cam, label):
    return F.multilabel_soft_margin_loss(cam[:, 1:].mean((2, 3)), label)


def min_pooling(cam_rv, present):
    strongest = (cam_rv * present)[:, 1:].max(1)[0].flatten(1)
    return F.relu(strongest.topk(strongest.shape[1] // 4, largest=False)[0]).mean()


def with_background(cam):
    return torch.cat([1 - cam[:, 1:].max(1, keepdim=True)[0], cam[:, 1:]], 1)


def onehot_max(cam):
    foreground = cam[:, 1:]
    best = foreground.amax(1, True)
    return torch.cat([cam[:, :1], torch.where(foreground == best, foreground, torch.zeros_like(foreground))], 1)


def hardest(difference):
    rows = difference.flatten(1)
    return rows.topk(int(rows.shape[1] * 0.2))[0].mean()


def seam_head(params, image, taps, deep):
    """CAMs, raw and revised by the pixel correlation module; taps: what f8_3 and f8_4 read; deep: what the classifier reads."""
    cam = F.conv2d(deep, params["fc8.weight"])
    features = torch.cat([
        resize(image, cam.shape[2:]),
        *(F.relu(F.conv2d(tap.detach(), params[f"{name}.weight"])) for name, tap in zip(("f8_3", "f8_4"), taps)),
    ], 1)
    revised = correlate(normalized(cam.detach()), F.conv2d(features, params["f9.weight"]))
    return resize(cam, image.shape[2:]), resize(revised, image.shape[2:])


def losses_of(network, image, label, masks, scale):
    """The losses classification, min-pooling, er and ecr; scale: the second view's."""
    small = [int(side * scale) for side in image.shape[2:]]
    present = F.pad(label, (1, 0), value=1.0)[..., None, None]
    cam1, rv1 = network.forward(image, masks[0])
    cam2, rv2 = network.forward(resize(image, small), masks[1])
    cls = (classification(cam1, label) + classification(cam2, label)) / 2
    minimum = (min_pooling(rv1, present) + min_pooling(rv2, present)) / 2
    cam1, rv1 = (resize(max_norm(cam), small) * present for cam in (cam1, rv1))
    cam2, rv2 = (max_norm(cam) * present for cam in (cam2, rv2))
    er = (cam1[:, 1:] - cam2[:, 1:]).abs().mean()
    target1, target2 = (onehot_max(with_background(cam.detach())) for cam in (cam1, cam2))
    ecr = hardest((target2 - rv1).abs()) + hardest((target1 - rv2).abs())
    return torch.stack([cls, minimum, er, ecr])
