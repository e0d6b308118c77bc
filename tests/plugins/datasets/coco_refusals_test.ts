import { assertRejects, assertStringIncludes } from "@std/assert";
import { encodeJpeg, testImage } from "../images/encode_jpeg.ts";
import { withExif } from "../images/exif_files.ts";
import { changed, cocoRefusal, INSTANCES, openCoco, writeCoco } from "./coco_files.ts";
import { inFolder } from "./voc12_devkit.ts";

Deno.test("coco names file, image and object where one is broken, before anything is drawn", () =>
  inFolder(async (root) => {
    const path = `${root}/annotations/instances_train2017.json`;
    const refusals: readonly (readonly [unknown, string])[] = [
      ["{", `Cannot read COCO annotations ${path}: at byte 1: the file ends`],
      ["[]", 'found "[", expected {'],
      [JSON.stringify(INSTANCES) + "x", "something follows the end"],
      ['{"images": [], "images": []}', 'key "images" is there twice'],
      ["\uFEFF" + JSON.stringify(INSTANCES).slice(0, 40), "the file ends"],
      [{ images: INSTANCES.images }, "it has no categories"],
      [{ ...INSTANCES, images: [] }, "it lists no image"],
      [{ ...INSTANCES, images: [{ id: 9 }] }, "image 0: file_name is undefined"],
      [
        { ...INSTANCES, images: [{ ...INSTANCES.images[0], file_name: "../a.jpg" }] },
        "image 0: file_name",
      ],
      [
        { ...INSTANCES, images: [{ ...INSTANCES.images[0], width: 0.5 }] },
        "width and height are 0.5 and 4",
      ],
      [
        { ...INSTANCES, images: [INSTANCES.images[0], INSTANCES.images[0]] },
        "image 1: id 9 is there twice",
      ],
      [
        changed({}, {
          images: [INSTANCES.images[0], {
            ...INSTANCES.images[0],
            id: 1,
            file_name: "b/000000000009.png",
          }],
        }),
        "both images named 000000000009",
      ],
      [
        { ...INSTANCES, categories: [{ id: 1, name: "a" }, { id: 1, name: "b" }] },
        "category 1: id 1",
      ],
      [changed({ image_id: 3 }), "annotation 0: no image has id 3"],
      [changed({ category_id: 2 }), "annotation 0: no category has id 2"],
      [changed({ iscrowd: 2 }), "iscrowd is 2, expected 0 or 1"],
      [
        changed({ segmentation: undefined }),
        "annotation 0, image 000000000009.jpg: it has no segmentation",
      ],
      [changed({ segmentation: [] }), "it has no polygon"],
      [changed({ segmentation: [1, 2, 3, 4, 5, 6] }), "found 1, expected a polygon"],
      [changed({ segmentation: [[1, 2, 3, 4]] }), "a polygon has 4 numbers"],
      [changed({ segmentation: [[1, 2, 3, 4, 5, "6"]] }), "expected a polygon"],
      [changed({ segmentation: [[0, 0, 1e300, 0, 0, 1]] }), "pixels long"],
      [
        changed({ segmentation: { size: [6, 4], counts: [24] } }),
        "its size is [6,4], the image's [height, width] [4, 6]",
      ],
      [
        changed({ segmentation: { size: [4, 6], counts: [20] } }),
        "make up 20 pixels, the image has 24",
      ],
      [changed({ segmentation: { size: [4, 6], counts: [-1, 25] } }), "count 0 is -1"],
      [changed({ segmentation: { size: [4, 6], counts: [1e9] } }), "count 0 is 1000000000"],
      [changed({ segmentation: { size: [4, 6], counts: "8" } }), "make up 8 pixels"],
      [changed({ segmentation: { size: [4, 6], counts: "oooooooooo0" } }), "broken at character 7"],
      [changed({ segmentation: { size: [4, 6], counts: "84 " } }), "broken at character 2"],
      [changed({ segmentation: { size: [4, 6], counts: "84o" } }), "end within a number"],
      [changed({ segmentation: 5 }), "found 5, expected polygons"],
      [changed({ segmentation: null }), "expected polygons"],
      [changed({ iscrowd: 1 }), "no object in"],
    ];
    for (const [instances, message] of refusals) {
      await writeCoco(root, instances);
      // Files of one test may be written within one tick of the clock.
      await Deno.utime(path, 1e9, 1e9 + refusals.findIndex(([each]) => each === instances));
      assertStringIncludes(await cocoRefusal(root), message);
    }
    await writeCoco(root);
    assertStringIncludes(
      await cocoRefusal(root, { classes: ["dgo"] }),
      'Cannot use class "dgo" (did you mean "dog"?)',
    );
    assertStringIncludes(
      await cocoRefusal(root, { annotations: "annotations" }, "all"),
      "it is no file",
    );
  }));

Deno.test("coco: annotations of another size than the image, and of more pixels than told", () =>
  inFolder(async (root) => {
    const images = INSTANCES.images.map((image) => ({ ...image, width: 4, height: 6 }));
    await writeCoco(root, changed({}, { images }));
    const file = `${root}/train2017/000000000009.jpg`;
    await Deno.writeFile(file, withExif(await encodeJpeg(testImage(6, 4, 1)), 6));
    const message = await cocoRefusal(root);
    assertStringIncludes(message, "they are of 4x6 pixels, image");
    assertStringIncludes(message, "its EXIF orientation 6 is not applied");
    const vast = INSTANCES.images.map((image) => ({ ...image, width: 2 ** 20, height: 2 ** 20 }));
    await writeCoco(root, changed({}, { images: vast }));
    assertStringIncludes(await cocoRefusal(root), "limits.pixels is 178956970");
  }));

Deno.test("coco: objects that cover an image thousands of times are not painted", () =>
  inFolder(async (root) => {
    const size = 2000, counts = [0, size * size];
    const image = { ...INSTANCES.images[0], width: size, height: size };
    const whole = { image_id: 9, category_id: 1, segmentation: { size: [size, size], counts } };
    await writeCoco(root, {
      ...INSTANCES,
      images: [image],
      annotations: Array(1000).fill(whole),
    });
    const dataset = await openCoco(root);
    await assertRejects(
      () => dataset.readMask!(0),
      RangeError,
      "its objects have 4000000000 pixels",
    );
  }));
