import { strict as assert } from "node:assert";
import { resourcesOf, secretOf } from "../../../../operator/stack/exportedState";

const secret = (value: unknown) => ({
  "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
  plaintext: JSON.stringify(value),
});

const URN = "urn:pulumi:dev::azure-iot-zero-touch::pulumi-nodejs:dynamic/iot:CertificateAuthority::zero-touch-ca";
const DEPLOYMENT = {
  resources: [
    {
      urn: URN,
      type: "pulumi-nodejs:dynamic/iot:CertificateAuthority",
      inputs: { __provider: "program", rootName: "Root" },
      outputs: { rootKey: secret("a key"), list: [{ inner: secret({ a: 1 }) }], rootCertificate: "pem" },
    },
  ],
};

describe("the exported state", () => {
  it("is read with its secrets masked, and without the programs of dynamic providers", () => {
    const [resource] = resourcesOf(DEPLOYMENT);
    assert.equal(resource?.name, "zero-touch-ca");
    assert.deepEqual(resource?.inputs, { rootName: "Root" });
    assert.deepEqual(resource?.outputs, { rootKey: "[secret]", list: [{ inner: "[secret]" }], rootCertificate: "pem" });
  });

  it("yields a secret by resource and output, and nothing else", () => {
    assert.equal(secretOf(DEPLOYMENT, URN, "rootKey"), "a key");
    assert.equal(secretOf(DEPLOYMENT, URN, "rootCertificate"), undefined);
    assert.equal(secretOf(DEPLOYMENT, "other", "rootKey"), undefined);
  });
});
