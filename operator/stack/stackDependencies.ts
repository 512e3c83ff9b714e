import type { DoctorContext } from "../../doctor/doctorContext";
import type { AzureClients } from "./azureClients";
import type { OperatorStack } from "./operatorStack";

/** What the commands on the stack work with. */
export interface StackDependencies {
  readonly stack: OperatorStack;
  readonly azure: AzureClients;
  /** What the doctor examines, made for each run of Test-Environment. Default: its checks are left out. */
  readonly doctor?: () => DoctorContext;
  /** This instance's own log, JSON lines: sign-ins, refusals, defects. Default: none. */
  readonly endpointLog?: string;
  /** The log of the local Azure, JSON lines. Default: none. */
  readonly localAzureLog?: string;
}
