import { z } from 'zod';
import { ConfigError } from '@onhook/service';
import { readDataFile } from '../data-file.js';
import { scriptSchema, type Script } from './scripts.js';

/**
 * Reads what the voice agent may play: an array of scripts, in JSON or (`.yaml`, `.yml`) YAML.
 *
 * @throws ConfigError if the file cannot be read, cannot be parsed, or holds something else than scripts
 */
export function readAgentScriptsFile(path: string): Script[] {
  let content: unknown;
  try {
    content = readDataFile(path);
  } catch (error) {
    throw new ConfigError([`AGENT_SCRIPTS_FILE: ${error instanceof Error ? error.message : 'cannot be read'}`]);
  }
  const scripts = z.array(scriptSchema).safeParse(content);
  if (!scripts.success)
    throw new ConfigError(scripts.error.issues.map((issue) => `AGENT_SCRIPTS_FILE ${issue.path.join('.')}: ${issue.message}`));
  return scripts.data;
}
