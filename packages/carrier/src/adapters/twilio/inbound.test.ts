import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createTwilioInbound } from './inbound.js';

const accountSid = `AC${'1'.repeat(32)}`;
const FORM = { CallSid: 'CA1234567890ABCDE', Caller: '+12349013030', Digits: '1234', From: '+12349013030', To: '+18005551212' };
const inbound = (urls: { publicUrl?: string; mediaPublicUrl?: string }, authToken: string | string[] = '12345') =>
  createTwilioInbound({ accountSid, authToken, ...urls });
const sign = (text: string, token = '12345'): string => createHmac('sha1', token).update(text).digest('base64');

describe('the signature of a callback', () => {
  it.each([
    ['https://mycompany.com', '3KI2uRuYyAdhZIJXcpU0izDUzWI='],
    ['https://example.com', 'NGAgWNhdnsLF8j385frvrQoi9sg='],
    ['https://mycompany.com/', '3KI2uRuYyAdhZIJXcpU0izDUzWI='],
    ['https://user:secret@mycompany.com', '3KI2uRuYyAdhZIJXcpU0izDUzWI='],
  ])('is accepted for %s as the SDK computes it', (publicUrl, signature) => {
    expect(inbound({ publicUrl }).isGenuineCallback({ path: '/myapp', signature, form: FORM })).toBe(true);
  });

  it('is refused for another host, path, field, token, and when it is missing', () => {
    const signature = '3KI2uRuYyAdhZIJXcpU0izDUzWI=';
    const ours = inbound({ publicUrl: 'https://mycompany.com' });
    expect(inbound({ publicUrl: 'https://evil.example' }).isGenuineCallback({ path: '/myapp', signature, form: FORM })).toBe(
      false,
    );
    expect(ours.isGenuineCallback({ path: '/myapp/', signature, form: FORM })).toBe(false);
    expect(ours.isGenuineCallback({ path: '/myapp', signature, form: { ...FORM, Digits: '1235' } })).toBe(false);
    expect(ours.isGenuineCallback({ path: '/myapp', signature, form: { ...FORM, Extra: 'x' } })).toBe(false);
    expect(ours.isGenuineCallback({ path: '/myapp', signature: undefined, form: FORM })).toBe(false);
    expect(ours.isGenuineCallback({ path: '/myapp', signature: '', form: FORM })).toBe(false);
    expect(
      inbound({ publicUrl: 'https://mycompany.com' }, 'other').isGenuineCallback({ path: '/myapp', signature, form: FORM }),
    ).toBe(false);
    expect(inbound({}).isGenuineCallback({ path: '/myapp', signature, form: FORM })).toBe(false);
  });

  it('is never accepted for an empty token, which everybody knows', () => {
    const signature = sign('https://mycompany.com/myapp', '');
    expect(inbound({ publicUrl: 'https://mycompany.com' }, '').isGenuineCallback({ path: '/myapp', signature, form: {} })).toBe(
      false,
    );
  });

  it('is accepted for either token while they are rotated', () => {
    const both = inbound({ publicUrl: 'https://mycompany.com' }, ['new', '12345']);
    expect(both.isGenuineCallback({ path: '/myapp', signature: '3KI2uRuYyAdhZIJXcpU0izDUzWI=', form: FORM })).toBe(true);
  });

  it('keeps the path prefix of a proxy, and the query as it came', () => {
    const ours = inbound({ publicUrl: 'https://mycompany.com/onhook/' });
    const signature = sign("https://mycompany.com/onhook/status/1?a=b'c");
    expect(ours.isGenuineCallback({ path: "/status/1?a=b'c", signature, form: {} })).toBe(true);
    expect(ours.isGenuineCallback({ path: '/status/1', signature, form: {} })).toBe(false);
  });

  it('survives a path that is no URL, and one that would name another host', () => {
    const ours = inbound({ publicUrl: 'https://mycompany.com' });
    expect(ours.isGenuineCallback({ path: '/%', signature: 'x', form: {} })).toBe(false);
    const signature = sign('https://mycompany.com@evil.example/');
    expect(ours.isGenuineCallback({ path: '@evil.example/', signature, form: {} })).toBe(false);
  });

  it('signs a repeated field as its sorted, unique values', () => {
    const ours = inbound({ publicUrl: 'https://mycompany.com' });
    const signature = sign('https://mycompany.com/myappab'.replace('ab', 'Ka') + 'Kb');
    expect(ours.isGenuineCallback({ path: '/myapp', signature, form: { K: ['b', 'a', 'b'] } })).toBe(true);
  });
});

