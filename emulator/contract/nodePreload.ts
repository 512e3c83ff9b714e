import { resolve } from "node:path";

import type { Ready } from "./ready";
import type { Environment } from "./shellExports";

/** The hook that sends Azure's names to the local Azure in every Node process. */
const HOOK = resolve(__dirname, "preload/azure.cjs");

/**
 * The environment for Node clients that know no proxy: the given one with the preload in NODE_OPTIONS, beside what
 * `current` has there.
 */
export function withPreload(
  { set, unset }: Environment,
  ready: Pick<Ready, "metadataHost">,
  current: NodeJS.ProcessEnv,
): Environment {
  // NODE_OPTIONS knows double quotes, with a backslash before what is meant literally within.
  const option = `--require ${JSON.stringify(HOOK)}`;
  const others = current.NODE_OPTIONS?.trim() ?? "";
  const NODE_OPTIONS = others.includes(option) ? others : [others, option].filter((each) => each !== "").join(" ");
  return { set: { ...set, NODE_OPTIONS, ZERO_TOUCH_LOCAL_DIRECT: ready.metadataHost }, unset };
}
