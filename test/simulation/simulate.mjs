#!/usr/bin/env node
// Bundles the sources of its own tree, so that a patched copy is judged as it is written, without a build, and runs them.
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { rolldown } from 'rolldown';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const OUT = path.join(ROOT, '.onhook', 'simulation', `${process.pid}.mjs`);

/** `@onhook/store/memory` is the source of this tree, wherever node_modules may point. */
function ownSource(name) {
  const [, workspace, door] = /^@onhook\/([\w-]+)(\/.+)?$/.exec(name) ?? [];
  if (!workspace) return null;
  for (const group of ['packages', 'apps']) {
    const dir = path.join(ROOT, group, workspace);
    try {
      const { exports } = JSON.parse(readFileSync(path.join(dir, 'package.json'), 'utf8'));
      return path.join(dir, exports[`.${door ?? ''}`]['onhook-source']);
    } catch (error) {
      if (error.code !== 'ENOENT') throw error;
    }
  }
  return null;
}

const bundle = await rolldown({
  input: path.join(ROOT, 'test', 'simulation', 'main.ts'),
  platform: 'node',
  logLevel: 'silent',
  plugins: [
    {
      name: 'own-sources',
      async resolveId(name, importer) {
        const source = ownSource(name);
        if (source) return source;
        if (name.startsWith('.') || path.isAbsolute(name) || name.startsWith('node:')) return null;
        const found = await this.resolve(name, importer, { skipSelf: true });
        // Others' packages are loaded as they are, each from where its user finds it.
        return found && path.isAbsolute(found.id) ? { id: pathToFileURL(found.id).href, external: 'absolute' } : found;
      },
    },
  ],
});
mkdirSync(path.dirname(OUT), { recursive: true });
await bundle.write({ file: OUT, format: 'esm', sourcemap: 'inline', codeSplitting: false });
await bundle.close();
process.once('exit', () => rmSync(OUT, { force: true }));
await import(pathToFileURL(OUT).href);