describe('the signature of an upgrade', () => {
  const SLASHLESS = 'jdD1cLLL/HBZUQHJdssvnGckk6o=';
  const SLASHED = 'D+ZfScRvzpQYpkNDDiCoXRqZCnc=';

  it('is accepted for the URL as written and with a slash at its end', () => {
    for (const mediaPublicUrl of ['wss://app.example.com/media', 'wss://app.example.com/media/']) {
      const ours = inbound({ mediaPublicUrl });
      expect(ours.isGenuineUpgrade({ path: '/media', signature: SLASHLESS })).toBe(true);
      expect(ours.isGenuineUpgrade({ path: '/media', signature: SLASHED })).toBe(true);
      expect(ours.isGenuineUpgrade({ path: '/media/', signature: SLASHED })).toBe(true);
    }
  });

  it('is accepted for a URL without a path, signed with a slash', () => {
    const ours = inbound({ mediaPublicUrl: 'wss://app.example.com' });
    expect(ours.isGenuineUpgrade({ path: '/', signature: 'c9EC1qy0z49WEMwhtuqkmr4rnh8=' })).toBe(true);
  });

  it('is accepted behind a proxy that cuts a prefix off', () => {
    const ours = inbound({ mediaPublicUrl: 'wss://app.example.com/onhook/media' });
    const signature = sign('wss://app.example.com/onhook/media');
    expect(ours.isGenuineUpgrade({ path: '/media', signature })).toBe(true);
    expect(ours.isGenuineUpgrade({ path: '/onhook/media', signature })).toBe(true);
    expect(ours.isGenuineUpgrade({ path: '/dia', signature })).toBe(false);
    expect(ours.isGenuineUpgrade({ path: '/', signature })).toBe(false);
  });

  it('is refused for another scheme, path, query, token, and when it is missing', () => {
    const ours = inbound({ mediaPublicUrl: 'wss://app.example.com/media' });
    expect(ours.isGenuineUpgrade({ path: '/media', signature: sign('https://app.example.com/media') })).toBe(false);
    expect(ours.isGenuineUpgrade({ path: '/other', signature: SLASHLESS })).toBe(false);
    expect(ours.isGenuineUpgrade({ path: '/media?token=x', signature: SLASHLESS })).toBe(false);
    expect(ours.isGenuineUpgrade({ path: '/media', signature: sign('wss://app.example.com/media', 'guess') })).toBe(false);
    expect(ours.isGenuineUpgrade({ path: '/media', signature: undefined })).toBe(false);
    expect(inbound({}).isGenuineUpgrade({ path: '/media', signature: SLASHLESS })).toBe(false);
  });
});

