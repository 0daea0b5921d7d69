import type { Client } from "pg";

const RETRY_MS = 2000;

/** Hears what other services announce, on a connection of its own. One that breaks is made again; what was missed meanwhile is polled for. */
export class Listener {
  static readonly channel = "groundwork";
  readonly #connection: () => Client;
  readonly #self: string;
  #client: Client | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isStopped = false;

  constructor(connection: () => Client, self: string) {
    this.#connection = connection;
    this.#self = self;
  }

  start(onNews: () => void): void {
    const client = this.#connection();
    this.#client = client;
    const again = (): void => {
      if (this.#isStopped || this.#client !== client) return;
      this.#client = undefined;
      this.#timer = setTimeout(() => this.start(onNews), RETRY_MS).unref();
    };
    client.on("error", again).on("end", again);
    client.on("notification", ({ payload }) => {
      if (payload !== this.#self) onNews();
    });
    client
      .connect()
      .then(() => client.query(`LISTEN ${Listener.channel}`))
      // What was announced before is looked for.
      .then(onNews)
      .catch(again);
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    await this.#client?.end().catch(() => undefined);
  }
}
