/**
 * Says which adapter WebGPU computes on, what it offers beyond WebGPU's minimum, and whether a device opens and computes. Exits
 * with 3 where it is a software adapter, with 4 where there is none, so that a GPU benchmark cannot run on the CPU unnoticed.
 *
 *   deno run --allow-read --allow-env bench/gpu/adapter.ts
 *
 * @module
 */
import { messageOf } from "seamstress";
import { describeAdapter, findAdapter, isSoftware, requestDevice } from "seamstress/ops";
import { print } from "../measure/print.ts";

const SOFTWARE = 3, NONE = 4;

async function main(): Promise<number> {
  const found = await findAdapter("high-performance");
  if (!("adapter" in found)) {
    print(found.reason);
    return NONE;
  }
  const { adapter } = found, { limits, features, info } = adapter;
  const software = isSoftware(adapter);
  print(`${describeAdapter(adapter)}${software ? ", a software adapter" : ""}`);
  print(
    `  ${info.vendor} ${info.architecture} ${info.device}; features: ${
      ["timestamp-query", "shader-f16", "subgroups"].filter((name) =>
        features.has(name as GPUFeatureName)
      ).join(", ")
    }; largest binding ${limits.maxStorageBufferBindingSize / 2 ** 20} MiB, buffer ${
      limits.maxBufferSize / 2 ** 20
    } MiB; workgroups of ${limits.maxComputeInvocationsPerWorkgroup} with ${
      limits.maxComputeWorkgroupStorageSize / 2 ** 10
    } KiB`,
  );
  const device = await requestDevice(adapter);
  device.queue.submit([]);
  await device.queue.onSubmittedWorkDone();
  device.destroy();
  return software ? SOFTWARE : 0;
}

try {
  Deno.exit(await main());
} catch (error) {
  print(messageOf(error));
  Deno.exit(NONE);
}
