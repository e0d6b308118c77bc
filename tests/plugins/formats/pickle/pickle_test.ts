import { assert, assertEquals, assertThrows } from "@std/assert";
import { ByteReader } from "../../../../plugins/formats/byte_reader.ts";
import { type ByteSource, bytesSource } from "../../../../plugins/formats/byte_source.ts";
import {
  PickledObject,
  unpickle,
  type UnpickleOptions,
} from "../../../../plugins/formats/pickle/pickle.ts";
import { Opaque } from "../../../../plugins/formats/pickle/opaque.ts";
import { OP } from "../../../../plugins/formats/pickle/opcodes.ts";
import { joinBytes } from "../../../../plugins/formats/join_bytes.ts";
import {
  bool,
  bytes,
  call,
  dict,
  int,
  list,
  named,
  none,
  pickle,
  type Pickled,
  text,
  tuple,
} from "../../../../plugins/formats/pickle/write.ts";
import { pythonTest, runPython } from "../../../python.ts";

const PLAIN: UnpickleOptions = { globals: new Map() };

function read(source: Uint8Array | ByteSource, options = PLAIN): unknown {
  const from = source instanceof Uint8Array ? bytesSource(source, "memory") : source;
  return unpickle(new ByteReader(from, (problem) => new SyntaxError(problem)), options);
}

function values(...parts: readonly Pickled[]): unknown {
  return read(joinBytes(pickle(list(...parts))));
}

/** What CPython 3.11 writes of the object below in protocol 2, in base64. */
const PYTHON =
  "gAJ9cQAoWAQAAABpbnRzcQFdcQIoSwBK/////03//0oAAAEAigUAAAAAAYoJAAAAAAAAAAABZVgGAAAAZmxvYXRzcQNdcQQoRz/gAAAAAAAARwAAAAAAAAAAZVgEAAAAdGV4dHEFWAYAAADDqSDimINxBlgGAAAAdHVwbGVzcQcoKUsBhXEISwFLAoZxCUsBSwJLA4dxCihLAUsCSwNLBHRxC3RxDFgFAAAAcGxhaW5xDU6IiYdxDlgGAAAAc2hhcmVkcQ9oC2gLhnEQSwdYAwAAAGtleXERdS4=";

Deno.test("unpickle() reads what CPython wrote", () => {
  const four = [1, 2, 3, 4];
  assertEquals(
    read(Uint8Array.fromBase64(PYTHON)),
    new Map<unknown, unknown>([
      ["ints", [0, -1, 65535, 65536, 2 ** 32, 2n ** 64n]],
      ["floats", [0.5, 0]],
      ["text", "é ☃"],
      ["tuples", [[], [1], [1, 2], [1, 2, 3], four]],
      ["plain", [null, true, false]],
      ["shared", [four, four]],
      [7, "key"],
    ]),
  );
});

/** Objects that training scripts keep beside weights, and one that refers to itself. */
const OBJECTS = `
import argparse, base64, collections, datetime, decimal, enum, fractions, functools, pathlib, pickle, random, re, types, uuid
class Ordered(collections.OrderedDict): pass
class Listed(list): pass
class Slotted:
    __slots__ = ("a",)
    def __getstate__(self): return None, {"a": self.a}
class Named(collections.namedtuple("Named", "a b")): pass
class Colour(enum.Enum): RED = 1
class ByName:
    def __new__(cls, *, a): return super().__new__(cls)
    def __getnewargs_ex__(self): return (), {"a": 1}
slotted = Slotted(); slotted.a = 1
loop = []; loop.append((loop,))
shared = argparse.Namespace(lr=0.1); shared.me = shared
default = collections.defaultdict(list); default["a"].append(1)
listed = Listed([1, 2]); listed.x = 1
value = dict(args=shared, again=shared, path=pathlib.PurePosixPath("/a/b"), when=datetime.datetime(2020, 1, 2), day=datetime.date(2020, 1, 2),
    delta=datetime.timedelta(1), partial=functools.partial(int, base=2), default=default, ordered=Ordered(a=1), listed=listed,
    slotted=slotted, named=Named(1, 2), colour=Colour.RED, by_name=ByName(a=1), re=re.compile("a"), decimal=decimal.Decimal("1.5"),
    fraction=fractions.Fraction(1, 3), uuid=uuid.UUID(int=1), simple=types.SimpleNamespace(a=1), complex=1j, range=range(3),
    set={1, 2}, frozen=frozenset([1]), array=bytearray(b"ab"), function=base64.b64encode, builtin=len, slice=slice(1, 2),
    ellipsis=..., random=random.Random(1), counter=collections.Counter("aab"), deque=collections.deque([1]), loop=loop, last=7)
for protocol in 2, 3, 4, 5:
    print(base64.b64encode(pickle.dumps(value, protocol)).decode())
`;

