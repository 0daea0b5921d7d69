import { chartOfCluster } from "../addons/traefik/charts";
import type { TraefikSeries } from "../addons/traefik/nginxAnnotations";
import { kubectlOf } from "../operate/kubectl";
import {
  losers,
  migrated,
  type KubeIngress,
  type KubeIngressClass,
  type Migrated,
  type MigratedAnnotation,
} from "../operate/ingress/migration";
import { nextSteps } from "../operate/ingress/steps";
import { withSite } from "../operate/site";
import { EXIT_CODES } from "./exitCodes";
import { stackOnDisk, type StackRequest } from "./onStack";
import type { Terminal } from "./terminal";

/** The options of `groundwork ingress migrate`. */
export interface MigrateRequest extends StackRequest {
  readonly all?: true;
  readonly json?: true;
}

/** Shows what becomes of the Ingresses. @returns the exit code. @throws GroundworkError */
export async function runMigrate({ all, json, ...request }: MigrateRequest, terminal: Terminal): Promise<number> {
  return await withSite(stackOnDisk(request, terminal), terminal.env, async (site) => {
    const kubectl = await kubectlOf(site);
    const [ingresses, classes] = (await Promise.all(
      [
        ["get", "ingresses", "--all-namespaces"],
        ["get", "ingressclasses"],
      ].map((words) => kubectl.json(words)),
    )) as [{ items: KubeIngress[] }, { items: KubeIngressClass[] }];
    const series: TraefikSeries = chartOfCluster(site.settings) === 40 ? "3.7" : "3.6";
    const found = migrated(ingresses.items, classes.items, series);
    const steps = nextSteps(site.settings, found, site.settings.nodes[0]?.address);
    terminal.out(
      json === true
        ? `${JSON.stringify({ traefik: series, ingresses: found, steps }, undefined, 2)}\n`
        : migrationText(found, steps, series, all === true),
    );
    return losers(found) > 0 ? EXIT_CODES.differences : EXIT_CODES.ok;
  });
}

/** What becomes of each Ingress, then the steps. */
export function migrationText(
  found: readonly Migrated[],
  steps: readonly string[],
  series: TraefikSeries,
  withCarried: boolean,
): string {
  if (found.length === 0) return "no Ingress is of ingress-nginx's class\n";
  const lost = losers(found);
  const end =
    lost === 0
      ? `Traefik ${series} takes all ${found.length} as they are, but for what is different above`
      : `${lost} of ${found.length} would lose something with Traefik ${series}`;
  return `${[...found.flatMap((one) => ingressLines(one, withCarried)), "", end, ...steps].join("\n")}\n`;
}

function ingressLines({ namespace, name, hosts, annotations }: Migrated, withCarried: boolean): string[] {
  const shown = annotations.filter(({ becomes }) => withCarried || becomes.is !== "carried");
  const carried = annotations.length - annotations.filter(({ becomes }) => becomes.is !== "carried").length;
  const count =
    annotations.length === 0 ? "no annotations of ingress-nginx" : `${carried} of ${annotations.length} carried over`;
  return [`${namespace}/${name}  ${hosts.join(", ")}  (${count})`, ...shown.map(annotationLine)];
}

function annotationLine({ name, becomes }: MigratedAnnotation): string {
  const short = name.slice(name.indexOf("/") + 1);
  if (becomes.is === "carried") return `  = ${short}`;
  return becomes.is === "different" ? `  ~ ${short}: ${becomes.note}` : `  ✗ ${short}: is lost; ${becomes.instead}`;
}
