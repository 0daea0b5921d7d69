import { existsSync } from "node:fs";
import { LabError } from "../error";
import { DIRECTORY_LABEL, HOST_LABEL, LAB_LABEL } from "../naming";
import type { Docker } from "./docker";

/** A container of a lab, as the container engine tells. */
export interface Container {
  readonly id: string;
  /** Node's name, or `site`. */
  readonly host: string;
  /** Directory of the lab's state. */
  readonly directory: string;
  /** `running`, `exited`, `created`, … */
  readonly state: string;
  /** The container engine's words for how long it has been so, e.g. `Up 3 minutes`. */
  readonly status: string;
}

const FORMAT = `{{.ID}}\t{{.Label "${HOST_LABEL}"}}\t{{.Label "${DIRECTORY_LABEL}"}}\t{{.State}}\t{{.Status}}`;

/** Every container of a lab, whichever checkout made it. */
export async function listContainers(docker: Docker, lab: string): Promise<Container[]> {
  const text = await docker.do("the lab's hosts", [
    "ps",
    "--all",
    "--no-trunc",
    "--filter",
    `label=${LAB_LABEL}=${lab}`,
    "--format",
    FORMAT,
  ]);
  return parseContainers(text);
}

/** The lines of `docker ps` in the lab's format. */
export function parseContainers(text: string): Container[] {
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => {
      const [id = "", host = "", directory = "", state = "", status = ""] = line.split("\t");
      return { id, host, directory, state, status };
    });
}

/** Networks and volumes of a lab by the container engine's name. */
export async function listOthers(docker: Docker, kind: "network" | "volume", lab: string): Promise<string[]> {
  const text = await docker.do(`the lab's ${kind}s`, [
    kind,
    "ls",
    "--filter",
    `label=${LAB_LABEL}=${lab}`,
    "--format",
    "{{.Name}}",
  ]);
  return text.split("\n").filter((line) => line !== "");
}

/**
 * Refuses to touch the lab of the same name of another checkout that is still there.
 *
 * @throws LabError with that checkout's directory.
 */
export function requireOwn(containers: readonly Container[], lab: string, directory: string): void {
  const other = containers.find((container) => container.directory !== directory && existsSync(container.directory));
  if (other === undefined) return;
  throw new LabError(
    `there is a lab ${lab} of another checkout (${other.directory})`,
    "give this one another name with --name, or remove that one with 'lab down' there",
  );
}

/** Removes containers with their volumes; one that is already gone is no error. */
export async function removeContainers(docker: Docker, containers: readonly Container[]): Promise<void> {
  if (containers.length === 0) return;
  const ids = containers.map((container) => container.id);
  await docker.do("removing hosts", ["rm", "--force", "--volumes", ...ids], { timeoutMs: 300_000 });
}
