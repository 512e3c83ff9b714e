import { etagMatches } from "../../kernel/etag";
import { type Operation, ok, type Request, type Response } from "../../kernel/operation";
import { authorize } from "../dpsAuthorization";
import type { DpsDependencies } from "../dpsDependencies";
import { dpsError, noEnrollment } from "../dpsErrors";
import { matchingItems, pageRequest, pageResponse, readQuery } from "../queries/queryPage";
import { wireRegistration } from "./registrationBody";

/** The service API's operations on registrations. */
export function registrationOperations(deps: DpsDependencies): Operation[] {
  const { registrations, enrollments, database } = deps;

  const get = (request: Request): Response => {
    const service = authorize(request, "readRegistration", deps);
    const registration = registrations.find(service.key, request.params.id ?? "");
    if (!registration) throw dpsError("registrationNotFound", "Registration not found.");
    return ok(wireRegistration(registration));
  };

  /** If-Match is optional. The hub's device stays. */
  const remove = (request: Request): Response => {
    const service = authorize(request, "writeRegistration", deps);
    const { id = "" } = request.params;
    return database.transaction(() => {
      const known = registrations.find(service.key, id);
      if (!known) throw dpsError("registrationNotFound", "Registration not found.");
      // The ETag is base64 of a quoted string; clients send it as received or decoded.
      const decoded = Buffer.from(known.etag, "base64").toString();
      const ifMatch = request.headers["if-match"] ?? "*";
      if (!etagMatches(ifMatch, known.etag) && !etagMatches(ifMatch, decoded)) {
        throw dpsError("precondition", "Precondition failed.", { reason: `If-Match is ${ifMatch}` });
      }
      registrations.remove(service.key, id);
      return { status: 204 };
    });
  };

  /** Returns the registrations of a group. */
  const query = async (request: Request): Promise<Response> => {
    const service = authorize(request, "readRegistration", deps);
    const { id = "" } = request.params;
    // A query of registrations needs neither text nor body (recorded).
    const body = request.body ?? {};
    const condition = readQuery({ body }, ["registrations", "enrollments"], "dps.registrationQuery");
    if (!enrollments.find(service.key, "group", id)) throw noEnrollment();
    const page = pageRequest(request);
    const batch = (top: number, after: string) => registrations.listOfGroup(service.key, id, top, after);
    const found = await matchingItems(page, condition, batch, (registration) => ({
      ...wireRegistration(registration),
    }));
    return pageResponse(page, "DeviceRegistration", found);
  };

  const path = "/registrations/:id";
  return [
    { name: "DeviceRegistrationState_Get", method: "GET", path, handle: get },
    { name: "DeviceRegistrationState_Delete", method: "DELETE", path, handle: remove },
    { name: "DeviceRegistrationState_Query", method: "POST", path: `${path}/query`, handle: query },
  ];
}
