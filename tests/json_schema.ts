/** A JSON Schema as this project writes them. */
export type Schema = Readonly<Record<string, unknown>>;

/** Keywords that say nothing about validity. */
const ANNOTATIONS = ["$schema", "readOnly", "$defs", "title", "description", "default"];

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const TYPES: Readonly<Record<string, (value: unknown) => boolean>> = {
  object: isObject,
  array: Array.isArray,
  string: (value) => typeof value === "string",
  number: (value) => typeof value === "number",
  integer: Number.isInteger,
  boolean: (value) => typeof value === "boolean",
  null: (value) => value === null,
};

type Check = (asked: never, value: unknown, at: string, scope: Scope) => readonly string[];

interface Scope {
  readonly root: Schema;
  /** The schema that the keyword stands in. */
  readonly schema: Schema;
}

const unless = (ok: boolean, problem: string) => ok ? [] : [problem];
const number = (test: (value: number, asked: number) => boolean): Check => (asked, value, at) =>
  unless(typeof value !== "number" || test(value, asked), `${at}: ${value} against ${asked}`);
const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);

/** What each keyword asks; draft 2020-12, as far as recipes' schemas go. */
const KEYWORDS: Readonly<Record<string, Check>> = {
  type: (asked: string, value, at) =>
    unless(TYPES[asked]!(value), `${at}: ${JSON.stringify(value)} is no ${asked}`),
  const: (asked, value, at) => unless(same(value, asked), `${at}: not ${JSON.stringify(asked)}`),
  enum: (asked: readonly unknown[], value, at) =>
    unless(asked.some((item) => same(item, value)), `${at}: none of ${JSON.stringify(asked)}`),
  $ref: (asked: string, value, at, { root }) => {
    const name = /^#\/\$defs\/(.+)$/.exec(asked)?.[1];
    const target = name === undefined ? undefined : (root["$defs"] as Record<string, Schema>)[name];
    if (!target) throw new RangeError(`Cannot find ${asked} in the schema`);
    return validate(root, target, value, at);
  },
  anyOf: (asked: readonly Schema[], value, at, { root }) => {
    const errors = asked.map((schema) => validate(root, schema, value, at));
    if (errors.some((list) => list.length === 0)) return [];
    // The alternative that came nearest says most.
    return errors.reduce((best, list) =>
      depth(list) > depth(best) || depth(list) === depth(best) && list.length < best.length
        ? list
        : best
    );
  },
  properties: (asked: Record<string, Schema>, value, at, { root }) =>
    isObject(value)
      ? Object.entries(asked).flatMap(([key, schema]) =>
        key in value ? validate(root, schema, value[key], `${at}.${key}`) : []
      )
      : [],
  required: (asked: readonly string[], value, at) =>
    isObject(value) ? asked.flatMap((key) => unless(key in value, `${at}: lacks ${key}`)) : [],
  additionalProperties: (asked: boolean | Schema, value, at, { root, schema }) => {
    if (!isObject(value)) return [];
    const known = (schema["properties"] ?? {}) as Schema;
    const others = Object.keys(value).filter((key) => !(key in known));
    return others.flatMap((key) =>
      isObject(asked)
        ? validate(root, asked, value[key], `${at}.${key}`)
        : unless(asked, `${at}: knows no ${key}`)
    );
  },
  propertyNames: (asked: Schema, value, at, { root }) =>
    isObject(value)
      ? Object.keys(value).flatMap((key) => validate(root, asked, key, `${at} key`))
      : [],
  items: (asked: Schema, value, at, { root, schema }) =>
    Array.isArray(value)
      ? value.slice((schema["prefixItems"] as unknown[] | undefined)?.length ?? 0)
        .flatMap((item, i) => validate(root, asked, item, `${at}[${i}]`))
      : [],
  prefixItems: (asked: readonly Schema[], value, at, { root }) =>
    Array.isArray(value)
      ? asked.flatMap((schema, i) =>
        i < value.length ? validate(root, schema, value[i], `${at}[${i}]`) : []
      )
      : [],
  minItems: (asked: number, value, at) =>
    unless(!Array.isArray(value) || value.length >= asked, `${at}: fewer than ${asked}`),
  maxItems: (asked: number, value, at) =>
    unless(!Array.isArray(value) || value.length <= asked, `${at}: more than ${asked}`),
  minLength: (asked: number, value, at) =>
    unless(typeof value !== "string" || value.length >= asked, `${at}: shorter than ${asked}`),
  pattern: (asked: string, value, at) =>
    unless(typeof value !== "string" || new RegExp(asked, "u").test(value), `${at}: not ${asked}`),
  minimum: number((value, asked) => value >= asked),
  maximum: number((value, asked) => value <= asked),
  exclusiveMinimum: number((value, asked) => value > asked),
  exclusiveMaximum: number((value, asked) => value < asked),
  multipleOf: number((value, asked) => value % asked === 0),
};

const depth = (errors: readonly string[]) =>
  Math.max(0, ...errors.map((error) => error.split(/[.[]/).length));

/**
 * Validates a value. A keyword that it does not know is an error: it must not pass for one that holds.
 *
 * @param root schema that references start from
 * @param schema what the value must fit
 * @param value plain JSON
 * @param at where the value stands
 * @returns what is wrong; nothing where the value fits
 */
export function validate(root: Schema, schema: Schema, value: unknown, at = "$"): string[] {
  return Object.entries(schema).flatMap(([keyword, asked]) => {
    if (ANNOTATIONS.includes(keyword)) return [];
    const check = KEYWORDS[keyword];
    if (!check) throw new RangeError(`Cannot validate the schema's keyword ${keyword}`);
    return check(asked as never, value, at, { root, schema });
  });
}
