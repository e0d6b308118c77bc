/** First message to the Worker that listens for signals. */
export interface ToListener {
  /** One number, shared: 0, then the operating system's number of the signal that came. */
  readonly seen: Int32Array;
}

/** The Worker's answer. */
export type FromListener = "listening";
