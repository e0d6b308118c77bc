/** Address of something that the studio shows. */
export function address(path) {
  return new URL(`data/${path}`, document.baseURI).href;
}

async function request(path, signal) {
  let response;
  try {
    response = await fetch(address(path), { signal });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Error("The studio does not answer; is it still running?");
  }
  if (response.ok) return response;
  const said = await response.text();
  let why = said;
  try {
    why = JSON.parse(said).error;
  } catch {
    // Plain text.
  }
  throw new Error(response.status === 404 && !why.includes(" ") ? `There is no ${path}` : why);
}

/** Reads JSON. */
export async function getJson(path, signal) {
  return await (await request(path, signal)).json();
}

/** Reads text. */
export async function getText(path, signal) {
  return await (await request(path, signal)).text();
}

/** Pixels of a picture, `[H,W,4]` bytes, exactly as stored. */
export async function getPixels(path, signal) {
  const blob = await (await request(path, signal)).blob();
  const bitmap = await createImageBitmap(blob, {
    colorSpaceConversion: "none",
    premultiplyAlpha: "none",
  });
  const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.drawImage(bitmap, 0, 0);
  return context.getImageData(0, 0, bitmap.width, bitmap.height);
}

/** What a call took, and this many times as long, passes until the next: thousands of runs do not keep the studio busy. */
const REST = 9;

/**
 * Calls again and again, a while after each call ended, until the signal; a failure is told and does not end it. The while is longer
 * where the calls are.
 */
export async function poll(milliseconds, signal, work, fault) {
  while (!signal.aborted) {
    const begun = performance.now();
    try {
      if (await work() === "done") return;
    } catch (error) {
      if (signal.aborted) return;
      fault(error);
    }
    const rest = Math.max(milliseconds, REST * (performance.now() - begun));
    await new Promise((resolve) => {
      const end = () => {
        clearTimeout(timer);
        signal.removeEventListener("abort", end);
        resolve();
      };
      const timer = setTimeout(end, rest);
      signal.addEventListener("abort", end);
    });
  }
}