describe('a status callback', () => {
  const ours = inbound({ publicUrl: 'https://mycompany.com' });
  const readStatusCallback = (form: Record<string, string | string[]>) => ours.readStatusCallback(form);
  const genuine = {
    AccountSid: accountSid,
    CallSid: `CA${'2'.repeat(32)}`,
    CallStatus: 'completed',
    To: '+14155550123',
    From: '+14155550199',
    SequenceNumber: '3',
    SipResponseCode: '200',
    CallDuration: '49',
    Duration: '1',
    CallbackSource: 'call-progress-events',
  };

  it('is read in our words', () => {
    expect(readStatusCallback(genuine)).toEqual({
      sid: `CA${'2'.repeat(32)}`,
      status: 'completed',
      to: '+14155550123',
      from: '+14155550199',
      sequence: 3,
      sipCode: 200,
      durationSec: 49,
      answeredBy: null,
      parentSid: null,
    });
    expect(readStatusCallback({ ...genuine, CallStatus: 'in-progress', AnsweredBy: 'machine_end_beep' })).toMatchObject({
      status: 'in-progress',
      answeredBy: 'machine',
    });
  });

  it('is nothing of ours with another account, a malformed or repeated SID, or an unknown status', () => {
    expect(readStatusCallback({ ...genuine, AccountSid: `AC${'9'.repeat(32)}` })).toBeNull();
    expect(readStatusCallback({ ...genuine, CallSid: 'CA1' })).toBeNull();
    expect(readStatusCallback({ ...genuine, CallSid: [genuine.CallSid, genuine.CallSid] })).toBeNull();
    expect(readStatusCallback({ ...genuine, CallStatus: 'exploded' })).toBeNull();
    expect(readStatusCallback({})).toBeNull();
  });

  it('holds null for what is missing or no number', () => {
    expect(readStatusCallback({ ...genuine, SequenceNumber: '-1', SipResponseCode: 'x', CallDuration: '' })).toMatchObject({
      sequence: null,
      sipCode: null,
      durationSec: null,
    });
  });
});

describe('a verdict of machine detection', () => {
  const ours = inbound({ publicUrl: 'https://mycompany.com' });
  const genuine = { AccountSid: accountSid, CallSid: `CA${'2'.repeat(32)}`, MachineDetectionDuration: '4200' };

  it.each([
    ['human', 'human'],
    ['machine_end_beep', 'machine'],
    ['machine_end_silence', 'machine'],
    ['machine_end_other', 'machine'],
    ['fax', 'fax'],
    ['unknown', 'unknown'],
  ])('%s is read as %s', (AnsweredBy, who) => {
    expect(ours.readAnsweredBy({ ...genuine, AnsweredBy })).toEqual({ sid: genuine.CallSid, who });
  });

  it('is nothing of ours without a verdict or SID, or with another account', () => {
    expect(ours.readAnsweredBy(genuine)).toBeNull();
    expect(ours.readAnsweredBy({ ...genuine, AnsweredBy: 'alien' })).toBeNull();
    expect(ours.readAnsweredBy({ ...genuine, AnsweredBy: 'human', CallSid: 'CA1' })).toBeNull();
    expect(ours.readAnsweredBy({ ...genuine, AnsweredBy: 'human', AccountSid: `AC${'9'.repeat(32)}` })).toBeNull();
  });
});

describe('the end of a transfer', () => {
  const ours = inbound({ publicUrl: 'https://mycompany.com' });
  const genuine = { AccountSid: accountSid, CallSid: `CA${'2'.repeat(32)}`, CallStatus: 'in-progress' };

  it.each([
    [{ DialCallStatus: 'completed', DialBridged: 'true' }, true],
    [{ DialCallStatus: 'completed' }, true],
    [{ DialCallStatus: 'completed', DialBridged: 'false' }, false],
    [{ DialCallStatus: 'busy' }, false],
    [{ DialCallStatus: 'no-answer' }, false],
    [{ DialCallStatus: 'failed' }, false],
    [{ DialCallStatus: 'canceled' }, false],
  ])('%j: somebody was reached: %s', (fields, reached) => {
    const { DialCallStatus: status } = fields;
    expect(ours.readRedirectEnd({ ...genuine, ...fields })).toEqual({ sid: genuine.CallSid, reached, status });
  });

  it('is nothing of ours without its own status', () => {
    expect(ours.readRedirectEnd(genuine)).toBeNull();
    expect(ours.readRedirectEnd({ ...genuine, DialCallStatus: 'busy', AccountSid: 'AC1' })).toBeNull();
  });
});
