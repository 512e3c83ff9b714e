/** A JSON document and its version. */
export interface StoredDocument {
  readonly value: Readonly<Record<string, unknown>>;
  /** Changes with every write. */
  readonly etag: string;
}

/** The exclusive right to append to a log, kept by one instance until it expires. */
export interface StoreLease {
  readonly log: string;
  readonly id: string;
}

/**
 * What the instances of an operator endpoint share: JSON documents with ETags, append-only logs, and leases on logs. Names
 * are paths such as `users/alice`: lower-case letters, digits, `-`, `.` and `/`. Every write is durable when its promise
 * resolves. Two implementations: SQLite, and Azure Blob Storage.
 *
 * Errors: OperatorError StoreUnavailable where it cannot be reached or is full; StoreConflict and LeaseHeld as documented.
 */
export interface OperatorStore {
  read(name: string): Promise<StoredDocument | undefined>;
  /** Writes a document where its ETag is still `etag`; undefined: where it does not exist. Returns its new ETag. Errors: StoreConflict. */
  write(name: string, value: Readonly<Record<string, unknown>>, etag: string | undefined): Promise<string>;
  /** Removes a document where its ETag is still `etag`. Errors: StoreConflict. */
  remove(name: string, etag: string): Promise<void>;
  /** Names of documents that begin with `prefix`, sorted. */
  list(prefix: string): Promise<string[]>;

  /** Creates an empty log with a lease of `seconds` (15 to 60). Errors: StoreConflict where it exists. */
  createLog(log: string, seconds: number): Promise<StoreLease>;
  /**
   * Appends bytes to a log at `position`, its present length; returns the new length. An instance whose lease another one
   * has taken over cannot append. Errors: StoreConflict at another length; LeaseHeld without the lease.
   */
  append(lease: StoreLease, position: number, bytes: Buffer): Promise<number>;
  readLog(log: string): Promise<Buffer | undefined>;
  /** Names of logs that begin with `prefix`, sorted. */
  listLogs(prefix: string): Promise<string[]>;
  /** Errors: LeaseHeld. */
  removeLog(lease: StoreLease): Promise<void>;

  /** Takes the lease of a log whose lease has expired or was released. Errors: LeaseHeld. */
  acquireLease(log: string, seconds: number): Promise<StoreLease>;
  /** Whether an instance holds the lease of a log. */
  isLeased(log: string): Promise<boolean>;
  /** Renews a lease, also an expired one. Errors: LeaseHeld where another instance took it. */
  renewLease(lease: StoreLease, seconds: number): Promise<void>;
  releaseLease(lease: StoreLease): Promise<void>;

  close(): Promise<void>;
}
