import { availableParallelism, loadavg } from "node:os";

export interface Figure {
  readonly what: string;
  readonly value: string;
  /** What the figure should be; undefined where there is no aim. */
  readonly aim?: string;
  /** How it was measured. */
  readonly how: string;
}

/** The figures of one run. What the machine did besides belongs to each: without its load no figure can be read. */
export class Figures {
  readonly #figures: (Figure & { readonly load: string })[] = [];

  add(figure: Figure): void {
    this.#figures.push({ ...figure, load: (loadavg()[0] ?? 0).toFixed(1) });
  }

  text(title: string): string {
    if (this.#figures.length === 0) return "";
    const widest = (column: (figure: Figure) => string): number =>
      Math.max(...this.#figures.map((figure) => column(figure).length));
    const aimOf = ({ aim }: Figure): string => (aim === undefined ? "" : `aim: ${aim}`);
    const [what, value, aim] = [widest((one) => one.what), widest((one) => one.value), widest(aimOf)];
    const lines = this.#figures.map((one) =>
      [
        one.what.padEnd(what),
        one.value.padEnd(value),
        aimOf(one).padEnd(aim),
        `load ${one.load.padStart(4)}`,
        one.how,
      ].join("  "),
    );
    return `${title}; ${String(availableParallelism())} processors\n${lines.join("\n")}\n`;
  }
}

export function seconds(value: number): string {
  return `${value.toFixed(value < 10 ? 2 : 0)} s`;
}

export function mebibytes(bytes: number): string {
  const value = bytes / 2 ** 20;
  return value < 1024 ? `${value.toFixed(0)} MiB` : `${(value / 1024).toFixed(1)} GiB`;
}

/** How many times one is the other. */
export function times(one: number, other: number): string {
  return `${(one / other).toFixed(2)}×`;
}
