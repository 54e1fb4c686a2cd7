#!/usr/bin/env node
import { configOrExit, ConfigError, createLogger, runService } from '@onhook/service';
import { accountPolicyOf } from './carrier/account-settings.js';
import { helpText, readCommandLine, withCommandLine } from './command-line.js';
import { readSimulatorConfig, simulatorSettings } from './config.js';
import { readScenariosFile } from './scenarios-file.js';
import { startSimulator } from './start-simulator.js';
import { readAgentScriptsFile } from './voice-agent/index.js';
import { welcomeText } from './welcome.js';

const command = readCommandLine(simulatorSettings, process.argv.slice(2));
if ('asks' in command && command.asks === 'help') {
  process.stdout.write(helpText(simulatorSettings));
  process.exit(0);
}
const { config, scenarios, scripts } = configOrExit('simulator', () => {
  if ('mistake' in command) throw new ConfigError([command.mistake, 'see --help']);
  const read = readSimulatorConfig(withCommandLine(process.env, command.given));
  const { SCENARIOS_FILE, AGENT_SCRIPTS_FILE } = read;
  return {
    config: read,
    scenarios: SCENARIOS_FILE === undefined ? [] : readScenariosFile(SCENARIOS_FILE),
    scripts: AGENT_SCRIPTS_FILE === undefined ? [] : readAgentScriptsFile(AGENT_SCRIPTS_FILE),
  };
});
const logger = createLogger({ name: 'simulator', level: config.LOG_LEVEL });

await runService({ name: 'simulator', logger, stopWithinMs: config.STOP_WITHIN_MS }, async (scope) => {
  if (!['127.0.0.1', '::1', 'localhost'].includes(config.HOST))
    logger.warn({ host: config.HOST }, 'control API has no key and was opened to others');
  const simulator = await startSimulator({
    host: config.HOST,
    port: config.PORT,
    agentPort: config.AGENT_PORT,
    ...accountPolicyOf(config),
    tlsPort: config.TLS_PORT,
    proxyPort: config.PROXY_PORT,
    caDir: config.CA_DIR,
    accountSid: config.TWILIO_ACCOUNT_SID,
    authToken: config.TWILIO_AUTH_TOKEN,
    ledgerDir: config.LEDGER_DIR,
    speechCacheDir: config.SPEECH_CACHE_DIR,
    timeLimitFloorSec: config.TIME_LIMIT_FLOOR_SEC,
    scenarios,
    voiceAgent: { scripts, defaultScript: config.AGENT_SCRIPT, vad: config.AGENT_VAD },
    seed: config.SEED,
    logger,
    onLedgerBroken: () => scope.stop('the ledger could not be written', 1),
  });
  scope.onStop('simulator', () => simulator.close());
  // Started by a person or a script, not by a launcher, which holds a channel. Standard output is the log's.
  if (!process.connected) process.stderr.write(welcomeText(simulator));
  scope.ready({ url: simulator.url, agentUrl: simulator.agentUrl, tlsUrl: simulator.tlsUrl, proxyUrl: simulator.proxyUrl });
});
