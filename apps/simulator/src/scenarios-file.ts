import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { ConfigError } from '@onhook/service';
import { scenarioSchema, type Scenario } from './scenarios.js';

/** @throws ConfigError if the file cannot be read, is no JSON, or holds something else than scenarios */
export function readScenariosFile(path: string): Scenario[] {
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new ConfigError([`SCENARIOS_FILE: ${error instanceof Error ? error.message : 'cannot be read'}`]);
  }
  const scenarios = z.array(scenarioSchema).safeParse(content);
  if (!scenarios.success)
    throw new ConfigError(scenarios.error.issues.map((issue) => `SCENARIOS_FILE ${issue.path.join('.')}: ${issue.message}`));
  return scenarios.data;
}
