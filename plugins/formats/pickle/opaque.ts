/**
 * Placeholder for what a pickle creates with an unknown name: an object of any class, or a function's result. It stores
 * nothing; arguments and state from the pickle are dropped.
 */
export class Opaque {
  /**
   * Creates the placeholder of an object of an unknown class.
   *
   * @param name `module.name`, as the pickle has it
   */
  constructor(readonly name: string) {}
}
