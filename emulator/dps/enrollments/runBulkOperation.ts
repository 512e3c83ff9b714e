import type { DpsErrorBody } from "../../../azure/wire/dpsRegistration";
import { isObject, type JsonObject } from "../../../azure/wire/jsonObject";
import { type Operation, ok, type Request, WireError } from "../../kernel/operation";
import { authorize } from "../dpsAuthorization";
import type { DpsDependencies } from "../dpsDependencies";
import { dpsError } from "../dpsErrors";
import { shown } from "../requestJson";
import { removeEnrollment, saveEnrollment, type Target } from "./enrollmentChange";
import type { EnrollmentKind } from "./enrollmentRecord";
import { KINDS } from "./enrollmentRecord";

/** Most enrollments in one bulk operation (Azure REST API, "Run Bulk Operation"). */
const LIMIT = 10;

type Change = (target: Target, item: JsonObject, deps: DpsDependencies) => void;

const MODES: Readonly<Record<string, Change>> = {
  create: (target, item, deps) => void saveEnrollment(target, item, undefined, deps),
  update: (target, item, deps) => void saveEnrollment(target, item, "*", deps),
  updateIfMatchETag(target, item, deps) {
    if (typeof item.etag !== "string" || item.etag === "") {
      throw dpsError("argument", "Invalid enrollment: updateIfMatchETag needs the etag");
    }
    saveEnrollment(target, item, item.etag, deps);
  },
  delete: (target, _item, deps) => removeEnrollment(target, "*", deps),
};

function readBulk(request: Request, kind: EnrollmentKind): { change: Change; items: readonly JsonObject[] } {
  const body = isObject(request.body) ? request.body : {};
  const change = typeof body.mode === "string" && Object.hasOwn(MODES, body.mode) ? MODES[body.mode] : undefined;
  if (!change) throw dpsError("argument", `mode is ${shown(body.mode)}, none of ${Object.keys(MODES).join(", ")}`);
  const { list, id } = KINDS[kind];
  const items = body[list];
  if (!Array.isArray(items) || !items.every(isObject)) throw dpsError("argument", `${list} is no list of objects`);
  if (items.length < 1 || items.length > LIMIT) {
    throw dpsError("argument", `${list} has ${items.length} entries, not 1 to ${LIMIT}`);
  }
  if (!items.every((item) => typeof item[id] === "string")) throw dpsError("argument", `an entry has no ${id}`);
  return { change, items };
}

/**
 * `POST /enrollments`, `POST /enrollmentGroups`: up to ten changes of one kind. Each one succeeds or fails independently:
 * the response is 200 even when some fail, and lists the failures.
 */
export const runBulkOperation = (kind: EnrollmentKind, deps: DpsDependencies): Operation => ({
  name: `${KINDS[kind].operations}_RunBulkOperation`,
  method: "POST",
  path: KINDS[kind].path,
  handle(request) {
    const service = authorize(request, "writeEnrollment", deps);
    const { change, items } = readBulk(request, kind);
    const errors: JsonObject[] = [];
    deps.database.transaction(() => {
      for (const item of items) {
        const id = String(item[KINDS[kind].id]);
        try {
          change({ service, kind, id }, item, deps);
        } catch (error) {
          // Nothing of this item was written: every check precedes the first change.
          if (!(error instanceof WireError)) throw error;
          const { errorCode, message } = error.body as DpsErrorBody;
          if (errorCode >= 500_000) throw error;
          errors.push({ [KINDS[kind].id]: id, errorCode, errorStatus: message });
        }
      }
    });
    return ok({ isSuccessful: errors.length === 0, errors });
  },
});
