import { AmqpError, CONDITION } from "../amqpErrors";
import type { OutgoingLink } from "../amqpLinks";

/** The property of a receiver's attach that makes it the only one of its consumer group (owner level). */
const EPOCH = "com.microsoft:epoch";
/** The most receivers without an epoch of a consumer group and partition (Azure documentation, "Event Hubs quotas"). */
const MAX_RECEIVERS = 5;

interface Group {
  owner: { readonly link: OutgoingLink; readonly epoch: number } | undefined;
  readonly others: Set<OutgoingLink>;
}

/** Throws com.microsoft:argument-error for an epoch that is no whole number from 0. */
function epochOf({ properties }: OutgoingLink): number | undefined {
  const epoch = properties[EPOCH];
  if (epoch === undefined || epoch === null) return undefined;
  if (typeof epoch === "number" && Number.isSafeInteger(epoch) && epoch >= 0) return epoch;
  throw new AmqpError(CONDITION.argument, `${EPOCH} is no whole number from 0.`);
}

const stolen = (description: string): AmqpError => new AmqpError(CONDITION.stolen, description);

/** Who reads a partition in a consumer group: five receivers, or one with an epoch, which disconnects the others. */
export class PartitionOwners {
  readonly #groups = new Map<string, Group>();

  /** Adds a receiver, until it is closed. Throws `amqp:link:stolen`, `amqp:resource-limit-exceeded` or com.microsoft:argument-error. */
  add(key: string, link: OutgoingLink): void {
    const group = this.#groups.get(key) ?? { owner: undefined, others: new Set() };
    const epoch = epochOf(link);
    if (group.owner && (epoch ?? -1) < group.owner.epoch) {
      throw stolen(
        `Receiver '${link.name}' with epoch '${epoch ?? 0}' cannot be created, because a receiver with the higher epoch '${group.owner.epoch}' exists.`,
      );
    }
    if (epoch === undefined && group.others.size >= MAX_RECEIVERS) {
      const description = `Exceeded the maximum number of allowed receivers per partition in a consumer group, which is ${MAX_RECEIVERS}.`;
      throw new AmqpError(CONDITION.limit, description);
    }
    this.#groups.set(key, group);
    link.onClosed(() => this.#remove(key, group, link));
    if (epoch === undefined) {
      group.others.add(link);
      return;
    }
    const before = [...group.others, ...(group.owner ? [group.owner.link] : [])];
    group.owner = { link, epoch };
    for (const each of before) {
      each.close(
        stolen(
          `New receiver '${link.name}' with higher epoch of '${epoch}' is created, hence the current receiver '${each.name}' is getting disconnected.`,
        ),
      );
    }
  }

  #remove(key: string, group: Group, link: OutgoingLink): void {
    group.others.delete(link);
    if (group.owner?.link === link) group.owner = undefined;
    if (!group.owner && group.others.size === 0 && this.#groups.get(key) === group) this.#groups.delete(key);
  }
}
