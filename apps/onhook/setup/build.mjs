// Builds every workspace that changed (turbo knows which). Quiet unless it fails.
import path from 'node:path';
import { cleanEnv } from './clean-env.mjs';
import { runStep } from './run-step.mjs';
import { SetupError } from './setup-error.mjs';

export async function build({ root, signals }) {
  const turbo = path.join(root, 'node_modules', 'turbo', 'bin', 'turbo');
  const env = { ...cleanEnv(), TURBO_TELEMETRY_DISABLED: '1', DO_NOT_TRACK: '1', TURBO_NO_UPDATE_NOTIFIER: '1' };
  const { code, output } = await runStep(process.execPath, [turbo, 'run', 'build', '--output-logs=errors-only'], {
    cwd: root,
    env,
    signals,
  });
  if (code === 0) return;
  process.stderr.write(output);
  throw new SetupError('The build failed; what the compiler says is above.');
}
