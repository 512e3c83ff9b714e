import { strict as assert } from "node:assert";
import { X509Certificate } from "node:crypto";
import { resolve } from "node:path";
import { type ClientKit, clientKit } from "../cast/clientKit";
import { DeviceEnvironment } from "../cast/deviceEnvironment";
import { ended } from "../cast/ended";
import { launchTestAzure } from "../cast/launchedAzure";

describe("@azure/arm-deviceprovisioningservices, unmodified, against the local Azure", function () {
  this.timeout(600_000);
  let kit: ClientKit;
  let environment: DeviceEnvironment;

  before(async () => {
    kit = await clientKit();
    environment = await DeviceEnvironment.open(await launchTestAzure());
    const subject = ["-subj", "/CN=proved-root", "-addext", "keyUsage=critical,keyCertSign,cRLSign"];
    const key = ["-newkey", "rsa:2048", "-nodes", "-keyout", "proved.key.pem"];
    environment.openssl("req", "-x509", "-sha256", ...key, "-out", "proved.cert.pem", "-days", "30", ...subject);
  });

  after(() => environment?.close());

  /** In the folder of the environment, where the program writes its leaf. */
  const verify = (key: string) => {
    const files = ["proved.cert.pem", key].map((name) => resolve(environment.folder, name));
    const args = ["test-rg", "test-dps", "proved", ...files, "0123456789ABCDEF"];
    return kit.node("verify", args, environment.azure.env, ([file = "", ...rest], env) =>
      ended(file, rest, env, environment.folder),
    );
  };

  it("verifies a certificate by proof of possession, as in Microsoft's reference", async () => {
    const { code, out, stderr } = await verify("proved.key.pem");
    assert.equal(code, 0, stderr);
    assert.deepEqual(JSON.parse(out), {
      seen: [false, false, true],
      refused: [400, 400053],
      stale: [412, 412001],
      subject: "proved-root",
      thumbprint: new X509Certificate(environment.read("proved.cert.pem")).fingerprint.replaceAll(":", ""),
      type: "Microsoft.Devices/provisioningServices/Certificates",
    });
  });
});
