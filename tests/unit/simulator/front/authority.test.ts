import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Authority, openAuthority } from "../../../../simulator/front/authority";

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

  it("is made once, EC P-256, with a key that only its owner reads", async () => {
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

  it("is made anew when a process died between its key and its certificate", async () => {
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

  for (const [name, check] of [
    ["management.azure.com", "-verify_hostname"],
    [`${"h".repeat(50)}.azure-devices.net`, "-verify_hostname"],
    ["127.0.0.1", "-verify_ip"],
  ] as const) {
    it(`issues a certificate that openssl takes for exactly ${name}`, async () => {
      const { certificate } = await authority.issue(name);
      const leaf = file("leaf.pem", certificate);
      const good = verify(leaf, "-purpose", "sslserver", check, name);
      assert.equal(good.status, 0, good.stderr);
      const bad = verify(leaf, "-purpose", "sslserver", "-verify_hostname", `x.${name}`);
      assert.equal(bad.status, 2);
      assert.match(bad.stderr, /hostname mismatch/);
    });
  }

  it("may not speak for any name but Azure's and this machine's", async () => {
    const { certificate } = await authority.issue("www.example.com");
    const answer = verify(file("stranger.pem", certificate), "-verify_hostname", "www.example.com");
    assert.equal(answer.status, 2);
    assert.match(answer.stderr, /permitted subtree violation/);
  });
});
