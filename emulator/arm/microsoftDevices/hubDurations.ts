import { isObject, type JsonObject } from "../../../azure/wire/jsonObject";
import { durationMs } from "../../kernel/duration";
import type { ArmDependencies } from "../armDependencies";
import { devicesError } from "../armErrors";
import { objectAt } from "../armRequest";

const [SECOND_MS, MINUTE_MS, HOUR_MS] = [1000, 60_000, 3_600_000];

interface Range {
  readonly least: number;
  readonly most: number;
  readonly words: string;
}

/** How long a message lives, and how long it is locked (Azure documentation, "Cloud-to-device configuration options"). */
const TTL: Range = { least: MINUTE_MS, most: 48 * HOUR_MS, words: "1 minute and 48 hours" };
const LOCK: Range = { least: 5 * SECOND_MS, most: 300 * SECOND_MS, words: "5 and 300 seconds" };
/** How long the signature of an upload is valid (azure-cli, `--fileupload-sas-ttl`: 1 to 24 hours; azurerm: from a minute on). */
const SAS_TTL: Range = { least: MINUTE_MS, most: 24 * HOUR_MS, words: "1 minute and 24 hours" };

type Rule = readonly [path: string, value: unknown, range: Range];

const queueRules = (path: string, { lockDurationAsIso8601, ttlAsIso8601 }: JsonObject): readonly Rule[] => [
  [`${path}.lockDurationAsIso8601`, lockDurationAsIso8601, LOCK],
  [`${path}.ttlAsIso8601`, ttlAsIso8601, TTL],
];

const objectsIn = (value: unknown): readonly (readonly [string, JsonObject])[] =>
  Object.entries(isObject(value) ? value : {}).flatMap(([name, member]) => (isObject(member) ? [[name, member]] : []));

/** Throws 400004, which is a guess, for a duration of a hub's properties beyond its range. */
export function checkDurations(properties: JsonObject, deps: ArmDependencies): void {
  const cloudToDevice = objectAt(properties, "cloudToDevice");
  const rules: readonly Rule[] = [
    ["cloudToDevice.defaultTtlAsIso8601", cloudToDevice.defaultTtlAsIso8601, TTL],
    ...queueRules("cloudToDevice.feedback", objectAt(cloudToDevice, "feedback")),
    ...objectsIn(properties.messagingEndpoints).flatMap(([name, queue]) =>
      queueRules(`messagingEndpoints.${name}`, queue),
    ),
    ...objectsIn(properties.storageEndpoints).map(
      ([name, { sasTtlAsIso8601 }]): Rule => [`storageEndpoints.${name}.sasTtlAsIso8601`, sasTtlAsIso8601, SAS_TTL],
    ),
  ];
  for (const [path, value, { least, most, words }] of rules) {
    if (value === undefined || value === null) continue;
    const given = durationMs(value, Number.NaN);
    if (given >= least && given <= most) continue;
    throw devicesError("invalidArgument", `${path} must be between ${words}, not ${String(value)}.`, deps);
  }
}
