import { copyFileSync, fstatSync, ftruncateSync, statSync } from "node:fs";
import { type DestinationStream, pino } from "pino";

/** Bytes after which a log file is copied to `FILE.1` and begun again. */
export const LOG_LIMIT = 10_000_000;

/** A file descriptor's size, if it is this file and not a pipe or a terminal. */
function sizeOf(fd: number, file: string): number | undefined {
  const [open, named] = [fstatSync(fd), statSync(file, { throwIfNoEntry: false })];
  return open.isFile() && named?.ino === open.ino ? open.size : undefined;
}

/**
 * Writes to `fd` at once, because the log must be complete when the process is killed. If `fd` is `file`, opened for
 * appending, the file is rotated at `limit` bytes: copied and truncated, as the process that opened it keeps it open.
 */
export function rotatingLog(fd: number, file: string, limit = LOG_LIMIT): DestinationStream {
  const destination = pino.destination({ fd, sync: true });
  let written = sizeOf(fd, file) ?? 0;
  return {
    write(line) {
      destination.write(line);
      written += Buffer.byteLength(line);
      if (written < limit) return;
      written = 0;
      if (sizeOf(fd, file) === undefined) return;
      copyFileSync(file, `${file}.1`);
      ftruncateSync(fd);
    },
  };
}
