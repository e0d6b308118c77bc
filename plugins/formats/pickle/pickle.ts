import type { ByteReader } from "../byte_reader.ts";
import { Opaque } from "./opaque.ts";
import { OP } from "./opcodes.ts";
import { PickleStack } from "./stack.ts";
import { copyingSteps, DICTS, integer, isSequence, latin1 } from "./values.ts";

/** Maximum length of the name of a module or class, in bytes. */
const MAX_NAME = 256;

/** Maximum number of arguments of a call; PyTorch and NumPy pass at most six. */
const MAX_ARGUMENTS = 16;

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** An object whose state the pickle sets after creating it. */
export abstract class PickledObject {
  /** @param state from the pickle; not yet validated */
  abstract setState(state: unknown): void;
}

/** Objects that a pickle may refer to. */
export interface UnpickleOptions {
  /**
   * `module.name` → its replacement. Functions are called with the arguments in the pickle and must only store them; other
   * values are used as they are. Every other name becomes an {@linkcode Opaque} object, and so does what the pickle creates
   * with it.
   */
  readonly globals: ReadonlyMap<string, unknown>;
  /** Resolves a persistent id; where absent, persistent ids are rejected. */
  readonly persistent?: (id: unknown) => unknown;
}

/**
 * Reads one pickle as data: nothing in it is executed. Supports the opcodes that Python writes in protocols 2 to 5.
 *
 * `None` becomes `null`, integers `number` (`bigint` beyond 2⁵³), text and Python 2's strings `string` (the latter as Latin-1),
 * bytes `Uint8Array`, lists arrays, tuples frozen arrays, sets `Set`, dicts and those of `collections` `Map`, objects of other
 * classes {@linkcode Opaque}. In dicts and sets, keys that are not plain values are compared by identity, so that equal ones
 * stay distinct.
 *
 * @param reader positioned at the pickle; afterwards at its end
 * @param options the supported names
 * @returns the object; it may contain itself
 * @throws {Error} as created by `reader.broken`, where the pickle is damaged or too large
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { ByteReader } from "../byte_reader.ts";
 * import { bytesSource } from "../byte_source.ts";
 * import { Opaque } from "./opaque.ts";
 * import { unpickle } from "./pickle.ts";
 * const read = (text: string) => {
 *   const source = bytesSource(new TextEncoder().encode(text), "memory");
 *   const reader = new ByteReader(source, (problem) => new SyntaxError(problem));
 *   return unpickle(reader, { globals: new Map() });
 * };
 * assertEquals(read("}X\x03\x00\x00\x00ageK\x07s."), new Map([["age", 7]]));
 * assertEquals(read("cos\nsystem\n(X\x02\x00\x00\x00rmtR."), new Opaque("os.system"));
 * ```
 */
export function unpickle(reader: ByteReader, options: UnpickleOptions): unknown {
  return new Unpickler(reader, options).run();
}

class Unpickler {
  readonly #stack: PickleStack;

  constructor(readonly reader: ByteReader, readonly options: UnpickleOptions) {
    this.#stack = new PickleStack((problem) => this.#damaged(problem));
  }

