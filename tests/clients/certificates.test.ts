import { strict as assert } from "node:assert";
import { X509Certificate } from "node:crypto";
import { resolve } from "node:path";
import { type ClientKit, clientKit } from "../cast/clientKit";
import { DeviceScene } from "../cast/deviceScene";
import { ended } from "../cast/ended";

describe("@azure/arm-deviceprovisioningservices, unmodified, against the local Azure", function () {
  this.timeout(600_000);
  let kit: ClientKit;
  let scene: DeviceScene;

  before(async () => {
    kit = await clientKit();
    scene = await DeviceScene.open();
    const subject = ["-subj", "/CN=proved-root", "-addext", "keyUsage=critical,keyCertSign,cRLSign"];
    const key = ["-newkey", "rsa:2048", "-nodes", "-keyout", "proved.key.pem"];
    scene.openssl("req", "-x509", "-sha256", ...key, "-out", "proved.cert.pem", "-days", "30", ...subject);
  });

  after(() => scene?.close());

  /** In the scene's folder, where the program puts its leaf. */
  const verify = (key: string) => {
    const files = ["proved.cert.pem", key].map((name) => resolve(scene.folder, name));
    const args = ["scene", "scene-dps", "proved", ...files, "0123456789ABCDEF"];
    return kit.node("verify", args, scene.azure.env, ([file = "", ...rest], env) =>
      ended(file, rest, env, scene.folder),
    );
  };

  it("verifies a certificate by proof of possession, as Microsoft's reference says", async () => {
    const { code, out, complaint } = await verify("proved.key.pem");
    assert.equal(code, 0, complaint);
    assert.deepEqual(JSON.parse(out), {
      seen: [false, false, true],
      refused: [400, 400053],
      stale: [412, 412001],
      subject: "proved-root",
      thumbprint: new X509Certificate(scene.read("proved.cert.pem")).fingerprint.replaceAll(":", ""),
      type: "Microsoft.Devices/provisioningServices/Certificates",
    });
  });
});
