/** Debian's Chromium. */
export const CHROMIUM = "/usr/bin/chromium";

/** No sandbox, which root cannot have. */
const FLAGS = [
  "--headless=new",
  "--no-sandbox",
  "--disable-dev-shm-usage",
  "--no-first-run",
  "--remote-debugging-port=0",
];

/** WebGPU, rendered by software. */
export const WEBGPU: readonly string[] = [
  "--enable-unsafe-webgpu",
  "--use-webgpu-adapter=swiftshader",
];

/** Milliseconds until Chromium must listen, and until a page must show what is waited for: machines of CI are busy. */
const START = 60_000, WAIT = 90_000;

interface Reply {
  readonly id?: number;
  readonly method?: string;
  readonly params?: Record<string, unknown>;
  readonly result?: Record<string, unknown>;
  readonly error?: { readonly message: string };
}

/** A page in headless Chromium, driven over its DevTools protocol. */
export class Browser implements AsyncDisposable {
  /** Errors of the console, exceptions, and requests that failed. */
  readonly faults: string[] = [];
  readonly #waiting = new Map<number, PromiseWithResolvers<Record<string, unknown>>>();
  #last = 0;

  private constructor(
    readonly process: Deno.ChildProcess,
    readonly profile: string,
    readonly socket: WebSocket,
  ) {
    socket.onmessage = ({ data }) => this.#receive(JSON.parse(data));
  }

  /** Starts it with one empty page; with WebGPU unless told otherwise. */
  static async start(flags: readonly string[] = WEBGPU): Promise<Browser> {
    const profile = await Deno.makeTempDir({ prefix: "chromium-" });
    const process = new Deno.Command(CHROMIUM, {
      args: [...FLAGS, ...flags, `--user-data-dir=${profile}`, "about:blank"],
      stdout: "null",
      stderr: "null",
    }).spawn();
    const port = await listening(`${profile}/DevToolsActivePort`);
    const pages: { type: string; webSocketDebuggerUrl: string }[] =
      await (await fetch(`http://127.0.0.1:${port}/json/list`)).json();
    const socket = new WebSocket(pages.find(({ type }) => type === "page")!.webSocketDebuggerUrl);
    await new Promise((open, failed) => [socket.onopen, socket.onerror] = [open, failed]);
    const browser = new Browser(process, profile, socket);
    for (const domain of ["Page", "Runtime", "Log", "Network"]) {
      await browser.send(`${domain}.enable`);
    }
    return browser;
  }

  #receive({ id, method, params, result, error }: Reply): void {
    if (id !== undefined) {
      const waiting = this.#waiting.get(id);
      this.#waiting.delete(id);
      if (error) waiting?.reject(new Error(error.message));
      else waiting?.resolve(result ?? {});
    } else if (method === "Runtime.exceptionThrown") this.faults.push(JSON.stringify(params));
    else if (method === "Runtime.consoleAPICalled" && params?.["type"] === "error") {
      this.faults.push(JSON.stringify(params["args"]));
    } else if (method === "Log.entryAdded") {
      const { level, text, url } = params!["entry"] as Record<string, string>;
      if (level === "error") this.faults.push(`${text} ${url}`);
    }
  }

  /** Sends a command of the protocol. @returns its result */
  send(method: string, params: object = {}): Promise<Record<string, unknown>> {
    const id = ++this.#last;
    const waiting = Promise.withResolvers<Record<string, unknown>>();
    this.#waiting.set(id, waiting);
    this.socket.send(JSON.stringify({ id, method, params }));
    return waiting.promise;
  }

  /** Evaluates an expression in the page. @returns its value, plain JSON */
  async evaluate<T>(expression: string): Promise<T> {
    const { result, exceptionDetails } = await this.send("Runtime.evaluate", {
      expression,
      awaitPromise: true,
      returnByValue: true,
    });
    if (exceptionDetails) throw new Error(`${expression}: ${JSON.stringify(exceptionDetails)}`);
    return (result as { value: T }).value;
  }

  /** Waits until an expression is truthy. @returns its value */
  async until<T>(expression: string): Promise<T> {
    const end = Date.now() + WAIT;
    while (Date.now() < end) {
      const value = await this.evaluate<T>(expression);
      if (value) return value;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    const text = await this.evaluate<string>("document.body.innerText");
    throw new Error(
      `Waited in vain for ${expression}; faults ${this.faults}; the page says ${text}`,
    );
  }

  /** Sets size and scheme of what is seen. */
  async look(width: number, height: number, scheme: "light" | "dark"): Promise<void> {
    await this.send("Emulation.setDeviceMetricsOverride", {
      width,
      height,
      deviceScaleFactor: 1,
      mobile: width < 600,
    });
    await this.send("Emulation.setEmulatedMedia", {
      features: [{ name: "prefers-color-scheme", value: scheme }],
    });
  }

  /** Goes to an address. */
  async open(url: string): Promise<void> {
    await this.send("Page.navigate", { url });
    await this.until(`document.readyState === "complete"`);
  }

  /** Presses a key, as a keyboard would. */
  async press(key: string, code = key): Promise<void> {
    const text = key.length === 1 ? { text: key } : {};
    await this.send("Input.dispatchKeyEvent", { type: "keyDown", key, code, ...text });
    await this.send("Input.dispatchKeyEvent", { type: "keyUp", key, code });
  }

  /** Clicks at a place of the window. */
  async click(x: number, y: number): Promise<void> {
    for (const type of ["mousePressed", "mouseReleased"]) {
      const button = { button: "left", buttons: type === "mousePressed" ? 1 : 0, clickCount: 1 };
      await this.send("Input.dispatchMouseEvent", { type, x, y, ...button });
    }
  }

  /** A picture of the page, all of it where `whole`. @returns a PNG */
  async screenshot(whole = false): Promise<Uint8Array> {
    const { data } = await this.send("Page.captureScreenshot", { captureBeyondViewport: whole });
    return Uint8Array.from(atob(data as string), (character) => character.charCodeAt(0));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.send("Browser.close").catch(() => {});
    await this.process.status;
    this.socket.close();
    await Deno.remove(this.profile, { recursive: true }).catch(() => {});
  }
}

async function listening(file: string): Promise<string> {
  const end = Date.now() + START;
  while (Date.now() < end) {
    const [port] = (await Deno.readTextFile(file).catch(() => "")).split("\n");
    if (port) return port;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error("Chromium does not listen");
}
