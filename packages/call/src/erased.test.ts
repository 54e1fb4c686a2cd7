import { describe, expect, it } from 'vitest';
import { event } from './testing/events.js';
import { CALLS } from './testing/fixtures.js';
import { transition } from './transition.js';

describe('an erased call', () => {
  const before = { ...CALLS.ended, variables: { name: 'Ada' }, metadata: { order: 7 }, webhookUrl: 'https://example.com/ada' };
  const { call } = transition(before, event.erased());

  it('names nobody and nothing, and still tells how it went', () => {
    expect(call).toMatchObject({ state: 'ended', to: '#nobody', variables: {}, metadata: {}, recording: null });
    expect(call.webhookUrl).toBeUndefined();
    expect(call.attempts).toEqual(before.attempts);
    expect(call.erasedAt).toBe(event.erased().at);
  });

  it('is erased once', () => {
    expect(transition(call, event.erased({ to: '#somebody else' }))).toMatchObject({ verdict: 'no-news', call });
  });

  it('takes no recording that is finished only now', () => {
    expect(transition(call, event.noted()).call.recording).toBeNull();
  });
});
