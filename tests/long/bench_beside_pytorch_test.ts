import { assert, assertEquals } from "@std/assert";
import { camsApart } from "../../bench/infer/agree.ts";
import { textures } from "../../bench/infer/images.ts";
import { partsOf, writeInference } from "../../bench/infer/recipe.ts";
import { ownSides, peerSides } from "../../bench/infer/sides.ts";
import { Load } from "../../bench/measure/load.ts";
import { agree, type Computed } from "../../bench/mobilenet_step/agree.ts";
import { ownTakers, peerTakers } from "../../bench/mobilenet_step/implementations.ts";
import { COMPARED_STEPS } from "../../bench/step/agreement.ts";
import { encodeProblem } from "../../bench/step/exchange.ts";
import { makeProblem } from "../../bench/step/problem.ts";
import { shareProblem } from "../../bench/step/ranks.ts";
import { readAnimals } from "../../bench/voc_animals/recipe.ts";
import { backends } from "../backends.ts";
import { inTempFolder } from "../command.ts";
import { pythonTest } from "../python.ts";

const idle = new Load(true, { cores: 2, wall: () => 0, machine: () => 0, own: () => 0 });

pythonTest(
  "one thread, micro-batches, threads together and PyTorch compute the same step",
  ["torch", "numpy"],
  () =>
    inTempFolder(async (folder) => {
      const backend = await backends.wasm.prepare();
      const { network } = await readAnimals();
      const size = { width: 1, crop: 48, batch: 2, micro: 2 }, file = `${folder}/problem`;
      const problem = await makeProblem(size, network);
      await using stack = new AsyncDisposableStack();
      const shared = stack.use(await shareProblem(problem, size, backend, 2));
      await Deno.writeFile(file, encodeProblem(problem, size, COMPARED_STEPS));
      const pythons = [["/usr/bin/python3"]] as const;
      const own = await ownTakers(problem, shared, 1, backend);
      const peers = await peerTakers(file, { pythons, cores: 1, load: idle, stack, folder });
      assertEquals([...own, ...peers].map(({ threads }) => threads), [1, 1, 2, 1]);
      const all = [...own, ...peers].map(({ computed }) => computed);
      const apart = agree(all as [Computed, ...Computed[]]);
      assert(apart["PyTorch, 1 thread"]!.gradients < 1e-3);
      const work = peers[0]!.work;
      assert("timed" in work && (await work.timed()).wall > 0);
    }),
);

pythonTest(
  "stage infer in a process of its own and PyTorch give the same CAMs, part by part",
  ["torch", "numpy", "PIL"],
  () =>
    inTempFolder(async (folder) => {
      await backends.wasm.prepare();
      const animals = await readAnimals();
      const small = { ...animals.inference, longSide: 160, scales: [0.5, 1] };
      const images = await textures(animals.dataset, `${folder}/textures`, 2);
      const parts = partsOf(images.images, 2, 1);
      const files = await writeInference(
        folder,
        { ...animals, inference: small },
        images,
        parts,
      );
      await using stack = new AsyncDisposableStack();
      const pythons = [["/usr/bin/python3"]] as const;
      const options = { files, folder, cores: 1, pythons, load: idle, stack };
      const [[ours], [theirs]] = [ownSides(options), await peerSides(options)];
      for (const { service } of [ours!, theirs!]) {
        assert((await service.work("part").timed()).wall > 0);
        assert((await service.work("part").timed()).processor > 0);
      }
      const names = parts[0]!.map(({ name }) => name);
      assert((await camsApart(names, ours!.read, theirs!.read)).mean < 1e-3);
    }),
);
