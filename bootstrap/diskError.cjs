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
  ENOSPC: [
    "cannot be written: the disk is full",
    "free some space, then run this again: it continues where it stopped",
  ],
};

exports.diskError = function diskError(error) {
  const reason = Object.hasOwn(REASONS, error?.code) ? REASONS[error.code] : undefined;
  if (reason === undefined || typeof error.path !== "string" || error.syscall === "spawn") return error;
  const why = `The system reports ${error.code} (${error.syscall}). These commands write to .local/ and node_modules/.`;
  return new SetupError("NOT_WRITABLE", `${error.path} ${reason[0]}.`, why, reason[1], { cause: error });
};
