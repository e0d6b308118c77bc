import { assert, assertEquals, assertThrows } from "@std/assert";
import { isUserError } from "../../../core/errors.ts";
import { decodeText } from "../../../plugins/formats/text.ts";

const wide = (text: string, order: "le" | "be") =>
  Uint8Array.from(
    text.split("").flatMap((letter) => {
      const code = letter.charCodeAt(0), bytes = [code & 255, code >> 8];
      return order === "le" ? bytes : bytes.reverse();
    }),
  );

Deno.test("decodeText() names UTF-16 and UTF-32, with a byte order mark or without", () => {
  const cases: [Uint8Array, string][] = [
    [wide("\ufeffa\n", "le"), "UTF-16"],
    [wide("\ufeffa\n", "be"), "UTF-16"],
    [wide("2007_000032\n2007_000039\n", "le"), "UTF-16"],
    [wide("name: x\n# Füße und 猫\n", "be"), "UTF-16"],
    [Uint8Array.of(0xff, 0xfe, 0, 0, 0x61, 0, 0, 0), "UTF-32"],
    [Uint8Array.of(0, 0, 0xfe, 0xff, 0, 0, 0, 0x61), "UTF-32"],
  ];
  for (const [bytes, encoding] of cases) {
    const error = assertThrows(() => decodeText(bytes, "split a.txt"), SyntaxError, encoding);
    assert(error.message.startsWith("Cannot read split a.txt: it is "), error.message);
    assert(isUserError(error));
  }
});

Deno.test("decodeText() names the line that is no UTF-8, instead of reading other letters", () => {
  const latin = Uint8Array.of(0x61, 0x0a, 0x63, 0xe9, 0x0a);
  const error = assertThrows(() => decodeText(latin, "labels a.csv"), SyntaxError);
  assertEquals(
    error.message,
    "Cannot read labels a.csv: line 2 holds bytes of another encoding, expected UTF-8 text",
  );
  assert(isUserError(error));
  const zeros = Uint8Array.of(0x61, 0x62, 0x63, 0x0a, 0x0a, 0x61, 0, 0, 0);
  assertThrows(() => decodeText(zeros, "labels a.csv"), SyntaxError, "line 3 holds a zero byte");
  assertEquals(decodeText(new TextEncoder().encode("\ufeffé猫\n"), "a"), "é猫\n");
  assertEquals(decodeText(new Uint8Array(), "a"), "");
});
