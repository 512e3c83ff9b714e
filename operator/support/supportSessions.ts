import { randomBytes, timingSafeEqual } from "node:crypto";
import { performance } from "node:perf_hooks";
import { findAlgorithmOf } from "../../certs/algorithms";
import type { Certificate } from "../../certs/certificate";
import type { Clock } from "../../certs/clock";
import { generateKeyPair, type PrivateKey } from "../../certs/keys";
import { KeySigner } from "../../certs/signer";
import { OperatorError } from "../operatorError";
import type { TranscriptRecorder } from "../transcript/transcriptEntry";
import { createSupportCertificate } from "./supportCertificate";
import { openToken, readToken, sealToken } from "./supportToken";
import { type TokenKey, tokenPrivateKey } from "./tokenKey";

const HOUR_MS = 3_600_000;

/** How long a request can be authorized and its response be used, ms. */
export const REQUEST_MS = 2 * HOUR_MS;

/** The longest time that a session is unlocked, ms. */
export const MAX_UNLOCK_MS = 8 * HOUR_MS;

/** What support sessions depend on. */
export interface SupportDependencies {
  readonly clock: Clock;
  /** Milliseconds of a clock that never moves back. Default: the process's. */
  readonly elapsed?: () => number;
  /** Makes the key of a request. Default: RSA-2048. */
  readonly newKey?: () => Promise<PrivateKey>;
  /** The certificate of the support authority; undefined: there is none, and no session can be unlocked. */
  authority(): Promise<Certificate | undefined>;
}

/** A request of a session, until it is used or replaced. Its private key is in memory only. */
interface PendingRequest {
  readonly session: string;
  readonly key: TokenKey;
  readonly authority: Certificate;
  /** The wall clock and the elapsed time when it was made. */
  readonly madeAt: Date;
  readonly elapsed: number;
}

/** What a session was unlocked by, and until when. */
interface Unlock {
  readonly until: Date;
  /** In elapsed time, which a wall clock moved back does not prolong. */
  readonly deadline: number;
  readonly recorder: TranscriptRecorder;
  readonly timer: NodeJS.Timeout;
}

interface SupportSession {
  pending?: PendingRequest;
  unlock?: Unlock;
  /** Certificates of the requests that unlocked the session. */
  readonly used: Certificate[];
}

const hours = (ms: number): string => `${ms / HOUR_MS} hours`;

/** The support sessions of one instance, by session ID. All of it is in memory: a session taken over is locked. */
export class SupportSessions {
  readonly #sessions = new Map<string, SupportSession>();
  readonly #deps: Required<SupportDependencies>;

  constructor(deps: SupportDependencies) {
    this.#deps = { elapsed: () => performance.now(), newKey: () => generateKeyPair("RSA-2048"), ...deps };
  }

