export { createOnhook, type Onhook, type OnhookOptions } from './onhook.js';
export { OnhookProblem } from './problem.js';
export type { components, operations, paths } from './schema.js';
