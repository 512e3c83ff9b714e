import { randomBytes, scrypt, timingSafeEqual } from "node:crypto";
import { OperatorError } from "../operatorError";

/** A password's scrypt hash, with what it takes to compute it again. */
export interface PasswordHash {
  /** Base64. */
  readonly salt: string;
  /** Base64. */
  readonly hash: string;
  /** scrypt's N. */
  readonly cost: number;
}

// OWASP Password Storage Cheat Sheet: N = 2^15, r = 8, p = 3 (32 MiB).
const COST = 2 ** 15;
const BLOCK_SIZE = 8;
const PARALLELIZATION = 3;
const LENGTH = 32;

/** Lengths of a password, in characters. */
const SHORTEST = 14;
const LONGEST = 256;

/** Each takes 32 MiB while it runs, so only this many run at a time. */
const PARALLEL = 2;
let running = 0;
const waiting: (() => void)[] = [];

async function derived(password: string, salt: Buffer, cost: number): Promise<Buffer> {
  if (running >= PARALLEL) await new Promise<void>((resolve) => waiting.push(resolve));
  running += 1;
  try {
    // RFC 4252 section 8: passwords are UTF-8; the form of composed characters is the client's.
    const text = password.normalize("NFKC");
    const options = { cost, blockSize: BLOCK_SIZE, parallelization: PARALLELIZATION, maxmem: 256 * cost * BLOCK_SIZE };
    return await new Promise((resolve, reject) => {
      scrypt(text, salt, LENGTH, options, (error, key) => (error === null ? resolve(key) : reject(error)));
    });
  } finally {
    running -= 1;
    waiting.shift()?.();
  }
}

/** The hash of a new password. `cost`: scrypt's N. */
export async function passwordHash(password: string, cost = COST): Promise<PasswordHash> {
  const salt = randomBytes(16);
  const hash = await derived(password, salt, cost);
  return { salt: salt.toString("base64"), hash: hash.toString("base64"), cost };
}

/** A hash of no password, for users that do not exist or have none: to compare it takes as long. */
export function decoyHash(cost = COST): PasswordHash {
  return { salt: randomBytes(16).toString("base64"), hash: randomBytes(LENGTH).toString("base64"), cost };
}

/** Whether a password is the one of a hash. */
export async function isPassword(password: string, { salt, hash, cost }: PasswordHash): Promise<boolean> {
  return timingSafeEqual(await derived(password, Buffer.from(salt, "base64"), cost), Buffer.from(hash, "base64"));
}

/** Errors: OperatorError WeakPassword, with the rule. */
export function checkPassword(password: string, userName: string): void {
  const text = password.normalize("NFKC");
  const characters = [...text];
  const classes = [/\p{Ll}/u, /\p{Lu}/u, /\p{Nd}/u, /[^\p{L}\p{Nd}]/u].filter((each) => each.test(text)).length;
  const rules: [boolean, string][] = [
    [characters.length < SHORTEST, `has fewer than ${SHORTEST} characters`],
    [characters.length > LONGEST, `has more than ${LONGEST} characters`],
    [/\p{Cc}/u.test(text), "has a control character"],
    [text.toLowerCase().includes(userName.toLowerCase()), "contains the user name"],
    [new Set(characters).size < 8, "has fewer than 8 different characters"],
    [
      characters.length < 20 && classes < 3,
      "has fewer than three of: lower-case letters, upper-case letters, digits, other characters; or 20 characters",
    ],
  ];
  const broken = rules.filter(([isBroken]) => isBroken).map(([, rule]) => rule);
  if (broken.length === 0) return;
  throw new OperatorError(
    "WeakPassword",
    `The password ${broken.join(", and ")}.`,
    "take a longer one, of several words",
  );
}
