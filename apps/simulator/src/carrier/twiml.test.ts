import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseTwiml, TwimlFault } from './twiml.js';

const read = (inside: string) => parseTwiml(`<Response>${inside}</Response>`);

describe('TwiML', () => {
  it('reads the document of a bidirectional stream', () => {
    const { verbs, warnings } = parseTwiml(
      '<?xml version="1.0" encoding="UTF-8"?><Response><Connect><Stream url="wss://a.example/media">' +
        '<Parameter name="callId" value="call_1 &amp; more"/></Stream></Connect><Hangup/></Response>',
    );
    expect(warnings).toEqual([]);
    expect(verbs).toEqual([
      {
        verb: 'Connect',
        method: 'POST',
        stream: {
          url: 'wss://a.example/media',
          track: 'inbound_track',
          statusCallbackMethod: 'POST',
          parameters: { callId: 'call_1 & more' },
        },
      },
      { verb: 'Hangup' },
    ]);
  });

  it('knows the defaults of Pause, Say and Play', () => {
    expect(read('<Pause/><Pause length="40"/><Say>Hi <![CDATA[<you>]]></Say><Play digits="1w2"/>').verbs).toEqual([
      { verb: 'Pause', lengthSec: 1 },
      { verb: 'Pause', lengthSec: 40 },
      { verb: 'Say', text: 'Hi <you>', loop: 1 },
      { verb: 'Play', loop: 1, digits: '1w2' },
    ]);
  });

  it('knows the defaults of Gather, Dial and Record', () => {
    expect(read('<Gather/><Dial>+14155552671</Dial><Record/>').verbs).toEqual([
      {
        verb: 'Gather',
        prompts: [],
        hearsKeys: true,
        timeoutSec: 5,
        finishOnKey: '#',
        numDigits: 0,
        method: 'POST',
        actionOnEmptyResult: false,
      },
      {
        verb: 'Dial',
        numbers: [{ number: '+14155552671', method: 'POST', statusCallbackMethod: 'POST' }],
        method: 'POST',
        timeoutSec: 30,
        timeLimitSec: 14_400,
        hangupOnStar: false,
        isSequential: false,
      },
      {
        verb: 'Record',
        method: 'POST',
        timeoutSec: 5,
        finishOnKey: '1234567890*#',
        maxLengthSec: 3_600,
        playBeep: true,
        trimsSilence: true,
        recordingStatusCallbackMethod: 'POST',
      },
    ]);
  });

  it('reads what stands in a Gather and in a Dial', () => {
    const { verbs, warnings } = read(
      '<Gather numDigits="1" finishOnKey="" action="/menu" method="GET"><Say>Press <break/>one.</Say><Play>/a.wav</Play><Pause/></Gather>' +
        '<Dial callerId="+15005550006" hangupOnStar="true" action="/done"><Number url="/whisper" sendDigits="1" ' +
        'statusCallback="/leg" statusCallbackEvent="ringing answered">+14155552671</Number><Number>+14155552672</Number></Dial>',
    );
    expect(warnings).toEqual([]);
    expect(verbs).toMatchObject([
      {
        numDigits: 1,
        finishOnKey: '',
        action: '/menu',
        method: 'GET',
        prompts: [{ verb: 'Say', text: 'Press one.' }, { verb: 'Play', url: '/a.wav' }, { verb: 'Pause' }],
      },
      {
        callerId: '+15005550006',
        hangupOnStar: true,
        action: '/done',
        numbers: [
          { number: '+14155552671', url: '/whisper', sendDigits: '1', statusCallbackEvent: 'ringing answered' },
          { number: '+14155552672' },
        ],
      },
    ]);
  });

  it('reads streams that only listen, and how they are stopped', () => {
    const { verbs } = read(
      '<Start><Stream url="wss://a.example/tap" name="tap" track="both_tracks"/></Start><Stop><Stream name="tap"/></Stop>',
    );
    expect(verbs).toMatchObject([
      { verb: 'Start', stream: { url: 'wss://a.example/tap', name: 'tap', track: 'both_tracks' } },
      { verb: 'Stop', name: 'tap' },
    ]);
  });

  it('warns of verbs that it does not know, and of names in the wrong case', () => {
    const { verbs, warnings } = read('<hangup/><Sms/><Hangup/>');
    expect(verbs).toEqual([{ verb: 'Hangup' }]);
    expect(warnings).toHaveLength(2);
  });

  it('warns of attributes and children that cannot stand where they do, and of values that are none', () => {
    const { verbs, warnings } = read(
      '<Pause length="long" seconds="3"/><Gather timeout="0"><Hangup/></Gather><Dial><Client>a</Client></Dial><Redirect method="PUT">/x</Redirect>',
    );
    expect(warnings).toEqual([
      '<Pause> has no attribute "seconds"',
      '<Hangup> cannot stand in <Gather>',
      '<Client> cannot stand in <Dial>',
      '<Pause>: "long" is no valid length',
      '<Gather>: "0" is no valid timeout',
      '<Redirect>: "PUT" is no valid method',
    ]);
    expect(verbs).toMatchObject([{ lengthSec: 1 }, { timeoutSec: 5, prompts: [] }, { numbers: [] }, { method: 'POST' }]);
  });

  it('drops a parameter that is too long, with a warning', () => {
    const { verbs, warnings } = read(
      `<Connect><Stream url="wss://a.example/"><Parameter name="n" value="${'v'.repeat(499)}"/></Stream></Connect>`,
    );
    expect(verbs).toMatchObject([{ stream: { parameters: {} } }]);
    expect(warnings).toHaveLength(1);
  });

  it('answers any text with a document or a fault, and nothing else', () => {
    const name = fc.constantFrom(
      'Response',
      'Say',
      'Gather',
      'Dial',
      'Number',
      'Stream',
      'Connect',
      'Parameter',
      'constructor',
      'x:y',
    );
    const attribute = fc.tuple(
      fc.constantFrom('url', 'name', 'timeout', 'action', '__proto__'),
      fc.stringMatching(/^[\w +#:/.-]{0,12}$/),
    );
    const elementOf = (inside: fc.Arbitrary<string[]>) =>
      fc
        .tuple(name, fc.uniqueArray(attribute, { maxLength: 3, selector: ([key]) => key }), inside)
        .map(([tag, attributes, children]) => {
          const written = attributes.map(([key, value]) => ` ${key}="${value}"`).join('');
          return `<${tag}${written}>${children.join('')}</${tag}>`;
        });
    const someOf = (one: fc.Arbitrary<string>) => fc.array(one, { maxLength: 3 });
    const element = elementOf(someOf(elementOf(someOf(elementOf(fc.constant(['+14155552671']))))));
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          element,
          element.map((inside) => `<Response>${inside}</Response>`),
        ),
        (text) => {
          try {
            expect(parseTwiml(text).verbs).toBeInstanceOf(Array);
          } catch (error) {
            expect(error).toBeInstanceOf(TwimlFault);
          }
        },
      ),
    );
  });

  it('refuses what is no document', () => {
    for (const text of [
      '',
      'hello',
      '<Response>',
      '<Response><Say>a & b</Say></Response>',
      '<html/>',
      '<!DOCTYPE r [<!ENTITY x "y">]><Response>&x;</Response>',
    ]) {
      expect(() => parseTwiml(text)).toThrow(TwimlFault);
    }
  });
});
