import type { Answer, Call, Operation } from "../../kernel/call";
import { authorize } from "../authorize";
import { badParameter, vaultError } from "../errors";
import type { VaultParts } from "../parts";
import { type ObjectKind, SEGMENTS } from "../permissions";
import { type Attributes, isObject, type JsonObject, type Tags } from "./attributes";
import { checkNotManaged, checkWritable, existing, LABELS } from "./existing";
import { nameOf } from "./names";
import type { ObjectFace } from "./objectFace";
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

function keptOf(key: ObjectKey, { objects }: VaultParts): Backup["parts"][number] {
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

function readBackup(call: Call, kind: ObjectKind, { sealer }: VaultParts): Backup {
  const value = isObject(call.body) ? call.body.value : undefined;
  const sealed = typeof value === "string" ? Buffer.from(value, "base64url") : Buffer.alloc(0);
  const clear = sealer.open(sealed, labelOf(kind));
  if (clear) return JSON.parse(clear.toString("utf8")) as Backup;
  throw badParameter(
    `Backup blob is not of a ${kind}, is damaged, or comes from another Azure: this local Azure restores its own backups only.`,
  );
}

/** Backup and restore (REST reference, "Backup Secret"): a sealed text with every version, good in any vault here. */
export function backupOperations(face: ObjectFace, parts: VaultParts): Operation[] {
  const { objects, sealer, store } = parts;
  const { kind } = face;
  const [segment, label] = [SEGMENTS[kind], LABELS[kind]];
  const kinds = [kind, ...(face.companions ?? [])];
  const backup = (call: Call): Answer => {
    const { vault } = authorize(call, { kind, action: "backup" }, parts);
    const object = existing(call, vault.key, kind, parts);
    checkNotManaged(object, "backup");
    const key = { vault: vault.key, name: object.name };
    const content: Backup = { name: object.name, parts: kinds.map((each) => keptOf({ ...key, kind: each }, parts)) };
    const value = sealer.seal(Buffer.from(JSON.stringify(content)), labelOf(kind)).toString("base64url");
    return { status: 200, body: { value } };
  };
  const restore = (call: Call): Answer => {
    const scene = authorize(call, { kind, action: "restore" }, parts);
    const content = readBackup(call, kind, parts);
    const vault = scene.vault.key;
    for (const each of kinds) {
      const key = { vault, kind: each, name: content.name };
      checkWritable(key, parts);
      if (objects.state(key)) {
        throw vaultError(409, "Conflict", `${LABELS[each]} ${content.name} already exists in this key vault.`);
      }
    }
    store.transaction(() => {
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
    return { status: 200, body: face.bundle(restored, scene) };
  };
  return [
    {
      name: `Backup${label}`,
      method: "POST",
      path: `/${segment}/:name/backup`,
      handle: (call) => {
        nameOf(call);
        return backup(call);
      },
    },
    { name: `Restore${label}`, method: "POST", path: `/${segment}/restore`, handle: restore },
  ];
}
