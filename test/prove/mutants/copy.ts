import { cpSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, readlinkSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** The sources of the house in a folder of its own, where they may be spoiled. Its dependencies are those of the original. */
export interface Copy {
  readonly dir: string;
  remove(): void;
}

/** What is no source, and large. */
const LEFT_OUT = new Set(['.git', 'node_modules', 'dist', '.turbo', '.onhook']);

export function copyHouse(root: string): Copy {
  const dir = mkdtempSync(path.join(tmpdir(), 'onhook-mutant-'));
  cpSync(root, dir, { recursive: true, filter: (from) => !LEFT_OUT.has(path.basename(from)) });
  linkModules(path.join(root, 'node_modules'), path.join(dir, 'node_modules'));
  // Some workspaces have modules of their own beside the common ones.
  for (const group of ['apps', 'packages'])
    for (const name of readdirSync(path.join(root, group))) {
      const own = path.join(root, group, name, 'node_modules');
      if (exists(own)) linkModules(own, path.join(dir, group, name, 'node_modules'));
    }
  return { dir, remove: () => rmSync(dir, { recursive: true, force: true }) };
}

/** Every package is a link to the original, but for those of the house: they are links to the copy, as in the original. */
function linkModules(from: string, to: string): void {
  mkdirSync(to, { recursive: true });
  for (const name of readdirSync(from)) {
    const source = path.join(from, name);
    if (name.startsWith('@')) linkModules(source, path.join(to, name));
    else if (lstatSync(source).isSymbolicLink()) symlinkSync(readlinkSync(source), path.join(to, name));
    else symlinkSync(source, path.join(to, name));
  }
}

function exists(file: string): boolean {
  try {
    lstatSync(file);
    return true;
  } catch {
    return false;
  }
}
