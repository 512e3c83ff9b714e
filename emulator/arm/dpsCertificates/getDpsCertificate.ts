import type { Operation } from "../../kernel/operation";
import type { ArmDependencies } from "../armDependencies";
import { CERTIFICATE_PATH, certificateBody, existingTarget } from "./dpsCertificateTarget";

/** GET of a CA certificate. */
export const getDpsCertificate = (deps: ArmDependencies): Operation => ({
  name: "DpsCertificate_Get",
  method: "GET",
  path: CERTIFICATE_PATH,
  handle(request) {
    const { service, certificate } = existingTarget(request, deps);
    return { status: 200, body: certificateBody(service, certificate, deps) };
  },
});
