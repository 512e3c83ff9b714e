import assert from "node:assert/strict";
import type { PrivateKey } from "../../../../certs/keys";
import type { OperatorError, OperatorErrorCode } from "../../../../operator/operatorError";
import { authorizeRequest } from "../../../../operator/support/authorizeRequest";
import { SupportSessions } from "../../../../operator/support/supportSessions";
import { openToken, readToken } from "../../../../operator/support/supportToken";
import { tokenPrivateKey } from "../../../../operator/support/tokenKey";
import { NOW } from "../../../cast/certs";
import { listRecorder, newAuthority, rsaKey, type TestAuthority } from "../../../cast/operator/supportAuthority";

const HOUR_MS = 3_600_000;

/** A wall clock and an elapsed time that a test moves on its own. */
class TestTime {
  wall = NOW.getTime();
  passed = 0;
  readonly clock = { now: () => new Date(this.wall) };

  pass(ms: number): void {
    this.wall += ms;
    this.passed += ms;
  }
}

describe("support sessions", () => {
  let authority: TestAuthority;
  let other: TestAuthority;
  let key: PrivateKey;
  before(async () => {
    [authority, other] = [await newAuthority(), await newAuthority(undefined, "another")];
    key = await rsaKey("session");
  });

  const start = () => {
    const time = new TestTime();
    const sessions = new SupportSessions({
      clock: time.clock,
      elapsed: () => time.passed,
      newKey: async () => key,
      authority: async () => authority.certificate,
    });
    const recorder = listRecorder();
    const authorize = (token: string, by = authority, hours = 8) =>
      authorizeRequest(token, by.key, { clock: time.clock, hours }).then((response) => response.token);
    const unlock = (id: string, token: string) => sessions.unlock(id, token, recorder);
    const refuses = async (code: OperatorErrorCode, act: () => Promise<unknown>) => {
      await assert.rejects(act, { name: "OperatorError", code });
    };
    return { time, sessions, recorder, authorize, unlock, refuses };
  };

  it("unlock the session that asked, once, until the token expires", async () => {
    const { time, sessions, recorder, authorize, unlock, refuses } = start();
    const { token } = await sessions.request("s1");
    assert.match(token, /^[\w-]+$/);
    assert.equal(sessions.unlockedUntil("s1"), undefined);
    const response = await authorize(token, authority, 2);
    time.pass(HOUR_MS);
    assert.deepEqual(await unlock("s1", response), new Date(NOW.getTime() + 2 * HOUR_MS));
    assert.deepEqual(sessions.unlockedUntil("s1"), new Date(NOW.getTime() + 2 * HOUR_MS));
    assert.equal(sessions.unlockedUntil("s2"), undefined);
    await refuses("TokenReplayed", () => unlock("s1", response));
    time.pass(HOUR_MS);
    assert.equal(sessions.unlockedUntil("s1"), undefined);
    assert.deepEqual(recorder.kinds, ["unlocked", "locked"]);
  });

  it("lock themselves after eight hours at most, also where a clock moves back", async () => {
    const { time, sessions, authorize, unlock } = start();
    const response = await authorize((await sessions.request("s1")).token, authority, 24);
    assert.deepEqual(await unlock("s1", response), new Date(NOW.getTime() + 8 * HOUR_MS));
    time.pass(8 * HOUR_MS - 1);
    assert.notEqual(sessions.unlockedUntil("s1"), undefined);
    time.wall -= 5 * HOUR_MS;
    assert.notEqual(sessions.unlockedUntil("s1"), undefined);
    time.pass(1);
    assert.equal(sessions.unlockedUntil("s1"), undefined);
    time.wall -= 5 * HOUR_MS;
    assert.equal(sessions.unlockedUntil("s1"), undefined);
  });

  it("lock themselves where a clock moves on", async () => {
    const { time, sessions, authorize, unlock } = start();
    await unlock("s1", await authorize((await sessions.request("s1")).token));
    time.wall += 8 * HOUR_MS;
    assert.equal(sessions.unlockedUntil("s1"), undefined);
  });

  it("refuse tokens of another session, another request or another authority", async () => {
    const { sessions, authorize, unlock, refuses } = start();
    const first = await authorize((await sessions.request("s1")).token);
    await refuses("TokenForeign", () => unlock("s2", first));
    const { token } = await sessions.request("s1");
    await refuses("TokenForeign", () => unlock("s1", first));
    await refuses("TokenForeign", () => authorize(token, other));
    await refuses("TokenForeign", () => unlock("s1", token));
    await unlock("s1", await authorize(token));
  });

  it("refuse a response that another authority signs", async () => {
    const { time, sessions, unlock, refuses } = start();
    const { token } = await sessions.request("s1");
    const forged = { ...authority.key, signer: other.key.signer };
    const response = await authorizeRequest(token, forged, { clock: time.clock, hours: 8 });
    await refuses("TokenForeign", () => unlock("s1", response.token));
  });

  it("refuse expired tokens, also where a clock moves back", async () => {
    const { time, sessions, authorize, unlock, refuses } = start();
    const { token } = await sessions.request("s1");
    const response = await authorize(token, authority, 1);
    time.pass(HOUR_MS);
    await refuses("TokenExpired", () => unlock("s1", response));
    time.wall -= 3 * HOUR_MS;
    await refuses("TokenExpired", () => unlock("s1", response));
    const long = await authorize(token, authority, 8);
    time.pass(HOUR_MS);
    await refuses("TokenExpired", () => unlock("s1", long));
    time.wall = NOW.getTime() + 2 * HOUR_MS;
    await refuses("TokenExpired", () => authorize(token));
  });

  it("refuse altered tokens wherever the alteration means anything", async () => {
    const { time, sessions, unlock, refuses } = start();
    const { token } = await sessions.request("s1");
    const { token: authorized, expires } = await authorizeRequest(token, authority.key, {
      clock: time.clock,
      hours: 8,
    });
    const response = Buffer.from(authorized, "base64url");
    const type = "supportSessionResponse";
    const open = async (bytes: Buffer) =>
      openToken(type, await readToken(bytes.toString("base64url")), recipient, authority.certificate);
    const { signer: certificate } = await openToken("supportSessionRequest", await readToken(token), authority.key);
    const recipient = { certificate, ...tokenPrivateKey(key) };
    let refused = 0;
    for (let at = 0; at < response.length; at += 11) {
      const altered = Buffer.from(response);
      altered[at] = (altered[at] ?? 0) ^ 0x01;
      const outcome = await open(altered).catch(({ code }: OperatorError) => code);
      // A version number, for example, changes nothing.
      if (typeof outcome === "object") assert.deepEqual(outcome.expires, expires, `byte ${at}`);
      else assert.match(outcome, /^Token(Malformed|Foreign)$/, `byte ${at}`);
      if (typeof outcome === "string") refused += 1;
    }
    assert.ok(refused > (response.length / 11) * 0.9, `${refused} refused`);
    await refuses("TokenMalformed", () => unlock("s1", response.subarray(0, -1).toString("base64url")));
    for (const text of ["", "token", "!", "A".repeat(20_000)])
      await refuses("TokenMalformed", () => unlock("s1", text));
    await unlock("s1", response.toString("base64").replace(/(.{64})/g, "$1\n"));
  });

  it("hold no name of the environment, and are forgotten when their session closes", async () => {
    const { sessions, authorize, unlock, refuses } = start();
    const { token } = await sessions.request("secret-session-id");
    const { token: second } = await sessions.request("secret-session-id");
    assert.notEqual(token, second);
    const response = await authorize(second);
    await unlock("secret-session-id", response);
    sessions.close("secret-session-id");
    assert.equal(sessions.unlockedUntil("secret-session-id"), undefined);
    await refuses("TokenForeign", () => unlock("secret-session-id", response));
  });

  it("need a valid authority", async () => {
    const { refuses, time } = start();
    const without = new SupportSessions({ clock: time.clock, authority: async () => undefined });
    await refuses("NotFound", () => without.request("s1"));
    const expired = await newAuthority(new Date(NOW.getTime() + HOUR_MS));
    const late = new SupportSessions({ clock: time.clock, authority: async () => expired.certificate });
    time.pass(HOUR_MS);
    await refuses("NotFound", () => late.request("s1"));
  });

  it("stay locked where the unlock cannot be recorded", async () => {
    const { sessions, authorize } = start();
    const response = await authorize((await sessions.request("s1")).token);
    const broken = { record: () => Promise.reject(new Error("disk full")) };
    await assert.rejects(() => sessions.unlock("s1", response, broken), /disk full/);
    assert.equal(sessions.unlockedUntil("s1"), undefined);
  });
});
