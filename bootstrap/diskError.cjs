"use strict";
const { SetupError } = require("./setupError.cjs");

/** Reason and remedy for each error code of the system. */
const REASONS = {
  EACCES: [
    "is not readable or writable for this user",
    "run this as the checkout's owner, or clone the repository yourself",
  ],
  EPERM: [
    "is not readable or writable for this user",
    "run this as the checkout's owner, or clone the repository yourself",
  ],
  EROFS: ["is on a read-only disk", "clone the repository to a writable disk"],
  EDQUOT: [
    "cannot be written: your quota is used up",
    "free some space, then run this again: it continues where it stopped",
  ],
  ENOSPC: [
    "cannot be written: the disk is full",
    "free some space, then run this again: it continues where it stopped",
  ],
};

exports.diskError = function diskError(error) {
  const reason = Object.hasOwn(REASONS, error?.code) ? REASONS[error.code] : undefined;
  if (reason === undefined || error.syscall === "spawn") return error;
  // A failed write names no path, and only a full disk is certainly one.
  const isFull = ["ENOSPC", "EDQUOT"].includes(error.code);
  if (typeof error.path !== "string" && !isFull) return error;
  const why = `The system reports ${error.code} (${error.syscall}). These commands write to .local/ and node_modules/.`;
  return new SetupError("NOT_WRITABLE", `${error.path ?? "A file"} ${reason[0]}.`, why, reason[1], { cause: error });
};
