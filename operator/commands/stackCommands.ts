import type { StackDependencies } from "../stack/stackDependencies";
import { completeCertificateRotation, startCertificateRotation } from "./certificateRotation";
import { disableDevice, enableDevice } from "./disableDevice";
import { getLog } from "./getLog";
import { getStampInformation } from "./getStampInformation";
import { newIntermediateCertificate } from "./newIntermediateCertificate";
import type { OperatorCommand } from "./operatorCommand";
import { testEnvironment } from "./testEnvironment";

/** The commands that work on the stack. */
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
  ].map((command) => command(dependencies));
