import { strict as assert } from "node:assert";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { listedDevices } from "../../../../cli/fleet/fleetDevices";
import { FleetManifest } from "../../../../cli/fleet/fleetManifest";
import { WHOLE } from "../../../../cli/fleet/shard";

const KEY = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n";
const LEAF = "-----BEGIN CERTIFICATE-----\nBBBB\n-----END CERTIFICATE-----\n";
const LINE = "-----BEGIN CERTIFICATE-----\nCCCC\n-----END CERTIFICATE-----\n";

describe("the manifest of a fleet", () => {
  let folder: string;
  let path: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "fleet-manifest-"));
    path = join(folder, "manifest.jsonl");
    mkdirSync(join(folder, "devices"));
  });

  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const write = (...lines: readonly object[]): void =>
    writeFileSync(path, lines.map((line) => `${JSON.stringify(line)}\n`).join(""));

  it("gives each device its key and chain, in one file or in two", async () => {
    writeFileSync(join(folder, "devices/a.pem"), KEY + LEAF + LINE);
    writeFileSync(join(folder, "devices/b.key.pem"), KEY);
    writeFileSync(join(folder, "devices/b.chain.pem"), LEAF + LINE);
    write(
      { registrationId: "A", files: ["devices/a.pem"] },
      { registrationId: "b", files: ["devices/b.key.pem", "devices/b.chain.pem"] },
    );
    const { devices, manifest } = listedDevices(path, undefined, WHOLE);
    assert.deepEqual(devices, [
      { index: 0, registrationId: "A" },
      { index: 1, registrationId: "b" },
    ]);
    for (const id of ["a", "b"]) {
      assert.deepEqual(await manifest.credentials(id), { privateKey: KEY, certificateChain: LEAF + LINE });
    }
    assert.deepEqual(listedDevices(path, 2, { index: 1, count: 2 }).devices, [{ index: 1, registrationId: "b" }]);
    assert.equal(listedDevices(path, 1, WHOLE).devices.length, 1);
  });

  it("refuses an encrypted key and a missing file, without their text", async () => {
    writeFileSync(join(folder, "devices/a.pem"), KEY.replaceAll("PRIVATE", "ENCRYPTED PRIVATE") + LEAF);
    write({ registrationId: "a", files: ["devices/a.pem"] }, { registrationId: "b", files: ["devices/b.pem"] });
    const manifest = FleetManifest.open(path);
    await assert.rejects(manifest.credentials("a"), { code: "WRONG_MANIFEST", why: /is encrypted/ });
    await assert.rejects(manifest.credentials("b"), { code: "WRONG_MANIFEST", why: /no such file/ });
  });

  it("refuses what is no manifest, and paths outside of its folder", () => {
    const files = ["devices/a.pem"];
    const wrong: readonly (readonly object[])[] = [
      [],
      [{}],
      [{ registrationId: "a b", files }],
      [{ registrationId: "a", files: [] }],
      [
        { registrationId: "a", files },
        { registrationId: "A", files },
      ],
      ...["/etc/passwd", "../key.pem", "devices/../../key.pem", "C:\\key.pem", "..\\key.pem", ""].map((file) => [
        { registrationId: "a", files: [file] },
      ]),
    ];
    for (const lines of wrong) {
      write(...lines);
      assert.throws(() => FleetManifest.open(path), { code: "WRONG_MANIFEST" }, JSON.stringify(lines));
    }
    assert.throws(() => FleetManifest.open(join(folder, "none")), { code: "WRONG_MANIFEST", why: /no such file/ });
  });
});
