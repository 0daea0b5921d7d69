import { pathText } from "../problem";
import { Secret } from "../secret";

/** A look at settings of which some parts are broken, and whether what was read of them can be trusted. */
export interface GuardedView<T> {
  readonly value: T;
  /** Whether a broken part has been read through this view. */
  touchedBroken(): boolean;
}

/**
 * Settings seen through a guard that notices when a broken part is read. A check that read one is not believed: an email
 * that is malformed must not also be reported as missing.
 *
 * @param broken Paths (as `pathText` writes them) of what is broken.
 */
export function guardedView<T>(value: T, broken: ReadonlySet<string>): GuardedView<T> {
  let touched = false;
  const guard = (inner: unknown, path: readonly (string | number)[]): unknown => {
    if (broken.has(pathText(path))) touched = true;
    if (typeof inner !== "object" || inner === null || inner instanceof Secret) return inner;
    return new Proxy(inner, {
      get(target, key): unknown {
        const found: unknown = Reflect.get(target, key);
        if (typeof key === "symbol" || typeof found === "function") return found;
        if (Array.isArray(target)) return key === "length" ? found : guard(found, [...path, Number(key)]);
        return guard(found, [...path, key]);
      },
    });
  };
  return { value: guard(value, []) as T, touchedBroken: () => touched };
}
