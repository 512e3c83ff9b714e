import type { JsonObject } from "../../../azure/wire/jsonObject";
import type { StoredImmutabilityPolicy } from "./blobContainerStore";

/** The properties of an immutability policy; zero days without one. */
export const immutabilityBody = (policy: StoredImmutabilityPolicy | undefined): JsonObject => ({
  immutabilityPeriodSinceCreationInDays: policy?.days ?? 0,
  state: policy?.isLocked ? "Locked" : "Unlocked",
  allowProtectedAppendWrites: policy?.allowProtectedAppendWrites,
  allowProtectedAppendWritesAll: policy?.allowProtectedAppendWritesAll,
});
