import assert from "node:assert/strict";
import { type Certificate, readCertificate } from "../../../certs/certificate";
import { MAX_PATH_LENGTH, type PathErrorCode, type PathOptions, verifyPath } from "../../../certs/chain";
import { type Issuer, issueDevice, issueIntermediate, issueRoot, issueSelfSignedDevice } from "../../../certs/issue";
import { PROFILES } from "../../../certs/profiles";
import {
  daysFromNow,
  forge,
  type Hierarchy,
  NOW,
  newHierarchy,
  newSigner,
  OpenSsl,
  stoppedClock,
} from "../../cast/certs";

const AT: PathOptions = { at: NOW };
const clock = stoppedClock();

/** A CA or device whose certificate is forged under `issuer`. */
async function forged(
  issuer: Issuer,
  request: Omit<Parameters<typeof forge>[0], "issuer" | "publicKey">,
): Promise<Issuer> {
  const signer = await newSigner();
  return { signer, certificate: await forge({ ...request, issuer, publicKey: signer.publicKey }) };
}

describe("certs/chain", () => {
  let made: Hierarchy;
  let leaf: Certificate;
  let inter: Certificate;
  let root: Certificate;
  const openssl = new OpenSsl();
  before(async () => {
    made = await newHierarchy();
    [leaf, inter, root] = [made.device.certificate, made.intermediate.certificate, made.root.certificate];
  });
  after(() => openssl.dispose());

  /** Whether openssl accepts the chain: our verdict is held against another implementation's. */
  function opensslAccepts(
    device: Certificate,
    presented: readonly Certificate[],
    anchor: Certificate,
    at = NOW,
  ): boolean {
    openssl.write("leaf.pem", device.toPem());
    openssl.write("chain.pem", presented.map((one) => one.toPem()).join(""));
    openssl.write("anchor.pem", anchor.toPem());
    const untrusted = presented.length === 0 ? [] : ["-untrusted", "chain.pem"];
    const how = ["-partial_chain", "-attime", String(at.getTime() / 1000), "-purpose", "sslclient"];
    try {
      openssl.run("verify", ...how, "-CAfile", "anchor.pem", ...untrusted, "leaf.pem");
      return true;
    } catch {
      return false;
    }
  }

  function refused(
    expected: { code: PathErrorCode; at: Certificate; message?: string },
    device: Certificate,
    presented: readonly Certificate[],
    anchor: Certificate,
    options = AT,
  ): void {
    const result = verifyPath(device, presented, [anchor], options);
    assert.ok(!result.ok, "accepted");
    assert.equal(result.code, expected.code, result.message);
    assert.ok(result.certificate.equals(expected.at), `at ${result.certificate.subject}`);
    if (expected.message !== undefined) assert.equal(result.message, expected.message);
    if (options.purpose === undefined) assert.equal(opensslAccepts(device, presented, anchor, options.at), false);
  }

  function accepted(
    device: Certificate,
    presented: readonly Certificate[],
    anchor: Certificate,
    path: Certificate[],
  ): void {
    const result = verifyPath(device, presented, [anchor], AT);
    assert.ok(result.ok, result.ok ? "" : result.message);
    assert.deepEqual(
      result.path.map((one) => one.subject),
      path.map((one) => one.subject),
    );
    assert.ok(result.anchor.equals(anchor));
    assert.equal(opensslAccepts(device, presented, anchor), true);
  }

  it("accepts a chain to the root, with the root presented or not, in any order, among unrelated certificates", async () => {
    accepted(leaf, [inter], root, [leaf, inter, root]);
    accepted(leaf, [inter, root], root, [leaf, inter, root]);
    const stranger = await newHierarchy();
    accepted(leaf, [stranger.root.certificate, root, inter, leaf], root, [leaf, inter, root]);
  });

  it("accepts an intermediate as anchor, and a leaf that is an anchor itself", async () => {
    accepted(leaf, [], inter, [leaf, inter]);
    const lone = await issueSelfSignedDevice({ registrationId: "lone", signer: await newSigner(), clock });
    accepted(lone, [], lone, [lone]);
  });

  it("accepts openssl's self-signed device as in Azure's document, which openssl marks as a CA", () => {
    const conf = openssl.write(
      "req.conf",
      "[req]\ndistinguished_name=dn\n[dn]\n[usr_cert]\nbasicConstraints=CA:FALSE\n",
    );
    const key = [...openssl.rsaKey(), "-days", "30", "-subj", "/CN=my-x509-device"];
    const args = ["-config", conf, "-addext", "extendedKeyUsage=clientAuth", ...key];
    const device = readCertificate(openssl.run("req", "-x509", "-sha256", ...args));
    const at = new Date(device.notBefore.getTime() + 60_000);
    assert.equal(verifyPath(device, [], [device], { at }).ok, true);
    assert.equal(verifyPath(device, [], [root], { at }).ok, false);
  });

  it("refuses a missing intermediate, and names the issuer that is missing", () => {
    refused(
      {
        code: "noAnchor",
        at: leaf,
        message: "Certificate CN=device-01 was issued by CN=Test Intermediate, which was neither presented nor trusted",
      },
      leaf,
      [],
      root,
    );
  });

  it("refuses an unknown root, also one of a trusted root's name", async () => {
    const other = await newHierarchy();
    refused({ code: "noAnchor", at: inter }, leaf, [inter], other.root.certificate);
    const message = "Certificate CN=Test Root is its own issuer and is not trusted";
    refused({ code: "noAnchor", at: root, message }, leaf, [inter, root], other.root.certificate);
    assert.equal(verifyPath(leaf, [inter], [], AT).ok, false);
  });

  it("refuses expired and not yet valid certificates anywhere in the path, the anchor too", async () => {
    const request = { commonName: "Old", profile: PROFILES.intermediate };
    const cases = [
      ["expired", { from: daysFromNow(-20), to: daysFromNow(-10) }, "expired at 2026-02-19T12:00:00.000Z"],
      ["notYetValid", { from: daysFromNow(10), to: daysFromNow(20) }, "is valid only from 2026-03-11T12:00:00.000Z"],
    ] as const;
    for (const [code, times, what] of cases) {
      const device = await forged(made.intermediate, times);
      const message = `Certificate CN=device-01 ${what}`;
      refused({ code, at: device.certificate, message }, device.certificate, [inter], root);
      const ca = await forged(made.root, { ...request, ...times });
      const below = await forged(ca, {});
      refused({ code, at: ca.certificate }, below.certificate, [ca.certificate], root);
      refused({ code, at: ca.certificate }, below.certificate, [], ca.certificate);
    }
  });

  it("accepts the first and last second of validity, and no other", () => {
    const edges = [
      [leaf.notBefore.getTime(), true],
      [leaf.notBefore.getTime() - 1000, false],
      [leaf.notAfter.getTime(), true],
      [leaf.notAfter.getTime() + 1000, false],
    ] as const;
    for (const [time, ok] of edges) {
      assert.equal(verifyPath(leaf, [inter], [root], { at: new Date(time) }).ok, ok);
    }
  });

  it("refuses an issuer that is no CA", async () => {
    const below = await forged(made.device, {});
    refused({ code: "notCa", at: leaf }, below.certificate, [leaf, inter], root);
  });

  it("refuses an issuer without the key usage keyCertSign", async () => {
    const profile = { ...PROFILES.intermediate, keyUsage: ["digitalSignature", "cRLSign"] as const };
    const ca = await forged(made.root, { commonName: "Mute", profile });
    const below = await forged(ca, {});
    refused({ code: "keyUsage", at: ca.certificate }, below.certificate, [ca.certificate], root);
  });

  it("refuses a leaf whose key may not sign, but accepts one that is no TLS credential", async () => {
    const device = await forged(made.intermediate, { profile: { keyUsage: ["keyEncipherment"] } });
    refused({ code: "keyUsage", at: device.certificate }, device.certificate, [inter], root, {
      at: NOW,
      purpose: "clientAuth",
    });
    assert.equal(verifyPath(device.certificate, [inter], [root], { at: NOW, purpose: "any" }).ok, true);
  });

  it("refuses more CA certificates than a path length allows", async () => {
    const sub = await forged(made.intermediate, { commonName: "Sub", profile: PROFILES.intermediate });
    const below = await forged(sub, {});
    const message = "Certificate CN=Test Intermediate allows 0 CA certificates below it, here are 1";
    refused({ code: "pathLength", at: inter, message }, below.certificate, [sub.certificate, inter], root);
    const signer = await newSigner();
    const order = { commonName: "Wide", publicKey: signer.publicKey, issuer: made.root, clock };
    const wide = { signer, certificate: await issueIntermediate({ ...order, pathLength: 1 }) };
    const next = await forged(wide, { commonName: "Sub", profile: PROFILES.intermediate });
    const device = await forged(next, {});
    accepted(device.certificate, [next.certificate, wide.certificate], root, [
      device.certificate,
      next.certificate,
      wide.certificate,
      root,
    ]);
  });

  it("refuses a signature of another key under the same name and key identifier", async () => {
    const signer = await newSigner();
    const impostor = { certificate: inter, signer };
    const device = await forged(impostor, {});
    const message = "Certificate CN=device-01 has a signature that the key of CN=Test Intermediate did not make";
    refused({ code: "badSignature", at: device.certificate, message }, device.certificate, [inter], root);
  });

  it("refuses a damaged signature, also after it has verified the good one", () => {
    assert.equal(verifyPath(leaf, [inter], [root], AT).ok, true);
    const bytes = Buffer.from(leaf.raw);
    bytes[bytes.length - 1] = (bytes[bytes.length - 1] ?? 0) ^ 1;
    const damaged = readCertificate(bytes);
    refused({ code: "badSignature", at: damaged }, damaged, [inter], root);
  });

  it("refuses another purpose, on the leaf and on a CA above it", async () => {
    const server = await forged(made.intermediate, { profile: { purposes: ["serverAuth"] } });
    const message = "Certificate CN=device-01 has an extended key usage without clientAuth";
    refused({ code: "wrongPurpose", at: server.certificate, message }, server.certificate, [inter], root);
    for (const purpose of ["serverAuth", "any"] as const) {
      assert.equal(verifyPath(server.certificate, [inter], [root], { at: NOW, purpose }).ok, true);
    }
    const profile = { ...PROFILES.intermediate, purposes: ["serverAuth"] as const };
    const ca = await forged(made.root, { commonName: "Web", profile });
    const below = await forged(ca, {});
    refused({ code: "wrongPurpose", at: ca.certificate }, below.certificate, [ca.certificate], root);
  });

  it("accepts a leaf without extended key usage for every purpose", async () => {
    const plain = await forged(made.intermediate, { profile: PROFILES.verification });
    accepted(plain.certificate, [inter], root, [plain.certificate, inter, root]);
  });

  it("refuses a critical extension that it does not understand", () => {
    const conf = openssl.write("crit.conf", "[req]\ndistinguished_name=dn\n[dn]\n");
    const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "k.pem"];
    const make = (critical: string) =>
      readCertificate(
        openssl.run(
          ...["req", "-x509", "-config", conf, ...key, "-subj", "/CN=crit", "-days", "9"],
          ...["-addext", "basicConstraints=CA:FALSE", "-addext", `1.2.3.4=${critical}DER:0500`],
        ),
      );
    const critical = make("critical,");
    const at = new Date(critical.notBefore.getTime() + 1000);
    const result = verifyPath(critical, [], [critical], { at });
    assert.ok(!result.ok && result.code === "unknownCritical");
    assert.match(result.message, /CN=crit has the critical extension 1\.2\.3\.4,/);
    const harmless = make("");
    assert.equal(verifyPath(harmless, [], [harmless], { at }).ok, true);
  });

  it("finds the right one of two issuers with one name (CA rollover), whatever the order", async () => {
    const signer = await newSigner();
    const old = { signer, certificate: await issueRoot({ commonName: "Test Root", signer, clock }) };
    for (const anchors of [
      [old.certificate, root],
      [root, old.certificate],
    ]) {
      const result = verifyPath(leaf, [inter], anchors, AT);
      assert.ok(result.ok && result.anchor.equals(root));
    }
    // The same key certified twice: one of the certificates is over, the other carries the path.
    const publicKey = made.intermediate.signer.publicKey;
    const request = { issuer: made.root, publicKey, commonName: "Test Intermediate", profile: PROFILES.intermediate };
    const over = await forge({ ...request, from: daysFromNow(-9), to: daysFromNow(-8) });
    accepted(leaf, [over, inter], root, [leaf, inter, root]);
  });

  it("terminates on circles and long chains", async () => {
    const [a, b] = [await newSigner(), await newSigner()];
    const profile = { ...PROFILES.intermediate, pathLength: undefined };
    const rootB = { signer: b, certificate: await issueRoot({ commonName: "B", signer: b, clock }) };
    const aByB = await forge({ issuer: rootB, publicKey: a.publicKey, commonName: "A", profile });
    const bByA = await forge({
      issuer: { certificate: aByB, signer: a },
      publicKey: b.publicKey,
      commonName: "B",
      profile,
    });
    const device = await forge({ issuer: { certificate: aByB, signer: a }, publicKey: b.publicKey });
    refused({ code: "noAnchor", at: bByA }, device, [aByB, bByA], root);

    let ca: Issuer = made.root;
    const presented: Certificate[] = [];
    for (let depth = 0; depth < MAX_PATH_LENGTH; depth += 1) {
      ca = await forged(ca, { commonName: `CA ${depth}`, profile });
      presented.push(ca.certificate);
    }
    const deep = await issueDevice({ registrationId: "deep", publicKey: a.publicKey, issuer: ca, clock });
    const result = verifyPath(deep, presented, [root], AT);
    assert.ok(!result.ok && result.code === "tooLong");
    assert.match(result.message, /CN=deep has a path of more than 10 certificates/);
    const near = presented[1];
    assert.ok(near !== undefined && verifyPath(deep, presented, [near], AT).ok);
  });

  it("does bounded work for many certificates of one name", async () => {
    const twins: Certificate[] = [];
    for (let count = 0; count < 100; count += 1) {
      twins.push(
        await forge({
          issuer: made.root,
          publicKey: made.intermediate.signer.publicKey,
          commonName: "Test Intermediate",
          profile: PROFILES.intermediate,
        }),
      );
    }
    const other = await newHierarchy();
    const result = verifyPath(leaf, twins, [other.root.certificate], AT);
    assert.ok(!result.ok && result.code === "noAnchor");
  });

  it("loads without @peculiar/x509", () => {
    const { execFileSync } = require("node:child_process") as typeof import("node:child_process");
    const script =
      "require('./certs/chain'); require('./certs/lint'); require('./certs/issue'); process.stdout.write(String(Object.keys(require.cache).some((path) => path.includes('@peculiar'))))";
    const said = execFileSync(process.execPath, ["-r", "ts-node/register", "-e", script], { encoding: "utf8" });
    assert.equal(said, "false");
  });
});
