/** Writes a file so that a reader sees all of it or nothing. */
export function writeWhole(file: string, content: string | Buffer, mode: number): void {
  // Loaded at need: most runs find every file as it should be.
  const writeFileAtomic = require("write-file-atomic") as typeof import("write-file-atomic");
  writeFileAtomic.sync(file, content, { mode, fsync: false });
}
