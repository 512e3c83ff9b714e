/** What a run knows of a list: its enrollments at the service, creates with unknown outcome, and secrets in a vault. */
import { isObject } from "../../../azure/wire/jsonObject";
import type { AzureGateway } from "../resource/azureGateway";
import { pickFields } from "../resource/fields";
import type { Props } from "../resource/handler";
import type { KeyPair } from "../vault/storedKeys";
import { idKey } from "./listEntry";
import { entriesOf, entryInputs, FIELDS } from "./listInputs";
import { ListKeys } from "./listKeys";
import { PendingCreates } from "./pendingCreates";

type Gateway = Pick<AzureGateway, "enrollmentList" | "individualEnrollment" | "vaultSecrets" | "now" | "log" | "pause">;

/** An enrollment of a list at the service. */
interface Current {
  readonly id: string;
  readonly entry: Props;
  /** Symmetric keys that the service made, if they are known and no vault keeps them. */
  readonly made?: KeyPair;
}

/** The state of a list at every moment of a run; its {@link outs} are the outputs. */
export class CurrentState {
  readonly pending: PendingCreates;
  readonly keys: ListKeys;
  readonly #all = new Map<string, Current>();

  /** `olds` are the outputs of earlier runs, `news` the inputs, or the outputs again. */
  constructor(gateway: Gateway, olds: Props, news: Props) {
    this.pending = new PendingCreates(gateway, olds);
    this.keys = new ListKeys(gateway, olds, news);
    const made = (isObject(olds.symmetricKeys) ? olds.symmetricKeys : {}) as Readonly<Record<string, KeyPair>>;
    for (const [id, entry] of Object.entries(entriesOf(olds)))
      this.set(id, entry, Object.hasOwn(made, id) ? made[id] : undefined);
  }

  /** Whether nothing is worth a state: no enrollment, no pending create, no secret. */
  get isEmpty(): boolean {
    return this.#all.size === 0 && this.pending.isEmpty && this.keys.isEmpty;
  }

  /** The enrollment of a registration ID, in any letter case. */
  get(id: string): Current | undefined {
    return this.#all.get(idKey(id));
  }

  set(id: string, entry: Props, made?: KeyPair): void {
    this.#all.set(idKey(id), { id, entry, made });
  }

  remove(id: string): void {
    this.#all.delete(idKey(id));
  }

  /** Sorted, so that the outputs do not depend on the order of responses. */
  entries(): [string, Props][] {
    return this.#sorted().map(({ id, entry }) => [id, entry]);
  }

  /** Finds out what became of pending creates, and adds those that are ours. */
  async settle(service: string): Promise<void> {
    for (const [id, entry] of await this.pending.settle(service)) this.set(id, entry);
  }

  /** The outputs. `given` are the inputs. */
  outs(given: Props): Record<string, unknown> {
    const entries = this.entries();
    const made = this.#sorted().flatMap((each) => (each.made === undefined ? [] : [[each.id, each.made] as const]));
    return {
      // In the outputs beside the rest, because the engine would else show it as a change with every other change.
      ...pickFields(FIELDS, given),
      ...entryInputs(entries),
      symmetricKeys: Object.fromEntries(made),
      ...this.keys.outs(entries),
      ...this.pending.outs(),
    };
  }

  #sorted(): Current[] {
    return [...this.#all.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
  }
}
