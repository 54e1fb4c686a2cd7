import { Command, CommanderError } from 'commander';
import { addCallCommands } from './call-commands.js';
import { addCampaignCommands } from './campaign-commands.js';
import type { Context } from './context.js';
import { addDoctorCommand } from './doctor-command.js';
import { CommandFailed, EXIT_FAILED, EXIT_OK, EXIT_USAGE, UsageError } from './errors.js';
import { addLiveCommands } from './live-commands.js';
import { addSettingsCommands } from './settings-commands.js';

/** Runs one command. Resolves with the exit code: 0 it succeeded, 1 it did not, 2 it was asked for wrongly. */
export async function runCli(args: readonly string[], given: Omit<Context, 'exit'>, version: string): Promise<number> {
  let code = EXIT_OK;
  const context: Context = { ...given, exit: (wanted) => (code = wanted) };
  const { terminal } = given;
  const program = new Command('onhook')
    .description('Place and watch AI voice calls: a client of the Onhook API.')
    .version(version)
    .configureOutput({ writeOut: (text) => terminal.out(text.trimEnd()), writeErr: (text) => terminal.err(text.trimEnd()) })
    .showHelpAfterError('(onhook --help says what there is)')
    .addHelpText(
      'after',
      '\nONHOOK_URL and ONHOOK_API_KEY say where and as whom; without them the Onhook that runs in this folder is meant.',
    );
  program.exitOverride();
  addCallCommands(program, context);
  addCampaignCommands(program, context);
  addLiveCommands(program, context);
  addSettingsCommands(program, context);
  addDoctorCommand(program, context);
  for (const command of everyCommand(program)) command.exitOverride().copyInheritedSettings(program);
  try {
    await program.parseAsync(args, { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT_OK : EXIT_USAGE;
    if (error instanceof UsageError) {
      terminal.err(error.message);
      return EXIT_USAGE;
    }
    if (given.signal.aborted) return EXIT_FAILED;
    if (!(error instanceof CommandFailed)) throw error;
    terminal.err(error.message);
    return EXIT_FAILED;
  }
}

const everyCommand = (command: Command): Command[] => command.commands.flatMap((one) => [one, ...everyCommand(one)]);
