import { describe, expect, it } from 'vitest';
import { createRequestSlots } from './request-slots.js';

/** Requests that end when they are told to. */
function setUp(atOnce: number) {
  const slots = createRequestSlots(atOnce);
  const begun: string[] = [];
  const enders = new Map<string, (error?: Error) => void>();
  const ask = (name: string, urgent = false): Promise<void> =>
    slots.run(() => {
      begun.push(name);
      return new Promise<void>((resolve, reject) => enders.set(name, (error) => (error ? reject(error) : resolve())));
    }, urgent);
  const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  return { ask, begun, end: (name: string, error?: Error) => enders.get(name)?.(error), settled };
}

describe('request slots', () => {
  it('let no more run at once than they are', async () => {
    const { ask, begun, end, settled } = setUp(2);
    for (const name of ['a', 'b', 'c', 'd']) void ask(name);
    await settled();
    expect(begun).toEqual(['a', 'b']);
    end('b');
    await settled();
    expect(begun).toEqual(['a', 'b', 'c']);
  });

  it('let the urgent go first, each kind in its order', async () => {
    const { ask, begun, end, settled } = setUp(1);
    void ask('running');
    for (const [name, urgent] of [
      ['look-1', false],
      ['look-2', false],
      ['hangup-1', true],
      ['hangup-2', true],
    ] as const)
      void ask(name, urgent);
    await settled();
    for (const name of ['running', 'hangup-1', 'hangup-2', 'look-1']) {
      end(name);
      await settled();
    }
    expect(begun).toEqual(['running', 'hangup-1', 'hangup-2', 'look-1', 'look-2']);
  });

  it('come back from a request that failed, and its error goes to who asked', async () => {
    const { ask, begun, end, settled } = setUp(1);
    const failed = ask('bad').catch((error: unknown) => error);
    void ask('next');
    await settled();
    end('bad', new Error('no answer'));
    expect(await failed).toMatchObject({ message: 'no answer' });
    await settled();
    expect(begun).toEqual(['bad', 'next']);
  });
});
