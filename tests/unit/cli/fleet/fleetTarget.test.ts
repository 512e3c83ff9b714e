import { strict as assert } from "node:assert";
import { issueIntermediate, issueRoot } from "../../../../certs/issue";
import { exportPrivateKey, generateKeyPair } from "../../../../certs/keys";
import { KeySigner } from "../../../../certs/signer";
import { issuerOf } from "../../../../cli/fleet/fleetTarget";

const TYPE = "pulumi-nodejs:dynamic/iot:CertificateAuthority";

/** A secret as `pulumi stack export --show-secrets` writes it. */
const secret = (text: string) => ({
  "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
  plaintext: JSON.stringify(text),
});

describe("the issuer of a fleet on the dev stack", () => {
  it("is the newest intermediate whose key is in the state", async () => {
    const [rootKey, lineKey] = [await generateKeyPair("EC-P256"), await generateKeyPair("EC-P256")];
    const signer = new KeySigner(rootKey);
    const root = await issueRoot({ commonName: "root", signer });
    const issuer = { certificate: root, signer };
    const line = await issueIntermediate({ commonName: "line", publicKey: lineKey.publicKey, issuer });
    const outputs = { rootCertificate: root.toPem(), intermediateCertificate: line.toPem() };
    const key = secret(exportPrivateKey(lineKey));
    const authority = { urn: "urn:line", type: TYPE, outputs: { ...outputs, intermediateKey: key } };
    const found = issuerOf({ resources: [{ urn: "urn:old", type: TYPE, outputs: {} }, authority] });
    assert.equal(found?.certificate.sha256Thumbprint, line.sha256Thumbprint);
    assert.deepEqual(
      found?.chain.map((each) => each.sha256Thumbprint),
      [line.sha256Thumbprint, root.sha256Thumbprint],
    );
    assert.deepEqual(Buffer.from(found?.signer.publicKey ?? []), line.spki);
  });

  it("is none where the key is in a vault, or there is no stack", () => {
    const outputs = { intermediateCertificate: "PEM", intermediateKeyId: "https://v.vault.azure.net/keys/line/1" };
    assert.equal(issuerOf({ resources: [{ urn: "urn:line", type: TYPE, outputs }] }), undefined);
    assert.equal(issuerOf({}), undefined);
  });
});
