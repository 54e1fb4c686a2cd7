export { readLauncherConfig } from './config.js';
export { keepCredentials } from './credentials.js';
export type { DemoOptions, DemoOutcome, House, RunningProgram } from './house.js';
export { startProgram, type Program } from './program.js';
export { planPrograms, type ProgramSpec } from './programs.js';
export { createSupervisor, type Supervisor } from './supervisor.js';
