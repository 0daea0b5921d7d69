import type { EventSource } from "../runs/eventSource";
import type { NumberedEvent, RecordedEvent } from "../runs/eventLog";
import type { Store } from "../store/store";

const AT_ONCE = 200;

/** Events out of the record: the same by every service, wherever the run is. */
export function recordEvents(store: Store): EventSource {
  return {
    lookMs: 400,
    isEnd: async (id, number) =>
      number === 0 ||
      (await store.one("SELECT number FROM events WHERE operation = ? AND number = ?", id, number)) !== undefined,
    end: async (id) => {
      const row = await store.one("SELECT coalesce(max(number), 0) AS number FROM events WHERE operation = ?", id);
      return row?.["number"] as number;
    },
    from: (id, number) => eventsOf(store, id, number),
  };
}

async function* eventsOf(store: Store, id: string, from: number): AsyncGenerator<NumberedEvent, number> {
  let number = from;
  for (;;) {
    const text = "SELECT number, event FROM events WHERE operation = ? AND number > ? ORDER BY number LIMIT ?";
    const rows = await store.all(text, id, number, AT_ONCE);
    for (const row of rows) {
      number = row["number"] as number;
      yield { id: number, event: JSON.parse(row["event"] as string) as RecordedEvent };
    }
    if (rows.length < AT_ONCE) return number;
  }
}
