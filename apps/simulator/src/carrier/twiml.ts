import { readVerb } from './twiml-verbs.js';
import { schemaWarnings } from './twiml-schema.js';
import { parseXml, TwimlFault } from './twiml-xml.js';
import type { Verb } from './verb.js';

export { TwimlFault } from './twiml-xml.js';

/** A parsed document: what to do, one after another. After the last verb the call ends. */
export interface TwimlDocument {
  verbs: Verb[];
  /** Schema errors of the kind that Twilio only notes (12200), and what this simulator does not play. */
  warnings: string[];
}

/** @throws TwimlFault when it is no well-formed XML with one `<Response>` */
export function parseTwiml(xml: string): TwimlDocument {
  const root = parseXml(xml);
  if (root.name !== 'Response') throw new TwimlFault(`the document is a <${root.name}>, not a <Response>`);
  const document: TwimlDocument = { verbs: [], warnings: schemaWarnings(root) };
  for (const element of root.children) {
    const verb = readVerb(element, document.warnings);
    if (verb) document.verbs.push(verb);
  }
  return document;
}
