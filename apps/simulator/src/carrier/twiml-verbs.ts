import { readAttributes } from './twiml-attributes.js';
import type { Element } from './twiml-xml.js';
import type { DialVerb, GatherVerb, NumberNoun, PromptVerb, RecordVerb, StreamNoun, Verb } from './verb.js';

/** The attributes of each verb with their defaults. `undefined`: nothing to do (the schema check has noted what is unknown). */
export function readVerb(element: Element, warnings: string[]): Verb | undefined {
  const { text, method } = readAttributes(element, warnings);
  switch (element.name) {
    case 'Connect': {
      const stream = readStream(element, warnings);
      return stream && { verb: 'Connect', method: method(), ...text('action'), stream };
    }
    case 'Start': {
      const stream = readStream(element, warnings);
      return stream && { verb: 'Start', stream };
    }
    case 'Stop': {
      const name = element.children.find((child) => child.name === 'Stream')?.attributes['name'];
      if (name !== undefined) return { verb: 'Stop', name };
      warnings.push('<Stop> has no <Stream name>');
      return undefined;
    }
    case 'Hangup':
      return { verb: 'Hangup' };
    case 'Reject':
      warnings.push('<Reject> means something to an inbound call only');
      return { verb: 'Hangup' };
    case 'Redirect':
      return { verb: 'Redirect', url: element.text, method: method() };
    case 'Gather':
      return readGather(element, warnings);
    case 'Dial':
      return readDial(element, warnings);
    case 'Record':
      return readRecord(element, warnings);
    default:
      return readPrompt(element, warnings);
  }
}

function readPrompt(element: Element, warnings: string[]): PromptVerb | undefined {
  const { text, whole } = readAttributes(element, warnings);
  switch (element.name) {
    case 'Pause':
      return { verb: 'Pause', lengthSec: whole('length', 1) };
    case 'Say':
      if (!element.text) warnings.push('<Say> has no text');
      return { verb: 'Say', text: element.text, loop: whole('loop', 1), ...text('voice') };
    case 'Play': {
      const url = element.text;
      if (!url && element.attributes['digits'] === undefined) warnings.push('<Play> has neither a URL nor digits');
      return { verb: 'Play', loop: whole('loop', 1), ...(url && { url }), ...text('digits') };
    }
    default:
      return undefined;
  }
}

function readGather(element: Element, warnings: string[]): GatherVerb {
  const { text, whole, flag, method } = readAttributes(element, warnings);
  const input = (element.attributes['input'] ?? 'dtmf').split(' ');
  if (input.includes('speech')) warnings.push('<Gather>: speech is not recognised by this simulator');
  // "auto" is a timeout of speech; keys have the usual one.
  const timeoutSec = element.attributes['timeout'] === 'auto' ? 5 : whole('timeout', 5, 1);
  return {
    verb: 'Gather',
    prompts: element.children.flatMap((child) => readPrompt(child, warnings) ?? []),
    hearsKeys: input.includes('dtmf'),
    timeoutSec,
    finishOnKey: readKeys(element, '#', warnings),
    numDigits: whole('numDigits', 0, 1),
    ...text('action'),
    method: method(),
    actionOnEmptyResult: flag('actionOnEmptyResult', false),
  };
}

function readDial(element: Element, warnings: string[]): DialVerb {
  const { text, whole, flag, method } = readAttributes(element, warnings);
  const numbers = element.children
    .filter((child) => child.name === 'Number')
    .map((child): NumberNoun => {
      const noun = readAttributes(child, warnings);
      return {
        number: child.text,
        ...noun.text('url'),
        method: noun.method(),
        ...noun.text('sendDigits'),
        ...noun.text('statusCallback'),
        statusCallbackMethod: noun.method('statusCallbackMethod'),
        ...noun.text('statusCallbackEvent'),
      };
    });
  if (element.children.length === 0 && element.text)
    numbers.push({ number: element.text, method: 'POST', statusCallbackMethod: 'POST' });
  if (numbers.length > 10) warnings.push('<Dial>: ten numbers at most are called at once');
  if ((element.attributes['record'] ?? 'do-not-record') !== 'do-not-record' && element.attributes['record'] !== 'false')
    warnings.push('<Dial record> is not carried out by this simulator');
  return {
    verb: 'Dial',
    numbers: numbers.slice(0, 10),
    ...text('action'),
    method: method(),
    timeoutSec: Math.min(600, whole('timeout', 30, 1)),
    timeLimitSec: whole('timeLimit', 14_400, 1),
    ...text('callerId'),
    hangupOnStar: flag('hangupOnStar', false),
    isSequential: flag('sequential', false),
  };
}

function readRecord(element: Element, warnings: string[]): RecordVerb {
  const { text, whole, flag, method } = readAttributes(element, warnings);
  return {
    verb: 'Record',
    ...text('action'),
    method: method(),
    timeoutSec: whole('timeout', 5, 1),
    finishOnKey: readKeys(element, '1234567890*#', warnings),
    maxLengthSec: whole('maxLength', 3_600, 1),
    playBeep: flag('playBeep', true),
    trimsSilence: element.attributes['trim'] !== 'do-not-trim',
    ...text('recordingStatusCallback'),
    recordingStatusCallbackMethod: method('recordingStatusCallbackMethod'),
    ...text('recordingStatusCallbackEvent'),
  };
}

function readKeys(element: Element, otherwise: string, warnings: string[]): string {
  const keys = element.attributes['finishOnKey'];
  if (keys === undefined) return otherwise;
  if (/^[0-9A-D*#]*$/i.test(keys)) return keys.toUpperCase();
  warnings.push(`<${element.name}>: "${keys}" is no valid finishOnKey`);
  return otherwise;
}

function readStream(element: Element, warnings: string[]): StreamNoun | undefined {
  const stream = element.children.find((child) => child.name === 'Stream');
  const url = stream?.attributes['url'];
  if (!stream || !url) {
    warnings.push(`<${element.name}> has no <Stream url>`);
    return undefined;
  }
  const { text, method } = readAttributes(stream, warnings);
  const parameters: [string, string][] = [];
  for (const child of stream.children) {
    if (child.name !== 'Parameter') continue;
    const { name, value } = child.attributes;
    if (name === undefined || value === undefined) warnings.push('<Parameter> needs a name and a value');
    else if (name.length + value.length >= 500) warnings.push('<Parameter>: name and value together have 500 characters or more');
    else parameters.push([name, value]);
  }
  return {
    url,
    track: stream.attributes['track'] ?? 'inbound_track',
    statusCallbackMethod: method('statusCallbackMethod'),
    // From entries: a parameter called `__proto__` is a parameter like any other.
    parameters: Object.fromEntries(parameters),
    ...text('name'),
    ...text('statusCallback'),
  };
}
