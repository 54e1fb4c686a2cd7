import { describe, expect, it } from 'vitest';
import { createRequestSlots, type RequestKind } from './request-slots.js';

/** Requests that end when they are told to. */
function setUp(atOnce: number) {
  const slots = createRequestSlots(atOnce);
  const begun: string[] = [];
  const enders = new Map<string, (error?: Error) => void>();
  const ask = (name: string, kind: RequestKind = 'look'): Promise<void> =>
    slots.run(kind, () => {
      begun.push(name);
      return new Promise<void>((resolve, reject) => enders.set(name, (error) => (error ? reject(error) : resolve())));
    });
  const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  return { ask, begun, end: (name: string, error?: Error) => enders.get(name)?.(error), settled };
}

describe('request slots', () => {
  it('let no more run at once than they are', async () => {
    const { ask, begun, end, settled } = setUp(2);
    for (const name of ['a', 'b', 'c', 'd']) void ask(name, 'end');
    await settled();
    expect(begun).toEqual(['a', 'b']);
    end('b');
    await settled();
    expect(begun).toEqual(['a', 'b', 'c']);
  });

  it('let ends go first and creates last, each kind in its order', async () => {
    const { ask, begun, end, settled } = setUp(1);
    void ask('running');
    for (const [name, kind] of [
      ['create', 'create'],
      ['look-1', 'look'],
      ['look-2', 'look'],
      ['hangup-1', 'end'],
      ['hangup-2', 'end'],
    ] as const)
      void ask(name, kind);
    await settled();
    for (const name of ['running', 'hangup-1', 'hangup-2', 'look-1', 'look-2']) {
      end(name);
      await settled();
    }
    expect(begun).toEqual(['running', 'hangup-1', 'hangup-2', 'look-1', 'look-2', 'create']);
  });

  it('are never all taken by creates, which may last long: an end begins at once', async () => {
    const { ask, begun, end, settled } = setUp(20);
    for (let i = 0; i < 30; i++) void ask(`create-${i}`, 'create');
    await settled();
    expect(begun).toHaveLength(16);
    for (let i = 0; i < 4; i++) void ask(`end-${i}`, 'end');
    await settled();
    expect(begun.slice(16)).toEqual(['end-0', 'end-1', 'end-2', 'end-3']);
    // Full now: what is given back goes to an end, then to a create only if that makes no more of them than there may be.
    void ask('end-4', 'end');
    end('create-0');
    await settled();
    expect(begun.at(-1)).toBe('end-4');
    end('end-0');
    await settled();
    expect(begun.at(-1)).toBe('create-16');
    end('end-1');
    await settled();
    expect(begun).toHaveLength(22);
  });

  it('are never all taken by looks either, of which a list may last a minute: an end begins at once', async () => {
    const { ask, begun, end, settled } = setUp(20);
    for (let i = 0; i < 30; i++) void ask(`look-${i}`, 'look');
    await settled();
    expect(begun).toHaveLength(16);
    for (let i = 0; i < 5; i++) void ask(`end-${i}`, 'end');
    await settled();
    expect(begun.slice(16)).toEqual(['end-0', 'end-1', 'end-2', 'end-3']);
    end('look-0');
    await settled();
    expect(begun.slice(20)).toEqual(['end-4']);
    for (const name of ['end-0', 'end-1', 'end-2', 'end-3', 'end-4']) end(name);
    await settled();
    expect(begun.slice(21)).toEqual(['look-16']);
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
