import type { Operation } from "../../kernel/operation";
import type { ArmDependencies } from "../armDependencies";
import { SERVICE_TYPE } from "../deviceServices/provisioningService";
import { existingResource } from "../existingResource";
import { CERTIFICATE, certificateBody, checkEtag, existingTarget, targetOf } from "./certificateTarget";
import { createOrUpdateCertificate } from "./createOrUpdateCertificate";
import { generateVerificationCode } from "./generateVerificationCode";
import { verifyCertificate } from "./verifyCertificate";

/** The CA certificates of provisioning services (Azure REST API "Dps Certificate"). `base` is a service's path. */
export function certificateOperations(base: string, deps: ArmDependencies): Operation[] {
  const path = `${base}/certificates/:${CERTIFICATE}`;
  return [
    {
      name: "DpsCertificate_List",
      method: "GET",
      path: `${base}/certificates`,
      handle(request) {
        const service = existingResource(request, SERVICE_TYPE, deps);
        const value = deps.certificates.list(service.key).map((item) => certificateBody(service, item, deps));
        return { status: 200, body: { value } };
      },
    },
    {
      name: "DpsCertificate_Get",
      method: "GET",
      path,
      handle(request) {
        const { service, certificate } = existingTarget(request, deps);
        return { status: 200, body: certificateBody(service, certificate, deps) };
      },
    },
    createOrUpdateCertificate(path, deps),
    {
      name: "DpsCertificate_Delete",
      method: "DELETE",
      path,
      handle(request) {
        const { service, name, certificate } = targetOf(request, deps);
        if (!certificate) return { status: 204 };
        checkEtag(request, certificate.etag, deps);
        deps.certificates.remove(service.key, name);
        deps.directory.changed();
        return { status: 200 };
      },
    },
    generateVerificationCode(`${path}/generateVerificationCode`, deps),
    verifyCertificate(`${path}/verify`, deps),
  ];
}
