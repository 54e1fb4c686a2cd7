import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { freePort } from '../../apps/onhook/setup/free-port.mjs';
import { createTempHouse, type TempHouse } from './temp-house.js';

let house: TempHouse;
beforeEach(() => {
  house = createTempHouse();
});
afterEach(() => house.remove());

const UP = 'Ctrl-C stops everything';
const ACCOUNT = {
  TWILIO_ACCOUNT_SID: `AC${'0'.repeat(32)}`,
  TWILIO_AUTH_TOKEN: 'secret',
  OPENAI_API_KEY: 'sk-test',
  PUBLIC_URL: 'https://calls.example.com',
  MEDIA_PUBLIC_URL: 'wss://media.example.com/carrier/twilio/media',
  FROM_NUMBERS: '+14155550100',
};
const names = (): string =>
  house
    .processes()
    .map(({ command }) => command)
    .join('\n');

describe('npm start', () => {
  it('starts Redis, the simulator and the four apps as processes of their own, in groups that Ctrl-C does not reach', async () => {
    const launcher = house.launch(['start']);
    await launcher.said(UP);
    for (const part of ['redis-server 127.0.0.1', 'simulator/dist', 'api/dist', 'gateway/dist', 'dialer/dist', 'hangup/dist']) {
      expect(names()).toContain(part);
    }
    for (const { pid } of house.processes()) {
      const group = Number(readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ')[2]);
      if (pid !== launcher.pid) expect(group).not.toBe(launcher.pid);
    }
  });

  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('ends with every process it started on %s', async (signal) => {
    const launcher = house.launch(['start']);
    await launcher.said(UP);
    process.kill(launcher.pid, signal);
    expect(await launcher.exited).toEqual({ code: 0, signal: null });
    expect(house.processes()).toEqual([]);
    expect(existsSync(path.join(house.root, '.onhook/launcher.json'))).toBe(false);
  });

  it('leaves nothing behind when it is killed without a word', async () => {
    const launcher = house.launch(['start']);
    await launcher.said(UP);
    expect(house.processes().length).toBeGreaterThan(6);
    process.kill(launcher.pid, 'SIGKILL');
    await house.allGoneWithin(5000);
  });

  it('ends everything when nobody can read what it says any more', async () => {
    const launcher = house.launch(['start'], { DEMO: 'talk' });
    await launcher.said('still talking');
    launcher.process.stdout?.destroy();
    launcher.process.stderr?.destroy();
    // In good order, not by a crash that its children notice: that would exit with another code and leave the lock.
    expect(await launcher.exited).toEqual({ code: 0, signal: null });
    expect(house.processes()).toEqual([]);
    expect(existsSync(path.join(house.root, '.onhook/launcher.json'))).toBe(false);
  });

  it('is not forced by a Ctrl-C that npm passes on a second time', async () => {
    const launcher = house.launch(['start']);
    await launcher.said(UP);
    process.kill(launcher.pid, 'SIGINT');
    process.kill(launcher.pid, 'SIGINT');
    expect((await launcher.exited).code).toBe(0);
    expect(house.processes()).toEqual([]);
  });

  it('is forced by a second signal when a process will not stop', async () => {
    const launcher = house.launch(['start'], { STAND_IN: '{"gateway":"ignore"}' });
    await launcher.said(UP);
    process.kill(launcher.pid, 'SIGINT');
    await launcher.said('Stopping');
    const again = setInterval(() => process.kill(launcher.pid, 'SIGINT'), 800);
    await launcher.exited.finally(() => clearInterval(again));
    await house.allGoneWithin(2000);
  });

  it('says the address of the first one when it is started twice', async () => {
    const port = await freePort();
    const first = house.launch(['start'], { API_PORT: String(port) });
    await first.said(UP);
    const second = house.launch(['start']);
    expect((await second.exited).code).toBe(1);
    expect(second.output().stderr).toContain(`http://127.0.0.1:${port}`);
    expect(first.process.exitCode).toBeNull();
  });

  it('is not held up by what a killed one left, and waits for its Redis to end', async () => {
    const first = house.launch(['start']);
    await first.said(UP);
    process.kill(first.pid, 'SIGKILL');
    const second = house.launch(['start']);
    await second.said(UP);
    expect(house.processes().filter(({ command }) => command.startsWith('redis-server'))).toHaveLength(1);
  });

  it('keeps its API key over a restart, in a file that only its user can read', async () => {
    const keyOf = (text: string): string | undefined => /onhook_[0-9a-f]{48}/.exec(text)?.[0];
    const keys: (string | undefined)[] = [];
    for (let run = 0; run < 2; run += 1) {
      const launcher = house.launch(['start']);
      await launcher.said(UP);
      keys.push(keyOf(launcher.output().stdout));
      process.kill(launcher.pid, 'SIGTERM');
      await launcher.exited;
    }
    expect(keys[0]).toBeDefined();
    expect(keys[1]).toBe(keys[0]);
    expect(statSync(path.join(house.root, '.onhook/credentials.json')).mode & 0o777).toBe(0o600);
  });

  it('shows the last words of a process that dies, stops the others and exits with 1', async () => {
    const launcher = house.launch(['start'], { STAND_IN: '{"dialer":"die"}' });
    expect((await launcher.exited).code).toBe(1);
    expect(launcher.output().stdout).toContain('dialer ended unexpectedly (exit code 3)');
    expect(launcher.output().stdout).toContain('the last words of dialer');
    expect(house.processes()).toEqual([]);
  });

  it('shows what a process says that cannot start', async () => {
    const launcher = house.launch(['start'], { STAND_IN: '{"hangup":"fail"}' });
    expect((await launcher.exited).code).toBe(1);
    expect(launcher.output().stdout).toContain('hangup ended before it was ready (exit code 1)');
    expect(launcher.output().stdout).toContain('PORT: must be a number');
    expect(house.processes()).toEqual([]);
  });

  it('names every mistake in the configuration at once, without a stack trace', async () => {
    const launcher = house.launch(['start'], { CARRIER: 'twilio', API_PORT: 'x', TWILIO_ACCOUNT_SID: 'nonsense' });
    expect((await launcher.exited).code).toBe(1);
    for (const name of ['API_PORT', ...Object.keys(ACCOUNT)]) expect(launcher.output().stdout).toContain(`  ${name}: `);
    expect(launcher.output().stdout).not.toContain('    at ');
  });

  it('takes the port that .env names', async () => {
    const port = await freePort();
    writeFileSync(path.join(house.root, '.env'), `API_PORT=${port}\n`);
    const launcher = house.launch(['start']);
    await launcher.said(`http://127.0.0.1:${port}/v1/calls`);
  });

  it('takes the Redis that .env names', async () => {
    writeFileSync(path.join(house.root, '.env'), 'REDIS_URL=redis://127.0.0.1:1\n');
    const launcher = house.launch(['start']);
    expect((await launcher.exited).code).toBe(1);
    expect(launcher.output().stderr).toContain('The Redis of REDIS_URL does not serve');
  });

  it('places no demonstration call when a real carrier is configured, and starts no simulator', async () => {
    const launcher = house.launch(['start'], { CARRIER: 'twilio', ...ACCOUNT });
    await launcher.said(UP);
    expect(launcher.output().stdout).toContain('no demonstration call is placed');
    expect(names()).not.toContain('simulator/dist');
  });
});

describe('npm start -- --once', () => {
  it('prints one JSON object on standard output, leaves no process and exits with 0', async () => {
    const launcher = house.launch(['start', '--once', '--json']);
    expect((await launcher.exited).code).toBe(0);
    expect(JSON.parse(launcher.output().stdout)).toMatchObject({ setupMs: expect.any(Number) });
    expect(launcher.output().stderr).toContain('demo of simulator api gateway dialer hangup');
    expect(house.processes()).toEqual([]);
  });

  it('exits with 1 when the call did not end as it should', async () => {
    const launcher = house.launch(['start', '--once', '--json'], { DEMO: 'fail' });
    expect((await launcher.exited).code).toBe(1);
    expect(house.processes()).toEqual([]);
  });

  it('uses the simulator although an account stands in the environment', async () => {
    const launcher = house.launch(['start', '--once', '--json'], ACCOUNT);
    expect((await launcher.exited).code).toBe(0);
    expect(launcher.output().stderr).toContain('demo of simulator');
  });

  it.each(['start --once', 'bench:end'])('refuses a real account in one line: %s', async (command) => {
    const launcher = house.launch(command.split(' '), { CARRIER: 'twilio', ...ACCOUNT });
    expect((await launcher.exited).code).toBe(1);
    expect(launcher.output().stdout).toBe(
      'This places its calls on the simulator, but CARRIER=twilio is set: say CARRIER=simulator.\n',
    );
    expect(house.processes()).toEqual([]);
  });

  it('runs beside a house that is up, in a folder and on ports of its own', async () => {
    const up = house.launch(['start']);
    await up.said(UP);
    const once = house.launch(['start', '--once', '--json']);
    expect((await once.exited).code).toBe(0);
    expect(up.process.exitCode).toBeNull();
  });
});

describe('during the set-up', () => {
  /** An npm that takes its time, and a child of it that knows nothing of signals. */
  function slowNpm(): NodeJS.ProcessEnv {
    rmSync(path.join(house.root, 'node_modules'));
    const cli = path.join(house.root, 'npm-cli.js');
    writeFileSync(
      cli,
      `const { spawn } = require('node:child_process');
       spawn('sh', ['-c', 'trap "" TERM INT HUP; sleep 60'], { stdio: 'ignore' });
       console.log('this npm said ' + process.argv.slice(2).join(' ') + ' NODE_ENV=' + process.env.NODE_ENV + ' omit=' + process.env.npm_config_omit);
       setTimeout(() => {}, 60_000);`,
    );
    writeFileSync(path.join(house.root, 'package.json'), '{ "name": "house", "private": true }');
    return { npm_execpath: cli, NODE_ENV: 'production', npm_config_omit: 'dev' };
  }

  it('installs everything whatever npm passed on, and says so on standard error only', async () => {
    const launcher = house.launch(['test'], slowNpm());
    await launcher.said('this npm said ci --include=dev --no-audit --no-fund --loglevel=error');
    await launcher.said('NODE_ENV=undefined omit=undefined');
    expect(launcher.output().stderr).toContain('NODE_ENV=undefined omit=undefined');
    expect(launcher.output().stdout).toBe('');
  });

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)('%s ends the installation and what it started', async (signal, code) => {
    const launcher = house.launch(['start'], slowNpm());
    await launcher.said('this npm said');
    process.kill(launcher.pid, signal);
    expect((await launcher.exited).code).toBe(code);
    await house.allGoneWithin(5000);
  });

  it('a killed launcher leaves no installation running', async () => {
    const launcher = house.launch(['start'], slowNpm());
    await launcher.said('this npm said');
    process.kill(launcher.pid, 'SIGKILL');
    await house.allGoneWithin(5000);
  });

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('%s ends the build and what it started', async (signal, code) => {
    house.buildSlowly();
    const launcher = house.launch(['start']);
    await expect.poll(names, { timeout: 20_000 }).toContain('slow-build.mjs');
    process.kill(launcher.pid, signal);
    expect((await launcher.exited).code).toBe(code);
    await house.allGoneWithin(5000);
  });
});
