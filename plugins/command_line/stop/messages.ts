/** What the Worker that listens for signals is told first. */
export interface ToListener {
  /** One number, shared: 0, then the operating system's number of the signal that came. */
  readonly seen: Int32Array;
}

/** What it answers. */
export type FromListener = "listening";
