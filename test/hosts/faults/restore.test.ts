import { faultTests } from "../faultTests";

for (const verb of [
  "hold",
  "reset_etcd",
  "start_restored",
  "rejoin",
  "finish_restore",
  "undo_restore",
  "restart_agent",
] as const) {
  faultTests(verb);
}
