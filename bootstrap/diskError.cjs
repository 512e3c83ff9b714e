"use strict";
const { SetupError } = require("./setupError.cjs");

/** What the system says of a file that cannot be written, in words. */
const REASONS = {
  EACCES: ["may not be read or written by this user", "run this as the checkout's owner, or make a clone of your own"],
  EPERM: ["may not be read or written by this user", "run this as the checkout's owner, or make a clone of your own"],
  EROFS: ["is on a disk that cannot be written", "make a clone where files can be written"],
  ENOSPC: ["cannot be written: the disk is full", "make room, then run this again: it goes on from where it was"],
};

exports.diskError = function diskError(error) {
  const reason = Object.hasOwn(REASONS, error?.code) ? REASONS[error.code] : undefined;
  if (reason === undefined || typeof error.path !== "string" || error.syscall === "spawn") return error;
  const why = `The system says ${error.code} (${error.syscall}). What these commands make lies in .local/ and node_modules/.`;
  return new SetupError("NOT_WRITABLE", `${error.path} ${reason[0]}.`, why, reason[1], { cause: error });
};
