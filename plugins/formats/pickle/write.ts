import { OP } from "./opcodes.ts";

/** A pickled value: the opcodes that create it, as a list of byte arrays. */
export type Pickled = readonly Uint8Array[];

const encoder = new TextEncoder();

/** Pickles nothing. @returns `None` */
export function none(): Pickled {
  return [op(OP.NONE)];
}

/**
 * Pickles a truth value.
 *
 * @param value true or false
 * @returns a bool
 */
export function bool(value: boolean): Pickled {
  return [op(value ? OP.NEWTRUE : OP.NEWFALSE)];
}

/**
 * Pickles a whole number.
 *
 * @param value within 32 bits
 * @returns an int
 * @throws {RangeError} for any other number
 */
export function int(value: number): Pickled {
  if (value !== (value | 0)) {
    throw new RangeError(`Cannot pickle ${value} as an integer of 32 bits`);
  }
  const bytes = new Uint8Array(5);
  bytes[0] = OP.BININT;
  new DataView(bytes.buffer).setInt32(1, value, true);
  return [bytes];
}

/**
 * Pickles text.
 *
 * @param value any text
 * @returns a str
 */
export function text(value: string): Pickled {
  const utf8 = encoder.encode(value);
  return [sized(OP.BINUNICODE, utf8.length), utf8];
}

/**
 * Pickles bytes.
 *
 * @param value not copied
 * @returns bytes
 */
export function bytes(value: Uint8Array): Pickled {
  return [sized(OP.BINBYTES, value.length), value];
}

/**
 * Pickles a tuple.
 *
 * @param items of the tuple
 * @returns a tuple
 */
export function tuple(...items: readonly Pickled[]): Pickled {
  return [op(OP.MARK), ...items.flat(), op(OP.TUPLE)];
}

/**
 * Pickles a list.
 *
 * @param items of the list
 * @returns a list
 */
export function list(...items: readonly Pickled[]): Pickled {
  return [op(OP.EMPTY_LIST), op(OP.MARK), ...items.flat(), op(OP.APPENDS)];
}

/**
 * Pickles a dict.
 *
 * @param entries keys and values, in order
 * @returns a dict
 */
export function dict(entries: readonly (readonly [Pickled, Pickled])[]): Pickled {
  return [op(OP.EMPTY_DICT), op(OP.MARK), ...entries.flat(2), op(OP.SETITEMS)];
}

/**
 * Refers to a Python function or class by name.
 *
 * @param module where Python finds it
 * @param name of a function or class
 * @returns the function or class
 */
export function named(module: string, name: string): Pickled {
  return [encoder.encode(`c${module}\n${name}\n`)];
}

/**
 * Pickles a call, which Python executes on loading.
 *
 * @param callee a {@linkcode named} function or class
 * @param args its arguments
 * @returns the call's result
 */
export function call(callee: Pickled, ...args: readonly Pickled[]): Pickled {
  return [...callee, ...tuple(...args), op(OP.REDUCE)];
}

/**
 * Sets an object's state.
 *
 * @param object made by {@linkcode call}
 * @param state argument of its `__setstate__`
 * @returns the object
 */
export function build(object: Pickled, state: Pickled): Pickled {
  return [...object, ...state, op(OP.BUILD)];
}

/**
 * Completes a value to a whole pickle of protocol 3, which `numpy.save` also writes.
 *
 * @param value the object
 * @returns the whole pickle, as a list of byte arrays
 */
export function pickle(value: Pickled): Pickled {
  return [Uint8Array.of(OP.PROTO, 3), ...value, op(OP.STOP)];
}

function op(opcode: number): Uint8Array {
  return Uint8Array.of(opcode);
}

function sized(opcode: number, length: number): Uint8Array {
  const bytes = new Uint8Array(5);
  bytes[0] = opcode;
  new DataView(bytes.buffer).setUint32(1, length, true);
  return bytes;
}
