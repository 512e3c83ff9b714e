/** What of a list of enrollments stands at the service, as far as a run knows. */
import { nameKey } from "../../../azure/names";
import type { Props } from "../resource/handler";
import type { Entries, MadeKeys } from "./listEntry";

const keyOf = (id: string): string => nameKey("registrationId", id);

/** Enrollments by registration ID, in whatever letter case, with the symmetric keys that the service made. */
export class Standing {
  readonly #all = new Map<string, { id: string; entry: Props; made: MadeKeys | undefined }>();

  constructor(entries: Entries, made: Readonly<Record<string, MadeKeys>>) {
    for (const [id, entry] of Object.entries(entries))
      this.set(id, entry, Object.hasOwn(made, id) ? made[id] : undefined);
  }

  /** What stands under a registration ID. */
  get(id: string): { readonly entry: Props; readonly made: MadeKeys | undefined } | undefined {
    return this.#all.get(keyOf(id));
  }

  set(id: string, entry: Props, made: MadeKeys | undefined): void {
    this.#all.set(keyOf(id), { id, entry, made });
  }

  remove(id: string): void {
    this.#all.delete(keyOf(id));
  }

  get isEmpty(): boolean {
    return this.#all.size === 0;
  }

  /** Sorted, so that the state does not tell in which order answers came. */
  #sorted() {
    return [...this.#all.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  entries(): [string, Props][] {
    return this.#sorted().map(({ id, entry }) => [id, entry]);
  }

  keys(): [string, MadeKeys][] {
    return this.#sorted().flatMap(({ id, made }) => (made === undefined ? [] : [[id, made] as [string, MadeKeys]]));
  }
}
