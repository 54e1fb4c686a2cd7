#!/usr/bin/env node
// Everything that an npm script of this repository does goes through here, because it must work right after `git clone`,
// when there is no node_modules. Plain JavaScript, `node:` only; so is all of `setup/`.
import './setup/check-node.mjs';

const { runCommand } = await import('./setup/commands.mjs');
process.exit(await runCommand(process.argv.slice(2)));
