import type { z } from "zod";
import { pathText } from "./problem";
import type { uploadSchema } from "./schema/upload";
import type { Architecture } from "./versions/k3sSums";

/** `groundwork:k3s.upload`, where it is set. */
export type Upload = z.output<typeof uploadSchema> | undefined;

/** A file on this machine, as it was found. */
export interface Measured {
  readonly bytes: number;
  /** SHA-256, 64 hexadecimal digits. */
  readonly sha256: string;
  /** What a program is built for; undefined for any other file. */
  readonly builtFor?: Architecture | undefined;
  /** Where a program finds it that runs in the project's directory. */
  readonly source: string;
}

/** Files by their path in the settings; of one that cannot be used, why not: `is empty`. */
export type MeasuredFiles = ReadonlyMap<string, Measured | string>;

/** Looks at one file. @returns what it is, or why it cannot be used. */
export type Measure = (file: string) => Measured | string;

/** A file that the settings name. */
export interface NamedFile {
  /** Where they name it: `k3s.upload.images.amd64[0]`. */
  readonly at: string;
  readonly file: string;
  readonly is: "binary" | "images";
  readonly architecture: Architecture;
}

/** Every file of `k3s.upload`, binaries first. Parts that are not as they should be are passed over. */
export function namedFiles(upload: Upload): NamedFile[] {
  const files = (is: NamedFile["is"]): NamedFile[] =>
    Object.entries(upload?.[is] ?? {}).flatMap(([architecture, given]) =>
      [given].flat().flatMap((file, index): NamedFile[] => {
        const path = ["k3s", "upload", is, architecture, ...(is === "images" ? [index] : [])];
        return typeof file === "string"
          ? [{ at: pathText(path), file, is, architecture: architecture as Architecture }]
          : [];
      }),
    );
  return [...files("binary"), ...files("images")];
}

/** Architectures that there are files for. @param what Of which kind. Default: any. */
export function uploadedArchitectures(upload: Upload, what?: NamedFile["is"]): Architecture[] {
  const files = namedFiles(upload).filter(({ is }) => what === undefined || is === what);
  return [...new Set(files.map(({ architecture }) => architecture))];
}

/** The architecture whose files a node gets: its own, or the only one that there are files for. */
export function architectureOf(
  { k3s }: { readonly k3s: { readonly upload?: Upload } },
  node: { readonly architecture?: Architecture | undefined },
): Architecture | undefined {
  return node.architecture ?? uploadedArchitectures(k3s.upload)[0];
}
