import { SetupError } from "../../bootstrap/setupError.cjs";
import { stackCommands } from "../../operator/commands/stackCommands";
import { OperatorError } from "../../operator/operatorError";
import { AutomationStack } from "../../operator/stack/automationStack";
import { azureClients } from "../../operator/stack/azureClients";
import { type Paths, PROJECT, STACK } from "../checkoutPaths";
import { doctorContext } from "../commands/doctor";
import { logFile } from "../local/localAzureProcess";
import { readyCli } from "../pulumi/cliSources";
import { recover } from "../pulumi/devStack";

/** The stack's commands, which work by the Pulumi CLI and the sign-in of this process's environment. */
export function commandsOnStack(
  stack: string,
  paths: Paths,
  options: { readonly isConfigurationInBackend: boolean; readonly endpointLog: string },
): ReturnType<typeof stackCommands> {
  const isLocal = process.env.ZERO_TOUCH_CLOUD === "local" && stack === STACK;
  // Completes what an instance left that was killed during an update.
  const prepare = async (): Promise<void> => {
    const engine = { cli: await readyCli(paths, process.env), env: process.env, paths };
    try {
      await recover(engine, process.env.ARM_SUBSCRIPTION_ID ?? "", 0);
    } catch (error) {
      if (!(error instanceof SetupError)) throw error;
      const what = `${error.message} ${error.why}`;
      if (error.code === "STACK_LOCKED")
        throw new OperatorError("StackBusy", what, "run the command again when it has ended");
      throw new OperatorError("StackFailed", what, "npm run up completes what the interrupted run left");
    }
  };
  return stackCommands({
    stack: new AutomationStack({
      project: PROJECT,
      stack,
      folder: paths.root,
      environment: {},
      prepare: isLocal ? prepare : undefined,
      isConfigurationInBackend: options.isConfigurationInBackend,
    }),
    azure: azureClients(),
    doctor: () => doctorContext(paths, stack),
    endpointLog: options.endpointLog,
    localAzureLog: isLocal ? logFile(paths.azure) : undefined,
  });
}
