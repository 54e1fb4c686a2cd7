import { describe, expect, it } from 'vitest';
import { helpText, readCommandLine, withCommandLine } from './command-line.js';
import { readSimulatorConfig, simulatorSettings } from './config.js';

const read = (...args: string[]): ReturnType<typeof readCommandLine> => readCommandLine(simulatorSettings, args);

describe('the command line', () => {
  it('has a flag for every variable, and says so', () => {
    const help = helpText(simulatorSettings);
    for (const variable of Object.keys(simulatorSettings.shape)) {
      expect(help).toContain(`--${variable.toLowerCase().replaceAll('_', '-')} VALUE`);
      expect(help).toContain(`(${variable})`);
    }
    expect(read('--help')).toEqual({ asks: 'help' });
    expect(read('-h')).toEqual({ asks: 'help' });
  });

  it('goes before the environment, also before a file that the environment names', () => {
    const command = read('--port', '5000', '--twilio-auth-token=mine');
    if (!('given' in command)) throw new Error('was not understood');
    const config = readSimulatorConfig(
      withCommandLine({ PORT: '1', AGENT_PORT: '2', TWILIO_AUTH_TOKEN_FILE: '/does/not/exist' }, command.given),
    );
    expect(config).toMatchObject({ PORT: 5000, AGENT_PORT: 2, TWILIO_AUTH_TOKEN: 'mine' });
  });

  it.each([[['--prot', '1']], [['--port']], [['4010']]])('does not understand %j, and says why', (args) => {
    expect(read(...args)).toEqual({ mistake: expect.stringMatching(/\S/) });
  });
});
