import { describe, expect, it } from 'vitest';
import { judgeSoak } from './judge-soak.js';
import { kindOf, type Sample } from './samples.js';

const FINE = { 'agent-ended-call': 400, 'callee-hung-up': 1_600 };

/** Ten looks at a gateway of 100 MB, 200 calls apart. */
function samples(change: (index: number) => Partial<Sample> = () => ({})): Sample[] {
  return Array.from({ length: 10 }, (_, i) => ({
    calls: 200 * (i + 1),
    atSec: 30 * (i + 1),
    gateway: { live: 0, heapMb: 30, externalMb: 4, handles: { Timeout: 5, TCPSocketWrap: 4 } },
    rssMb: { gateway: 100 + (i % 2) * 0.4, api: 120 },
    descriptors: { gateway: 26, api: 24 },
    keys: { 'onhook:{shard}:index': 16 },
    keysOfCalls: 700 * (i + 1),
    ...change(i),
  }));
}

describe('a soak', () => {
  it('passes when nothing grows but what is kept of each call', () => {
    expect(judgeSoak(samples(), FINE)).toMatchObject({ failed: [], rssSlopeMbPer1000: { api: 0 } });
  });

  it('fails when the gateway grows by a megabyte in a thousand calls after its warm-up, not when it grows before', () => {
    const leaks = judgeSoak(
      samples((i) => ({ rssMb: { gateway: 100 + i * 0.3, api: 120 } })),
      FINE,
    );
    expect(leaks.failed).toEqual(['the gateway grows by 1.5 MB per 1000 calls']);
    const warmsUp = judgeSoak(
      samples((i) => ({ rssMb: { gateway: Math.min(130, 100 + i * 15) } })),
      FINE,
    );
    expect(warmsUp.failed).toEqual([]);
  });

  it('fails when descriptors, timers or keys of no call pile up', () => {
    const { failed } = judgeSoak(
      samples((i) => ({
        descriptors: { gateway: 26 + i },
        gateway: { live: 0, heapMb: 30, externalMb: 4, handles: { Timeout: 5 + 4 * i } },
        keys: {
          'onhook:{shard}:index': 16,
          'onhook:{shard}:due': i,
          'onhook:{gw}:orders': 1 + i,
          '{onhook:dial}:dial:<job>': 200 * i,
        },
      })),
      FINE,
    );
    expect(failed).toEqual([
      'descriptors of gateway: 26 after the first rounds, 33 after the last',
      'Timeout of the gateway: 5 after the first rounds, 33 after the last',
      '9 keys onhook:{shard}:due in Redis, and no call',
      'keys onhook:{gw}:orders in Redis: 1 after the first rounds, 8 after the last',
    ]);
  });

  it('fails when more than a few calls end otherwise than the scene has it', () => {
    expect(judgeSoak(samples(), { ...FINE, 'no-media': 190 }).failed).toEqual([]);
    expect(judgeSoak(samples(), { ...FINE, 'no-media': 201 }).failed).toEqual(['not of the scene: 201 calls ended as no-media']);
  });

  it('does not take a connection that is kept for a while for one that is lost', () => {
    const { failed } = judgeSoak(
      samples((i) => ({ descriptors: { gateway: i % 3 === 0 ? 26 : 37, hangup: 26 + Math.min(2 * i, 12) } })),
      FINE,
    );
    expect(failed).toEqual([]);
  });

  it('of few calls says nothing about a slope', () => {
    expect(judgeSoak(samples().slice(0, 3), { 'agent-ended-call': 600 }).rssSlopeMbPer1000).toEqual({ gateway: null, api: null });
  });
});

describe('a key in Redis', () => {
  it('is of a call, of a kind, or one of a kind for each shard', () => {
    expect(
      [
        'onhook:{a}:call:call_a_01m81x3dk5f95r9w6xp5rqv385',
        'onhook:{b}:idem:9f2c',
        'onhook:{c}:due',
        'onhook:{gw:gw_01m81x3dk5f95r9w6xp5rqv385}:orders',
        '{onhook:dial}:dial:17',
        'onhook:{beats}:hangup',
      ].map(kindOf),
    ).toEqual([null, null, 'onhook:{shard}:due', 'onhook:{gw}:orders', '{onhook:dial}:dial:<job>', 'onhook:{beats}:hangup']);
  });
});
