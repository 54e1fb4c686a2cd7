import { describe, expect, it } from 'vitest';
import { readCreate } from './create-request.js';
import type { NumberPolicy } from './number-policy.js';
import { isRefused } from './form.js';

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
    [21207, { IfMachine: 'Continue' }],
    [20001, { MachineDetection: 'Perhaps' }],
    [20001, { Record: 'maybe' }],
    [20001, { Record: 'true', RecordingChannels: 'three' }],
    [21205, { Record: 'true', RecordingStatusCallback: 'nowhere' }],
    [21209, { StatusCallback: 'http://a.example/', StatusCallbackMethod: 'PATCH' }],
  ])('is refused with %i for %j', (code, changes) => {
    expect(codeOf(changes)).toBe(code);
  });

  it('is refused with 21210 from a number that is not ours', () => {
    expect(codeOf({ From: '+14155550199' }, ['+14155550198'])).toBe(21210);
    expect(codeOf({ From: '+14155550198' }, ['+14155550198'])).toBeUndefined();
  });

  it('is refused with 21215 where the account may not call, and with 21219 if a trial account may not', () => {
    const codeBy = (policy: NumberPolicy): unknown => {
      const result = readCreate(good, policy);
      return isRefused(result) ? result.refused.code : undefined;
    };
    expect(codeBy({ permittedPrefixes: ['+44', '+49'] })).toBe(21215);
    expect(codeBy({ permittedPrefixes: ['+44', '+1'] })).toBeUndefined();
    expect(codeBy({ verifiedNumbers: new Set(['+14155550177']) })).toBe(21219);
    expect(codeBy({ verifiedNumbers: new Set(['+14155550100']) })).toBeUndefined();
  });

  it('records both sides in one channel without the silence at the ends, unless it says otherwise', () => {
    expect(readCreate({ ...good, Record: 'true' }, {})).toHaveProperty('recording', {
      channels: 1,
      track: 'both',
      trim: true,
      events: new Set(['completed']),
    });
    const asked = {
      Record: 'true',
      RecordingChannels: 'dual',
      RecordingTrack: 'outbound',
      Trim: 'do-not-trim',
      RecordingStatusCallback: 'http://a.example/r',
      RecordingStatusCallbackEvent: 'in-progress completed',
    };
    expect(readCreate({ ...good, ...asked }, {})).toHaveProperty('recording', {
      channels: 2,
      track: 'outbound',
      trim: false,
      events: new Set(['in-progress', 'completed']),
      callback: { url: 'http://a.example/r', method: 'POST' },
    });
    expect(readCreate(good, {})).not.toHaveProperty('recording');
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
