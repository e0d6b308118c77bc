import { linesOf } from "../../bench/measure/lines.ts";
import { fromFileUrl } from "../../core/recipe/paths.ts";

const PROGRAM = fromFileUrl(new URL("./serve_registry.ts", import.meta.url));

/** A package of one version. */
export interface Package {
  /** With its scope, such as `@you/plugin`. */
  readonly name: string;
  readonly version: string;
  /** Text by path. */
  readonly files: Readonly<Record<string, string>>;
}

const encoder = new TextEncoder();

/** A tar archive of text files (POSIX ustar), compressed, as registries of npm hand out. */
async function archive(files: Readonly<Record<string, string>>): Promise<Uint8Array<ArrayBuffer>> {
  const blocks: Uint8Array<ArrayBuffer>[] = [];
  for (const [path, text] of Object.entries(files)) {
    const data = encoder.encode(text), header = new Uint8Array(512);
    const put = (at: number, value: string) => header.set(encoder.encode(value), at);
    const octal = (at: number, width: number, value: number) =>
      put(at, `${value.toString(8).padStart(width - 1, "0")}\0`);
    put(0, `package/${path}`);
    octal(100, 8, 0o644);
    octal(124, 12, data.length);
    octal(136, 12, 0);
    put(156, "0");
    put(257, "ustar\x0000");
    // The checksum counts itself as spaces.
    put(148, " ".repeat(8));
    octal(148, 7, header.reduce((sum, byte) => sum + byte, 0));
    blocks.push(header, data, new Uint8Array(-data.length & 511));
  }
  blocks.push(new Uint8Array(1024));
  const packed = new Blob(blocks).stream().pipeThrough(new CompressionStream("gzip"));
  return new Uint8Array(await new Response(packed).arrayBuffer());
}

const digest = async (name: string, data: Uint8Array<ArrayBuffer>) =>
  new Uint8Array(await crypto.subtle.digest(name, data));

/** What a registry of npm answers of a package, and its archive. */
async function npmAnswers(
  { name, version, files }: Package,
  origin: string,
): Promise<Record<string, BodyInit>> {
  const tarball = await archive(files), path = `/${name}/-/plugin-${version}.tgz`;
  const dist = {
    tarball: origin + path,
    shasum: (await digest("SHA-1", tarball)).toHex(),
    integrity: `sha512-${(await digest("SHA-512", tarball)).toBase64()}`,
  };
  const versions = { [version]: { ...JSON.parse(files["package.json"]!), dist } };
  const about = { name, "dist-tags": { latest: version }, versions };
  return { [`/${name}`]: JSON.stringify(about), [path]: tarball };
}

/** What JSR answers of a package whose module is `mod.ts`. */
async function jsrAnswers({ name, version, files }: Package): Promise<Record<string, BodyInit>> {
  const manifest: Record<string, { size: number; checksum: string }> = {};
  for (const [path, text] of Object.entries(files)) {
    const data = encoder.encode(text);
    const checksum = `sha256-${(await digest("SHA-256", data)).toHex()}`;
    manifest[`/${path}`] = { size: data.length, checksum };
  }
  const [scope, short] = name.slice(1).split("/");
  const about = { scope, name: short, latest: version, versions: { [version]: {} } };
  const at = `/${name}/${version}`;
  return {
    [`/${name}/meta.json`]: JSON.stringify(about),
    [`${at}_meta.json`]: JSON.stringify({ manifest, exports: { ".": "./mod.ts" } }),
    ...Object.fromEntries(
      Object.entries(files).map(([path, text]) => [`${at}/${path}`, text]),
    ),
  };
}

/** Which protocol a registry speaks. */
export type RegistryKind = "npm" | "jsr";

/**
 * What a registry of one package answers.
 *
 * @param kind which protocol
 * @param offered the package
 * @param origin where the registry is
 * @returns bodies by path
 */
export async function answersOf(
  kind: RegistryKind,
  offered: Package,
  origin: string,
): Promise<Readonly<Record<string, BodyInit>>> {
  return await (kind === "npm" ? npmAnswers(offered, origin) : jsrAnswers(offered));
}

/** A registry on this machine. */
export interface LocalRegistry extends AsyncDisposable {
  /** With `/` at its end. */
  readonly url: string;
  /** By which its answers are filed in Deno's cache. */
  readonly port: number;
  /** Paths that were asked for. */
  readonly asked: readonly string[];
}

/**
 * Serves one package on 127.0.0.1, as a registry of npm or as JSR. The tests have no network: a process of its own has this machine's
 * alone.
 *
 * @param kind which protocol
 * @param offered the package
 * @returns the registry; dispose of it to end it
 */
export async function serveRegistry(kind: RegistryKind, offered: Package): Promise<LocalRegistry> {
  const flags = ["--no-prompt", "--no-check", "--allow-net=127.0.0.1"];
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", ...flags, PROGRAM, kind, JSON.stringify(offered)],
    stdin: "null",
    stdout: "piped",
  }).spawn();
  const lines = linesOf(child.stdout), asked: string[] = [];
  const { value: origin } = await lines.next();
  if (origin === undefined) throw new Error("The registry ended before it served");
  const reading = (async () => {
    for await (const path of lines) asked.push(path);
  })();
  return {
    url: `${origin}/`,
    port: Number(new URL(origin).port),
    asked,
    async [Symbol.asyncDispose]() {
      child.kill();
      await Promise.all([child.status, reading]);
    },
  };
}
