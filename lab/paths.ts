import { createHash } from "node:crypto";
import { homedir, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { stackName } from "./naming";

/** Where everything of one lab is. What is under `directory` goes with `lab down`; what is under `cache` stays. */
export interface LabPaths {
  /** The checkout: where Pulumi.yaml is. */
  readonly root: string;
  /** Holds every lab of this checkout. */
  readonly labs: string;
  /** Holds this lab: state, keys, mirror, Pulumi's state. */
  readonly directory: string;
  readonly state: string;
  readonly lock: string;
  /** Private key of the operator, 0600. */
  readonly operatorKey: string;
  readonly knownHosts: string;
  readonly sshConfig: string;
  /** The hosts' own keys, a directory a host. */
  readonly hostKeys: string;
  /** What the site serves: laid out like k3s's releases. */
  readonly mirror: string;
  /** The chart that stands in for cert-manager's, with cert-manager's own definitions. */
  readonly certManagerChart: string;
  /** The key that may change the zone of the site's name server: base64 text, 0600. */
  readonly tsigKey: string;
  /** Passphrase of the stack's secrets, 0600. */
  readonly passphrase: string;
  /** Pulumi's file backend. */
  readonly backend: string;
  /** The exported kubeconfig, 0600. */
  readonly kubeconfig: string;
  /** The stack's settings, written by the lab. */
  readonly stackFile: string;
  /** The container engine that the lab started itself: its data, log and record. */
  readonly containerEngine: string;
  /** Its socket and pid file, on a short path: a socket's path has at most 107 bytes. */
  readonly containerEngineRun: string;
  /** Shared by all labs and checkouts of this user: the image's files, builds of the lab's Go programs, official releases. */
  readonly cache: string;
}

/** The checkout that this file belongs to. */
export const CHECKOUT = resolve(__dirname, "..");

/** @param root The checkout; another one in tests. */
export function labPaths(lab: string, root: string = CHECKOUT): LabPaths {
  const labs = join(root, ".cache", "lab");
  const directory = join(labs, lab);
  const cacheHome = process.env["XDG_CACHE_HOME"] ?? "";
  const fingerprint = createHash("sha256").update(labs).digest("hex").slice(0, 10);
  return {
    root,
    labs,
    directory,
    state: join(directory, "state.json"),
    lock: join(labs, `${lab}.lock`),
    operatorKey: join(directory, "operator_ed25519"),
    knownHosts: join(directory, "known_hosts"),
    sshConfig: join(directory, "ssh_config"),
    hostKeys: join(directory, "host-keys"),
    mirror: join(directory, "mirror"),
    certManagerChart: join(directory, "charts", "cert-manager"),
    tsigKey: join(directory, "tsig-key"),
    passphrase: join(directory, "passphrase"),
    backend: join(directory, "pulumi"),
    kubeconfig: join(directory, "kubeconfig.yaml"),
    stackFile: join(root, `Pulumi.${stackName(lab)}.yaml`),
    containerEngine: join(labs, ".engine"),
    containerEngineRun: join(process.platform === "linux" ? "/run" : tmpdir(), `groundwork-lab-${fingerprint}`),
    cache: join(cacheHome === "" ? join(homedir(), ".cache") : cacheHome, "groundwork"),
  };
}