const DUMP = `
import base64, collections, pickle
tuples = ((), (1,), (1, 2), (1, 2, 3), (1, 2, 3, 4))
value = collections.OrderedDict(ints=[0, -1, 65535, 65536, 2**32, -2**63, 2**64, -2**100], floats=[0.5, -0.0, 1e300],
    text=["", "é ☃", "x" * 300], bytes=bytes(range(256)) * 2, tuples=tuples, plain=(None, True, False),
    shared=(tuples, tuples), items={i: str(i) for i in range(2000)})
for protocol in 2, 3, 4:
    print(base64.b64encode(pickle.dumps(value, protocol)).decode())
`;

pythonTest(
  "unpickle() reads all that Python pickles of plain containers in protocols 2 to 4",
  [],
  async () => {
    const latin1 = new Map([[
      "_codecs.encode",
      (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0)),
    ]]);
    const tuples = [[], [1], [1, 2], [1, 2, 3], [1, 2, 3, 4]];
    const all = Uint8Array.from({ length: 512 }, (_, i) => i % 256);
    const wanted = new Map<string, unknown>([
      ["ints", [0, -1, 65535, 65536, 2 ** 32, -(2n ** 63n), 2n ** 64n, -(2n ** 100n)]],
      ["floats", [0.5, -0, 1e300]],
      ["text", ["", "é ☃", "x".repeat(300)]],
      ["bytes", all],
      ["tuples", tuples],
      ["plain", [null, true, false]],
      ["shared", [tuples, tuples]],
      ["items", new Map(Array.from({ length: 2000 }, (_, i) => [i, String(i)]))],
    ]);
    for (const [i, line] of (await runPython(DUMP)).trim().split("\n").entries()) {
      const got = read(Uint8Array.fromBase64(line), { globals: latin1 });
      assertEquals(got, wanted, `protocol ${i + 2}`);
    }
  },
);

pythonTest(
  "unpickle() passes over every object that Python pickles in protocols 2 to 5",
  [],
  async () => {
    for (const line of (await runPython(OBJECTS)).trim().split("\n")) {
      const got = read(Uint8Array.fromBase64(line)) as Map<string, unknown>;
      assertEquals(got.size, 33);
      assertEquals(got.get("last"), 7);
      assertEquals(got.get("args"), new Opaque("argparse.Namespace"));
      assertEquals(got.get("again"), got.get("args"));
      assertEquals(got.get("ordered"), new Opaque("__main__.Ordered"));
      assertEquals(got.get("default"), new Map([["a", [1]]]));
      assertEquals(got.get("counter"), new Map([["a", 2], ["b", 1]]));
      const opaque = [...got.values()].filter((value) => value instanceof Opaque);
      assert(opaque.length >= 20, `${opaque.length}`);
    }
  },
);

