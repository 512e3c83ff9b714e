import { passphraseOptions } from "../certs/passphrase";
import type { OptionRule } from "../commandUsage";

/** The options of `zero-touch fleet`. */
export const FLEET_OPTIONS: Readonly<Record<string, OptionRule>> = Object.freeze({
  count: { value: "N", from: 1, about: "devices of the fleet; default 100, with --manifest all that it lists" },
  prefix: { value: "TEXT", about: "registration IDs before the number; default fleet-: fleet-000001, fleet-000002 …" },
  manifest: {
    value: "FILE",
    about: "manifest.jsonl of zero-touch certs issue: these devices, and no certificates are issued",
  },
  out: { value: "FOLDER", about: "certificates, journal and report; default .local/fleet" },
  concurrency: { value: "N", from: 1, about: "devices with a request in flight; default 16 for each core" },
  messages: { value: "N", from: 0, about: "messages of each device; default 1, 0 registers only" },
  interval: { value: "SECONDS", from: 0, about: "between two messages of a device; default 5" },
  shard: { value: "INDEX/COUNT", about: "a part of the fleet, INDEX from 0; reports of shards merge" },
  store: {
    value: "URL",
    about:
      "of a blob container, or a SQLite file: claims a shard that no other process has, and keeps its journal there",
  },
  shards: { value: "N", from: 1, about: "number of shards, with --store" },
  "id-scope": {
    value: "ID",
    about: "of the provisioning service, in this shell's environment; default PROVISIONING_IDSCOPE, or the dev stack",
  },
  host: { value: "NAME", about: "of DPS for devices; default PROVISIONING_HOST, or the global one" },
  issuer: {
    value: "FILE",
    about: "the issuing CA's certificate, then those above it; default FLEET_ISSUER (PEM), or the dev stack's",
  },
  "issuer-key": { value: "FILE", about: "the issuing CA's private key, or its https address in a key vault" },
  ...passphraseOptions("issuer-", "the issuing CA's key"),
});
