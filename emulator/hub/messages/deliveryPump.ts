/** How a client settles what it receives. */
export type Settlement = "completed" | "rejected" | "abandoned";

/** A queue whose items are received under a lock. */
export interface LockedSource<Item extends { readonly lockToken: string }> {
  /** Calls `wake` when items may wait; returns a function that ends this. */
  listen(wake: () => void): () => void;
  isEmpty(): boolean;
  /** Locks the oldest item; undefined if there is none. */
  receive(): Item | undefined;
  settle(lockToken: string, settlement: Settlement): void;
  /** Runs a change; resolves once it is durable. */
  change<T>(work: () => T): Promise<T>;
}

/** A client's end, over any transport. */
export interface DeliverySink<Item> {
  /** Whether an item can be sent now. */
  isReady(): boolean;
  /** Sends an item; returns false if it cannot. `settle` runs once at most. */
  send(item: Item, settle: (settlement: Settlement) => void): boolean;
  /** Ends the connection or the link after an error of the local Azure itself. */
  fail(error: unknown): void;
}

/**
 * Sends a client what waits for it, oldest first, as fast as the client takes it. What the client has not settled is sent
 * again when its lock lapses, or after {@link DeliveryPump.stop}.
 */
export class DeliveryPump<Item extends { readonly lockToken: string }> {
  readonly #locks = new Set<string>();
  #stopListening: (() => void) | undefined;
  #isPumping = false;
  #mustPump = false;

  constructor(
    private readonly source: LockedSource<Item>,
    private readonly sink: DeliverySink<Item>,
  ) {}

  /** Begins to send. */
  start(): void {
    this.#stopListening ??= this.source.listen(() => this.pump());
    this.pump();
  }

  /** Ends sending, and releases what the client has not settled. */
  stop(): Promise<void> {
    this.#stopListening?.();
    this.#stopListening = undefined;
    const locks = [...this.#locks];
    this.#locks.clear();
    return this.source.change(() => {
      for (const token of locks) this.source.settle(token, "abandoned");
    });
  }

  /** Sends what waits. Call it again when the client can take more. */
  pump(): void {
    this.#mustPump = true;
    if (!this.#isPumping) this.#pumpAll().catch((error: unknown) => this.sink.fail(error));
  }

  async #pumpAll(): Promise<void> {
    this.#isPumping = true;
    while (this.#mustPump && this.#stopListening && this.sink.isReady()) {
      this.#mustPump = await this.#sendNext();
    }
    this.#isPumping = false;
  }

  /** Sends the oldest item; returns whether it did, or more may wait. */
  async #sendNext(): Promise<boolean> {
    this.#mustPump = false;
    if (this.source.isEmpty()) return this.#mustPump;
    const item = await this.source.change(() => this.source.receive());
    if (!item) return this.#mustPump;
    const { lockToken } = item;
    this.#locks.add(lockToken);
    const settle = (settlement: Settlement) => this.#settle(lockToken, settlement);
    // The client may have gone while the lock was written.
    const isSent = this.#stopListening !== undefined && this.sink.isReady() && this.sink.send(item, settle);
    if (!isSent) settle("abandoned");
    return isSent;
  }

  #settle(lockToken: string, settlement: Settlement): void {
    if (!this.#locks.delete(lockToken)) return;
    // A lock that has lapsed is no error: the item is sent again.
    this.source
      .change(() => this.source.settle(lockToken, settlement))
      .catch((error: unknown) => this.sink.fail(error));
  }
}
