import { FAILURE_MS } from "../users/authenticator";

/** Limits of the SSH server. */
export interface ServerLimits {
  /** Connections at a time, of all clients. */
  readonly connections: number;
  /** Connections at a time from one source that have not signed in. */
  readonly unauthenticatedOfSource: number;
  /** Tries to sign in on one connection. */
  readonly signInTries: number;
  /** How long a wrong password takes, in milliseconds; longer after each other one from the same source. */
  readonly failureMs: number;
  /** Until a connection must have signed in, in milliseconds. */
  readonly signInMs: number;
  /** What a connection may send until it has signed in, in bytes. */
  readonly signInBytes: number;
  /** What a client may leave unread, in bytes. */
  readonly unreadBytes: number;
  /** Channels at a time on one connection. */
  readonly channels: number;
  /** Without input and without a running command, until a session ends, in milliseconds; a connection without a session, too. */
  readonly idleMs: number;
  /** Between messages to a silent client, in milliseconds; after the third without a reply its connection ends. */
  readonly keepaliveMs: number;
}

/** The defaults: those of OpenSSH's sshd, with an end to idle sessions. */
export const SERVER_LIMITS: ServerLimits = Object.freeze({
  connections: 100,
  unauthenticatedOfSource: 10,
  signInTries: 6,
  failureMs: FAILURE_MS,
  signInMs: 120_000,
  signInBytes: 256 * 1024,
  // The windows of all channels of OpenSSH's client, and some more.
  unreadBytes: 32 * 1024 * 1024,
  channels: 10,
  idleMs: 15 * 60_000,
  keepaliveMs: 15_000,
});
