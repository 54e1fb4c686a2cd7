/** One breach of each rule of the house: where it is planted, what stands there, and the words by which it must be named. */
export interface Breach {
  readonly tool: 'oxlint' | 'house-rules' | 'tsc' | 'knip' | 'oxfmt';
  readonly rule: string;
  readonly file: string;
  readonly text: string;
}

const lint = (rule: string, file: string, text: string): Breach => ({ tool: 'oxlint', rule, file, text });
const house = (rule: string, file: string, text: string): Breach => ({ tool: 'house-rules', rule, file, text });

export const BREACHES: readonly Breach[] = [
  lint('no-floating-promises', 'apps/api/src/floating.ts', 'export const go = (): void => {\n  Promise.resolve(1);\n};\n'),
  lint(
    'no-misused-promises',
    'apps/api/src/misused.ts',
    'export const go = (): void => [1].forEach(async () => Promise.resolve());\n',
  ),
  lint(
    'switch-exhaustiveness-check',
    'packages/call/src/switch.ts',
    "export function f(state: 'a' | 'b'): number {\n  switch (state) {\n    case 'a':\n      return 1;\n  }\n  return 0;\n}\n",
  ),
  lint('no-explicit-any', 'apps/api/src/any.ts', 'export const x: any = 1;\n'),
  lint('ban-ts-comment', 'apps/api/src/ignore.ts', '// @ts-ignore\nexport const x: number = 1;\n'),
  lint('no-process-env', 'apps/api/src/env.ts', "export const port = process.env['PORT'];\n"),
  lint('no-restricted-globals', 'apps/hangup/src/timeout.ts', 'setTimeout(() => {}, 1);\nexport const a = 1;\n'),
  lint('no-restricted-globals', 'apps/hangup/src/interval.ts', 'setInterval(() => {}, 1);\nexport const a = 1;\n'),
  lint('no-restricted-globals', 'apps/hangup/src/performance.ts', 'export const at = performance.now();\n'),
  lint('no-restricted-properties', 'apps/hangup/src/now.ts', 'export const at = Date.now();\n'),
  lint('no-restricted-properties', 'packages/audio/src/random.ts', 'export const r = Math.random();\n'),
  lint('no-restricted-properties', 'packages/audio/src/uuid.ts', 'export const r = crypto.randomUUID();\n'),
  lint(
    'no-restricted-imports',
    'apps/dialer/src/random-uuid.ts',
    "import { randomUUID } from 'node:crypto';\nexport const r = randomUUID();\n",
  ),
  lint('no-restricted-imports', 'packages/store/src/sleep.ts', "export { setTimeout } from 'node:timers/promises';\n"),
  lint('no-restricted-imports', 'packages/call/src/pure.ts', "export { readFileSync } from 'node:fs';\n"),
  lint('no-restricted-imports', 'packages/contracts/src/upwards.ts', "export * from '@onhook/call';\n"),
  lint('no-restricted-imports', 'packages/carrier/src/sideways.ts', "export * from '@onhook/store';\n"),
  lint('no-restricted-imports', 'packages/service/src/ours.ts', "export * from '@onhook/contracts';\n"),
  lint('no-restricted-imports', 'apps/api/src/other-app.ts', "export * from '@onhook/dialer';\n"),
  lint('no-restricted-imports', 'apps/dialer/src/side-door.ts', "export * from '@onhook/carrier/twilio';\n"),
  lint('no-restricted-imports', 'apps/gateway/src/vendor.ts', "export * from 'ioredis';\n"),
  lint('no-restricted-imports', 'apps/gateway/src/through-the-wall.ts', "export * from '../../../packages/call/src/index.js';\n"),
  lint('no-restricted-imports', 'apps/simulator/src/not-a-stranger.ts', "export * from '@onhook/contracts';\n"),
  lint('no-restricted-imports', 'apps/onhook/setup/package.mjs', "export { z } from 'zod';\n"),
  lint('no-cycle', 'packages/store/src/cycle-a.ts', "import { b } from './cycle-b.js';\nexport const a = (): number => b();\n"),
  lint('no-cycle', 'packages/store/src/cycle-b.ts', "import { a } from './cycle-a.js';\nexport const b = (): number => a();\n"),
  lint('no-default-export', 'apps/api/src/default.ts', 'export default 1;\n'),
  lint('no-empty', 'apps/api/src/silent.ts', 'try {\n  JSON.parse("x");\n} catch {}\nexport const a = 1;\n'),
  lint('no-warning-comments', 'apps/api/src/later.ts', `// ${'TO'}${'DO'} write this\nexport const a = 1;\n`),
  lint('max-lines', 'apps/api/src/long.ts', `${'export {};\n'.repeat(301)}`),
  lint('filename-case', 'apps/api/src/camelCase.ts', 'export const a = 1;\n'),
  lint('no-disabled-tests', 'apps/api/src/skipped.test.ts', "import { it } from 'vitest';\nit.skip('is not run', () => {});\n"),
  lint(
    'no-focused-tests',
    'apps/api/src/alone.test.ts',
    "import { it } from 'vitest';\nit.only('hides the others', () => {});\n",
  ),
  house('time-comes-in', 'apps/api/src/date.ts', 'export const at = new Date();\n'),
  house('vague-name', 'apps/api/src/utils.ts', 'export const a = 1;\n'),
  house('vague-name', 'packages/call/src/types.ts', 'export const a = 1;\n'),
  house('no-disable', 'apps/api/src/disable.ts', `// ${'oxlint'}-disable-next-line no-empty\nexport const a = 1;\n`),
  house('top-folders', 'scripts/deploy.sh', 'true\n'),
  house('room-readme', 'packages/nameless/package.json', '{ "name": "@onhook/nameless" }\n'),
  house('room-name', 'apps/console/package.json', '{ "name": "console" }\n'),
  house(
    'install-script',
    'package-lock.json',
    '{ "packages": { "": {}, "node_modules/native": { "hasInstallScript": true }, "node_modules/fast": { "optional": true } } }\n',
  ),
  house('exact-versions', 'packages/ranged/package.json', '{ "name": "@onhook/ranged", "dependencies": { "zod": "^4.0.0" } }\n'),
  {
    tool: 'tsc',
    rule: 'TS2322',
    file: 'apps/api/src/unchecked-index.ts',
    text: 'export const first = (list: string[]): string => list[0];\n',
  },
  {
    tool: 'tsc',
    rule: 'TS2375',
    file: 'apps/api/src/exact-optional.ts',
    text: 'export const a: { b?: string } = { b: undefined };\n',
  },
  { tool: 'knip', rule: 'Unused files', file: 'packages/queue/src/nobody-reads-me.ts', text: 'export const a = 1;\n' },
  { tool: 'oxfmt', rule: 'Format', file: 'apps/api/src/crooked.ts', text: 'export const  a = "1"\n' },
];
