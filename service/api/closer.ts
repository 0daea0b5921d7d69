import type { Api } from "./serviceApi";

const LOOK_MS = 50;

/** Gives what ends a service's HTTP side: what was asked is answered, nothing new is let in, and no client's open connection is waited for. */
export function closer(app: Api): () => Promise<void> {
  let answering = 0;
  app.server.on("request", (_, response) => {
    answering++;
    response.once("close", () => answering--);
  });
  return async () => {
    // Node calls a connection idle only when it has had a request; one that a client has opened in advance would be waited for.
    const timer = setInterval(() => {
      if (answering === 0) app.server.closeAllConnections();
    }, LOOK_MS);
    await app.close();
    clearInterval(timer);
  };
}
