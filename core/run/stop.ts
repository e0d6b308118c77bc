/** Whether a person or the machine asked the run to stop; read between two steps or images. */
export interface Stop {
  /** True from the first signal on. */
  readonly requested: boolean;
}

/** Thrown to end a run that was asked to stop, after its state is saved: no failure, `--resume` continues it. */
export class Stopped extends Error {
  /** As `catch` sees it. */
  override readonly name = "Stopped";

  /**
   * Says where it stopped.
   *
   * @param where such as `training seam after step 12 of 400`
   */
  constructor(where: string) {
    super(`Stopped ${where}`);
  }
}
