import { describe, expect, it } from 'vitest';
import { armFailpoints, FailpointHit } from './failpoints.js';
import { silentLogger } from './logger.js';

interface Calls {
  load(id: string): Promise<string>;
  apply(id: string, event: { type: string }): Promise<string>;
  count(): number;
}

function arm(spec: string | undefined, isProduction = false): { port: Calls; calls: Calls; happened: string[] } {
  const happened: string[] = [];
  const port: Calls = {
    async load(id) {
      happened.push(`load ${id}`);
      return `loaded ${id}`;
    },
    async apply(id, { type }) {
      happened.push(`${type} ${id}`);
      return 'applied';
    },
    count: () => happened.length,
  };
  const failpoints = armFailpoints(
    { ...(spec !== undefined && { FAILPOINTS: spec }), ...(isProduction && { NODE_ENV: 'production' }) },
    { logger: silentLogger, signal: (name) => happened.push(name) },
  );
  return { port, calls: failpoints('calls', port), happened };
}

describe('failpoints', () => {
  it('are not there unless armed', () => {
    const { port, calls } = arm(undefined);
    expect(calls).toBe(port);
  });

  it('kill the process before or after what it asks of a port, and nowhere else', async () => {
    const { calls, happened } = arm('calls.load:before=kill, calls.load:after=freeze');
    expect(await calls.apply('x', { type: 'created' })).toBe('applied');
    expect(await calls.load('x')).toBe('loaded x');
    expect(happened).toEqual(['created x', 'SIGKILL', 'load x', 'SIGSTOP']);
    expect(calls.count()).toBe(4);
  });

  it('tell apart what a method is asked to do, by the type of its argument', async () => {
    const { calls, happened } = arm('calls.apply(dial-started):after=kill');
    await calls.apply('x', { type: 'created' });
    await calls.apply('x', { type: 'dial-started' });
    expect(happened).toEqual(['created x', 'dial-started x', 'SIGKILL']);
  });

  it('wait for the pass that is asked for, and act once', async () => {
    const { calls, happened } = arm('calls.load:before=kill@3');
    for (let i = 1; i <= 5; i++) await calls.load(`${i}`);
    expect(happened).toEqual(['load 1', 'load 2', 'SIGKILL', 'load 3', 'load 4', 'load 5']);
  });

  it('throw where that is asked for, as the port itself would', async () => {
    const { calls } = arm('calls.load:after=throw,calls.count:before=throw');
    await expect(calls.load('x')).rejects.toThrow(FailpointHit);
    expect(() => calls.count()).toThrow(FailpointHit);
  });

  it.each([
    'calls.load=kill',
    'calls:before=kill',
    'calls.load:before',
    'calls.load:before=explode',
    'calls.load:before=kill@0',
    'calls.load:after=kill,,',
  ])('refuse %s at start', (spec) => expect(() => arm(spec)).toThrow(/FAILPOINTS: must be/));

  it('are refused in production', () => {
    expect(() => arm('calls.load:before=kill', true)).toThrow('refused in production');
  });
});
