"""A problem that this project wrote, and SEAM's training steps on it, for scripts beside this one."""
import json

import numpy
import torch

from seam import losses_of

NEW = ("fc8.", "f8_3.", "f8_4.", "f9.")


def read(path):
    """Tensors and metadata of a safetensors file that holds float32 alone."""
    with open(path, "rb") as file:
        header = json.loads(file.read(int.from_bytes(file.read(8), "little")))
        data = file.read()
    metadata = header.pop("__metadata__", {})
    return metadata, {
        name: torch.from_numpy(numpy.frombuffer(data[slice(*entry["data_offsets"])], "<f4")
                               .reshape(entry["shape"]).copy())
        for name, entry in header.items()
    }


def write(path, tensors):
    """A safetensors file of float32 tensors."""
    header, parts, offset = {}, [], 0
    for name, tensor in tensors.items():
        data = tensor.detach().cpu().contiguous().numpy().astype("<f4").tobytes()
        header[name] = {"dtype": "F32", "shape": list(tensor.shape), "data_offsets": [offset, offset + len(data)]}
        parts.append(data)
        offset += len(data)
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(len(text).to_bytes(8, "little") + text + b"".join(parts))


class Training:
    """What a file describes: parameters, batch, dropout's masks of some steps, settings of SGD."""

    def __init__(self, path, network, device="cpu", returns=False):
        """returns: whether `reset` will be called, which takes a copy of the parameters."""
        metadata, tensors = read(path)
        tensors = {name: tensor.to(device) for name, tensor in tensors.items()}
        self.image, self.label = tensors.pop("input.image"), tensors.pop("input.label")
        self.masks = [[{name.split(".", 3)[3]: tensors.pop(name)[..., None, None]
                        for name in list(tensors) if name.startswith(f"mask.{step}.{view}.")}
                       for view in (0, 1)] for step in range(int(metadata["steps"]))]
        self.metadata, self.params = metadata, tensors
        self.start = {name: tensor.clone() for name, tensor in tensors.items()} if returns else None
        self.trained = json.loads(metadata["trained"])
        for name in self.trained:
            tensors[name].requires_grad_()
        self.network = network(tensors)
        self.optimizer = self.make_optimizer()

    def make_optimizer(self):
        rate, decay = float(self.metadata["lr"]), float(self.metadata["weightDecay"])
        groups = [{"params": [self.params[n] for n in self.trained if n.startswith(NEW) == new], "lr": factor * rate}
                  for new, factor in ((True, 10), (False, 1))]
        return torch.optim.SGD(groups, lr=rate, momentum=float(self.metadata["momentum"]), weight_decay=decay)

    def reset(self):
        """Takes parameters and optimizer back to the start."""
        with torch.no_grad():
            for name, tensor in self.params.items():
                tensor.copy_(self.start[name])
        self.optimizer = self.make_optimizer()

    def step(self, number):
        """Takes a step. Returns the losses of the whole batch."""
        image, label, micro = self.image, self.label, int(self.metadata["micro"])
        self.optimizer.zero_grad(set_to_none=True)
        total = 0
        for begin in range(0, len(image), micro):
            part = slice(begin, begin + micro)
            share = len(image[part]) / len(image)
            masks = [{name: mask[part] for name, mask in view.items()} for view in self.masks[number]]
            losses = losses_of(self.network, image[part], label[part], masks, float(self.metadata["scale"]))
            (losses.sum() * share).backward()
            total = total + losses.detach() * share
        self.optimizer.step()
        return total.tolist()
