import type { Command } from 'commander';
import type { Finding } from '../doctor/check.js';
import type { Context } from './context.js';
import { EXIT_FAILED, EXIT_OK } from './errors.js';

const SIGN = { ok: ['✓', 'green'], warn: ['!', 'yellow'], fail: ['✗', 'red'] } as const;

export function addDoctorCommand(program: Command, context: Context): void {
  const { terminal } = context;
  program
    .command('doctor')
    .description('Look at everything that a call needs, and say what to do about what is not well. Places no call.')
    .option('--json', 'JSON on standard output')
    .addHelpText(
      'after',
      '\nExit code 1 if something fails.\n\nExamples:\n  onhook doctor\n  CARRIER=twilio onhook doctor --json',
    )
    .action(async (options: { json?: boolean }) => {
      const findings = await context.examine();
      if (options.json) terminal.out(JSON.stringify({ findings }, null, 2));
      else findings.flatMap((finding) => linesOf(finding, terminal)).forEach((line) => terminal.out(line));
      context.exit(findings.some(({ level }) => level === 'fail') ? EXIT_FAILED : EXIT_OK);
    });
}

function linesOf({ name, level, says, fix }: Finding, { paint }: Context['terminal']): string[] {
  const [sign, colour] = SIGN[level];
  return [
    `${paint(colour, sign)} ${name.padEnd(16)} ${says}`,
    ...(fix === undefined ? [] : [`  ${' '.repeat(16)} ${paint('dim', `→ ${fix}`)}`]),
  ];
}
