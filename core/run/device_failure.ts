import type { BackendInfo } from "../contracts/backend.ts";
import { messageOf, withAction } from "../errors.ts";

/**
 * Finds out whether the device caused an error: what tfjs throws on a lost device, at a buffer or a shader, names neither.
 *
 * @param error what was thrown
 * @param backend the device
 * @param action what failed, where the device did
 * @returns the device's own error after what failed; the error as it was where the device works, or where it says so already
 */
export async function deviceFailure(
  error: unknown,
  backend: Pick<BackendInfo, "check">,
  action: () => string | Promise<string>,
): Promise<unknown> {
  try {
    await backend.check();
    return error;
  } catch (problem) {
    if (error !== problem && messageOf(error).includes(messageOf(problem))) return error;
    return withAction(await action(), problem);
  }
}
