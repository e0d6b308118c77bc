/**
 * What a pickle makes with a name that is not known: an object of any class, or a function's result. It does nothing and holds
 * nothing; what the pickle gives it is dropped.
 */
export class Opaque {
  /**
   * Stands for an object of a class that is not read.
   *
   * @param name `module.name`, as the pickle has it
   */
  constructor(readonly name: string) {}
}
