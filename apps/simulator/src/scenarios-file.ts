import { z } from 'zod';
import { ConfigError } from '@onhook/service';
import { readDataFile } from './data-file.js';
import { scenarioSchema, type Scenario } from './scenarios.js';

/**
 * An array of scenarios, in JSON or (`.yaml`, `.yml`) YAML.
 *
 * @throws ConfigError if the file cannot be read, cannot be parsed, or holds something else than scenarios
 */
export function readScenariosFile(path: string): Scenario[] {
  let content: unknown;
  try {
    content = readDataFile(path);
  } catch (error) {
    throw new ConfigError([`SCENARIOS_FILE: ${error instanceof Error ? error.message : 'cannot be read'}`]);
  }
  const scenarios = z.array(scenarioSchema).safeParse(content);
  if (!scenarios.success)
    throw new ConfigError(scenarios.error.issues.map((issue) => `SCENARIOS_FILE ${issue.path.join('.')}: ${issue.message}`));
  return scenarios.data;
}
