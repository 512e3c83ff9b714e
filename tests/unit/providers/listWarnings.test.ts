import { strict as assert } from "node:assert";
import { warningLines } from "../../../providers/handlers/enrollmentList/listWarnings";

const warning = (id: string, reason: string, property = "certificate") => ({
  property: `device:${id}.${property}`,
  reason,
});

describe("the warnings of a list of enrollments", () => {
  it("are one line for each cause and issuer, however many enrollments have it", () => {
    const ids = Array.from({ length: 1000 }, (_, at) => `dev.${at}`);
    const lines = warningLines([
      ...ids.map((id) => warning(id, `issuer is CN=A. CN=${id} leads nowhere`)),
      warning("x", "issuer is CN=B. CN=x leads nowhere"),
      warning("y", "issuer is CN=B. CN=y leads nowhere", "secondaryCertificate"),
    ]);
    assert.deepEqual(lines, [
      "device:dev.0.certificate, device:dev.1.certificate, device:dev.2.certificate and 997 more: issuer is CN=A. CN=dev.0 leads nowhere",
      "device:x.certificate: issuer is CN=B. CN=x leads nowhere",
      "device:y.secondaryCertificate: issuer is CN=B. CN=y leads nowhere",
    ]);
  });

  it("are ten causes, and the number of the others", () => {
    const lines = warningLines(Array.from({ length: 14 }, (_, at) => warning("d", `cause ${"x".repeat(at)}`)));
    assert.equal(lines.length, 11);
    assert.match(lines[10] ?? "", /^There are 4 more causes/);
  });
});
