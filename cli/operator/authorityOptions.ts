import { NEW_PASSPHRASE_OPTIONS, passphraseOptions } from "../certs/passphrase";
import type { OptionRule } from "../commandUsage";

/** Hours that a response token is valid, at most and by default. */
export const MAX_HOURS = 8;

/** The options of `zero-touch operator authority`. */
export const AUTHORITY_OPTIONS: Readonly<Record<string, OptionRule>> = Object.freeze({
  name: { value: "CN", required: true, about: "Common name of the authority, which tokens contain" },
  out: { value: "FILE", required: true, about: "Write the certificate here, PEM, for the operator endpoint" },
  "key-out": { value: "FILE", about: "Generate an RSA-3072 key and write it here" },
  key: { value: "FILE", about: "Use this RSA key instead, or one in a key vault by its https address" },
  days: { value: "N", from: 1, about: "Lifetime in days (default 365)" },
  ...passphraseOptions("key-", "the key of --key"),
  ...NEW_PASSPHRASE_OPTIONS,
  force: { about: "Overwrite existing files" },
});

/** The options of `zero-touch operator authorize`. */
export const AUTHORIZE_OPTIONS: Readonly<Record<string, OptionRule>> = Object.freeze({
  authority: { value: "FILE", required: true, about: "The authority's certificate" },
  key: { value: "FILE", required: true, about: "The authority's private key, or its https address in a key vault" },
  ...passphraseOptions("key-", "the authority's key"),
  hours: {
    value: "N",
    about: `Until when the session is unlocked at most (default ${MAX_HOURS})`,
    choices: Array.from({ length: MAX_HOURS }, (_, hour) => String(hour + 1)),
  },
});
