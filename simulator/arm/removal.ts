import type { ArmParts } from "./parts";
import type { Resource } from "./resourceTable";

type RemovalParts = Pick<ArmParts, "store" | "clock" | "resources" | "groups" | "directory">;

/** Removes a resource and, through the directory, all that the data planes keep of it. To be called in a transaction. */
export function removeResource(resource: Resource, { resources, directory }: RemovalParts): void {
  directory.removed(resource);
  resources.remove(resource.key);
}

/** Removes a group with everything in it. To be called in a transaction. */
export function removeGroup(name: string, parts: RemovalParts): void {
  for (const resource of parts.resources.list({ group: name })) removeResource(resource, parts);
  parts.groups.remove(name);
}

/** Ends the deletions whose time has come: only with real delays does one last longer than its request. */
export function sweep(parts: RemovalParts): void {
  const now = parts.clock.now().getTime();
  const groups = parts.groups.due(now);
  const resources = parts.resources.due(now);
  if (groups.length + resources.length === 0) return;
  parts.store.transaction(() => {
    for (const { name } of groups) removeGroup(name, parts);
    for (const resource of resources) removeResource(resource, parts);
  });
  parts.directory.changed();
}
