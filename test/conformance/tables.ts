import type { Table } from './shape.js';

// Written from the documents, the OpenAPI description and captures of the real service, not from the simulator.

const sid = (letters: string): RegExp => new RegExp(`^${letters}[0-9a-f]{32}$`);
const number = /^\+[1-9]\d{1,14}$/;
const rfc2822 = /^\w{3}, \d{2} \w{3} \d{4} \d{2}:\d{2}:\d{2} \+0000$/;
const whole = /^\d+$/;
const anyText = /^/;
const version = /^2010-04-01$/;
const path = /^\/2010-04-01\/Accounts\/AC[0-9a-f]{32}\/\S+\.json(\?\S+)?$/;

const subresources = [
  'events',
  'notifications',
  'payments',
  'recordings',
  'siprec',
  'streams',
  'transcriptions',
  'user_defined_message_subscriptions',
  'user_defined_messages',
];
const call: Table = {
  account_sid: sid('AC'),
  annotation: null,
  answered_by: [null, /^(human|machine)$/],
  api_version: version,
  caller_name: null,
  date_created: rfc2822,
  date_updated: rfc2822,
  direction: /^outbound-(api|dial)$/,
  duration: [null, whole],
  end_time: [null, rfc2822],
  forwarded_from: null,
  from: number,
  from_formatted: anyText,
  group_sid: null,
  parent_call_sid: [null, sid('CA')],
  phone_number_sid: sid('PN'),
  price: [null, /^-?\d+\.\d+$/],
  price_unit: /^USD$/,
  queue_time: whole,
  sid: sid('CA'),
  start_time: [null, rfc2822],
  status: /^(queued|ringing|in-progress|completed|busy|failed|no-answer|canceled)$/,
  subresource_uris: Object.fromEntries(subresources.map((name) => [name, path])),
  to: number,
  to_formatted: anyText,
  trunk_sid: null,
  uri: path,
};
const empty = Object.fromEntries(
  ['date_created', 'date_updated', 'start_time', 'end_time', 'duration', 'price', 'answered_by', 'parent_call_sid'].map(
    (name) => [name, null],
  ),
);

export const restTables = {
  call,
  /** Nearly all is null, other than in the example of the documents. */
  newCall: { ...call, ...empty, status: /^queued$/, queue_time: /^0$/, direction: /^outbound-api$/ },
  endedCall: { ...call, duration: whole, end_time: rfc2822, start_time: rfc2822 },
  stream: {
    account_sid: sid('AC'),
    call_sid: sid('CA'),
    date_updated: rfc2822,
    name: anyText,
    sid: sid('MZ'),
    status: /^(in-progress|stopped)$/,
    uri: path,
  },
  error: { code: 'number', message: /\S/, more_info: /^https:\/\/www\.twilio\.com\/docs\/errors\/\d+$/, status: 'number' },
  /** Around the list itself. */
  envelope: {
    page: 'number',
    page_size: 'number',
    start: 'number',
    end: 'number',
    uri: path,
    first_page_uri: path,
    next_page_uri: [null, path],
    previous_page_uri: [null, path],
  },
} satisfies Record<string, Table>;

const places = Object.fromEntries(
  ['From', 'To', 'Caller', 'Called'].flatMap((end) => ['City', 'State', 'Zip', 'Country'].map((what) => [end + what, anyText])),
);
const voice: Table = {
  AccountSid: sid('AC'),
  ApiVersion: version,
  CallSid: sid('CA'),
  CallStatus: /^(queued|initiated|ringing|in-progress|completed|busy|failed|no-answer|canceled)$/,
  Called: number,
  Caller: number,
  Direction: /^outbound-(api|dial)$/,
  From: number,
  To: number,
  ...places,
};
const onlyInTheLast: Table = {
  'CallDuration?': whole,
  'Duration?': whole,
  'SipResponseCode?': /^[1-6]\d\d$/,
  'AnsweredBy?': /^(human|fax|unknown|machine_start|machine_end_(beep|silence|other))$/,
  'RecordingUrl?': /^https?:\/\//,
  'RecordingSid?': sid('RE'),
  'RecordingDuration?': whole,
};

export const webhookTables = {
  document: voice,
  gather: { ...voice, Digits: anyText, 'FinishedOnKey?': anyText, 'msg?': anyText },
  dial: {
    ...voice,
    DialCallStatus: /^(completed|answered|busy|no-answer|failed|canceled)$/,
    'DialCallSid?': sid('CA'),
    'DialCallDuration?': whole,
    'DialBridged?': /^(true|false)$/,
  },
  status: {
    ...voice,
    ...onlyInTheLast,
    CallbackSource: /^call-progress-events$/,
    SequenceNumber: whole,
    Timestamp: rfc2822,
  },
  stream: {
    AccountSid: sid('AC'),
    CallSid: sid('CA'),
    StreamSid: sid('MZ'),
    StreamName: /\S/,
    StreamEvent: /^stream-(started|stopped|error)$/,
    'StreamError?': /\S/,
    // With nanoseconds, other than in the callbacks of a call.
    Timestamp: /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{9}Z$/,
  },
  recording: {
    AccountSid: sid('AC'),
    CallSid: sid('CA'),
    RecordingSid: sid('RE'),
    RecordingUrl: /^https?:\/\/\S+\/RE[0-9a-f]{32}$/,
    RecordingStatus: /^(in-progress|completed|absent)$/,
    RecordingDuration: whole,
    RecordingChannels: /^[12]$/,
    RecordingSource: /^OutboundAPI$/,
    RecordingStartTime: rfc2822,
    'RecordingTrack?': /^(inbound|outbound|both)$/,
    'ErrorCode?': whole,
  },
  amd: {
    AccountSid: sid('AC'),
    AnsweredBy: /^(human|fax|unknown|machine_start|machine_end_(beep|silence|other))$/,
    CallSid: sid('CA'),
    MachineDetectionDuration: whole,
  },
} satisfies Record<string, Table>;

const streamSid = sid('MZ');
const sequenceNumber = /^[1-9]\d*$/;
/** Numbers are strings here, but for those of the media format. */
export const streamTables: Record<string, Table> = {
  connected: { event: /^connected$/, protocol: /^Call$/, version: /^1\.0\.0$/ },
  start: {
    event: /^start$/,
    sequenceNumber: /^1$/,
    streamSid,
    start: {
      accountSid: sid('AC'),
      streamSid,
      callSid: sid('CA'),
      tracks: /^\["inbound"\]$/,
      mediaFormat: { encoding: /^audio\/x-mulaw$/, sampleRate: 'number', channels: 'number' },
      customParameters: { tenant: /^a&b$/ },
    },
  },
  media: {
    event: /^media$/,
    sequenceNumber,
    streamSid,
    // 160 bytes in base64.
    media: { track: /^inbound$/, chunk: sequenceNumber, timestamp: whole, payload: /^[A-Za-z0-9+/]{214}==$/ },
  },
  mark: { event: /^mark$/, sequenceNumber, streamSid, mark: { name: /^greeting$/ } },
  stop: { event: /^stop$/, sequenceNumber, streamSid, stop: { accountSid: sid('AC'), callSid: sid('CA') } },
};
