import { messageOf, show, userError } from "seamstress";
import { parseXml } from "./xml.ts";

/**
 * Reads the classes of an annotation file in VOC's form: the `name` of each `object` below the root. The names of object parts are
 * ignored.
 *
 * @param source the file's text
 * @param from the file's path, for messages
 * @param difficult whether objects marked `<difficult>1</difficult>` count
 * @returns the class name of every object, in file order
 * @throws {SyntaxError} naming the file where it is not such an annotation
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { annotatedClasses } from "./annotation.ts";
 * const xml = "<annotation><object><name>cat</name><difficult>1</difficult></object></annotation>";
 * assertEquals(annotatedClasses(xml, "a.xml", true), ["cat"]);
 * assertEquals(annotatedClasses(xml, "a.xml", false), []);
 * ```
 */
export function annotatedClasses(source: string, from: string, difficult: boolean): string[] {
  try {
    const root = parseXml(source);
    if (root.tag !== "annotation") {
      throw new SyntaxError(`found <${show(root.tag).slice(1, -1)}>, expected <annotation>`);
    }
    const names: string[] = [];
    for (const object of root.children.filter(({ tag }) => tag === "object")) {
      const text = (tag: string) => object.children.find((child) => child.tag === tag)?.text;
      const name = text("name");
      if (!name) throw new SyntaxError("an <object> has no <name>");
      if (difficult || text("difficult") !== "1") names.push(name);
    }
    return names;
  } catch (error) {
    throw userError(new SyntaxError(`Cannot read annotation ${from}: ${messageOf(error)}`));
  }
}