  #sessionOf(id: string): SupportSession {
    const session = this.#sessions.get(id) ?? { used: [] };
    this.#sessions.set(id, session);
    return session;
  }

  async #authority(): Promise<Certificate> {
    const remedy = "Start the endpoint with --authority FILE; zero-touch operator authority makes the file.";
    const authority = await this.#deps.authority();
    if (authority === undefined) throw new OperatorError("NotFound", "No support authority is configured.", remedy);
    if (findAlgorithmOf(authority.publicKey)?.family !== "rsa") {
      throw new OperatorError("NotFound", "The certificate of the support authority has no RSA key.", remedy);
    }
    if (this.#deps.clock.now() < authority.notAfter) return authority;
    const expired = authority.notAfter.toISOString();
    throw new OperatorError("NotFound", `The certificate of the support authority expired on ${expired}.`, remedy);
  }

  /** A request token of a session. It replaces an earlier request. Errors: NotFound without a valid authority. */
  async request(id: string): Promise<{ readonly token: string; readonly expires: Date }> {
    const authority = await this.#authority();
    const madeAt = this.#deps.clock.now();
    const elapsed = this.#deps.elapsed();
    const expires = new Date(madeAt.getTime() + REQUEST_MS);
    const privateKey = await this.#deps.newKey();
    // The hour before is for an authority whose clock is behind.
    const validity = { notBefore: new Date(madeAt.getTime() - HOUR_MS), notAfter: expires };
    const certificate = await createSupportCertificate(
      { commonName: "Support session", ...validity },
      new KeySigner(privateKey),
    );
    const pending = { session: randomBytes(32).toString("hex"), authority, madeAt, elapsed };
    const key = { certificate, ...tokenPrivateKey(privateKey) };
    const token = await sealToken("supportSessionRequest", { session: pending.session, expires }, key, authority);
    this.#sessionOf(id).pending = { ...pending, key };
    return { token, expires };
  }

  /**
   * Unlocks a session by a response token, until the token expires and for at most eight hours. Errors: OperatorError
   * TokenMalformed, TokenForeign, TokenExpired, TokenReplayed.
   */
  async unlock(id: string, token: string, recorder: TranscriptRecorder): Promise<Date> {
    const session = this.#sessionOf(id);
    const message = await readToken(token);
    const askAgain = "Ask for a new token with Get-SupportSessionToken, in this session.";
    if (session.used.some((certificate) => message.isFor(certificate))) {
      throw new OperatorError("TokenReplayed", "The token was used before.", askAgain);
    }
    const { pending } = session;
    if (pending === undefined) {
      throw new OperatorError("TokenForeign", "This session has no request that waits for a response.", askAgain);
    }
    const response = await openToken("supportSessionResponse", message, pending.key, pending.authority);
    if (!timingSafeEqual(Buffer.from(response.session), Buffer.from(pending.session))) {
      throw new OperatorError("TokenForeign", "The token is of another session.", askAgain);
    }
    const passed = this.#deps.elapsed() - pending.elapsed;
    // The wall clock may have moved back since the request.
    const now = Math.max(this.#deps.clock.now().getTime(), pending.madeAt.getTime() + passed);
    if (passed >= REQUEST_MS || now >= pending.madeAt.getTime() + REQUEST_MS) {
      throw new OperatorError("TokenExpired", `The request is older than ${hours(REQUEST_MS)}.`, askAgain);
    }
    if (now >= response.expires.getTime()) {
      throw new OperatorError("TokenExpired", `The token expired at ${response.expires.toISOString()}.`, askAgain);
    }
    if (session.pending !== pending) throw new OperatorError("TokenReplayed", "The token was used before.", askAgain);
    session.pending = undefined;
    session.used.push(pending.key.certificate);
    const duration = Math.min(response.expires.getTime() - now, MAX_UNLOCK_MS);
    const until = new Date(now + duration);
    await recorder.record("unlocked", { until: until.toISOString(), authority: pending.authority.sha256Thumbprint });
    const timer = setTimeout(() => this.#lock(session), duration).unref();
    clearTimeout(session.unlock?.timer);
    session.unlock = { until, deadline: this.#deps.elapsed() + duration, recorder, timer };
    return until;
  }

  /** Until when a session is unlocked; undefined where it is locked. Records that it locks itself. */
  unlockedUntil(id: string): Date | undefined {
    const session = this.#sessions.get(id);
    if (session?.unlock === undefined) return undefined;
    const { until, deadline } = session.unlock;
    if (this.#deps.clock.now() < until && this.#deps.elapsed() < deadline) return until;
    this.#lock(session);
    return undefined;
  }

  #lock(session: SupportSession): void {
    const { unlock } = session;
    session.unlock = undefined;
    clearTimeout(unlock?.timer);
    // After a failure the recorder refuses the next entry too, which ends the session.
    unlock?.recorder.record("locked", { reason: "expired" }).catch(() => {});
  }

  /** Forgets a session that is closed: nothing unlocks it again. */
  close(id: string): void {
    clearTimeout(this.#sessions.get(id)?.unlock?.timer);
    this.#sessions.delete(id);
  }
}
