import { describe, expect, it } from 'vitest';
import { readCreate } from './create-request.js';

const good = { To: '+14155550100', From: '+15005550006', Twiml: '<Response/>' };
const codeOf = (changes: Record<string, unknown>, owned?: string[]): number | undefined => {
  const result = readCreate({ ...good, ...changes }, { ownedNumbers: owned && new Set(owned) });
  return 'refused' in result ? result.refused.code : undefined;
};

describe('a create', () => {
  it('has the defaults of Twilio', () => {
    expect(readCreate(good, {})).toMatchObject({ ringTimeoutSec: 60, timeLimitSec: 14_400, events: new Set(['completed']) });
  });

  it.each([
    [21201, { To: undefined }],
    [21213, { From: '' }],
    [21205, { Twiml: undefined }],
    [21205, { Url: 'not a url' }],
    [21205, { StatusCallback: 'http://my_host/cb' }],
    [21206, { SendDigits: 'x' }],
    [21208, { Timeout: '601' }],
    [21209, { Url: 'http://a.example/', Method: 'PUT' }],
    [21211, { To: '911' }],
    [21211, { To: '+15005550006' }],
    [21212, { From: 'anonymous' }],
    [21212, { From: '+15005550001' }],
    [21210, { From: '+15005550007' }],
    [21214, { To: '+15005550002' }],
    [21215, { To: '+15005550003' }],
    [21216, { To: '+15005550004' }],
    [21217, { To: '+15005550001' }],
    [21218, { ApplicationSid: 'AP00000000000000000000000000000000' }],
    [20001, { Twiml: `<Response>${' '.repeat(4_000)}</Response>` }],
    [20001, { TimeLimit: 'long' }],
  ])('is refused with %i for %j', (code, changes) => {
    expect(codeOf(changes)).toBe(code);
  });

  it('is refused with 21210 from a number that is not ours', () => {
    expect(codeOf({ From: '+14155550199' }, ['+14155550198'])).toBe(21210);
    expect(codeOf({ From: '+14155550198' }, ['+14155550198'])).toBeUndefined();
  });

  it('takes repeated events, and no callbacks at all for one value with spaces (21626)', () => {
    expect(readCreate({ ...good, StatusCallbackEvent: ['ringing', 'completed'] }, {})).toMatchObject({
      events: new Set(['ringing', 'completed']),
    });
    expect(readCreate({ ...good, StatusCallbackEvent: 'ringing completed' }, {})).toMatchObject({
      events: new Set(),
      invalidEvents: 'ringing completed',
    });
  });

  it('ignores the document if there is a Url as well, and reports loose numbers as E.164', () => {
    const order = readCreate({ ...good, To: '(415) 555-0100', Url: 'http://a.example/doc' }, {});
    expect(order).toMatchObject({ to: '+14155550100', instructions: { url: 'http://a.example/doc', method: 'POST' } });
  });
});
