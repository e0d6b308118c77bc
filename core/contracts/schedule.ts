/** Contract of kind `schedule`: the factor that scales every learning rate. */
export interface Schedule {
  /** The learning rate's factor. @param step from 0. @param totalSteps of the whole training. @returns factor >= 0. */
  factor(step: number, totalSteps: number): number;
}
