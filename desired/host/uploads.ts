import { basename } from "node:path";
import type { Settings } from "../../config/settings";
import { architectureOf, namedFiles, type NamedFile } from "../../config/upload";
import type { Machine, NodePlace } from "../place";
import { digestOf, hostKeyDigest } from "./digests";

/** Where uploaded files wait on a host, in a directory of the user's who logs in (scripts/upload.sh). */
export const UPLOADS = "/var/lib/groundwork/upload";

/** A file of the operator's machine that a node gets. */
export interface DesiredUpload {
  /** Name of its resource: `atlas-upload-k3s`. */
  readonly name: string;
  readonly on: Machine;
  readonly is: NamedFile["is"];
  /** Where it is on the operator's machine; a relative path begins in the project's directory. */
  readonly source: string;
  /** Name of the file on the host: it changes with its content. */
  readonly called: string;
  /** Undefined where nobody looked at the file. */
  readonly bytes: number | undefined;
  /** Empty where nobody looked at it. */
  readonly sha256: string;
  /** Another value uploads it again: another machine, or a repair. */
  readonly again: readonly string[];
}

/** The files that a node gets uploaded; none where the settings name none for it. */
export function uploadsOf(settings: Settings, place: NodePlace): DesiredUpload[] {
  const architecture = architectureOf(settings, place.settings);
  const { address, hostKey, repair } = place.settings;
  const again = [digestOf([address, hostKeyDigest(hostKey)]), ...(repair === undefined ? [] : [repair.at])];
  return namedFiles(settings.k3s.upload)
    .filter((file) => file.architecture === architecture)
    .map(({ file, is }) => {
      const measured = settings.measured?.get(file);
      const known = typeof measured === "object" ? measured : undefined;
      const plain = is === "binary" ? "k3s" : basename(file);
      return {
        name: `${place.name}-upload-${plain}`,
        on: { name: place.name, ssh: place.ssh },
        is,
        source: known?.source ?? file,
        called: known === undefined ? plain : `${known.sha256.slice(0, 16)}-${plain}`,
        bytes: known?.bytes,
        sha256: known?.sha256 ?? "",
        again,
      };
    });
}

/** What a host's scripts know of what is uploaded to it, before it comes. */
export function uploadFacts(settings: Settings, place: NodePlace): Record<string, string> {
  const uploads = uploadsOf(settings, place);
  if (uploads.length === 0) return {};
  return {
    upload_user: place.ssh.user,
    upload_arch: architectureOf(settings, place.settings) ?? "",
    uploads: uploads.map(({ called, bytes = 0 }) => `${called}=${Math.ceil(bytes / 1024)}`).join(" "),
  };
}

/** What converge takes up of it: `uploaded_k3s` is a file's name, `images` are pairs of name and sum. */
export function uploadedFacts(settings: Settings, place: NodePlace): Record<string, string> {
  const uploads = uploadsOf(settings, place);
  const binary = uploads.find(({ is }) => is === "binary");
  const images = imagesOf(uploads);
  return {
    ...(binary === undefined ? {} : { uploaded_k3s: binary.called }),
    ...(images.length === 0 ? {} : { images: images.join(" ") }),
  };
}

/** Archives of images, which k3s reads at its start only: `NAME=SHA-256` each. */
export function imagesOf(uploads: readonly DesiredUpload[]): string[] {
  return uploads.filter(({ is }) => is === "images").map(({ called, sha256 }) => `${called}=${sha256}`);
}
