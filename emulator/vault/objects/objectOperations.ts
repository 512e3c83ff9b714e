import type { Operation } from "../../kernel/operation";
import type { VaultDependencies } from "../vaultDependencies";
import { backupObject } from "./backupObject";
import { deleteObject } from "./deleteObject";
import { getDeletedObject } from "./getDeletedObject";
import { listDeletedObjects, listObjects } from "./listObjects";
import { listObjectVersions } from "./listObjectVersions";
import type { ObjectDefinition } from "./objectDefinition";
import { purgeDeletedObject } from "./purgeDeletedObject";
import { recoverDeletedObject } from "./recoverDeletedObject";
import { restoreObject } from "./restoreObject";
import { updateObject } from "./updateObject";

/** The operations that keys, secrets and certificates have in common. */
export const objectOperations = (definition: ObjectDefinition, deps: VaultDependencies): Operation[] => [
  listObjects(definition, deps),
  listObjectVersions(definition, deps),
  ...updateObject(definition, deps),
  deleteObject(definition, deps),
  listDeletedObjects(definition, deps),
  getDeletedObject(definition, deps),
  recoverDeletedObject(definition, deps),
  purgeDeletedObject(definition, deps),
  backupObject(definition, deps),
  restoreObject(definition, deps),
];
