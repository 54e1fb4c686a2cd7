import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { ConfigError } from '@onhook/service';
import { scriptSchema, type Script } from './scripts.js';

/**
 * Reads what the voice agent may play: a JSON array of scripts.
 *
 * @throws ConfigError if the file cannot be read, is no JSON, or holds something else than scripts
 */
export function readAgentScriptsFile(path: string): Script[] {
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new ConfigError([`AGENT_SCRIPTS_FILE: ${error instanceof Error ? error.message : 'cannot be read'}`]);
  }
  const scripts = z.array(scriptSchema).safeParse(content);
  if (!scripts.success)
    throw new ConfigError(scripts.error.issues.map((issue) => `AGENT_SCRIPTS_FILE ${issue.path.join('.')}: ${issue.message}`));
  return scripts.data;
}