  run(): unknown {
    for (;;) {
      this.#stack.spend(1);
      const opcode = this.reader.u8();
      if (opcode === OP.STOP) return this.#stack.pop();
      if (!this.#value(opcode) && !this.#container(opcode) && !this.#reference(opcode)) {
        throw this.#damaged(
          `has opcode 0x${opcode.toString(16)}, which Python does not write in protocols 2 to 5`,
        );
      }
    }
  }

  /** Numbers, strings, bytes. */
  #value(opcode: number): boolean {
    const { reader } = this;
    const stack = this.#stack;
    switch (opcode) {
      case OP.NONE:
        return stack.push(null);
      case OP.NEWTRUE:
        return stack.push(true);
      case OP.NEWFALSE:
        return stack.push(false);
      case OP.BININT:
        return stack.push(reader.i32());
      case OP.BININT1:
        return stack.push(reader.u8());
      case OP.BININT2:
        return stack.push(reader.u16());
      case OP.LONG1:
        return stack.push(integer(reader.bytes(reader.u8())));
      case OP.BINFLOAT:
        return stack.push(reader.f64BigEndian());
      case OP.SHORT_BINUNICODE:
        return stack.push(this.#decode(reader.bytes(reader.u8())));
      case OP.BINUNICODE:
        return stack.push(this.#decode(reader.bytes(reader.u32())));
      case OP.BINUNICODE8:
        return stack.push(this.#decode(reader.bytes(reader.u64())));
      case OP.SHORT_BINSTRING:
        return stack.push(latin1(reader.bytes(reader.u8())));
      case OP.BINSTRING:
        return stack.push(latin1(reader.bytes(reader.u32())));
      case OP.SHORT_BINBYTES:
        return stack.push(reader.bytes(reader.u8()));
      case OP.BINBYTES:
        return stack.push(reader.bytes(reader.u32()));
      case OP.BINBYTES8:
      case OP.BYTEARRAY8:
        return stack.push(reader.bytes(reader.u64()));
      default:
        return false;
    }
  }

  /** Tuples, lists, dicts, sets. */
  #container(opcode: number): boolean {
    const stack = this.#stack;
    switch (opcode) {
      case OP.MARK:
        return stack.mark();
      case OP.EMPTY_TUPLE:
        return stack.pushContainer(Object.freeze([]));
      case OP.TUPLE1:
        return stack.pushContainer(Object.freeze(stack.popMany(1)));
      case OP.TUPLE2:
        return stack.pushContainer(Object.freeze(stack.popMany(2)));
      case OP.TUPLE3:
        return stack.pushContainer(Object.freeze(stack.popMany(3)));
      case OP.TUPLE:
        return stack.pushContainer(Object.freeze(stack.popMark()));
      case OP.EMPTY_LIST:
        return stack.pushContainer([]);
      case OP.APPEND:
        return this.#append(stack.popMany(1));
      case OP.APPENDS:
        return this.#append(stack.popMark());
      case OP.EMPTY_DICT:
        return stack.pushContainer(new Map());
      case OP.SETITEM:
        return this.#setItems(stack.popMany(2));
      case OP.SETITEMS:
        return this.#setItems(stack.popMark());
      case OP.EMPTY_SET:
        return stack.pushContainer(new Set());
      case OP.ADDITEMS:
        return this.#addItems(stack.popMark());
      case OP.FROZENSET:
        return stack.pushContainer(new Set(stack.popMark()));
      default:
        return false;
    }
  }

  /** The memo, global names, calls, and framing opcodes. */
  #reference(opcode: number): boolean {
    const { reader } = this;
    const stack = this.#stack;
    switch (opcode) {
      case OP.PROTO:
        reader.skip(1);
        return true;
      case OP.FRAME:
        reader.skip(8);
        return true;
      case OP.POP:
        return stack.discard();
      case OP.POP_MARK:
        stack.popMark();
        return true;
      case OP.BINPUT:
        return stack.remember(reader.u8());
      case OP.LONG_BINPUT:
        return stack.remember(reader.u32());
      case OP.MEMOIZE:
        return stack.remember();
      case OP.BINGET:
        return stack.recall(reader.u8());
      case OP.LONG_BINGET:
        return stack.recall(reader.u32());
      case OP.GLOBAL:
        return this.#global([0, 1].map(() => this.#decode(reader.line(MAX_NAME))));
      case OP.STACK_GLOBAL:
        return this.#global(stack.popMany(2));
      case OP.REDUCE:
      case OP.NEWOBJ:
        return this.#call();
      case OP.NEWOBJ_EX:
        return this.#callByName();
      case OP.BUILD:
        return this.#build();
      case OP.BINPERSID:
        return this.#persistent();
      default:
        return false;
    }
  }

  #append(items: readonly unknown[]): true {
    const list = this.#stack.top();
    if (list instanceof Opaque) return true;
    if (!Array.isArray(list) || Object.isFrozen(list)) {
      throw this.#damaged("appends to what is no list");
    }
    for (const item of items) list.push(item);
    return true;
  }

  #setItems(items: readonly unknown[]): true {
    const dict = this.#stack.top();
    if (dict instanceof Opaque) return true;
    if (!(dict instanceof Map) || items.length % 2 !== 0) {
      throw this.#damaged("sets items of what is no dict");
    }
    for (let i = 0; i < items.length; i += 2) dict.set(items[i], items[i + 1]);
    return true;
  }

  #addItems(items: readonly unknown[]): true {
    const set = this.#stack.top();
    if (set instanceof Opaque) return true;
    if (!(set instanceof Set)) throw this.#damaged("adds items to what is no set");
    for (const item of items) set.add(item);
    return true;
  }

  #global([module, name]: readonly unknown[]): true {
    if (typeof module !== "string" || typeof name !== "string") {
      throw this.#damaged("refers to a name that is no text");
    }
    const full = `${module}.${name}`;
    const { globals } = this.options;
    return this.#stack.push(globals.get(full) ?? DICTS.get(full) ?? new Opaque(full));
  }

  #call(): true {
    const [callee, args] = this.#stack.popMany(2);
    if (callee instanceof Opaque && isSequence(args)) return this.#stack.pushContainer(callee);
    if (typeof callee !== "function" || !isSequence(args) || args.length > MAX_ARGUMENTS) {
      throw this.#damaged("calls what is no function, or with too many arguments");
    }
    // Counted, because a replacement may copy its arguments, and a pickle may pass the same argument many times.
    for (const arg of args) this.#stack.spend(copyingSteps(arg));
    return this.#stack.pushContainer(callee(...args));
  }

  /** A call with keyword arguments, which no replacement accepts. */
  #callByName(): true {
    const [callee, args, named] = this.#stack.popMany(3);
    if (!(callee instanceof Opaque) || !isSequence(args) || !(named instanceof Map)) {
      throw this.#damaged("calls what is no function, or with arguments that it does not take");
    }
    return this.#stack.pushContainer(callee);
  }

  #build(): true {
    const state = this.#stack.pop();
    const object = this.#stack.top();
    if (object instanceof PickledObject) object.setState(state);
    // Attributes of a dict, such as the `_metadata` of a PyTorch state dict, are dropped.
    else if (!(object instanceof Map || object instanceof Set || object instanceof Opaque)) {
      throw this.#damaged("sets the state of what has none");
    }
    return true;
  }

  #persistent(): true {
    const { persistent } = this.options;
    if (!persistent) throw this.#damaged("refers to an object outside of it");
    return this.#stack.push(persistent(this.#stack.pop()));
  }

  #decode(bytes: Uint8Array): string {
    try {
      return utf8.decode(bytes);
    } catch {
      throw this.#damaged("has a text that is no UTF-8");
    }
  }

  #damaged(problem: string): Error {
    const { reader } = this;
    return reader.broken(`its pickle ${problem}, before byte ${reader.position}`);
  }
}
