/** Orders texts by code point, so that the order is the same in every locale. */
export function byText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** The first order that tells two things apart: `firstOf(a.kind - b.kind, byText(a.name, b.name))`. */
export function firstOf(...orders: readonly number[]): number {
  return orders.find((order) => order !== 0) ?? 0;
}
