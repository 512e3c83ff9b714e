import { connect } from "node:net";

/**
 * Returns an error message when the shell points at a local Azure that is not running (`ZERO_TOUCH_LOCAL_CONTROL`, set by
 * `npm run env`); undefined when it runs, or the shell points at none. One connection, which a closed port refuses at once.
 */
export async function stoppedLocalAzure(env: NodeJS.ProcessEnv): Promise<string | undefined> {
  const control = env.ZERO_TOUCH_LOCAL_CONTROL;
  if (env.ZERO_TOUCH_CLOUD !== "local" || control === undefined || (await isListening(control))) return undefined;
  return (
    `The local Azure is not running at ${control}, and this shell points at it; nothing was changed.\n` +
    "  To fix: run `npm run local -- start` (or `npm run up`, which starts it), then try again."
  );
}

/** Whether something accepts connections at the address. */
function isListening(url: string): Promise<boolean> {
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
    // A port without a listener on this machine refuses at once: after a time-out the listener or this process is busy.
    socket.once("timeout", () => end(true));
  });
}
