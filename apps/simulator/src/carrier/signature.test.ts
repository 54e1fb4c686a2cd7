import twilio from 'twilio';
import { describe, expect, it } from 'vitest';
import { signJson, signRequest, upgradeUrlToSign, webhookUrlToSign } from './signature.js';

const token = '12345';
const fields = { CallSid: 'CA1234567890ABCDE', Caller: '+12349013030', Digits: '1234', From: '+12349013030', To: '+18005551212' };

describe('signature', () => {
  it('matches the vectors that the official SDK gave for form posts', () => {
    expect(signRequest(token, 'https://mycompany.com/myapp', fields)).toBe('3KI2uRuYyAdhZIJXcpU0izDUzWI=');
    expect(signRequest(token, 'https://example.com/myapp', fields)).toBe('NGAgWNhdnsLF8j385frvrQoi9sg=');
  });

  it('matches the vectors for upgrades of a media stream', () => {
    expect(signRequest(token, upgradeUrlToSign('wss://app.example.com/media'))).toBe('jdD1cLLL/HBZUQHJdssvnGckk6o=');
    expect(signRequest(token, upgradeUrlToSign('wss://app.example.com/media', 'always'))).toBe('D+ZfScRvzpQYpkNDDiCoXRqZCnc=');
    expect(signRequest(token, upgradeUrlToSign('wss://app.example.com'))).toBe('c9EC1qy0z49WEMwhtuqkmr4rnh8=');
  });

  it('matches the vector for a JSON body, whose hash is in the URL', () => {
    const url = 'https://app.example.com/j?bodySHA256=85264246de8d570722726062407cde49dc5bb2c2569c179765b178e3ffe30825';
    expect(signRequest(token, url)).toBe('GyFxsirav/GtcDb4mpIdVGvHIUo=');
    const body = '{"CallSid":"CA1"}';
    expect(signJson(token, 'https://app.example.com/j', body)).toEqual({ url, signature: 'GyFxsirav/GtcDb4mpIdVGvHIUo=' });
    const withQuery = signJson(token, 'https://app.example.com:8443/j?a=1#rc=2', body);
    expect(withQuery.url).toMatch(/\?a=1&bodySHA256=[0-9a-f]{64}$/);
    expect(twilio.validateRequestWithBody(token, withQuery.signature, withQuery.url, body)).toBe(true);
    expect(twilio.validateRequestWithBody(token, withQuery.signature, withQuery.url, '{}')).toBe(false);
  });

  it('drops fragment, user and password, and the port of https only', () => {
    expect(webhookUrlToSign('https://u:p@example.com:8443/a?b=1#rc=3')).toBe('https://example.com/a?b=1');
    expect(webhookUrlToSign('http://u:p@127.0.0.1:3000/a?b=1#rc=3')).toBe('http://127.0.0.1:3000/a?b=1');
  });

  it('signs what the SDK accepts, with empty and repeated fields', () => {
    const params = { To: '+18005551212', ToCity: '', Tag: ['b', 'a', 'b'] };
    const url = 'http://127.0.0.1:3000/callback?call=1';
    expect(twilio.validateRequest(token, signRequest(token, webhookUrlToSign(url), params), url, params)).toBe(true);
  });
});
