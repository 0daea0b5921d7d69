import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LabError } from "../error";
import type { LabPaths } from "../paths";
import { run } from "../../process/run";
import type { Progress } from "../progress";
import type { Docker } from "./docker";
import { filesUnder } from "../files";
import { DEBIAN, dockerfile, imageName, mmdebstrapArgs, ROOTFS, rootfsTar } from "./recipe";
import { freeBytes, GIB, requireSpace } from "../space";
import { isDebianRoot } from "./machine";

/** Label of every image of the lab. */
export const IMAGE_LABEL = "groundwork.lab.image";

/**
 * The image of the hosts, by the content of its recipe; made when the container engine does not have it: from a file kept in the
 * cache, with a Dockerfile where Debian's image is here or can be pulled, otherwise from Debian packages.
 *
 * @throws LabError when there is no way to make it, or no space.
 */
export async function ensureImage(docker: Docker, paths: LabPaths, progress: Progress): Promise<string> {
  const image = imageName(filesUnder(ROOTFS));
  if ((await docker.try(["image", "inspect", image])).code === 0) return image;

  const kept = join(paths.cache, "lab-image", `${image.split(":")[1] ?? ""}.tar`);
  const dataRoot = await docker.try(["info", "--format", "{{.DockerRootDir}}"]);
  const disk = dataRoot.code === 0 ? dataRoot.stdout.trim() : "";
  if (existsSync(disk)) requireSpace(disk, 1.5 * GIB, "the hosts' image", freeBytes);

  if (!existsSync(kept) && (await canPull(docker, progress))) {
    await progress.step(`image of the hosts (Dockerfile, Debian ${DEBIAN})`, async (tell) => {
      await build(docker, image, tell);
    });
    return image;
  }
  if (!existsSync(kept)) await makeTarball(kept, progress);
  await progress.step("image of the hosts (import)", async () => {
    await docker.do(
      "the hosts' image",
      ["import", "--change", `LABEL ${IMAGE_LABEL}=1`, "--message", "Groundwork lab", kept, image],
      { timeoutMs: 300_000 },
    );
  });
  return image;
}

async function canPull(docker: Docker, progress: Progress): Promise<boolean> {
  const base = `debian:${DEBIAN}`;
  if ((await docker.try(["image", "inspect", base])).code === 0) return true;
  const pulled = await progress.step(`asked the registry for ${base}`, async () => {
    return (await docker.try(["pull", "--quiet", base], { timeoutMs: 90_000 })).code === 0;
  });
  if (!pulled) progress.note("  images cannot be pulled here: the hosts' image is made from Debian packages");
  return pulled;
}

async function build(docker: Docker, image: string, tell: (detail: string) => void): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), "groundwork-lab-"));
  try {
    writeFileSync(join(directory, "Dockerfile"), dockerfile());
    writeFileSync(join(directory, "rootfs.tar"), rootfsTar(filesUnder(ROOTFS)));
    await docker.do("the hosts' image", ["build", "--network=host", "--tag", image, directory], {
      timeoutMs: 1_200_000,
      onLine: tellShortly(tell),
    });
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

async function makeTarball(kept: string, progress: Progress): Promise<void> {
  if (!isDebianRoot()) {
    throw new LabError(
      `the hosts' image cannot be made: debian:${DEBIAN} cannot be pulled, and only root on Debian can make it from packages`,
      "run this where images can be pulled, or as root on Debian",
    );
  }
  if ((await run("mmdebstrap", ["--version"])).code !== 0) {
    await progress.step("package mmdebstrap", async (tell) => {
      await aptInstall(["mmdebstrap"], tell);
    });
  }
  requireSpace(kept, GIB, "the hosts' image");
  const unfinished = `${kept}.${String(process.pid)}.unfinished`;
  mkdirSync(join(kept, ".."), { recursive: true });
  const rootfs = `${kept}.${String(process.pid)}.rootfs`;
  await progress.step(`image of the hosts (Debian ${DEBIAN} packages)`, async (tell) => {
    writeFileSync(rootfs, rootfsTar(filesUnder(ROOTFS)));
    const made = await run("mmdebstrap", mmdebstrapArgs(unfinished, rootfs), {
      timeoutMs: 1_200_000,
      onLine: tellShortly(tell),
    });
    rmSync(rootfs, { force: true });
    if (made.code !== 0) {
      rmSync(unfinished, { force: true });
      const reason =
        made.stderr.split("\n").find((line) => line.startsWith("E:")) ?? made.stderr.trim().split("\n").at(-1);
      throw new LabError(`the hosts' image cannot be made from Debian packages: ${reason ?? "mmdebstrap failed"}`);
    }
    renameSync(unfinished, kept);
  });
}

/** Installs Debian packages. @throws LabError with apt's own last error. */
export async function aptInstall(packages: readonly string[], tell: (detail: string) => void): Promise<void> {
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const install = ["install", "--yes", "--no-install-recommends", ...packages];
  for (const args of [["update"], install]) {
    const outcome = await run("apt-get", args, { timeoutMs: 900_000, env, onLine: tellShortly(tell) });
    if (outcome.code !== 0) {
      const reason =
        outcome.stderr.split("\n").find((line) => line.startsWith("E:")) ?? `apt-get ${args[0] ?? ""} failed`;
      throw new LabError(`${packages.join(", ")} cannot be installed: ${reason}`);
    }
  }
}

function tellShortly(tell: (detail: string) => void): (line: string) => void {
  return (line) => {
    if (line.trim() !== "") tell(line.trim().slice(0, 60));
  };
}