Deno.test("unpickle() reads Python 2's strings as Latin-1 and its OrderedDict of pairs", () => {
  const string = [Uint8Array.from([OP.SHORT_BINSTRING, 3, 0x61, 0x80, 0xff])];
  const long = [Uint8Array.from([OP.BINSTRING, 2, 0, 0, 0, 0x62, 0x99])];
  assertEquals(values(string, long), ["a\x80\xff", "b\x99"]);
  const pairs = list(list(text("b"), int(1)), list(text("a"), int(2)));
  const ordered = call(named("collections", "OrderedDict"), pairs);
  const counter = call(named("collections", "Counter"), dict([[text("b"), int(1)]]));
  const defaults = call(named("collections", "defaultdict"), named("builtins", "list"));
  assertEquals(values(ordered, counter, defaults), [
    new Map([["b", 1], ["a", 2]]),
    new Map([["b", 1]]),
    new Map(),
  ]);
});

Deno.test("what is written is read: every value, and a dict of ten thousand entries in order", () => {
  const one = values(
    none(),
    bool(true),
    bool(false),
    int(-(2 ** 31)),
    text("ß"),
    bytes(Uint8Array.of(7)),
    tuple(),
    dict([]),
  );
  assertEquals(one, [null, true, false, -(2 ** 31), "ß", Uint8Array.of(7), [], new Map()]);
  const entries = Array.from({ length: 10_000 }, (_, i) => [int(9_999 - i), int(i)] as const);
  const [big] = values(dict(entries)) as [Map<number, number>];
  assertEquals([big.size, [...big.keys()][0], big.get(0)], [10_000, 9_999, 9_999]);
  assertThrows(() => int(2 ** 31), RangeError, "2147483648");
});

Deno.test("unpickle() reads a file in pieces", () => {
  const long = new Uint8Array(100_000).fill(9);
  const content = joinBytes(
    pickle(list(text("a".repeat(70_000)), bytes(long), text("b".repeat(65_530)), int(5))),
  );
  const reads: number[] = [];
  const source: ByteSource = {
    name: "pieces",
    size: content.length,
    read(begin, end) {
      reads.push(end - begin);
      return content.slice(begin, end);
    },
  };
  const [a, b, c, d] = read(source) as [string, Uint8Array, string, number];
  assertEquals([a.length, b.length, c.length, d], [70_000, 100_000, 65_530, 5]);
  assert(reads.length < 10, `${reads.length} reads`);
});

Deno.test("unpickle() hands arguments and state to stand-ins and to no other object", () => {
  class Point extends PickledObject {
    state: unknown;
    constructor(readonly args: readonly unknown[]) {
      super();
    }
    setState(state: unknown): void {
      this.state = state;
    }
  }
  const globals = new Map([["geometry.Point", (...args: unknown[]) => new Point(args)]]);
  const point: Pickled = [
    ...call(named("geometry", "Point"), int(1), int(2)),
    ...text("state"),
    Uint8Array.of(OP.BUILD),
  ];
  const got = read(joinBytes(pickle(point)), { globals });
  assert(got instanceof Point);
  assertEquals([got.args, got.state], [[1, 2], "state"]);
  for (const object of [list(), tuple(), text("x"), named("geometry", "Point")]) {
    const bad = joinBytes(
      pickle([...object, ...dict([[text("__proto__"), int(1)]]), Uint8Array.of(OP.BUILD)]),
    );
    assertThrows(() => read(bad, { globals }), SyntaxError, "state");
  }
  const twice = call(named("geometry", "Point"), ...Array.from({ length: 17 }, () => int(0)));
  assertThrows(
    () => read(joinBytes(pickle(twice)), { globals }),
    SyntaxError,
    "too many arguments",
  );
});

Deno.test("unpickle() makes opaque objects of every name that it is not given, also those that JavaScript knows", () => {
  for (const name of ["system", "constructor", "__proto__", "hasOwnProperty", "toString"]) {
    assertEquals(read(joinBytes(pickle(named("os", name)))), new Opaque(`os.${name}`));
  }
  const stacked: Pickled = [...text("builtins"), ...text("eval"), Uint8Array.of(OP.STACK_GLOBAL)];
  assertEquals(read(joinBytes(pickle(call(stacked, text("1"))))), new Opaque("builtins.eval"));
  const odd: Pickled = [...int(1), ...int(2), Uint8Array.of(OP.STACK_GLOBAL)];
  assertThrows(() => read(joinBytes(pickle(odd))), SyntaxError, "no text");
  const long = named("m".repeat(300), "x");
  assertThrows(() => read(joinBytes(pickle(long))), SyntaxError, "more than 256 bytes");
});

