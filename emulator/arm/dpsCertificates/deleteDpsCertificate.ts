import type { Operation } from "../../kernel/operation";
import type { ArmDependencies } from "../armDependencies";
import { CERTIFICATE_PATH, checkEtag, targetOf } from "./dpsCertificateTarget";

/** DELETE of a CA certificate, with its ETag. */
export const deleteDpsCertificate = (deps: ArmDependencies): Operation => ({
  name: "DpsCertificate_Delete",
  method: "DELETE",
  path: CERTIFICATE_PATH,
  handle(request) {
    const { service, name, certificate } = targetOf(request, deps);
    if (!certificate) return { status: 204 };
    checkEtag(request, certificate.etag, deps);
    deps.commit(() => deps.certificates.remove(service.key, name));
    return { status: 200 };
  },
});
