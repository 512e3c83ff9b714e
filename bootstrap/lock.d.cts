/** Whether the process runs on this machine, under any user. */
export declare function alive(pid: number): boolean;
/** Test seams of {@link withLock}; `pause` is in milliseconds (default 200). */
export interface LockOptions {
  readonly pid?: number;
  readonly isAlive?: (pid: number) => boolean;
  /** Called with the holder's process ID each time the lock is taken. */
  readonly waiting?: (holder: number) => void;
  readonly pause?: number;
}
/**
 * Runs `work` while this process holds the lock file; waits for a live holder. Replaces the lock of a dead process.
 */
export declare function withLock<T>(file: string, work: () => Promise<T> | T, options?: LockOptions): Promise<T>;
