export type Row = Readonly<Record<string, unknown>>;

export type Value = string | number | null;

/** The service's record: what was asked for, what became of it, and who may ask. */
export interface Store {
  all(text: string, ...values: readonly Value[]): Promise<Row[]>;
  /** The first row. */
  one(text: string, ...values: readonly Value[]): Promise<Row | undefined>;
  /** Runs a statement and gives how many rows it changed. */
  run(text: string, ...values: readonly Value[]): Promise<number>;
  /**
   * All of it or nothing; what is told as done is on the disk. Only what is asked of the record that `work` is given belongs to it, and
   * it must ask nothing of another one: that would wait for its own end. A transaction within one is a part of it. Where somebody else
   * was quicker with the same, `work` is done again from its start.
   */
  transaction<T>(work: (within: Store) => Promise<T>): Promise<T>;
  /** In a transaction: until its end, whoever asks for the same waits. */
  lock(name: string): Promise<void>;
  /** Tells other services, when the transaction is done, that something waits, has ended, or is to be cancelled. */
  announce(): Promise<void>;
  /** Calls back when another service has announced something; some may be missed. */
  onAnnounced(onNews: () => void): void;
  close(): Promise<void>;
}
