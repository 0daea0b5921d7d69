import type { Plan, RolloutUnit, Wave } from "../../model";
import { element, type Content, type Made } from "./element";
import { unitKey, type Impact } from "./impacts";
import { list } from "./parts";

/** What is said of a unit beside its name. */
const KINDS = { server: "server", agent: "agent", lost: "lost: forgotten", release: "release", resource: "" } as const;

/**
 * The roll-out as a timeline: what is in one step may be worked on at the same time.
 *
 * @param impacts What happens to the units by their keys; undefined where nothing is compared, and every unit is shown as it is.
 * @param leaving The machines that go at the end.
 */
export function timeline(
  { rollout }: Plan,
  impacts?: ReadonlyMap<string, Impact>,
  leaving: readonly (readonly [name: string, impact: Impact])[] = [],
): Content | undefined {
  if (rollout.length === 0) return undefined;
  const last =
    leaving.length === 0 ? [] : [step(true, "Last", list(leaving.map(([name, impact]) => unit(name, "", impact))))];
  return [
    element("p", {}, "What is in one step may be worked on at the same time, after all that stands above it."),
    element("ol", { class: "timeline" }, ...rollout.map((wave) => waveStep(wave, impacts)), ...last),
  ];
}

function waveStep({ order, units }: Wave, impacts: ReadonlyMap<string, Impact> | undefined): Made {
  const impactOf = (each: RolloutUnit): Impact | undefined => impacts?.get(unitKey(each));
  const title = `Step ${order}`;
  if (impacts === undefined) return step(false, title, list(units.map((each) => unit(each.name, KINDS[each.kind]))));
  const busy = units.filter((each) => impactOf(each) !== undefined);
  const quiet = units.filter((each) => impactOf(each) === undefined).map(({ name }) => name);
  return step(
    busy.length > 0,
    title,
    busy.length === 0 ? undefined : list(busy.map((each) => unit(each.name, KINDS[each.kind], impactOf(each)))),
    quiet.length === 0 ? undefined : element("p", { class: "kind" }, `Nothing changes: ${quiet.join(", ")}`),
  );
}

function step(isBusy: boolean, title: string, ...content: readonly Content[]): Made {
  return element("li", { class: isBusy ? "busy" : undefined }, element("h3", {}, title), content);
}

function unit(name: string, kind: string, impact?: Impact): Content {
  return [
    element("strong", {}, name),
    kind === "" ? undefined : [" ", element("span", { class: "kind" }, kind)],
    impact === undefined ? undefined : [": ", element("span", { class: impact.state }, impact.words)],
  ];
}
