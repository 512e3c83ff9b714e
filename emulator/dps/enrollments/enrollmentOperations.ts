import type { RegistrationState } from "../../../azure/wire/dpsRegistration";
import { type Operation, ok, type Request, type Response } from "../../kernel/operation";
import { authorize } from "../dpsAuthorization";
import type { DpsDependencies } from "../dpsDependencies";
import { noEnrollment } from "../dpsErrors";
import { matchingItems, pageRequest, pageResponse, readQuery } from "../queries/queryPage";
import { wireRegistration } from "../registrations/registrationBody";
import { wireAttestation, wireEnrollment } from "./enrollmentBody";
import { removeEnrollment, saveEnrollment } from "./enrollmentChange";
import type { Enrollment, EnrollmentKind } from "./enrollmentRecord";
import { KINDS } from "./enrollmentRecord";
import { runBulkOperation } from "./runBulkOperation";

/** The service API's operations on individual enrollments or enrollment groups. */
export function enrollmentOperations(kind: EnrollmentKind, deps: DpsDependencies): Operation[] {
  const { enrollments, registrations, database } = deps;
  const { path, operations, list, item } = KINDS[kind];

  /** Returns the enrollment of a request, and the key of its service. Throws 401002 or 404201. */
  const existing = (request: Request): { readonly service: string; readonly enrollment: Enrollment } => {
    const service = authorize(request, "readEnrollment", deps).key;
    const enrollment = enrollments.find(service, kind, request.params.id ?? "");
    if (!enrollment) throw noEnrollment();
    return { service, enrollment };
  };

  const stateOf = (service: string, enrollment: Enrollment): RegistrationState | undefined => {
    const registration = registrations.ofEnrollment(service, enrollment);
    return registration && wireRegistration(registration);
  };

  /** Without symmetric keys. Only here an individual enrollment without a registration is said to be unassigned. */
  const get = (request: Request): Response => {
    const { service, enrollment } = existing(request);
    const unassigned = { registrationId: enrollment.id, status: "unassigned" } as const;
    return ok(wireEnrollment(enrollment, { registrationState: stateOf(service, enrollment) ?? unassigned }));
  };

  /** Creates without If-Match, replaces with it. The response contains the symmetric keys. */
  const createOrUpdate = (request: Request): Response => {
    const service = authorize(request, "writeEnrollment", deps);
    const target = { service, kind, id: request.params.id ?? "" };
    return database.transaction(() => {
      const saved = saveEnrollment(target, request.body, request.headers["if-match"], deps);
      return ok(wireEnrollment(saved, { registrationState: stateOf(service.key, saved), withKeys: true }));
    });
  };

  /** If-Match is optional. */
  const remove = (request: Request): Response => {
    const service = authorize(request, "writeEnrollment", deps);
    const target = { service, kind, id: request.params.id ?? "" };
    return database.transaction(() => {
      removeEnrollment(target, request.headers["if-match"] ?? "*", deps);
      return { status: 204 };
    });
  };

  const query = async (request: Request): Promise<Response> => {
    const service = authorize(request, "readEnrollment", deps).key;
    const condition = readQuery(request, [list]);
    const page = pageRequest(request);
    const batch = (top: number, after: string) => enrollments.list(service, kind, top, after);
    const found = await matchingItems(page, condition, batch, (enrollment) => ({
      ...wireEnrollment(enrollment, { registrationState: stateOf(service, enrollment) }),
    }));
    return pageResponse(page, item, found);
  };

  /** Returns how the devices attest, symmetric keys included. */
  const getAttestation = (request: Request): Response => {
    const { enrollment } = existing(request);
    return ok(wireAttestation(enrollment.attestation, true));
  };

  const one = `${path}/:id`;
  const mechanism = `${one}/attestationmechanism`;
  return [
    { name: `${operations}_Get`, method: "GET", path: one, handle: get },
    { name: `${operations}_CreateOrUpdate`, method: "PUT", path: one, handle: createOrUpdate },
    { name: `${operations}_Delete`, method: "DELETE", path: one, handle: remove },
    { name: `${operations}_Query`, method: "POST", path: `${path}/query`, handle: query },
    runBulkOperation(kind, deps),
    { name: `${operations}_GetAttestationMechanism`, method: "POST", path: mechanism, handle: getAttestation },
  ];
}
