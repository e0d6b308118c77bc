import type { ToBeat } from "./claim.ts";

const scope = self as unknown as {
  onmessage: ((event: MessageEvent<ToBeat>) => void) | null;
  postMessage(message: "beating"): void;
};

// In a thread of its own: the one that computes may be busy for a minute.
scope.onmessage = ({ data: { path, every } }) => {
  // The file itself, whatever stands at its path later.
  const file = Deno.openSync(path, { write: true });
  const beat = () => {
    try {
      file.utimeSync(Date.now() / 1000, Date.now() / 1000);
    } catch {
      // Ignored: a beat that is missed is no harm, and a claim that is lost is found by who holds it.
    }
  };
  beat();
  setInterval(beat, every);
  scope.postMessage("beating");
};
