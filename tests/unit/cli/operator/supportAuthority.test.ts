import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readCertificate } from "../../../../certs/certificate";
import { exportPrivateKey, generateKeyPair, readPrivateKey } from "../../../../certs/keys";
import { readArguments } from "../../../../cli/commandLine";
import { COMMAND_RULES } from "../../../../cli/commandRules";
import { type AuthorityContext, runForAuthority } from "../../../../cli/operator/authorityRun";
import { authorize } from "../../../../cli/operator/authorize";
import { createAuthority } from "../../../../cli/operator/createAuthority";
import { openVaultTokenKey } from "../../../../cli/operator/vaultTokenKey";
import { SupportSessions } from "../../../../operator/support/supportSessions";
import { NOW, stoppedClock } from "../../../cast/certs";
import { listRecorder, rsaKey } from "../../../cast/operator/supportAuthority";
import { vaultClientOptions } from "../../../cast/vaultGateway";
import { vaultHarness } from "../../../cast/vaultHarness";

const WORK = { authority: createAuthority, authorize } as const;

describe("zero-touch operator authority and authorize", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "authority-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const path = (name: string): string => join(folder, name);
  const run = async (line: string, more: Partial<AuthorityContext> = {}) => {
    const [name = "", ...words] = line.split(" ").map((word) => (word.endsWith("@") ? path(word.slice(0, -1)) : word));
    const rule = COMMAND_RULES[`operator ${name}`];
    assert.ok(rule);
    const { args, errors } = readArguments(rule, words);
    assert.deepEqual(errors, []);
    let [out, log] = ["", ""];
    const context: AuthorityContext = {
      env: { PASS: "correct horse" },
      clock: stoppedClock(),
      print: (text) => {
        out += text;
      },
      log: (text) => {
        log += text;
      },
      prompt: undefined,
      live: false,
      signal: new AbortController().signal,
      openTokenKey: () => Promise.reject(new Error("no vault")),
      readInput: async () => "",
      ...more,
    };
    const code = await runForAuthority(name, { args, context }, WORK[name as keyof typeof WORK]);
    return { code, out, log };
  };
  const sessionsOf = (file: string) => {
    const certificate = readCertificate(readFileSync(path(file)));
    return new SupportSessions({
      clock: stoppedClock(),
      authority: async () => certificate,
      newKey: () => rsaKey("session"),
    });
  };

  it("make a certificate and an encrypted key, by which a session is unlocked", async () => {
    const made = await run(
      "authority --name Support --out authority.pem@ --key-out authority.key@ --passphrase-env PASS",
    );
    assert.deepEqual([made.code, made.log], [0, ""]);
    assert.match(made.out, /CN=Support, SHA-256 [0-9A-F]{64}, valid until 2027-03-01/);
    assert.equal(statSync(path("authority.key")).mode & 0o777, 0o600);
    const pem = readFileSync(path("authority.key"), "utf8");
    assert.throws(() => readPrivateKey(pem), { code: "passphraseNeeded" });
    assert.equal(readPrivateKey(pem, "correct horse").algorithm.name, "RSA-3072");

    const sessions = sessionsOf("authority.pem");
    const { token } = await sessions.request("s1");
    const by = "--authority authority.pem@ --key authority.key@ --key-passphrase-env PASS";
    const response = await run(`authorize ${by} --hours 2`, { readInput: async () => `${token}\n` });
    assert.match(response.log, /valid until 2026-03-01T14.*until 2026-03-01T14/s);
    const until = await sessions.unlock("s1", response.out, listRecorder());
    assert.equal(until.getTime() - NOW.getTime(), 2 * 3_600_000);

    const again = await run("authority --name Support --out authority.pem@ --key-out other.key@ --no-passphrase");
    assert.equal(again.code, 2);
    assert.match(again.log, /exists.*--force/s);
  });

  it("use a key in a vault", async () => {
    const harness = await vaultHarness();
    try {
      await harness.vault("POST", "/keys/authority/create", { kty: "RSA", key_size: 2048 });
      const openTokenKey = (keyId: string) => openVaultTokenKey(keyId, vaultClientOptions(harness));
      const place = "--key https://vault-1.vault.azure.net/keys/authority";
      const made = await run(`authority --name Support --out authority.pem@ ${place}`, { openTokenKey });
      assert.deepEqual([made.code, made.log], [0, ""]);
      const sessions = sessionsOf("authority.pem");
      const { token } = await sessions.request("s1");
      const response = await run(`authorize --authority authority.pem@ ${place} ${token}`, { openTokenKey });
      assert.equal(response.code, 0, response.log);
      await sessions.unlock("s1", response.out, listRecorder());
      const missing = await run(`authorize --authority authority.pem@ ${place}s ${token}`, { openTokenKey });
      assert.match(missing.log, /--key: https.*no such key/);
    } finally {
      await harness.close();
    }
  });

  it("refuse keys and tokens that do not fit", async () => {
    writeFileSync(path("ec.key"), exportPrivateKey(await generateKeyPair("EC-P256")));
    writeFileSync(path("rsa.key"), exportPrivateKey(await rsaKey("another")));
    writeFileSync(path("authority.key"), exportPrivateKey(await rsaKey("authority")));
    const ec = await run("authority --name Support --out authority.pem@ --key ec.key@");
    assert.deepEqual([ec.code, /EC-P256 key/.test(ec.log)], [2, true]);
    const none = await run("authority --name Support --out authority.pem@");
    assert.match(none.log, /--key, --key-out/);
    await run("authority --name Support --out authority.pem@ --key authority.key@");
    const other = await run("authorize --authority authority.pem@ --key rsa.key@ MII");
    assert.match(other.log, /--key: it is not the key of --authority/);
    const malformed = await run("authorize --authority authority.pem@ --key authority.key@ MII");
    assert.deepEqual([malformed.code, malformed.out], [1, ""]);
    assert.match(malformed.log, /^TokenMalformed: .*\nTo fix: /);
  });
});
