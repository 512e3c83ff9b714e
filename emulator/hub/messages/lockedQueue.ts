import { columnList, type Row } from "../../kernel/database";
import type { SharedDependencies } from "../../kernel/sharedDependencies";

/** Columns that earlier versions do not have. */
const NEWER_COLUMNS = { of_connection: "INTEGER" };
const SCHEMA = `
CREATE TABLE IF NOT EXISTS hub_queue (
  sequence INTEGER PRIMARY KEY AUTOINCREMENT,
  hub TEXT NOT NULL,
  queue TEXT NOT NULL,
  enqueued INTEGER NOT NULL,
  expires INTEGER NOT NULL,
  max_deliveries INTEGER NOT NULL,
  deliveries INTEGER NOT NULL DEFAULT 0,
  lock_token TEXT,
  locked_until INTEGER,
  content TEXT NOT NULL,
  body BLOB NOT NULL,
  ${columnList(NEWER_COLUMNS)}
);
CREATE INDEX IF NOT EXISTS hub_queue_order ON hub_queue (hub, queue, sequence);
CREATE INDEX IF NOT EXISTS hub_queue_expires ON hub_queue (expires);
CREATE INDEX IF NOT EXISTS hub_queue_locked ON hub_queue (locked_until) WHERE locked_until IS NOT NULL;
`;

/** How often messages that expire and locks that lapse are searched for while somebody listens, in milliseconds. */
const SWEEP_MS = 1000;
/** Most messages that one sweep settles. */
const SWEEP_LIMIT = 1000;
/** Number of new messages between two sweeps where no client listens. */
const SWEEP_EVERY = 64;

/** What a service receives from a queue of its hub, under a lock. */
export interface LockedDelivery {
  readonly lockToken: string;
  readonly sequenceNumber: number;
  readonly enqueued: Date;
  /** How often it was delivered before. */
  readonly deliveries: number;
}

/** A queue of a hub. */
export interface QueueAddress {
  /** The key of the hub's directory record. */
  readonly hub: string;
  /** For example `devices/pump-1`. */
  readonly queue: string;
}

/** A message to enqueue. */
export interface QueueDraft {
  readonly body: Buffer;
  /** Any JSON. */
  readonly content: unknown;
  readonly expires: Date;
  /** Deliveries after which a message that is not completed leaves the queue. */
  readonly maxDeliveries: number;
}

/** A message in a queue. */
export interface QueuedMessage extends QueueDraft {
  readonly address: QueueAddress;
  /** Rises from message to message; unique within the local Azure. */
  readonly sequenceNumber: number;
  readonly enqueued: Date;
  /** How often it was delivered before. */
  readonly deliveries: number;
}

/** How messages are received. */
export interface ReceiveOptions {
  /** How long the lock lasts, in milliseconds. */
  readonly lockMs: number;
  /** Most messages of the lock. Default 1. */
  readonly most?: number;
  /** Whether the lock lapses with the local Azure's process, as its connection does. */
  readonly isOfConnection?: boolean;
}

/** Why a message leaves a queue without having been completed. */
export type Loss = "expired" | "deliveryCountExceeded";

const messageOf = (row: Row): QueuedMessage => ({
  address: { hub: String(row.hub), queue: String(row.queue) },
  sequenceNumber: Number(row.sequence),
  enqueued: new Date(Number(row.enqueued)),
  expires: new Date(Number(row.expires)),
  maxDeliveries: Number(row.max_deliveries),
  deliveries: Number(row.deliveries),
  content: JSON.parse(String(row.content)),
  body: Buffer.from(row.body as Buffer),
});

/**
 * The durable queues of the hubs. A message is received under a lock, and then completed, which removes it, or released: at the
 * latest when the lock lapses. Source: Azure documentation "Understand cloud-to-device messaging", life cycle. Every call is
 * durable when it returns, or with the enclosing transaction.
 */
export class LockedQueue {
  readonly #listeners = new Map<string, Set<() => void>>();
  readonly #awake = new Set<() => void>();
  #timer: NodeJS.Timeout | undefined;
  #sinceSweep = 0;

