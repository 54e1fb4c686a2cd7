import type { HttpMethod } from './form.js';

export interface StreamNoun {
  url: string;
  name?: string;
  track: string;
  statusCallback?: string;
  statusCallbackMethod: HttpMethod;
  parameters: Record<string, string>;
}

export interface NumberNoun {
  number: string;
  /** A document for the callee alone, before it is connected. */
  url?: string;
  method: HttpMethod;
  sendDigits?: string;
  statusCallback?: string;
  statusCallbackMethod: HttpMethod;
  /** Separated by spaces: in a document that is the right form. */
  statusCallbackEvent?: string;
}

/** What is heard and then over; also what may stand in a `<Gather>`. */
export type PromptVerb =
  | { verb: 'Pause'; lengthSec: number }
  | { verb: 'Say'; text: string; voice?: string; loop: number }
  | { verb: 'Play'; url?: string; digits?: string; loop: number };

export interface GatherVerb {
  verb: 'Gather';
  prompts: PromptVerb[];
  /** False: `input="speech"`, which this simulator does not recognise. */
  hearsKeys: boolean;
  timeoutSec: number;
  finishOnKey: string;
  /** 0: any number. */
  numDigits: number;
  action?: string;
  method: HttpMethod;
  actionOnEmptyResult: boolean;
}

export interface DialVerb {
  verb: 'Dial';
  numbers: NumberNoun[];
  action?: string;
  method: HttpMethod;
  timeoutSec: number;
  timeLimitSec: number;
  callerId?: string;
  hangupOnStar: boolean;
  /** One number after another, until one answers. */
  isSequential: boolean;
}

export interface RecordVerb {
  verb: 'Record';
  action?: string;
  method: HttpMethod;
  timeoutSec: number;
  finishOnKey: string;
  maxLengthSec: number;
  playBeep: boolean;
  trimsSilence: boolean;
  recordingStatusCallback?: string;
  recordingStatusCallbackMethod: HttpMethod;
  /** Separated by spaces. */
  recordingStatusCallbackEvent?: string;
}

export type Verb =
  | PromptVerb
  | GatherVerb
  | DialVerb
  | RecordVerb
  | { verb: 'Connect'; stream: StreamNoun; action?: string; method: HttpMethod }
  | { verb: 'Start'; stream: StreamNoun }
  | { verb: 'Stop'; name: string }
  | { verb: 'Hangup' }
  | { verb: 'Redirect'; url: string; method: HttpMethod };
