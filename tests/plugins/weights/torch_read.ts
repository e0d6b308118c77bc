import { assert, assertThrows } from "@std/assert";
import { bytesSource } from "../../../plugins/formats/byte_source.ts";
import { isUserError } from "../../../core/errors.ts";
import type { StateDict } from "../../../core/contracts/state_dict.ts";
import { openPth } from "../../../plugins/weights/torch/pth.ts";
import { PTH } from "./torch_files.ts";

/** A file that PyTorch wrote. */
export function saved(name: keyof typeof PTH): Uint8Array {
  return Uint8Array.fromBase64(PTH[name]);
}

/** Reads a file as weights. */
export function read(bytes: Uint8Array, key?: string): StateDict {
  return openPth(bytesSource(bytes, "net.pth"), key).read();
}

/** Checks that a file is refused with an error of the user's that says some texts. */
export function refuses(bytes: Uint8Array, ...texts: string[]): void {
  const error = assertThrows(() => read(bytes), SyntaxError);
  assert(isUserError(error));
  for (const text of ["net.pth", ...texts]) {
    assert(error.message.includes(text), `"${error.message}" does not say "${text}"`);
  }
}
