/** @returns the number with three significant digits, which is what repeated measurements agree in at best */
export function digits(value: number): number {
  return Number(value.toPrecision(3));
}
