"""Prints what TensorBoard's own reader finds in a folder of event files, as JSON."""

import io
import json
import sys

from PIL import Image
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

# 0: every point and image is kept.
found = EventAccumulator(sys.argv[1], size_guidance={"scalars": 0, "images": 0}).Reload()
tags = found.Tags()
scalars = {tag: [[e.step, e.value] for e in found.Scalars(tag)] for tag in tags["scalars"]}
images = {}
for tag in tags["images"]:
    for event in found.Images(tag):
        picture = Image.open(io.BytesIO(event.encoded_image_string))
        assert picture.size == (event.width, event.height), tag
        pixels = picture.convert("RGB").resize((1, 1), Image.BOX).getpixel((0, 0))
        images.setdefault(tag, []).append([event.step, event.width, event.height, pixels])
json.dump({"scalars": scalars, "images": images}, sys.stdout)
