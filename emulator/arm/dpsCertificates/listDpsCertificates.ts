import type { Operation } from "../../kernel/operation";
import type { ArmDependencies } from "../armDependencies";
import { SERVICE_TYPE } from "../deviceServices/provisioningService";
import { existingResource } from "../existingResource";
import { CERTIFICATES_PATH, certificateBody } from "./dpsCertificateTarget";

/** The CA certificates of a provisioning service. */
export const listDpsCertificates = (deps: ArmDependencies): Operation => ({
  name: "DpsCertificate_List",
  method: "GET",
  path: CERTIFICATES_PATH,
  handle(request) {
    const service = existingResource(request, SERVICE_TYPE, deps);
    const value = deps.certificates.list(service.key).map((each) => certificateBody(service, each, deps));
    return { status: 200, body: { value } };
  },
});
