import { isRefused, readWebhook, readWord, text, texts, type Form, type Refused, type Webhook } from './form.js';

export const recordingStatuses = ['in-progress', 'completed', 'absent'] as const;
export type RecordingStatus = (typeof recordingStatuses)[number];

/** What is recorded of a call, and who is told. */
export interface RecordingOrder {
  channels: 1 | 2;
  track: 'both' | 'inbound' | 'outbound';
  trim: boolean;
  callback?: Webhook;
  events: ReadonlySet<RecordingStatus>;
}

/** Reads the recording fields of a create. `undefined`: nothing is to be recorded. */
export function readRecordingOrder(form: Form): RecordingOrder | Refused | undefined {
  const asked = readWord(form, 'Record', ['false', 'true']);
  if (typeof asked !== 'string') return asked;
  return asked === 'false' ? undefined : readRecordingFields(form);
}

/** The same fields where a recording is asked for in any case. */
export function readRecordingFields(form: Form): RecordingOrder | Refused {
  const channels = readWord(form, 'RecordingChannels', ['mono', 'dual']);
  if (typeof channels !== 'string') return channels;
  const track = readWord(form, 'RecordingTrack', ['both', 'inbound', 'outbound']);
  if (typeof track !== 'string') return track;
  const trim = readWord(form, 'Trim', ['trim-silence', 'do-not-trim']);
  if (typeof trim !== 'string') return trim;
  const callback = readWebhook(form, 'RecordingStatusCallback', 'RecordingStatusCallbackMethod');
  if (isRefused(callback)) return callback;
  return {
    channels: channels === 'dual' ? 2 : 1,
    track,
    trim: trim === 'trim-silence',
    events: readEvents(form),
    ...(callback && { callback }),
  };
}

/** Here, other than for `StatusCallbackEvent`, values in one field, apart by spaces, are right as well. */
function readEvents(form: Form): ReadonlySet<RecordingStatus> {
  const asked = texts(form, 'RecordingStatusCallbackEvent').flatMap((value) => value.split(' '));
  const known = recordingStatuses.filter((status) => asked.includes(status));
  return new Set(text(form, 'RecordingStatusCallbackEvent') ? known : ['completed']);
}
