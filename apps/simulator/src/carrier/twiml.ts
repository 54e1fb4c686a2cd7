import { SaxesParser } from 'saxes';

/** A parsed document: what to do, one after another. After the last verb the call ends. */
export interface TwimlDocument {
  verbs: Verb[];
  /** Schema errors of the kind that Twilio only notes (12200), and verbs that this simulator does not play yet. */
  warnings: string[];
}

export interface StreamNoun {
  url: string;
  name?: string;
  track: string;
  statusCallback?: string;
  statusCallbackMethod: 'GET' | 'POST';
  parameters: Record<string, string>;
}

export type Verb =
  | { verb: 'Connect'; stream: StreamNoun; action?: string; method: 'GET' | 'POST' }
  | { verb: 'Hangup' }
  | { verb: 'Pause'; lengthSec: number }
  | { verb: 'Say'; text: string; voice?: string; loop: number }
  | { verb: 'Play'; url?: string; digits?: string; loop: number }
  | { verb: 'Redirect'; url: string; method: 'GET' | 'POST' };

/** Not a document at all: Twilio error 12100. */
export class TwimlFault extends Error {
  readonly code = 12100;
}

interface Element {
  name: string;
  attributes: Record<string, string>;
  text: string;
  children: Element[];
}

/** @throws TwimlFault when it is no well-formed XML with one `<Response>` */
export function parseTwiml(xml: string): TwimlDocument {
  const root = parseXml(xml);
  if (root.name !== 'Response') throw new TwimlFault(`the document is a <${root.name}>, not a <Response>`);
  const document: TwimlDocument = { verbs: [], warnings: [] };
  for (const element of root.children) {
    const verb = readVerb(element, document.warnings);
    if (verb) document.verbs.push(verb);
  }
  return document;
}

function parseXml(xml: string): Element {
  const parser = new SaxesParser();
  const open: Element[] = [];
  let root: Element | undefined;
  parser.on('error', (error) => {
    throw new TwimlFault(error.message);
  });
  parser.on('opentag', (tag) => {
    const element: Element = { name: tag.name, attributes: { ...tag.attributes }, text: '', children: [] };
    open.at(-1)?.children.push(element);
    root ??= element;
    open.push(element);
  });
  parser.on('closetag', () => void open.pop());
  const addText = (text: string): void => {
    const element = open.at(-1);
    if (element) element.text += text;
  };
  parser.on('text', addText);
  parser.on('cdata', addText);
  parser.write(xml.trim()).close();
  if (!root) throw new TwimlFault('the document is empty');
  return root;
}

function readVerb(element: Element, warnings: string[]): Verb | undefined {
  const { attributes } = element;
  const text = element.text.trim();
  switch (element.name) {
    case 'Connect':
      return readConnect(element, warnings);
    case 'Hangup':
      return { verb: 'Hangup' };
    case 'Pause':
      return { verb: 'Pause', lengthSec: wholeNumber(attributes['length'], 1) };
    case 'Say':
      return { verb: 'Say', text, loop: wholeNumber(attributes['loop'], 1), ...optional('voice', attributes['voice']) };
    case 'Play':
      if (!text && !attributes['digits']) warnings.push('<Play> has neither a URL nor digits');
      return {
        verb: 'Play',
        loop: wholeNumber(attributes['loop'], 1),
        ...optional('url', text || undefined),
        ...optional('digits', attributes['digits']),
      };
    case 'Redirect':
      return { verb: 'Redirect', url: text, method: readMethod(attributes['method']) };
    case 'Reject':
      warnings.push('<Reject> means something to an inbound call only');
      return { verb: 'Hangup' };
    default:
      warnings.push(`<${element.name}> is not played by this simulator`);
      return undefined;
  }
}

function readConnect(element: Element, warnings: string[]): Verb | undefined {
  const stream = element.children.find((child) => child.name === 'Stream');
  const url = stream?.attributes['url'];
  if (!stream || !url) {
    warnings.push('<Connect> has no <Stream url>');
    return undefined;
  }
  const parameters: Record<string, string> = {};
  for (const child of stream.children) {
    if (child.name !== 'Parameter') continue;
    const { name, value } = child.attributes;
    if (name === undefined || value === undefined) warnings.push('<Parameter> needs a name and a value');
    else if (name.length + value.length >= 500) warnings.push('<Parameter>: name and value together have 500 characters or more');
    else parameters[name] = value;
  }
  return {
    verb: 'Connect',
    method: readMethod(element.attributes['method']),
    ...optional('action', element.attributes['action']),
    stream: {
      url,
      track: stream.attributes['track'] ?? 'inbound_track',
      statusCallbackMethod: readMethod(stream.attributes['statusCallbackMethod']),
      parameters,
      ...optional('name', stream.attributes['name']),
      ...optional('statusCallback', stream.attributes['statusCallback']),
    },
  };
}

const readMethod = (text: string | undefined): 'GET' | 'POST' => (text?.toUpperCase() === 'GET' ? 'GET' : 'POST');

function wholeNumber(text: string | undefined, otherwise: number): number {
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : otherwise;
}

function optional<K extends string>(key: K, value: string | undefined): Partial<Record<K, string>> {
  return (value === undefined ? {} : { [key]: value }) as Partial<Record<K, string>>;
}
