import { AzureError, UnreachableError } from "../../azure/clients/azureError";
import { OperatorError } from "../operatorError";
import { announcedStack } from "../stack/announcedStack";
import type { StackDependencies } from "../stack/stackDependencies";
import { completeCertificateRotation, startCertificateRotation } from "./certificateRotation";
import { disableDevice, enableDevice } from "./disableDevice";
import { disableEnrollment, enableEnrollment } from "./disableEnrollment";
import { getLog } from "./getLog";
import { getStackResource } from "./getStackResource";
import { getStampInformation } from "./getStampInformation";
import { invokeDataPlaneRequest } from "./invokeDataPlaneRequest";
import { newIntermediateCertificate } from "./newIntermediateCertificate";
import type { OperatorCommand } from "./operatorCommand";
import { testEnvironment } from "./testEnvironment";

/** The commands that work on the stack; the last two in an unlocked session only. */
export const stackCommands = (dependencies: StackDependencies): readonly OperatorCommand[] =>
  [
    getStampInformation,
    testEnvironment,
    getLog,
    newIntermediateCertificate,
    startCertificateRotation,
    completeCertificateRotation,
    disableDevice,
    enableDevice,
    disableEnrollment,
    enableEnrollment,
    getStackResource,
    invokeDataPlaneRequest,
  ].map((command) => stackCommand(command, dependencies));

/** A command that announces work on the stack, and whose errors of Azure are StackFailed, with Azure's code, meaning and remedy. */
const stackCommand = (
  make: (dependencies: StackDependencies) => OperatorCommand,
  dependencies: StackDependencies,
): OperatorCommand => ({
  ...make(dependencies),
  async run(parameters, context) {
    const stack = announcedStack(dependencies.stack, context.progress);
    try {
      return await make({ ...dependencies, stack }).run(parameters, context);
    } catch (error) {
      if (!(error instanceof AzureError) && !(error instanceof UnreachableError)) throw error;
      throw new OperatorError("StackFailed", error.message, undefined, { cause: error });
    }
  },
});
