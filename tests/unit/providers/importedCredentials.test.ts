import { strict as assert } from "node:assert";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { exportPrivateKey, readPrivateKey } from "../../../certs/keys";
import { handler as authorityHandler } from "../../../providers/handlers/certificateAuthorityHandler";
import { handler as deviceHandler } from "../../../providers/handlers/deviceCertificateHandler";
import type { Handler, Props } from "../../../providers/handlers/resource/handler";
import { type FakeAzure, fakeAzure, fakeGateway } from "../../cast/fakeGateway";
import { checked, imported } from "../../cast/imported";

const AUTHORITY = { rootName: "Plants root", intermediateName: "Line 1", rootLifetimeDays: 2000 };

describe("imports of certificates with their keys", () => {
  let folder: string;
  let azure: FakeAzure;
  let authority: Handler;
  let device: Handler;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "imports-"));
    azure = fakeAzure();
    [authority, device] = [authorityHandler(fakeGateway(azure)), deviceHandler(fakeGateway(azure))];
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const file = (name: string, ...content: readonly unknown[]): string => {
    const path = join(folder, name);
    writeFileSync(path, content.join(""));
    return path;
  };
  const create = async (handler: Handler, program: Props): Promise<Props> =>
    (await handler.create(await checked(handler, program))).outs;
  const inFiles = (outs: Props): string =>
    [
      file("chain.pem", outs.rootCertificate, outs.intermediateCertificate),
      file("root.key", outs.rootKey),
      file("intermediate.key", outs.intermediateKey),
    ].join(",");
  const inVault = {
    vaultUri: "https://vault-1.vault.azure.net",
    rootKeyName: "plants-root",
    intermediateKeyName: "plants-line-1",
    owner: "o/p/s",
    softDeleted: "recover",
  };

  it("have a certificate authority from files: its outputs and inputs are those of the program that made it", async () => {
    const outs = await create(authority, AUTHORITY);
    const { id, props, inputs, isChangedBy } = await imported(authority, inFiles(outs));
    assert.equal(id, outs.rootThumbprint);
    assert.deepEqual(props, outs);
    assert.deepEqual(
      [inputs.rootLifetimeDays, inputs.intermediateLifetimeDays, inputs.keyAlgorithm],
      [2000, 1825, "EC-P256"],
    );
    assert.equal(await isChangedBy(AUTHORITY), false);
    assert.equal(await isChangedBy({ ...AUTHORITY, intermediateName: "Line 2" }), true);
    assert.equal(JSON.stringify(inputs).includes("PRIVATE KEY"), false);
  });

  it("take an intermediate that its root has cut for one of the default lifetime", async () => {
    const short = { ...AUTHORITY, rootLifetimeDays: 90 };
    const { inputs, isChangedBy } = await imported(authority, inFiles(await create(authority, short)));
    assert.equal(inputs.intermediateLifetimeDays, 1825);
    assert.equal(await isChangedBy(short), false);
  });

  it("have a certificate authority by its keys in a vault, with and without their versions", async () => {
    const program = { ...AUTHORITY, ...inVault };
    const { softDeleted: _, ...outs } = await create(authority, program);
    const chain = file("chain.pem", outs.intermediateCertificate, outs.rootCertificate);
    const newest = ["plants-root", "plants-line-1"].map((name) => `${inVault.vaultUri}/keys/${name}`);
    for (const keys of [[outs.rootKeyId, outs.intermediateKeyId], newest]) {
      const { props, isChangedBy } = await imported(authority, [chain, ...keys].join(","));
      assert.deepEqual(props, outs);
      assert.equal(await isChangedBy(program), false);
      assert.equal(await isChangedBy({ ...program, softDeleted: "purge" }), true);
    }
  });

  it("refuse keys of no owner, in two places, and of another certificate", async () => {
    const vaulted = await create(authority, { ...AUTHORITY, ...inVault });
    const outs = await create(authority, AUTHORITY);
    const id = inFiles(outs);
    const [chain = "", rootKey = "", intermediateKey = ""] = id.split(",");
    const refused: [string[], RegExp][] = [
      [
        [chain, intermediateKey, rootKey],
        /root\.key|intermediate\.key is not the key of the certificate CN=Plants root/,
      ],
      [[chain, String(vaulted.rootKeyId), intermediateKey], /in two places/],
      [[chain, String(vaulted.rootKeyId), String(vaulted.intermediateKeyId)], /is not the key of the certificate/],
      [[chain, rootKey, join(folder, "none.key")], /none\.key cannot be read \(ENOENT\)/],
      [[file("root.pem", outs.rootCertificate), rootKey, intermediateKey], /must hold a root and one intermediate/],
      [[rootKey, rootKey, intermediateKey], /root\.key: .*To fix/s],
      [["plants"], /is not an ID for import.*a key in no file and no vault cannot be imported/s],
      [[chain, rootKey], /is not an ID for import/],
    ];
    for (const [parts, message] of refused)
      await assert.rejects(async () => authority.import?.(parts.join(",")), message);
    const [versions] = azure.vault.keys.live.get("plants-root") ?? [];
    if (versions) azure.vault.keys.live.set("plants-root", [{ ...versions, bundle: { ...versions.bundle, tags: {} } }]);
    const vaultChain = file("vault.pem", vaulted.rootCertificate, vaulted.intermediateCertificate);
    const vaultId = [vaultChain, vaulted.rootKeyId, vaulted.intermediateKeyId].join(",");
    await assert.rejects(
      async () => authority.import?.(vaultId),
      /has no owner.*To fix: set its tag zero-touch-owner/s,
    );
  });

  it("refuse an encrypted key without a word of it, and say how to open it", async () => {
    const outs = await create(authority, AUTHORITY);
    const id = inFiles(outs);
    file("root.key", exportPrivateKey(readPrivateKey(String(outs.rootKey)), "long-secret"));
    await assert.rejects(
      async () => authority.import?.(id),
      (error: Error) => {
        assert.match(error.message, /root\.key.*encrypted.*To fix: decrypt a copy.*openssl pkcs8/s);
        assert.doesNotMatch(error.message, /BEGIN|long-secret/);
        return true;
      },
    );
  });

  /** A device's program below a new CA. */
  const deviceProgram = async (more: Props = {}): Promise<Props> => {
    const ca = await create(authority, AUTHORITY);
    return {
      registrationId: "press-1",
      issuerCertificate: ca.intermediateCertificate,
      issuerKey: ca.intermediateKey,
      issuerChain: ca.rootCertificate,
      ...more,
    };
  };

  it("have a device's certificate from files, without the issuer's key", async () => {
    const program = await deviceProgram({ lifetimeDays: 100 });
    const outs = await create(device, program);
    const id = `${file("chain.pem", outs.certificateChain)},${file("device.key", outs.privateKey)}`;
    const { id: resource, props, inputs, isChangedBy } = await imported(device, id);
    assert.equal(resource, "press-1");
    assert.deepEqual(props, outs);
    assert.equal(inputs.issuerKey, undefined);
    assert.equal(await isChangedBy(program), false);
    assert.equal(await isChangedBy({ ...program, lifetimeDays: 200 }), true);
  });

  it("have a device's certificate from a vault, with its chain and not its key", async () => {
    const store = { vaultUri: inVault.vaultUri, storedName: "device-press-1", owner: "o/p/s", softDeleted: "recover" };
    const program = await deviceProgram(store);
    const outs = await create(device, program);
    for (const id of [`${inVault.vaultUri}/certificates/device-press-1`, String(outs.storedId)]) {
      const { props, isChangedBy } = await imported(device, id);
      const { softDeleted: _, ...rest } = outs;
      assert.deepEqual(props, rest);
      assert.equal(await isChangedBy(program), false);
      assert.doesNotMatch(JSON.stringify(props), /PRIVATE KEY/);
    }
    assert.equal((await device.import?.(`${inVault.vaultUri}/certificates/none`))?.id, "");
  });

  it("refuse a chain without the issuer, another key, and an ID that names neither", async () => {
    const outs = await create(device, await deviceProgram());
    const key = file("device.key", outs.privateKey);
    const leaf = file("leaf.pem", outs.certificate);
    const other = file("other.key", (await create(device, await deviceProgram())).privateKey);
    const chain = file("chain.pem", outs.certificateChain);
    await assert.rejects(async () => device.import?.(`${leaf},${key}`), /followed by the CA that issued it.*To fix/s);
    await assert.rejects(
      async () => device.import?.(`${chain},${other}`),
      /is not the key of the certificate CN=press-1/,
    );
    for (const id of ["press-1", chain, `${chain},`, `${inVault.vaultUri}/keys/device-press-1`])
      await assert.rejects(
        async () => device.import?.(id),
        /is not an ID for import.*a key that only the device has needs no import/s,
        id,
      );
  });
});
