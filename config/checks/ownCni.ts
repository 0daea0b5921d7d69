import { warning, type Check, type Finding } from "./check";

/** With `flannelBackend: none` the network is somebody else's work, and until that is done no pod gets an address. */
export const ownCni: Check = ({ network, k3s, nodes }) => {
  if (network.flannelBackend !== "none" || nodes.length === 0) return [];
  const brought =
    Object.keys({ ...k3s.manifests, ...k3s.secretManifests }).length > 0 ||
    [k3s.files, ...nodes.map(({ files }) => files)].some((files) =>
      Object.keys(files).some((path) => path.startsWith("/etc/cni/net.d/")),
    );
  const found: Finding[] = [];
  if (!brought) {
    found.push(
      warning(
        "network.flannelBackend",
        "is none, and nothing in the stack brings a CNI: no node is Ready and no add-on starts before somebody installs one",
        "bring its manifest in k3s.manifests, or install it while the add-ons wait",
      ),
    );
  }
  if (k3s.server["disable-network-policy"] !== true) {
    found.push(
      warning(
        "k3s.server.disable-network-policy",
        "is not true, so that k3s's own network policies work beside those of the CNI",
        "set it to true, unless the CNI has none (docs.k3s.io/networking/basic-network-options, Custom CNI)",
      ),
    );
  }
  return found;
};

export const ownCniChecks: readonly Check[] = [ownCni];
