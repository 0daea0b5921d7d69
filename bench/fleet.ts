import { changeFleet } from "../automation/fleet";
import { openTestStack, TestBackend } from "../automation/testing/testStack";
import type { SettingsObject } from "../automation/settingsObject";
import { wavesOf } from "../automation/waves";

const STACKS = 500;
const KEY = "-----BEGIN OPENSSH PRIVATE KEY-----\nYmVuY2g=\n-----END OPENSSH PRIVATE KEY-----\n";

/** One change over many stacks in memory: the waves' own work beside the program's, which runs once a stack. */
async function main(): Promise<void> {
  const names = Array.from({ length: STACKS }, (_, index) => `stack-${String(index)}`);
  const settings = {
    nodes: [{ name: "s1", role: "server", address: "192.0.2.11" }],
    ssh: { privateKey: KEY, trustOnFirstUse: true },
  } as unknown as SettingsObject;
  const backend = new TestBackend();
  const waves = wavesOf(names, [1, "10%", "50%"]);
  const timed = async (title: string, change: (name: string) => PromiseLike<unknown>): Promise<number> => {
    const begun = performance.now();
    const { outcome, failed, record } = await changeFleet({
      waves,
      open: (name) => openTestStack({ name, settings, backend }),
      change: (stack) => change(stack.name),
    });
    const seconds = (performance.now() - begun) / 1000;
    console.log(`${title.padEnd(44)} ${seconds.toFixed(2).padStart(8)} s   ${outcome}`);
    for (const name of failed) console.log(`${name}: ${record.stacks[name]?.problem ?? ""}`);
    return seconds;
  };
  const up = (name: string): PromiseLike<unknown> => openTestStack({ name, settings, backend }).up();
  const waveWork = await timed(`${String(STACKS)} stacks, nothing done on them`, () => Promise.resolve());
  const all = await timed(`${String(STACKS)} stacks in memory, up`, up);
  console.log(
    `the waves' own share: ${((100 * waveWork) / all).toFixed(1)} %; memory ${(process.memoryUsage().rss / 2 ** 20).toFixed(0)} MiB`,
  );
}

void main();
