import "reflect-metadata";
import assert from "node:assert/strict";
import * as x509 from "@peculiar/x509";
import { type Hierarchy, NOW, newHierarchy } from "../../cast/certs";

/** How the field's own JavaScript library, which makes the certificates, verifies and chains them. The judges are openssl and node:crypto. */
describe("@peculiar/x509, on issued certificates,", () => {
  for (const algorithm of ["EC-P256", "EC-P384", "RSA-2048"] as const) {
    describe(algorithm, () => {
      let hierarchy: Hierarchy;
      let chain: x509.X509Certificate[];
      before(async () => {
        hierarchy = await newHierarchy(algorithm);
        const { device, intermediate, root } = hierarchy;
        chain = [device, intermediate, root].map(({ certificate }) => new x509.X509Certificate(certificate.raw));
      });

      it("verifies each certificate with its issuer's key and with no other", async () => {
        const [device, intermediate, root] = chain;
        assert.ok(device && intermediate && root);
        for (const [child, issuer] of [
          [device, intermediate],
          [intermediate, root],
          [root, root],
        ] as const) {
          assert.equal(await child.verify({ publicKey: await issuer.publicKey.export(), date: NOW }), true);
        }
        assert.equal(await device.verify({ publicKey: await root.publicKey.export(), date: NOW }), false);
      });

      it("builds the chain up to the root", async () => {
        const [device, ...issuers] = chain;
        assert.ok(device);
        const built = await new x509.X509ChainBuilder({ certificates: issuers }).build(device);
        assert.deepEqual(
          Array.from(built, ({ subject }) => subject),
          chain.map(({ subject }) => subject),
        );
      });

      it("finds the extensions of a device and of a CA", () => {
        const [device, intermediate] = chain;
        const purposes = device?.getExtension(x509.ExtendedKeyUsageExtension)?.usages;
        assert.deepEqual([...(purposes ?? [])], [x509.ExtendedKeyUsage.clientAuth]);
        const constraints = intermediate?.getExtension(x509.BasicConstraintsExtension);
        assert.deepEqual([constraints?.ca, constraints?.pathLength], [true, 0]);
      });
    });
  }
});