  constructor(
    private readonly deps: Pick<SharedDependencies, "database" | "clock" | "ids">,
    /** The names of the queues that this object has, as a pattern of SQLite's GLOB: `devices/*`. */
    private readonly queues: string,
    /** Receives each message that leaves a queue without having been completed, inside the transaction. */
    private readonly lost: (message: QueuedMessage, loss: Loss) => void = () => undefined,
    /** Runs while somebody listens, whenever this object sweeps its queues. */
    private readonly swept: () => void = () => undefined,
  ) {
    deps.database.define(SCHEMA);
    deps.database.addColumns("hub_queue", NEWER_COLUMNS);
    // The connections of an earlier process are gone: the next sweep releases what it sent over them.
    deps.database.run("UPDATE hub_queue SET locked_until = 0 WHERE locked_until IS NOT NULL AND of_connection = 1");
  }

  /** Enqueues a message, and wakes who listens. */
  add({ hub, queue }: QueueAddress, { body, content, expires, maxDeliveries }: QueueDraft): void {
    const [enqueued, text] = [this.#now(), JSON.stringify(content)];
    const row = { hub, queue, enqueued, expires: expires.getTime(), max_deliveries: maxDeliveries };
    this.deps.database.put("hub_queue", { ...row, content: text, body });
    this.#wake({ hub, queue });
    this.#sinceSweep += 1;
    if (this.#sinceSweep < SWEEP_EVERY) return;
    this.#sinceSweep = 0;
    this.sweep();
  }

  /** Whether a queue has no message, none under a lock either. */
  isEmpty({ hub, queue }: QueueAddress): boolean {
    const sql = "SELECT 1 FROM hub_queue WHERE hub = ? AND queue = ? LIMIT 1";
    return this.deps.database.get(sql, hub, queue) === undefined;
  }

  /** How many messages a queue has, those under a lock included. */
  count({ hub, queue }: QueueAddress): number {
    const sql = "SELECT count(*) AS n FROM hub_queue WHERE hub = ? AND queue = ?";
    return Number(this.deps.database.get(sql, hub, queue)?.n);
  }

  /** Puts one lock on the oldest messages that have none. Returns its token and the messages; undefined if there are none. */
  receive(
    address: QueueAddress,
    { lockMs, most = 1, isOfConnection = false }: ReceiveOptions,
  ): { token: string; messages: QueuedMessage[] } | undefined {
    const { database, ids } = this.deps;
    return database.transaction(() => {
      this.sweep(address);
      const sql =
        "SELECT * FROM hub_queue WHERE hub = ? AND queue = ? AND locked_until IS NULL ORDER BY sequence LIMIT ?";
      const messages = database.all(sql, address.hub, address.queue, most).map(messageOf);
      if (messages.length === 0) return undefined;
      const token = ids.guid();
      const columns = {
        lock_token: token,
        locked_until: this.#now() + lockMs,
        of_connection: Number(isOfConnection),
      };
      for (const { sequenceNumber, deliveries } of messages) {
        database.change("hub_queue", { sequence: sequenceNumber }, { ...columns, deliveries: deliveries + 1 });
      }
      return { token, messages };
    });
  }

  /** Removes the messages of a lock, and returns them; undefined if the lock is unknown or has lapsed. */
  complete(address: QueueAddress, token: string): QueuedMessage[] | undefined {
    return this.deps.database.transaction(() => {
      const messages = this.#locked(address, token);
      for (const { sequenceNumber } of messages) this.#remove(sequenceNumber);
      return messages.length === 0 ? undefined : messages;
    });
  }

  /** Releases the messages of a lock; returns false if the lock is unknown or has lapsed. */
  abandon(address: QueueAddress, token: string): boolean {
    return this.deps.database.transaction(() => {
      const messages = this.#locked(address, token);
      for (const message of messages) this.#release(message);
      return messages.length > 0;
    });
  }

  /** Removes all messages of a queue, and returns them. */
  purge({ hub, queue }: QueueAddress): QueuedMessage[] {
    const { database } = this.deps;
    return database.transaction(() => {
      const messages = database
        .all("SELECT * FROM hub_queue WHERE hub = ? AND queue = ? ORDER BY sequence", hub, queue)
        .map(messageOf);
      database.remove("hub_queue", { hub, queue });
      return messages;
    });
  }

  /** Removes the messages of a queue that have this text as a member of their content. */
  removeWhere({ hub, queue }: QueueAddress, member: string, value: string): void {
    const sql = "DELETE FROM hub_queue WHERE hub = ? AND queue = ? AND json_extract(content, ?) = ?";
    this.deps.database.run(sql, hub, queue, `$.${member}`, value);
  }

  /** Removes messages that have expired, and releases those whose lock has lapsed: in one queue, or in all of this object. */
  sweep(address?: QueueAddress): void {
    const { database } = this.deps;
    const [inQueue, values] = address
      ? ["hub = ? AND queue = ?", [address.hub, address.queue]]
      : ["queue GLOB ?", [this.queues]];
    // SQLite would read all messages of a queue in their order.
    const due = (column: string, index: string, condition: string): QueuedMessage[] => {
      const sql = `SELECT * FROM hub_queue INDEXED BY ${index}
        WHERE ${column} <= ? AND ${condition} AND ${inQueue} ORDER BY ${column}, sequence LIMIT ?`;
      return database.all(sql, this.#now(), ...values, SWEEP_LIMIT).map(messageOf);
    };
    database.transaction(() => {
      for (const message of due("locked_until", "hub_queue_locked", "locked_until IS NOT NULL")) this.#release(message);
      for (const message of due("expires", "hub_queue_expires", "locked_until IS NULL")) this.#lose(message, "expired");
    });
  }

  /**
   * Calls `wake` after a message may have become available in a queue: it was added, released, or its lock lapsed. Returns a
   * function that ends this. `wake` runs outside of every transaction.
   */
  listen({ hub, queue }: QueueAddress, wake: () => void): () => void {
    const key = `${hub} ${queue}`;
    const listeners = this.#listeners.get(key) ?? new Set();
    this.#listeners.set(key, listeners.add(wake));
    this.#timer ??= setInterval(() => this.#sweepAll(), SWEEP_MS).unref();
    return () => {
      listeners.delete(wake);
      this.#awake.delete(wake);
      if (listeners.size === 0 && this.#listeners.get(key) === listeners) this.#listeners.delete(key);
      if (this.#listeners.size > 0) return;
      clearInterval(this.#timer);
      this.#timer = undefined;
    };
  }

  #sweepAll(): void {
    this.sweep();
    this.swept();
  }

  #now(): number {
    return this.deps.clock.now().getTime();
  }

  #locked({ hub, queue }: QueueAddress, token: string): QueuedMessage[] {
    const sql = "SELECT * FROM hub_queue WHERE hub = ? AND queue = ? AND lock_token = ? AND locked_until > ?";
    return this.deps.database.all(sql, hub, queue, token, this.#now()).map(messageOf);
  }

  #release(message: QueuedMessage): void {
    const { deliveries, maxDeliveries, sequenceNumber, address } = message;
    if (deliveries >= maxDeliveries) this.#lose(message, "deliveryCountExceeded");
    else {
      this.deps.database.change(
        "hub_queue",
        { sequence: sequenceNumber },
        { lock_token: undefined, locked_until: undefined },
      );
      this.#wake(address);
    }
  }

  #lose(message: QueuedMessage, loss: Loss): void {
    this.#remove(message.sequenceNumber);
    this.lost(message, loss);
  }

  #remove(sequence: number): void {
    this.deps.database.remove("hub_queue", { sequence });
  }

  #wake({ hub, queue }: QueueAddress): void {
    for (const wake of this.#listeners.get(`${hub} ${queue}`) ?? []) {
      if (this.#awake.has(wake)) continue;
      this.#awake.add(wake);
      setImmediate(() => {
        if (this.#awake.delete(wake)) wake();
      });
    }
  }
}
