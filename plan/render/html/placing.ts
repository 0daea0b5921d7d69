import type { Impact } from "./impacts";
import type { Machine, Zone } from "./zones";

/** Lengths of the picture, in pixels. */
export const SIZE = {
  width: 1160,
  least: 560,
  api: 44,
  machine: 236,
  line: 17,
  pad: 12,
  gap: 20,
  trunk: 20,
  title: 28,
};

/** Machines below each other in a zone before a second column begins. */
const MOST_BELOW = 6;

export interface PlacedMachine {
  readonly x: number;
  readonly y: number;
  readonly height: number;
  readonly machine: Machine;
}

export interface PlacedZone {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly zone: Zone;
  readonly machines: readonly PlacedMachine[];
}

/** Zones beside each other, and where the line above them is. */
export interface Row {
  readonly wire: number;
  readonly zones: readonly PlacedZone[];
}

export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly rows: readonly Row[];
  readonly zones: readonly PlacedZone[];
}

/** Gives everything its place: zones beside each other as long as there is room, then in a further row. */
export function placed(zones: readonly Zone[]): Picture {
  const rows: Row[] = [];
  let top = SIZE.api + 2 * SIZE.gap;
  for (const some of inRows(zones)) {
    let x = SIZE.trunk + SIZE.gap / 2;
    const shown = some.map((zone) => {
      const at = placedZone(zone, x, top);
      x += at.width + SIZE.gap;
      return at;
    });
    rows.push({ wire: top - SIZE.gap, zones: shown });
    top += Math.max(...shown.map(({ height }) => height)) + 2 * SIZE.gap;
  }
  const all = rows.flatMap((row) => row.zones);
  const right = Math.max(...all.map(({ x, width }) => x + width));
  return { width: Math.max(SIZE.least, right + 1), height: top - 2 * SIZE.gap + 1, rows, zones: all };
}

function inRows(zones: readonly Zone[]): Zone[][] {
  const rows: Zone[][] = [];
  let room = 0;
  for (const zone of zones) {
    const width = widthOf(zone) + SIZE.gap;
    if (rows.length === 0 || width > room) {
      rows.push([]);
      room = SIZE.width - SIZE.trunk;
    }
    rows.at(-1)?.push(zone);
    room -= width;
  }
  return rows;
}

/** In a zone of few machines one below the other; of many, and where there is one zone only, in columns as well. */
function columnsOf({ name, machines }: Zone): number {
  const most = Math.floor((SIZE.width - SIZE.trunk - SIZE.gap) / (SIZE.machine + SIZE.pad));
  const wanted = name === "" ? Math.min(3, machines.length) : 1;
  return Math.min(most, Math.max(wanted, Math.ceil(machines.length / MOST_BELOW)));
}

function widthOf(zone: Zone): number {
  return columnsOf(zone) * (SIZE.machine + SIZE.pad) + SIZE.pad;
}

function placedZone(zone: Zone, x: number, y: number): PlacedZone {
  const columns = columnsOf(zone);
  const lines = Math.max(...zone.machines.map(({ lines: all, impact }) => all.length + linesOf(impact)));
  const height = 22 + lines * SIZE.line + SIZE.pad;
  const first = y + (zone.name === "" ? SIZE.pad : SIZE.title);
  const machines = zone.machines.map((machine, index) => ({
    x: x + SIZE.pad + (index % columns) * (SIZE.machine + SIZE.pad),
    y: first + Math.floor(index / columns) * (height + SIZE.pad),
    height,
    machine,
  }));
  const bottom = first + Math.ceil(machines.length / columns) * (height + SIZE.pad);
  return { x, y, width: widthOf(zone), height: bottom - y, zone, machines };
}

function linesOf(impact: Impact | undefined): number {
  return impact === undefined ? 0 : (impact.from ?? "") === "" ? 1 : 2;
}
