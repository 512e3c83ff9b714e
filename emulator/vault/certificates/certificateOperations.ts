import type { Operation, Request, Response } from "../../kernel/operation";
import { applyDuePolicies, type Lifetimes } from "../lifetimes";
import { objectOperations } from "../objects/objectOperations";
import { type CertificateDependencies, certificateDefinition } from "./certificateDefinition";
import { certificatePolicyOperations } from "./certificatePolicyOperations";
import { SettingStore } from "./certificateSettingStore";
import { contactOperations } from "./contactOperations";
import { createOperations } from "./createCertificate";
import { deleteCertificate } from "./deleteCertificate";
import { getCertificate } from "./getCertificate";
import { issuerOperations } from "./issuerOperations";
import { listCertificates } from "./listCertificates";
import { pendingOperations } from "./pendingOperations";
import { updateCertificate } from "./updateCertificate";

type Handler = (
  request: Request,
  handle: Operation["handle"],
  deps: CertificateDependencies,
) => Response | Promise<Response>;

/** Certificates' own handlers of the common operations. */
const OWN_HANDLERS: Readonly<Record<string, Handler>> = {
  DeleteCertificate: deleteCertificate,
  UpdateCertificate: updateCertificate,
  "UpdateCertificate (latest)": updateCertificate,
  GetCertificates: (request, _handle, deps) => listCertificates(request, deps),
};

const commonOperations = (deps: CertificateDependencies): Operation[] =>
  objectOperations(certificateDefinition(deps), deps).map((operation) => {
    const own = OWN_HANDLERS[operation.name];
    return own ? { ...operation, handle: (request: Request) => own(request, operation.handle, deps) } : operation;
  });

/** The operations on certificates (REST reference, "Certificates"). */
export function certificateOperations(lifetimes: Lifetimes, deps: CertificateDependencies): Operation[] {
  const settings = new SettingStore(deps);
  const operations: Operation[] = [
    ...commonOperations(deps),
    ...getCertificate(deps),
    ...createOperations(deps, settings),
    ...pendingOperations(deps),
    ...certificatePolicyOperations(deps),
  ];
  return [
    ...applyDuePolicies("certificate", operations, lifetimes, deps),
    ...issuerOperations(settings, deps),
    ...contactOperations(settings, deps),
  ];
}
