// Runs a TypeScript program of test/ on the sources of the house, as the tests do: `node --conditions onhook-source test/run-source.mjs <file> …`.
// Its `main(args)` returns the exit code.
import path from 'node:path';
import { runnerImport } from 'vite';

const conditions = ['onhook-source', 'node'];
const [file, ...args] = process.argv.slice(2);
const { module } = await runnerImport(path.resolve(file), {
  configFile: false,
  root: path.resolve(import.meta.dirname, '..'),
  logLevel: 'error',
  resolve: { conditions, externalConditions: conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
});
process.exitCode = await module.main(args);
