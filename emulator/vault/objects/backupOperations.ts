import type { Operation, Request, Response } from "../../kernel/operation";
import { authorize } from "../vaultAuthorization";
import type { VaultDependencies } from "../vaultDependencies";
import { badParameter, vaultError } from "../vaultErrors";
import { type ObjectKind, SEGMENTS } from "../vaultPermissions";
import { checkNotManaged, checkWritable, existing, LABELS } from "./existingObject";
import { type Attributes, isObject, type JsonObject, type Tags } from "./objectAttributes";
import type { ObjectDefinition } from "./objectDefinition";
import { nameOf } from "./objectNames";
import type { ObjectKey, ObjectVersion } from "./objectVersion";

/** One version inside a backup. */
interface Kept {
  readonly version: string;
  readonly attributes: Attributes;
  readonly tags?: Tags;
  readonly managed: boolean;
  readonly detail: JsonObject;
  /** Base64. */
  readonly material?: string;
}

interface Backup {
  readonly name: string;
  /** By kind: the object itself, and its companions. */
  readonly parts: readonly {
    readonly kind: ObjectKind;
    readonly about: JsonObject;
    readonly versions: readonly Kept[];
  }[];
}

/** Versions of one object: Azure's backups hold as many (Azure documentation, "Key Vault backup"). */
const VERSION_LIMIT = 500;

const labelOf = (kind: ObjectKind): string => `backup/${kind}`;

function keptOf(key: ObjectKey, { objects }: VaultDependencies): Backup["parts"][number] {
  const versions = objects.versions(key, { after: "", top: VERSION_LIMIT + 1 });
  if (versions.length > VERSION_LIMIT) {
    throw badParameter(`A backup holds at most ${VERSION_LIMIT} versions, and ${key.name} has more.`);
  }
  const one = (object: ObjectVersion): Kept => {
    const { version, attributes, tags, managed, detail, sealed } = object;
    const material = sealed ? { material: objects.material(object).toString("base64") } : {};
    return { version, attributes, ...(tags ? { tags } : {}), managed, detail, ...material };
  };
  return { kind: key.kind, about: objects.about(key), versions: versions.map(one) };
}

function readBackup(request: Request, kind: ObjectKind, { sealer }: VaultDependencies): Backup {
  const value = isObject(request.body) ? request.body.value : undefined;
  const sealed = typeof value === "string" ? Buffer.from(value, "base64url") : Buffer.alloc(0);
  const clear = sealer.open(sealed, labelOf(kind));
  if (clear) return JSON.parse(clear.toString("utf8")) as Backup;
  throw badParameter(
    `Backup blob is not of a ${kind}, is damaged, or comes from another Azure: this local Azure restores its own backups only.`,
  );
}

/** Backup and restore (REST reference, "Backup Secret"): a sealed text with every version, good in any vault here. */
export function backupOperations(definition: ObjectDefinition, deps: VaultDependencies): Operation[] {
  const { objects, sealer, database } = deps;
  const { kind } = definition;
  const [segment, label] = [SEGMENTS[kind], LABELS[kind]];
  const kinds = [kind, ...(definition.companions ?? [])];
  const backup = (request: Request): Response => {
    const { vault } = authorize(request, { kind, action: "backup" }, deps);
    const object = existing(request, vault.key, kind, deps);
    checkNotManaged(object, "backup");
    const key = { vault: vault.key, name: object.name };
    const content: Backup = { name: object.name, parts: kinds.map((each) => keptOf({ ...key, kind: each }, deps)) };
    const value = sealer.seal(Buffer.from(JSON.stringify(content)), labelOf(kind)).toString("base64url");
    return { status: 200, body: { value } };
  };
  const restore = (request: Request): Response => {
    const scene = authorize(request, { kind, action: "restore" }, deps);
    const content = readBackup(request, kind, deps);
    const vault = scene.vault.key;
    for (const each of kinds) {
      const key = { vault, kind: each, name: content.name };
      checkWritable(key, deps);
      if (objects.state(key)) {
        throw vaultError(409, "Conflict", `${LABELS[each]} ${content.name} already exists in this key vault.`);
      }
    }
    database.transaction(() => {
      for (const { kind: each, about, versions } of content.parts) {
        const key = { vault, kind: each, name: content.name };
        for (const { attributes, material, ...rest } of versions) {
          const times = { created: attributes.created, updated: attributes.updated };
          const opened = material === undefined ? {} : { material: Buffer.from(material, "base64") };
          objects.add(key, { ...rest, attributes, times, ...opened });
        }
        objects.setAbout(key, about);
      }
    });
    const restored = objects.find({ vault, kind, name: content.name });
    if (!restored) throw new Error(`the restored ${kind} ${content.name} is not there`);
    return { status: 200, body: definition.bundle(restored, scene) };
  };
  return [
    {
      name: `Backup${label}`,
      method: "POST",
      path: `/${segment}/:name/backup`,
      handle: (request) => {
        nameOf(request);
        return backup(request);
      },
    },
    { name: `Restore${label}`, method: "POST", path: `/${segment}/restore`, handle: restore },
  ];
}
