import { describe, expect, it } from 'vitest';
import { systemTimers } from '@onhook/service';
import { createVirtualTime } from '@onhook/service/virtual-time';
import { anOpenSession, startOpenAiFixture } from '../../conformance/index.js';
import { agentAt, useBench } from './testing/bench.js';

describe('when OpenAI fails', () => {
  const bench = useBench();

  it.each(['response_cancel_not_active', 'unsupported_content_type', 'item_retrieve_invalid_item_id', 'something_new'])(
    'goes on after %s',
    async (code) => {
      await bench.begin();
      bench.fixture
        .session()
        .send({ type: 'error', error: { type: 'invalid_request_error', code, message: 'x', event_id: null } });
      await bench.until(() => bench.record.of('error').length === 1);
      expect(bench.record.of('error')[0]![1]).toMatchObject({ code, fatal: false });
      await systemTimers.sleep(20);
      expect(bench.record.of('closed')).toEqual([]);
    },
  );

  it('is over when the session has expired', async () => {
    await bench.begin();
    bench.fixture
      .session()
      .send({ type: 'error', error: { type: 'invalid_request_error', code: 'session_expired', message: 'x' } });
    await bench.until(() => bench.record.of('closed').length === 1);
    expect(bench.record.of('error')[0]![1]).toMatchObject({ fatal: true });
    expect(bench.record.of('closed')[0]![1]).toMatchObject({ opened: true, byUs: false, reason: 'session_expired' });
  });

  it('is over when its configuration is refused', async () => {
    bench.fixture.behaves({ configures: false });
    bench.session = agentAt(bench.fixture.url).open(anOpenSession(), bench.record.events);
    await bench.until(() => bench.fixture.sessions.length === 1 && bench.sent('session.update').length === 1);
    bench.fixture.session().send({
      type: 'error',
      error: { type: 'invalid_request_error', code: 'unknown_parameter', message: 'x', event_id: 'onhook_configure' },
    });
    await bench.until(() => bench.record.of('closed').length === 1);
    expect(bench.record.of('closed')[0]![1]).toMatchObject({ opened: false, byUs: false, reason: 'unknown_parameter' });
  });

  it('passes on the code with which the provider closes', async () => {
    await bench.begin();
    bench.fixture.session().close(1001, 'Your session hit the maximum duration of 60 minutes.');
    await bench.until(() => bench.record.of('closed').length === 1);
    expect(bench.record.of('closed')[0]![1]).toEqual({
      code: 1001,
      reason: 'Your session hit the maximum duration of 60 minutes.',
      opened: true,
      byUs: false,
      retryable: true,
    });
  });

  it('survives frames of garbage', async () => {
    await bench.begin();
    for (const frame of [
      '',
      'no json',
      '[]',
      'null',
      '{"type":7}',
      '{"type":"response.done"}',
      '{"type":"response.done","response":{}}',
    ])
      bench.fixture.session().sendRaw(frame);
    bench.fixture.session().sendRaw(Buffer.from([1, 2, 3]));
    await bench.settled();
    expect(bench.record.of('error').filter(([, error]) => error.code === 'bad-frame')).toHaveLength(4);
    expect(bench.record.of('closed')).toEqual([]);
  });

  it.each([
    [401, false],
    [429, true],
    [503, true],
  ])('tells when the upgrade is refused with %i, and whether to try again: %s', async (status, retryable) => {
    bench.fixture.behaves({ refusesUpgrade: status });
    bench.session = agentAt(bench.fixture.url).open(anOpenSession(), bench.record.events);
    await bench.until(() => bench.record.of('closed').length === 1);
    expect(bench.record.seen).toEqual([
      ['closed', { code: 1006, reason: `http-${status}`, opened: false, byUs: false, retryable }],
    ]);
  });

  it('tells when nobody listens', async () => {
    const { url } = bench.fixture;
    await bench.fixture.stop();
    bench.session = agentAt(url).open(anOpenSession(), bench.record.events);
    await bench.until(() => bench.record.of('closed').length === 1);
    expect(bench.record.seen).toEqual([
      ['closed', { code: 1006, reason: 'ECONNREFUSED', opened: false, byUs: false, retryable: true }],
    ]);
    bench.fixture = await startOpenAiFixture();
  });

  it.each(['an upgrade that is never answered', 'a session that is never created', 'a configuration that is never confirmed'])(
    'gives up on %s',
    async (what) => {
      bench.fixture.behaves({ stalls: what.startsWith('an upgrade'), greets: what.startsWith('a conf'), configures: false });
      bench.session = agentAt(bench.fixture.url, systemTimers, 150).open(anOpenSession(), bench.record.events);
      await bench.until(() => bench.record.of('closed').length === 1);
      expect(bench.record.of('closed')[0]![1]).toMatchObject({ opened: false, byUs: false, reason: 'connect-timeout' });
    },
  );

  it('gives up on a peer that answers no ping', async () => {
    const time = createVirtualTime();
    bench.session = agentAt(bench.fixture.url, time).open(anOpenSession(), bench.record.events);
    await bench.until(() => bench.record.of('ready').length === 1);
    await time.advance(5_000);
    // The pong of a healthy peer is on its way.
    await systemTimers.sleep(50);
    await time.advance(5_000);
    await systemTimers.sleep(50);
    expect(bench.record.of('closed')).toEqual([]);
    await time.advance(15_000);
    await bench.until(() => bench.record.of('closed').length === 1);
    expect(bench.record.of('closed')[0]![1]).toMatchObject({ code: 1006, reason: 'ping-timeout', opened: true, byUs: false });
  });
});
