import { setTimeout } from "node:timers/promises";
import type { OperatorRole } from "../commands/operatorCommand";
import { OperatorError } from "../operatorError";
import { decoyHash, isPassword } from "./operatorPassword";
import { keyFingerprint, readPublicKey } from "./publicKey";
import type { SignInFailures } from "./signInFailures";
import type { UserDirectory } from "./userDirectory";

/** Who has signed in, and by what. */
export interface AuthenticatedUser {
  readonly user: string;
  readonly role: OperatorRole;
  /** `password`, or `publickey SHA256:…`. */
  readonly credential: string;
  /** When the user was created, ISO 8601: a later user may have the same name. */
  readonly userCreated?: string;
}

/** A public key that a client offers, with a signature where it proves that it has the private key. */
export interface OfferedKey {
  /** Type as in the key itself, such as `ssh-rsa`. */
  readonly type: string;
  /** In SSH's wire format. */
  readonly wire: Buffer;
  /** Of an RSA signature; undefined is SHA-1 there. */
  readonly hash?: string;
  readonly proof?: { readonly blob: Buffer; readonly signature: Buffer };
}

/** How long the first failure takes, in milliseconds. */
export const FAILURE_MS = 1000;

/** A failure takes twice as long after each earlier one from the same source, up to so many times as the first. */
const LONGEST = 8;

/** Users that do not exist count as one, so that what an attacker tries fills no store. */
const UNKNOWN_USER = "?";

const failed = (why: string): OperatorError => new OperatorError("AuthenticationFailed", why);

/**
 * Judges passwords and keys by the store alone. A refusal is the same for an unknown user, a wrong password and a locked user,
 * and takes the same time.
 */
export class Authenticator {
  constructor(
    private readonly directory: UserDirectory,
    private readonly failures: SignInFailures,
    /** How long the first failure takes, in milliseconds. */
    private readonly failureMs = FAILURE_MS,
    private readonly decoy = decoyHash(),
    private readonly wait: (milliseconds: number) => Promise<unknown> = setTimeout,
  ) {}

  /** The name of a user as the store has it; undefined where there is no such user. */
  async knownName(name: string): Promise<string | undefined> {
    return (await this.directory.user(name)) && name.toLowerCase();
  }

  /** Errors: OperatorError AuthenticationFailed; AccountLocked after too many failures of the user or the source. */
  async byPassword(name: string, password: string, source: string): Promise<AuthenticatedUser> {
    const begun = performance.now();
    const found = await this.directory.user(name);
    const user = name.toLowerCase();
    const counted = found === undefined ? UNKNOWN_USER : user;
    const { isLocked, failures } = await this.failures.count(counted, source);
    const isRight = await isPassword(password, found?.password ?? this.decoy);
    if (isRight && !isLocked && found?.password !== undefined) {
      await this.failures.succeeded(user, source);
      return { user, role: found.role, credential: "password", userCreated: found.created };
    }
    const whole = this.failureMs * Math.min(2 ** failures, LONGEST);
    await this.wait(Math.max(0, whole - (performance.now() - begun)));
    throw isLocked ? new OperatorError("AccountLocked", "Too many failures.") : failed("The password is wrong.");
  }

  /**
   * Without a signature the result only says that the key may be used. Failures of passwords do not lock keys: no one else can
   * lock an operator out. Errors: OperatorError AuthenticationFailed.
   */
  async byKey(name: string, { type, wire, hash, proof }: OfferedKey): Promise<AuthenticatedUser> {
    const found = await this.directory.user(name);
    const key = found?.publicKeys.map(readPublicKey).find((each) => each.getPublicSSH().equals(wire));
    if (found === undefined || key === undefined || key.type !== type) throw failed("The key is not the user's.");
    if (type === "ssh-rsa" && hash === undefined) throw failed("The signature is by SHA-1.");
    if (proof !== undefined && key.verify(proof.blob, proof.signature, hash) !== true) {
      throw failed("The signature is wrong.");
    }
    const credential = `publickey ${keyFingerprint(wire)}`;
    return { user: name.toLowerCase(), role: found.role, credential, userCreated: found.created };
  }
}
