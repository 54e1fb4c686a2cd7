import { readFileSync } from 'node:fs';
import { parse } from 'yaml';

/**
 * What a file holds, in JSON or, by its ending `.yaml` or `.yml`, in YAML.
 *
 * @throws Error if it cannot be read or parsed
 */
export function readDataFile(path: string): unknown {
  const text = readFileSync(path, 'utf8');
  const content: unknown = /\.ya?ml$/i.test(path) ? parse(text) : JSON.parse(text);
  return content;
}
