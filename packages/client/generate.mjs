// `npm run openapi`: the catalogue of packages/contracts → openapi.json → the types of this client, and docs/causes.md. All are committed.
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import openapiTS, { astToString } from 'openapi-typescript';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

// Compiled here, and nothing else: who uses this client may not compile before its types are written anew.
const tsc = spawnSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'packages/contracts'], {
  cwd: ROOT,
  stdio: 'inherit',
});
if (tsc.status !== 0) process.exit(tsc.status ?? 1);

const { causesPage, openapi } = await import('@onhook/contracts');
const document = openapi();
writeFileSync(`${ROOT}openapi.json`, `${JSON.stringify(document, null, 2)}\n`);
writeFileSync(`${ROOT}docs/causes.md`, causesPage());
const types = astToString(await openapiTS(structuredClone(document), { defaultNonNullable: false }));
writeFileSync(
  new URL('src/schema.ts', import.meta.url),
  `// Written by \`npm run openapi\` from openapi.json. Not to be edited.\n\n${types}`,
);
