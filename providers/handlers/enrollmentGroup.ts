/** Handler of EnrollmentGroup: an X.509 enrollment group, by a verified CA of the service or by a signing certificate. */
import type { EnrollmentGroupBody } from "../../azure/wire/enrollment";
import { readCertificate, readShared, SHARED_FIELDS, sharedBody } from "./enrollment";
import { enrollmentHandler } from "./enrollmentRecord";
import { checkFields, type Fields, named, optionalText, pemCertificates, text } from "./fields";
import type { Handler } from "./handler";
import type { World } from "./world";

/** Inputs; exactly one of caReference and signingCertificate. */
export const FIELDS: Fields = {
  enrollmentGroupId: { isRequired: true, onChange: "replace", fault: named("enrollmentGroupId") },
  caReference: { fault: named("dpsCertificate") },
  signingCertificate: { fault: pemCertificates },
  ...SHARED_FIELDS,
};

/** The handler. */
export const handler = (world: World): Handler =>
  enrollmentHandler<"group">({
    fields: FIELDS,
    client: (props) => world.enrollmentGroup(text(props, "serviceEndpoint"), text(props, "enrollmentGroupId")),
    id: (props) => `${text(props, "serviceEndpoint")}/enrollmentGroups/${text(props, "enrollmentGroupId")}`,
    check(news) {
      const result = checkFields(FIELDS, news);
      const { caReference, signingCertificate } = result.inputs;
      if ((caReference === undefined) === (signingCertificate === undefined)) {
        const reason = "give exactly one of caReference (a verified certificate's name) and signingCertificate (PEM)";
        result.failures.push({ property: "caReference", reason });
      }
      return result;
    },
    body(inputs): EnrollmentGroupBody {
      const reference = optionalText(inputs, "caReference");
      const x509 =
        reference === undefined
          ? { signingCertificates: { primary: { certificate: text(inputs, "signingCertificate") } } }
          : { caReferences: { primary: reference } };
      const enrollmentGroupId = text(inputs, "enrollmentGroupId");
      return { enrollmentGroupId, attestation: { type: "x509", x509 }, ...sharedBody(inputs) };
    },
    readInputs(props, body) {
      const x509 = body.attestation.x509;
      return {
        ...readShared(props, body),
        caReference: x509?.caReferences?.primary,
        signingCertificate: readCertificate(
          optionalText(props, "signingCertificate"),
          x509?.signingCertificates?.primary,
        ),
      };
    },
  });