Deno.test("unpickle() drops what an opaque object is given, in every way that a pickle has", () => {
  const object = call(named("my.module", "Thing"), int(1));
  const op = (code: number) => Uint8Array.of(code);
  const items = [op(OP.MARK), ...text("k"), ...int(1), op(OP.SETITEMS)];
  const forms: Pickled[] = [
    [...object, ...dict([[text("a"), int(1)]]), op(OP.BUILD)],
    [...object, ...items],
    [...object, ...text("k"), ...int(1), op(OP.SETITEM)],
    [...object, op(OP.MARK), ...int(1), op(OP.APPENDS)],
    [...object, ...int(1), op(OP.APPEND)],
    [...object, op(OP.MARK), ...int(1), op(OP.ADDITEMS)],
    [...named("my.module", "Thing"), ...tuple(int(1)), op(OP.NEWOBJ)],
    [...named("my.module", "Thing"), ...tuple(), ...dict([]), op(OP.NEWOBJ_EX)],
    call(named("my.module", "Thing"), ...Array.from({ length: 40 }, () => int(0))),
  ];
  for (const form of forms) assertEquals(values(form, int(7)), [new Opaque("my.module.Thing"), 7]);
  const known = { globals: new Map([["a.b", () => 1]]) };
  const byName = [...named("a", "b"), ...tuple(), ...dict([]), op(OP.NEWOBJ_EX)];
  assertThrows(() => read(joinBytes(pickle(byName)), known), SyntaxError, "no function");
  assertThrows(() => values([...int(1), ...int(1), op(OP.MARK), op(OP.ADDITEMS)]), SyntaxError);
});

Deno.test("unpickle() keeps keys that JavaScript's objects have as plain data", () => {
  const names = ["__proto__", "constructor", "toString", "hasOwnProperty"];
  const got = read(joinBytes(pickle(dict(names.map((name, i) => [text(name), int(i)])))));
  assertEquals(got, new Map(names.map((name, i) => [name, i])));
});

Deno.test("unpickle() refuses integers of any length and opcodes that Python no longer writes", () => {
  const long = Uint8Array.from([0x8b, 255, 255, 255, 127]);
  assertThrows(() => read(long), SyntaxError, "opcode 0x8b");
  const many = joinBytes(
    Array.from(
      { length: 20_000 },
      () => Uint8Array.from([OP.LONG1, 255, ...new Uint8Array(255).fill(0x7f)]),
    ),
  );
  const begin = performance.now();
  assertThrows(() => read(many), SyntaxError, "cut short");
  assert(performance.now() - begin < 5000, "an integer of 255 bytes takes too long");
});

Deno.test("unpickle() bounds what a small pickle may build", () => {
  // A list of 10,000 pairs, made a dict of again and again.
  const pairs: Pickled = [
    ...list(...Array.from({ length: 10_000 }, () => tuple(int(1), int(2)))),
    Uint8Array.of(OP.BINPUT, 0),
  ];
  const copy = call(named("collections", "OrderedDict"), [Uint8Array.of(OP.BINGET, 0)]);
  assertThrows(() => values(pairs, ...Array(1000).fill(copy)), SyntaxError, "more objects");
  assertThrows(
    () => read(new Uint8Array(3 << 20).fill(OP.EMPTY_DICT)),
    SyntaxError,
    "more objects",
  );
  const outOfTurn = Uint8Array.from([OP.NONE, OP.LONG_BINPUT, 255, 255, 255, 255, OP.STOP]);
  assertThrows(() => read(outOfTurn), SyntaxError, "out of turn");
});
