import type { AzureGateway } from "../../providers/handlers/resource/azureGateway";
import { PartialError } from "../../providers/handlers/resource/handler";

/** How a call is cut: it never reaches Azure, or Azure does it and the response is lost. */
export type Cut = "before" | "after";

const CUT = "the call was cut";

/** What a call ends with that is cut. */
class CutError extends Error {
  override readonly name = "CutError";

  constructor() {
    super(CUT);
  }
}

/** Whether a run ended by a cut call. A list's handler quotes the message of each failure. */
const isOfCut = (error: unknown): boolean => error instanceof Error && error.message.includes(CUT);

/** What has no way to Azure in it. */
const OWN = new Set<string | symbol>(["now", "log", "pause", "newId"]);

/** A gateway whose request number `at`, from 0, is cut. `calls` counts those that were begun. */
export function cutGateway(
  gateway: AzureGateway,
  at: number,
  how: Cut,
): { readonly gateway: AzureGateway; readonly calls: () => number } {
  let begun = 0;
  const cutting = (method: (...given: unknown[]) => Promise<unknown>) =>
    async function (this: unknown, ...given: unknown[]): Promise<unknown> {
      const isCut = begun === at;
      begun += 1;
      if (isCut && how === "before") throw new CutError();
      const response = await method.apply(this, given);
      if (isCut) throw new CutError();
      return response;
    };
  const cutClient = (client: object): object =>
    new Proxy(client, {
      get(target, name) {
        const member: unknown = Reflect.get(target, name);
        return typeof member === "function" ? cutting(member.bind(target)) : member;
      },
    });
  const cut = new Proxy(gateway, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name);
      if (OWN.has(name) || typeof member !== "function") return member;
      if (name !== "asDevice") return (...given: unknown[]) => cutClient(member.apply(target, given));
      return (transport: unknown, credentials: unknown, work: (device: unknown) => unknown) =>
        member.apply(target, [transport, credentials, (device: object) => work(cutClient(device))]);
    },
  });
  return { gateway: cut, calls: () => begun };
}

/** A resource's state as the engine keeps it. */
export interface Kept {
  readonly id: string;
  readonly props: Readonly<Record<string, unknown>>;
}

/** The state after a run: its outputs, those of a partial error, or, if the engine was killed, the state before. */
export async function keptOf(
  run: Promise<Kept>,
  before: Kept | undefined,
  isKilled: boolean,
): Promise<Kept | undefined> {
  try {
    return await run;
  } catch (error) {
    if (!isOfCut(error)) throw error;
    const isTold = error instanceof PartialError && !isKilled;
    return isTold ? { id: before?.id ?? error.id, props: error.properties } : before;
  }
}
