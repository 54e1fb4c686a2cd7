import { SaxesParser } from 'saxes';

/** Not a document at all: Twilio error 12100. */
export class TwimlFault extends Error {
  readonly code = 12100;
}

export interface Element {
  name: string;
  attributes: Record<string, string>;
  /** Its own text and that of the elements inside, in order, trimmed. */
  text: string;
  children: Element[];
}

/** @throws TwimlFault when it is no well-formed XML */
export function parseXml(xml: string): Element {
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
  parser.on('closetag', () => {
    const element = open.pop();
    if (element) element.text = element.text.trim();
  });
  const addText = (text: string): void => {
    for (const element of open) element.text += text;
  };
  parser.on('text', addText);
  parser.on('cdata', addText);
  parser.write(xml.trim()).close();
  if (!root) throw new TwimlFault('the document is empty');
  return root;
}
