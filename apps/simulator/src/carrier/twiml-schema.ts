import type { Element } from './twiml-xml.js';

interface Rule {
  attributes: readonly string[];
  /** Elements that may stand inside; `any`: markup of the words. */
  children: readonly string[] | 'any';
}

const rule = (attributes: string, children: string | 'any' = ''): Rule => ({
  attributes: words(attributes),
  children: children === 'any' ? 'any' : words(children),
});
const words = (text: string): string[] => text.split(' ').filter(Boolean);
const statusCallback = 'statusCallback statusCallbackMethod';
const recording = 'trim recordingStatusCallback recordingStatusCallbackMethod recordingStatusCallbackEvent';

/** What may stand in a document, as the official SDK writes it (`twilio` 6.2.0, VoiceResponse). */
const rules: Readonly<Record<string, Rule>> = {
  Response: rule('', 'Connect Dial Gather Hangup Pause Play Record Redirect Reject Say Start Stop'),
  Connect: rule('action method', 'Stream'),
  Dial: rule(
    `action method timeout hangupOnStar timeLimit callerId record recordingTrack ${recording} answerOnBridge ringTone sequential referUrl referMethod events`,
    'Number',
  ),
  Gather: rule(
    'input action method timeout speechTimeout maxSpeechTime profanityFilter finishOnKey numDigits partialResultCallback ' +
      'partialResultCallbackMethod language hints bargeIn debug actionOnEmptyResult speechModel enhanced',
    'Say Play Pause',
  ),
  Hangup: rule(''),
  Number: rule(
    `sendDigits url method byoc statusCallbackEvent ${statusCallback} machineDetection machineDetectionTimeout ` +
      'machineDetectionSpeechThreshold machineDetectionSpeechEndThreshold machineDetectionSilenceTimeout amdStatusCallback ' +
      'amdStatusCallbackMethod',
  ),
  Parameter: rule('name value'),
  Pause: rule('length'),
  Play: rule('loop digits'),
  Record: rule(`action method timeout finishOnKey maxLength playBeep transcribe transcribeCallback ${recording}`),
  Redirect: rule('method'),
  Reject: rule('reason'),
  Say: rule('voice language loop', 'any'),
  Start: rule('action method', 'Stream'),
  Stop: rule('', 'Stream'),
  Stream: rule(`name connectorName url track ${statusCallback}`, 'Parameter'),
};

/** What Twilio would note as a schema warning (12200), and run the document all the same. */
export function schemaWarnings(element: Element): string[] {
  const known = rules[element.name];
  if (!known) return [];
  const warnings = Object.keys(element.attributes)
    .filter((name) => !known.attributes.includes(name))
    .map((name) => `<${element.name}> has no attribute "${name}"`);
  const { children } = known;
  if (children === 'any') return warnings;
  for (const child of element.children) {
    if (children.includes(child.name)) warnings.push(...schemaWarnings(child));
    else if (element.name === 'Response' && !rules[child.name]) warnings.push(`<${child.name}> is not played by this simulator`);
    else warnings.push(`<${child.name}> cannot stand in <${element.name}>`);
  }
  return warnings;
}
