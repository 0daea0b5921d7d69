/**
 * SHA-256 sums of k3s's binaries by version and architecture. Written by `groundwork versions --update`, which takes them
 * from the release's own sha256sum-<arch>.txt; the nodes check what they download against these.
 *
 * Those of v1.36.4+k3s1 could not be fetched where they were written. They are from rediacc/renet#109, where the release's
 * manifests and the binaries themselves were hashed, and agree with those in cargoship's documentation of its k3s package.
 */
export const k3sSums: Readonly<Record<string, Readonly<Partial<Record<Architecture, string>>>>> = {
  "v1.36.4+k3s1": {
    amd64: "835873f37245fc615f547a2fe2af9402a347875f13fa64a1f136de644955ea3f",
    arm64: "c920706346d5ad4e5cd3c7bf1bb09ce71ebe07fec829e513e40f1caf98aed8bb",
  },
};

/** The architectures that k3s is released for and that Groundwork knows, by the names of its releases. */
export type Architecture = "amd64" | "arm64" | "arm";
