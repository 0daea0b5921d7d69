import type { Plan } from "../../model";
import { shortened } from "../markdownParts";
import { element, type Content, type Made } from "./element";
import type { Impact } from "./impacts";
import { placed, SIZE, type PlacedMachine, type PlacedZone, type Picture } from "./placing";
import { zonesOf, type Machine, type Zone } from "./zones";

/** Characters that a box has room for. */
const NAME_LENGTH = 22;
const LINE_LENGTH = 35;

/** What a picture shows. */
export interface Drawn {
  readonly stack: string;
  /** What is said of the API, a line each. */
  readonly api: readonly string[];
  readonly zones: readonly Zone[];
  /** What stands below it. */
  readonly caption: Content;
}

/** What the lines and edges of every picture mean. */
export const LINES = "The lines lead from the API to the servers that answer it; servers have a thick edge.";

/**
 * The cluster of a plan as a picture; see `drawn`.
 *
 * @returns undefined where there is no machine to show.
 */
export function topology(
  plan: Plan,
  impacts: ReadonlyMap<string, Impact>,
  leaving: readonly Machine[] = [],
): Content | undefined {
  const zones = zonesOf(plan, impacts, leaving);
  return drawn({ stack: plan.stack, api: apiLines(plan), zones, caption: caption(impacts, leaving) });
}

/**
 * A cluster as a picture: the API above, its servers hung on a line from it, machines by zone. The same stands in words in its
 * description, and in the tables of the page.
 *
 * @returns undefined where there is no machine to show.
 */
export function drawn({ stack, api: lines, zones, caption: below }: Drawn): Content | undefined {
  if (zones.length === 0) return undefined;
  const picture = placed(zones);
  const words = [`${lines.join("; ")}.`, ...zones.map(zoneWords)].join(" ");
  return element(
    "figure",
    {},
    element(
      "div",
      { class: "wide", role: "region", "aria-label": "Picture of the cluster", tabindex: 0 },
      element(
        "svg",
        {
          role: "img",
          "aria-labelledby": "picture-title picture-words",
          width: picture.width,
          height: picture.height,
          viewBox: `0 0 ${picture.width} ${picture.height}`,
        },
        element("title", { id: "picture-title" }, `The cluster of stack ${stack}`),
        element("desc", { id: "picture-words" }, words),
        apiBox(lines, picture),
        wires(picture),
        picture.zones.map(zoneBox),
      ),
    ),
    element("figcaption", {}, below),
  );
}

function caption(impacts: ReadonlyMap<string, Impact>, leaving: readonly Machine[]): Content {
  if (impacts.size + leaving.length === 0) return LINES;
  return [LINES, " Green joins, yellow has k3s restarted, blue changes while k3s goes on, red and dashed leaves."];
}

/** Where the API is, and the virtual IP where there is one. */
function apiLines({ outputs, summary }: Plan): string[] {
  const url = outputs["apiUrl"];
  const virtual = summary.find(({ label }) => label === "virtual IP");
  const at = `API ${typeof url === "string" ? url : "of the cluster"}`;
  return virtual === undefined ? [at] : [at, `virtual IP ${virtual.text}`];
}

function zoneWords({ name, machines }: Zone): string {
  const all = machines.map(({ name: machine, lines, impact }) => {
    return `${machine} (${[...lines, ...(impact === undefined ? [] : [impact.words])].join(", ")})`;
  });
  return `${name === "" ? "Machines" : name.charAt(0).toUpperCase() + name.slice(1)}: ${all.join("; ")}.`;
}

function apiBox(lines: readonly string[], { width }: Picture): Made {
  const room = Math.floor((width - 2 * SIZE.gap) / 8);
  return element(
    "g",
    { class: "api" },
    box(0.5, 0.5, width - 1, SIZE.api - 1),
    lines.map((line, index) =>
      text(
        SIZE.gap,
        (lines.length > 1 ? 20 : 27) + index * SIZE.line,
        index === 0 ? "name" : "soft",
        shortened(line, room),
      ),
    ),
  );
}

/** A line down the left edge, from it one along the top of each row with servers, and from that one to each of their zones. */
function wires({ rows }: Picture): Made[] {
  const served = rows.filter(({ zones }) => zones.some(hasServers));
  const lowest = served.at(-1);
  if (lowest === undefined) return [];
  const trunk = SIZE.trunk / 2;
  return [
    wire(`M${trunk} ${SIZE.api} V${lowest.wire}`),
    ...served.map(({ wire: y, zones }) => {
      const ends = zones.filter(hasServers).map(({ x, width, y: top }) => ({ x: x + width / 2, top }));
      const last = Math.max(...ends.map(({ x }) => x));
      return wire(`M${trunk} ${y} H${last} ${ends.map(({ x, top }) => `M${x} ${y} V${top}`).join(" ")}`);
    }),
  ];
}

function wire(path: string): Made {
  return element("path", { class: "wire", d: path });
}

function hasServers({ zone }: PlacedZone): boolean {
  return zone.machines.some(({ role, impact }) => role === "server" && impact?.state !== "leaves");
}

function zoneBox({ x, y, width, height, zone, machines }: PlacedZone): Made {
  const title = zone.name === "" ? [] : [text(x + SIZE.pad, y + 18, "soft", shortened(zone.name, LINE_LENGTH))];
  return element(
    "g",
    {},
    element("rect", { class: "zone", x, y, width, height, rx: 8 }),
    title,
    machines.map(machineBox),
  );
}

function machineBox({ x, y, height, machine }: PlacedMachine): Made {
  const { name, role, lines, impact } = machine;
  const below = [...lines.map((line) => ["soft", line] as const), ...impactLine(impact)];
  return element(
    "g",
    { class: `${role === "server" ? "server" : "agent"} ${impact?.state ?? "same"}` },
    element("title", {}, [name, ...lines, ...(impact === undefined ? [] : [impact.words])].join(", ")),
    box(x, y, SIZE.machine, height),
    text(x + SIZE.pad, y + 22, "name", shortened(name, NAME_LENGTH)),
    below.map(([kind, line], index) => text(x + SIZE.pad, y + 40 + index * 17, kind, shortened(line, LINE_LENGTH))),
  );
}

function impactLine(impact: Impact | undefined): (readonly [string, string])[] {
  if (impact === undefined) return [];
  const { words, from = "" } = impact;
  return [["what", words], ...(from === "" ? [] : [["what", from] as const])];
}

function box(x: number, y: number, width: number, height: number): Made {
  return element("rect", { class: "box", x, y, width, height, rx: 6 });
}

function text(x: number, y: number, kind: string, words: string): Made {
  return element("text", { class: kind, x, y }, words);
}
