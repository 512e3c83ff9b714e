import type { Operation } from "../../kernel/call";
import { SERVICE_TYPE } from "../devices/provisioningService";
import { existingResource } from "../existing";
import type { ArmParts } from "../parts";
import { createOrUpdateCertificate } from "./createOrUpdate";
import { generateVerificationCode } from "./generateCode";
import { CERTIFICATE, certificateBody, checkEtag, existingTarget, targetOf } from "./target";
import { verifyCertificate } from "./verify";

/** The CA certificates of provisioning services (Azure REST API "Dps Certificate"). `base` is a service's path. */
export function certificateOperations(base: string, parts: ArmParts): Operation[] {
  const path = `${base}/certificates/:${CERTIFICATE}`;
  return [
    {
      name: "DpsCertificate_List",
      method: "GET",
      path: `${base}/certificates`,
      handle(call) {
        const service = existingResource(call, SERVICE_TYPE, parts);
        const value = parts.certificates.list(service.key).map((item) => certificateBody(service, item, parts));
        return { status: 200, body: { value } };
      },
    },
    {
      name: "DpsCertificate_Get",
      method: "GET",
      path,
      handle(call) {
        const { service, certificate } = existingTarget(call, parts);
        return { status: 200, body: certificateBody(service, certificate, parts) };
      },
    },
    createOrUpdateCertificate(path, parts),
    {
      name: "DpsCertificate_Delete",
      method: "DELETE",
      path,
      handle(call) {
        const { service, name, certificate } = targetOf(call, parts);
        if (!certificate) return { status: 204 };
        checkEtag(call, certificate.etag, parts);
        parts.certificates.remove(service.key, name);
        parts.directory.changed();
        return { status: 200 };
      },
    },
    generateVerificationCode(`${path}/generateVerificationCode`, parts),
    verifyCertificate(`${path}/verify`, parts),
  ];
}
