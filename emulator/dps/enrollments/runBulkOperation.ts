import type { BulkMode } from "../../../azure/wire/dpsEnrollment";
import type { DpsErrorBody } from "../../../azure/wire/dpsRegistration";
import type { JsonObject } from "../../../azure/wire/jsonObject";
import { type Operation, ok, WireError } from "../../kernel/operation";
import { authorize } from "../dpsAuthorization";
import type { DpsDependencies } from "../dpsDependencies";
import { dpsError } from "../dpsErrors";
import { readBody } from "../requestJson";
import { removeEnrollment, saveEnrollment, type Target } from "./enrollmentChange";
import type { EnrollmentKind } from "./enrollmentRecord";
import { KINDS } from "./enrollmentRecord";

type BulkBody = { readonly mode: BulkMode } & Readonly<
  Record<"enrollments" | "enrollmentGroups", readonly JsonObject[]>
>;
type Change = (target: Target, item: JsonObject, deps: DpsDependencies) => void;

const etagOf = ({ etag }: JsonObject): string | undefined =>
  typeof etag === "string" && etag !== "" ? etag : undefined;

const MODES: Readonly<Record<BulkMode, Change>> = {
  create: (target, item, deps) => void saveEnrollment(target, item, undefined, deps),
  /** Without an etag an existing enrollment is refused, as recorded. */
  update(target, item, deps) {
    const isThere = deps.enrollments.find(target.service.key, target.kind, target.id) !== undefined;
    saveEnrollment(target, item, etagOf(item) ?? (isThere ? undefined : "*"), deps);
  },
  updateIfMatchETag(target, item, deps) {
    const etag = etagOf(item);
    if (etag === undefined) throw dpsError("argument", "Invalid enrollment: updateIfMatchETag needs the etag");
    saveEnrollment(target, item, etag, deps);
  },
  delete: (target, _item, deps) => removeEnrollment(target, "*", deps),
};

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
    const { list, id: idMember, bulkSchema } = KINDS[kind];
    const { mode, [list]: items } = readBody<BulkBody>(request.body, bulkSchema);
    const errors: JsonObject[] = [];
    deps.database.transaction(() => {
      for (const item of items) {
        const id = String(item[idMember]);
        try {
          MODES[mode]({ service, kind, id }, item, deps);
        } catch (error) {
          // Nothing of this item was written: every check precedes the first change.
          if (!(error instanceof WireError)) throw error;
          const { errorCode, message } = error.body as DpsErrorBody;
          if (errorCode >= 500_000) throw error;
          errors.push({ [idMember]: id, errorCode, errorStatus: message });
        }
      }
    });
    return ok({ isSuccessful: errors.length === 0, errors });
  },
});
