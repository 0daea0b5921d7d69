interface Event {
  readonly due: number;
  readonly run: () => void;
}

/** The time of a sandbox: it stands still but for what is slept, so that a wait of minutes costs a test nothing. */
export class Clock {
  /** Seconds that were slept. */
  ahead = 0;
  #events: Event[] = [];
  readonly #moved: (ahead: number) => void;

  constructor(moved: (ahead: number) => void) {
    this.#moved = moved;
  }

  after(seconds: number, run: () => void): void {
    this.#events.push({ due: this.ahead + seconds, run });
    this.#events.sort((a, b) => a.due - b.due);
  }

  advance(seconds: number): void {
    const end = this.ahead + seconds;
    for (let next = this.#events[0]; next !== undefined && next.due <= end; next = this.#events[0]) {
      this.#events.shift();
      this.ahead = Math.max(this.ahead, next.due);
      next.run();
    }
    this.ahead = end;
    this.#moved(Math.floor(end));
  }

  /** What was to happen does not, as after a reboot. */
  forget(): void {
    this.#events = [];
  }

  date(): Date {
    return new Date(Date.now() + this.ahead * 1000);
  }
}
