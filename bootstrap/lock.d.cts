/** Whether a process of this id runs on this machine, under any user. */
export declare function alive(pid: number): boolean;
/** Test seams of {@link withLock}; `pause` is in milliseconds (default 200). */
export interface LockOptions {
  readonly pid?: number;
  readonly isAlive?: (pid: number) => boolean;
  /** Called with the holder's process id each time the lock is found taken. */
  readonly waiting?: (holder: number) => void;
  readonly pause?: number;
}
/**
 * Runs `work` while this process holds the lock file, waiting for another live holder. The lock of a dead process
 * (killed while it held it) is taken over.
 */
export declare function withLock<T>(file: string, work: () => Promise<T> | T, options?: LockOptions): Promise<T>;
