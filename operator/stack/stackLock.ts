/** One change of the stack at a time, across all instances of the endpoint. */
import type { CommandContext } from "../commands/operatorCommand";
import { OperatorError } from "../operatorError";
import type { OperatorStore, StoreLease } from "../store/operatorStore";

/** The log with the lease; it has no entries. An instance that dies loses the lease after {@link LEASE_SECONDS}. */
const LOCK = "locks/stack";
/** The document that says who holds the lease. */
const HOLDER = "locks/stack.holder";
const LEASE_SECONDS = 60;
const RENEWAL_MS = 20_000;

async function leaseOf(store: OperatorStore): Promise<StoreLease> {
  try {
    return await store.createLog(LOCK, LEASE_SECONDS);
  } catch (error) {
    if (!(error instanceof OperatorError) || error.code !== "StoreConflict") throw error;
    return store.acquireLease(LOCK, LEASE_SECONDS);
  }
}

async function busy(store: OperatorStore): Promise<OperatorError> {
  const { user = "another operator", command = "a command" } = (await store.read(HOLDER))?.value ?? {};
  const remedy = "run this again when it is done; where its instance has ended, after a minute";
  return new OperatorError("StackBusy", `${user} is changing the stack with ${command}.`, remedy);
}

/** Runs `work` alone on the stack. Errors: StackBusy while another command, of any instance, changes it. */
export async function withStackLock<R>(
  { store, session, clock }: Pick<CommandContext, "store" | "session" | "clock">,
  command: string,
  work: () => Promise<R>,
): Promise<R> {
  const lease = await leaseOf(store).catch(async (error: unknown) => {
    throw error instanceof OperatorError && error.code === "LeaseHeld" ? await busy(store) : error;
  });
  // A failed renewal is not an error of the command: Pulumi's own lock still keeps others out.
  const renewal = setInterval(() => void store.renewLease(lease, LEASE_SECONDS).catch(() => undefined), RENEWAL_MS);
  try {
    const holder = { user: session.user, command, session: session.id, since: clock.now().toISOString() };
    await store.write(HOLDER, holder, (await store.read(HOLDER))?.etag);
    return await work();
  } finally {
    clearInterval(renewal);
    await store.releaseLease(lease).catch(() => undefined);
  }
}
