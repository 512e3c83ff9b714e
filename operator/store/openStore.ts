import { type Clock, systemClock } from "../../certs/clock";
import type { OperatorStore } from "./operatorStore";

/**
 * Opens the store at an address: a URL of a blob container, or else the path of a SQLite file. Loads what that kind of store
 * needs. `waitMs`: until a request counts as failed, in milliseconds; default 12 seconds. Errors: OperatorError StoreUnavailable, ParameterInvalid.
 */
export function openStore(address: string, waitMs?: number, clock: Clock = systemClock): OperatorStore {
  if (/^https?:/i.test(address)) {
    const blobs = require("./blobStore") as typeof import("./blobStore");
    const { blobContainer } = require("./blobContainer") as typeof import("./blobContainer");
    return new blobs.BlobStore(blobContainer(address), waitMs);
  }
  const sqlite = require("./sqliteStore") as typeof import("./sqliteStore");
  return new sqlite.SqliteStore(address, clock, waitMs);
}
