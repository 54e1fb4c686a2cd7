import { configOrExit, createLogger, runService } from '@onhook/service';
import { readSimulatorConfig } from './config.js';
import { readScenariosFile } from './scenarios-file.js';
import { startSimulator } from './start-simulator.js';

const { config, scenarios } = configOrExit('simulator', () => {
  const read = readSimulatorConfig(process.env);
  return { config: read, scenarios: read.SCENARIOS_FILE === undefined ? [] : readScenariosFile(read.SCENARIOS_FILE) };
});
const logger = createLogger({ name: 'simulator', level: config.LOG_LEVEL });

await runService({ name: 'simulator', logger, stopWithinMs: config.STOP_WITHIN_MS }, async (scope) => {
  if (!['127.0.0.1', '::1', 'localhost'].includes(config.HOST))
    logger.warn({ host: config.HOST }, 'control API has no key and was opened to others');
  const simulator = await startSimulator({
    host: config.HOST,
    port: config.PORT,
    agentPort: config.AGENT_PORT,
    accountSid: config.TWILIO_ACCOUNT_SID,
    authToken: config.TWILIO_AUTH_TOKEN,
    ledgerDir: config.LEDGER_DIR,
    speechCacheDir: config.SPEECH_CACHE_DIR,
    timeLimitFloorSec: config.TIME_LIMIT_FLOOR_SEC,
    scenarios,
    logger,
    onLedgerBroken: () => scope.stop('the ledger could not be written', 1),
  });
  scope.onStop('simulator', () => simulator.close());
  scope.ready({ url: simulator.url, agentUrl: simulator.agentUrl });
});
