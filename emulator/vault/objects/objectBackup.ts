import type { JsonObject } from "../../../azure/wire/jsonObject";
import type { Sealer } from "../sealer";
import type { WithObjects } from "../vaultDependencies";
import { badParameter, vaultError } from "../vaultErrors";
import type { ObjectKind } from "../vaultPermissions";
import type { ObjectKey, ObjectVersion } from "./objectVersion";

interface KindBackup {
  readonly kind: ObjectKind;
  readonly about: JsonObject;
  /** The material is base64. */
  readonly versions: readonly (Omit<ObjectVersion, keyof ObjectKey | "sealed"> & { readonly material?: string })[];
}

/** The content of a backup. It is sealed on the wire, and valid in any vault of this local Azure. */
export interface ObjectBackup {
  readonly name: string;
  /** The object itself and its companions. */
  readonly parts: readonly KindBackup[];
}

/** Versions of one object in a backup, as in Azure (Azure documentation, "Key Vault backup"). */
const MAX_VERSIONS = 500;

const labelOf = (kind: ObjectKind): string => `backup/${kind}`;

/** Returns the backup of all versions of one object. Throws 400 for more than 500. */
export function kindBackup(key: ObjectKey, { objects }: WithObjects): KindBackup {
  const versions = objects.versions(key, { after: "", top: MAX_VERSIONS + 1 });
  if (versions.length > MAX_VERSIONS) {
    throw badParameter(`A backup holds at most ${MAX_VERSIONS} versions, and ${key.name} has more.`);
  }
  return {
    kind: key.kind,
    about: objects.about(key),
    versions: versions.map((object) => {
      const { version, attributes, tags, managed, detail, sealed } = object;
      const material = sealed ? objects.material(object).toString("base64") : undefined;
      return { version, attributes, tags, managed, detail, material };
    }),
  };
}

/** Returns the sealed text of a backup. */
export const sealBackup = (backup: ObjectBackup, kind: ObjectKind, sealer: Sealer): string =>
  sealer.seal(Buffer.from(JSON.stringify(backup)), labelOf(kind)).toString("base64url");

/** Opens the sealed text of a backup. Throws 400. */
export function openBackup(value: unknown, kind: ObjectKind, sealer: Sealer): ObjectBackup {
  const sealed = typeof value === "string" ? Buffer.from(value, "base64url") : Buffer.alloc(0);
  const content = sealer.open(sealed, labelOf(kind));
  if (content) return JSON.parse(content.toString("utf8")) as ObjectBackup;
  const message = `The backup is not of a ${kind}, is damaged, or comes from another Azure: this local Azure restores its own backups only.`;
  throw vaultError(400, "Malformed backup blob", message);
}
