import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { authorizeRequest } from "../../../../operator/support/authorizeRequest";
import { SupportSessions } from "../../../../operator/support/supportSessions";
import { openToken, readToken } from "../../../../operator/support/supportToken";
import { stoppedClock } from "../../../cast/certs";
import { listRecorder, newAuthority, rsaKey, type TestAuthority } from "../../../cast/operator/supportAuthority";

const OAEP = ["-keyopt", "rsa_padding_mode:oaep", "-keyopt", "rsa_oaep_md:sha256"];
const SESSION = "5e".repeat(32);

describe("tokens and openssl cms", () => {
  let folder: string;
  let authority: TestAuthority;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "tokens-"));
    authority = await newAuthority();
    writeFileSync(join(folder, "authority.pem"), authority.certificate.toPem());
    writeFileSync(join(folder, "authority.key"), authority.keyPem);
  });
  after(() => rmSync(folder, { recursive: true }));

  const cms = (...args: string[]): Buffer =>
    execFileSync("openssl", ["cms", ...args], { cwd: folder, stdio: ["ignore", "pipe", "pipe"] });
  const decrypt = (token: string, name: string): void => {
    writeFileSync(join(folder, `${name}.der`), Buffer.from(token, "base64url"));
    const key = ["-recip", `${name === "request" ? "authority" : "session"}.pem`];
    cms(
      "-decrypt",
      "-inform",
      "DER",
      "-in",
      `${name}.der`,
      ...key,
      "-inkey",
      `${key[1]}`.replace("pem", "key"),
      "-out",
      "signed",
    );
  };
  const encrypt = (recipient: string): string =>
    cms(
      "-encrypt",
      "-binary",
      "-aes-256-cbc",
      "-in",
      "signed",
      "-outform",
      "DER",
      "-recip",
      recipient,
      ...OAEP,
    ).toString("base64url");

  for (const attributes of [["-noattr"], []]) {
    it(`let an authority use openssl alone (cms -sign ${attributes.join("")})`, async () => {
      const clock = stoppedClock();
      const sessions = new SupportSessions({
        clock,
        authority: async () => authority.certificate,
        newKey: () => rsaKey("session"),
      });
      decrypt((await sessions.request("s1")).token, "request");
      cms("-verify", "-noverify", "-inform", "DER", "-in", "signed", "-signer", "session.pem", "-out", "request.json");
      const { session, type, ...rest } = JSON.parse(readFileSync(join(folder, "request.json"), "utf8"));
      assert.equal(type, "supportSessionRequest");
      assert.deepEqual(Object.keys(rest), ["expires"]);
      const expires = new Date(clock.now().getTime() + 60_000);
      const response = { type: "supportSessionResponse", session, expires };
      writeFileSync(join(folder, "response.json"), JSON.stringify(response));
      const key = ["-signer", "authority.pem", "-inkey", "authority.key", "-nocerts", ...attributes];
      cms("-sign", "-binary", "-nodetach", "-in", "response.json", "-outform", "DER", ...key, "-out", "signed");
      assert.deepEqual(await sessions.unlock("s1", encrypt("session.pem"), listRecorder()), expires);
    });
  }

  it("are authorized where openssl made the request, and openssl reads the response", async () => {
    const clock = stoppedClock();
    const subject = ["-subj", "/CN=Support session", "-days", "1"];
    const make = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", ...subject, "-keyout", "session.key"];
    execFileSync("openssl", [...make, "-out", "session.pem"], { cwd: folder, stdio: "ignore" });
    const expires = new Date(clock.now().getTime() + 60_000);
    const request = { type: "supportSessionRequest", session: SESSION, expires };
    writeFileSync(join(folder, "request.json"), JSON.stringify(request));
    const key = ["-signer", "session.pem", "-inkey", "session.key"];
    cms("-sign", "-binary", "-nodetach", "-in", "request.json", "-outform", "DER", ...key, "-out", "signed");
    const made = await authorizeRequest(encrypt("authority.pem"), authority.key, { clock, hours: 3 });
    decrypt(made.token, "response");
    cms(
      "-verify",
      "-inform",
      "DER",
      "-in",
      "signed",
      "-noverify",
      "-certfile",
      "authority.pem",
      "-out",
      "response.json",
    );
    assert.deepEqual(JSON.parse(readFileSync(join(folder, "response.json"), "utf8")), {
      type: "supportSessionResponse",
      session: SESSION,
      expires: made.expires.toISOString(),
    });
  });

  it("refuse RSA with PKCS#1 padding, other ciphers, and messages that are not signed", async () => {
    writeFileSync(join(folder, "signed"), "{}");
    const to = ["-encrypt", "-binary", "-in", "signed", "-outform", "DER"];
    for (const args of [
      [...to, "-aes-256-cbc", "authority.pem"],
      [...to, "-aes-128-cbc", "-recip", "authority.pem", ...OAEP],
      [...to, "-aes-256-gcm", "-recip", "authority.pem", ...OAEP],
      [...to, "-aes-256-cbc", "-recip", "authority.pem", ...OAEP],
    ]) {
      const token = cms(...args).toString("base64url");
      const open = async () => openToken("supportSessionRequest", await readToken(token), authority.key);
      await assert.rejects(open, { code: "TokenMalformed" }, args.join(" "));
    }
  });
});
