import { connect } from "node:net";

/**
 * What to tell a shell that points at a local Azure which is not running (`ZERO_TOUCH_LOCAL_CONTROL`, set by `npm run env`);
 * undefined where it runs, or where the shell points at none. One connection, which a closed port refuses at once.
 */
export async function stoppedLocalAzure(env: NodeJS.ProcessEnv): Promise<string | undefined> {
  const control = env.ZERO_TOUCH_LOCAL_CONTROL;
  if (env.ZERO_TOUCH_CLOUD !== "local" || control === undefined || (await answers(control))) return undefined;
  return (
    `The local Azure is not running at ${control}, and this shell points at it; nothing was changed.\n` +
    "  Way out: run `npm run local -- start` (or `npm run up`, which starts it), then try again."
  );
}

/** Whether something accepts connections at the address. */
function answers(url: string): Promise<boolean> {
  if (!URL.canParse(url)) return Promise.resolve(false);
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    const socket = connect({ host: hostname, port: Number(port) || 80, timeout: 1000 });
    const end = (isUp: boolean) => {
      socket.destroy();
      resolve(isUp);
    };
    socket.once("connect", () => end(true));
    socket.once("error", () => end(false));
    // A port without a listener on this machine refuses at once: what takes long is busy, it or this process.
    socket.once("timeout", () => end(true));
  });
}
