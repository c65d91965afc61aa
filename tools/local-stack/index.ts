export { createLocalStack, type LocalStack, type StackComponent, type StackOptions } from './src/stack';
export { findFreePort, findFreePorts, isPortFree } from './src/ports';
export { isRoot } from './src/machine/run-command';
export { canInstallPackages, installPackages } from './src/machine/debian-packages';
export { findProgram, PROGRAMS, type ProgramName } from './src/machine/programs';
export { provideRedisServer } from './src/climb';
export { ComponentUnavailableError, type ComponentName, type KafkaKind, type StackAddresses } from './src/types';
export { prepareStack, type PrepareOptions } from './src/prepare-stack';
export { stopProcess, tailOf } from './src/processes/server-process';
export {
  INTERRUPTED_EXIT_CODE,
  killOnExit,
  onInterruption,
  onOutputClosed,
  settled,
} from './src/processes/interruption';
export { listRunning, stopRunning, type RunningServer } from './src/inspect';
