import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Authority, openAuthority } from "../../../../emulator/front/authority";

describe("the local CA", () => {
  let directory: string;
  let authority: Authority;

  before(async () => {
    directory = mkdtempSync(join(tmpdir(), "authority-"));
    authority = await openAuthority(directory);
  });

  after(() => rmSync(directory, { recursive: true, force: true }));

  const file = (name: string, text: string): string => {
    const path = join(directory, name);
    writeFileSync(path, text);
    return path;
  };
  const verify = (leaf: string, ...options: string[]) =>
    spawnSync("openssl", ["verify", "-x509_strict", "-CAfile", authority.file, ...options, leaf], { encoding: "utf8" });

  it("is created once, EC P-256, with a key that only its owner can read", async () => {
    const again = await openAuthority(directory);
    assert.equal(again.certificate, authority.certificate);
    assert.equal(readFileSync(authority.file, "utf8"), authority.certificate);
    assert.equal(statSync(join(directory, "ca-key.pem")).mode & 0o777, 0o600);
    const text = execFileSync("openssl", ["x509", "-in", authority.file, "-noout", "-text"], { encoding: "utf8" });
    assert.match(text, /CA:TRUE, pathlen:0/);
    assert.match(text, /NIST CURVE: P-256/);
    assert.match(text, /Name Constraints: critical/);
    const years = (Date.parse(new X509Certificate(authority.certificate).validTo) - Date.now()) / 31_557_600_000;
    assert.ok(years > 9 && years < 11);
  });

  it("is created again when a process died between its key and its certificate", async () => {
    const other = mkdtempSync(join(tmpdir(), "authority-"));
    try {
      const first = await openAuthority(other);
      rmSync(first.file);
      const second = await openAuthority(other);
      assert.notEqual(second.certificate, first.certificate);
      await second.issue("localhost");
    } finally {
      rmSync(other, { recursive: true, force: true });
    }
  });

  it("is renewed with its own key where it lacks a name, and stays trusted", async () => {
    // Microsoft Graph came later: this CA, of the same key, permits ARM alone.
    const older = mkdtempSync(join(tmpdir(), "authority-"));
    try {
      const { file: stored } = await openAuthority(older);
      const config = join(older, "older.cnf");
      writeFileSync(
        config,
        "[req]\ndistinguished_name=dn\nx509_extensions=ca\n[dn]\n[ca]\nbasicConstraints=critical,CA:TRUE,pathlen:0\n" +
          "keyUsage=critical,keyCertSign\nsubjectKeyIdentifier=hash\n" +
          "nameConstraints=critical,permitted;DNS:management.azure.com\n",
      );
      const anchor = join(older, "anchor.pem");
      const subject = ["-subj", "/CN=older local CA", "-days", "30", "-config", config];
      execFileSync("openssl", ["req", "-x509", "-new", "-key", join(older, "ca-key.pem"), ...subject, "-out", anchor]);
      writeFileSync(stored, readFileSync(anchor));

      const renewed = await openAuthority(older);
      assert.notEqual(renewed.certificate, readFileSync(anchor, "utf8"));
      assert.equal(readFileSync(stored, "utf8"), renewed.certificate);
      assert.equal(new X509Certificate(renewed.certificate).subject, "CN=older local CA");
      assert.equal((await openAuthority(older)).certificate, renewed.certificate);
      const validated = async (name: string, trusted: string): Promise<string> => {
        const leaf = join(older, "leaf.pem");
        writeFileSync(leaf, (await renewed.issue(name)).certificate);
        const options = ["verify", "-x509_strict", "-CAfile", trusted, "-verify_hostname", name, leaf];
        return spawnSync("openssl", options, { encoding: "utf8" }).stderr;
      };
      assert.equal(await validated("graph.microsoft.com", stored), "");
      assert.equal(await validated("management.azure.com", anchor), "");
      assert.match(await validated("graph.microsoft.com", anchor), /permitted subtree violation/);
    } finally {
      rmSync(older, { recursive: true, force: true });
    }
  });

  for (const [name, check] of [
    ["management.azure.com", "-verify_hostname"],
    [`${"h".repeat(50)}.azure-devices.net`, "-verify_hostname"],
    ["127.0.0.1", "-verify_ip"],
  ] as const) {
    it(`issues a certificate that openssl accepts for exactly ${name}`, async () => {
      const { certificate } = await authority.issue(name);
      const leaf = file("leaf.pem", certificate);
      const good = verify(leaf, "-purpose", "sslserver", check, name);
      assert.equal(good.status, 0, good.stderr);
      const bad = verify(leaf, "-purpose", "sslserver", "-verify_hostname", `x.${name}`);
      assert.equal(bad.status, 2);
      assert.match(bad.stderr, /hostname mismatch/);
    });
  }

  it("is constrained to Azure's and this machine's names", async () => {
    const { certificate } = await authority.issue("www.example.com");
    const response = verify(file("stranger.pem", certificate), "-verify_hostname", "www.example.com");
    assert.equal(response.status, 2);
    assert.match(response.stderr, /permitted subtree violation/);
  });
});
