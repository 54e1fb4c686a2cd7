#!/usr/bin/env node
// The `onhook` command. What it runs is built by any npm script of the repository.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const built = new URL('../dist/cli/main.js', import.meta.url);
if (!existsSync(fileURLToPath(built))) {
  process.stderr.write('onhook is not built yet: run `npm run onhook -- --help` once.\n');
  process.exit(1);
}
const { main } = await import(built.href);
process.exitCode = await main(process.argv.slice(2));
