import type { Api } from "./serviceApi";

/** A line of the log for each request when it is answered, with whose it was. Probes have none: they come every few seconds. */
export function logRequests(api: Api): void {
  api.addHook("onResponse", (request, reply, done) => {
    const [path = ""] = request.url.split("?");
    if (path !== "/livez" && path !== "/readyz") {
      const { method, token } = request;
      const ms = Math.round(reply.elapsedTime);
      request.log.info({ method, path, status: reply.statusCode, ms, token: token?.name }, "answered");
    }
    done();
  });
}
