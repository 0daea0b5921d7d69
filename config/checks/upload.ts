import { basename } from "node:path";
import { pathText } from "../problem";
import { architectureOf, namedFiles, uploadedArchitectures } from "../upload";
import { k3sVersionOf, pinnedSum, RELEASES } from "../versions/pins";
import { error, listed, type Check, type Finding } from "./check";

/** What k3s takes for an archive of images (k3s-io/k3s pkg/agent/containerd, by way of rancher/wharfie pkg/tarfile). */
const ARCHIVE = /\.(tar|tar\.lz4|tar\.bz2|tbz|tar\.gz|tgz|tar\.zst|tzst)$/;

/** Every file is there. The offline plan only says so: it may run where the files are not. */
export const files: Check = (settings, { missingFiles = "error" }) =>
  namedFiles(settings.k3s.upload).flatMap(({ at, file }): Finding[] => {
    const found = settings.measured?.get(file);
    if (typeof found !== "string") return [];
    return [{ severity: missingFiles, path: at, problem: found, remedy: "put the file there, or correct the path" }];
  });

/** A binary is that of the version, by the sum that is known of it. */
export const sums: Check = (settings) =>
  namedFiles(settings.k3s.upload).flatMap(({ at, file, is, architecture }): Finding[] => {
    const found = settings.measured?.get(file);
    if (is !== "binary" || found === undefined || typeof found === "string") return [];
    const { builtFor } = found;
    if (builtFor !== undefined && builtFor !== architecture) {
      return [
        error(
          at,
          `${file} is a program for ${builtFor}`,
          `name it as k3s.upload.binary.${builtFor}, or get that for ${architecture}`,
        ),
      ];
    }
    const { version, sha256 } = settings.k3s;
    const own = sha256[architecture];
    const expected = own ?? pinnedSum(version, architecture);
    if (expected === undefined || expected === found.sha256) return [];
    const problem = `has the SHA-256 ${found.sha256}, and ${own === undefined ? `k3s ${version} for ${architecture}` : `k3s.sha256.${architecture}`} is ${expected}`;
    return [error(at, problem, `get the file of ${version}; or for a k3s of your own, write its sum as k3s.sha256`)];
  });

/** What is uploaded is not downloaded. */
export const noMirror: Check = ({ k3s: { mirror, upload } }) =>
  uploadedArchitectures(upload, "binary").length === 0 || mirror === RELEASES
    ? []
    : [
        error(
          "k3s.mirror",
          "stands beside k3s.upload.binary, and k3s comes from one place only",
          "take one of them out",
        ),
      ];

/** k3s knows an archive by its name, which also stands in scripts. */
export const archives: Check = ({ k3s: { upload } }) => {
  const all = namedFiles(upload).filter(({ is }) => is === "images");
  return all.flatMap(({ at, file, architecture }, index): Finding[] => {
    const name = basename(file);
    if (!ARCHIVE.test(name)) {
      return [
        error(
          at,
          `${name} has no name that k3s takes for an archive of images`,
          "name it .tar, .tar.zst, .tar.gz, .tar.bz2 or .tar.lz4",
        ),
      ];
    }
    if (!/^[A-Za-z0-9._+-]+$/.test(name)) {
      return [error(at, `${name} has letters in it that a host does not take`, "use A-Z, a-z, 0-9 and . _ + - only")];
    }
    const twin = all.findIndex((other) => other.architecture === architecture && basename(other.file) === name);
    return twin === index ? [] : [error(at, `has the same name as another archive (${name})`, "give it another one")];
  });
};

/** Every node knows which files are its own. */
export const architectures: Check = (settings) => {
  const { upload } = settings.k3s;
  const offered = uploadedArchitectures(upload);
  if (offered.length === 0) return [];
  const binaries: readonly string[] = uploadedArchitectures(upload, "binary");
  return settings.nodes.flatMap((node, index): Finding[] => {
    const at = pathText(["nodes", index, "architecture"]);
    if (node.architecture === undefined && offered.length > 1) {
      const remedy = `write architecture: ${offered.join(" or ")}`;
      return [error(at, `is missing, and k3s.upload has files for ${listed(offered)}`, remedy)];
    }
    const own = architectureOf(settings, node) ?? "";
    if (binaries.length === 0 || binaries.includes(own)) return [];
    return [error(`k3s.upload.binary.${own}`, `is missing, and ${node.name} is ${own}`, "name the file")];
  });
};

/** There is one binary for an architecture, and so one version. */
export const oneVersion: Check = (settings) =>
  uploadedArchitectures(settings.k3s.upload).length === 0
    ? []
    : settings.nodes.flatMap((node, index): Finding[] =>
        k3sVersionOf(settings, node) === settings.k3s.version
          ? []
          : [
              error(
                pathText(["nodes", index, "k3sVersion"]),
                `differs from k3s.version, whose files k3s.upload has for all nodes`,
                "take it out; an upgrade in stages goes with k3s.mirror",
              ),
            ],
      );

export const uploadChecks: readonly Check[] = [files, sums, noMirror, archives, architectures, oneVersion];
