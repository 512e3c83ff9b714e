import { PROJECT } from "../../../cli/checkoutPaths";
import type { ParameterValues } from "../../../operator/commands/operatorCommand";
import { stackCommands } from "../../../operator/commands/stackCommands";
import { type AutomationOptions, AutomationStack } from "../../../operator/stack/automationStack";
import { azureClients } from "../../../operator/stack/azureClients";
import type { AzureClient } from "../azureClient";
import type { StackProject } from "../stackProject";
import { aContext, runCommand } from "./commandRun";
import { localAzureOptions } from "./localAzureOptions";
import { TestStores } from "./testStores";

/** The operator's commands on the stack of a project, by the real CLI and the Automation API, which runs that of this process's PATH. */
export class ProjectCommands {
  readonly #path = process.env.PATH;
  readonly #stores = new TestStores();
  readonly #context = { ...aContext(this.#stores.open()), clock: { now: () => new Date() } };
  readonly #commands;
  readonly options: AutomationOptions;

  constructor(project: StackProject, client: AzureClient) {
    process.env.PATH = project.variables.PATH;
    this.options = { project: PROJECT, stack: "dev", folder: project.folder, environment: project.variables };
    const stack = new AutomationStack(this.options);
    this.#commands = stackCommands({ stack, azure: azureClients(() => localAzureOptions(client)) });
  }

  /** Runs a command; returns its value. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into values of every shape
  async run(name: string, parameters: ParameterValues = {}): Promise<any> {
    return (await runCommand(this.#commands, name, parameters, this.#context)).value;
  }

  close(): Promise<void> {
    process.env.PATH = this.#path;
    return this.#stores.close();
  }
}
