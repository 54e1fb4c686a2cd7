export type Packable = 'record' | 'timeline' | 'transcript';

/**
 * What the texts of one kind have in common; what is met most often stands last, as deflate wants it. They are part of the formats: a
 * changed dictionary needs a format of its own, and the old one stays for what was packed with it.
 */
const RECORD =
  '"cause":"busy","disposition":"busy""disposition":"no-answer","cause":"no-answer""disposition":"canceled","cause":"canceled","by":"operator"' +
  '"failed","cause":"dial-failed","by":"carrier""by":"platform","endedBy":"watchdog""cause":"max-duration""cause":"voicemail""answeredBy":"machine"' +
  '"goodbye":"interrupted""goodbye":"callee_hangup""backoff":"exponential","voicemail":"hang-up","unknownAnswer":"continue","detectsMachines":true' +
  '"on":["no-answer","busy","failed"]"webhookUrl":"https://' +
  '"agentId":"demo","variables":{"name":"' +
  '{"callId":"call_a_01k","account":"default","to":"+1415555","from":null,"agentId":"","variables":{},"metadata":{},"createdAt":17,' +
  '"policy":{"ringTimeoutSec":30,"maxDurationSec":600,"transferLimitSec":0,"latestAt":17,"redial":{"maxAttempts":1,"on":[],"delaySec":900,' +
  '"backoff":"fixed","maxDelaySec":14400},"voicemail":"continue"},"attempts":[{"n":1,"from":"+15005550006","dialedAt":17,"claim":"",' +
  '"microsPerMinute":0,"sid":"CA","carrierStatus":"completed","answeredAt":17,"bridgedAt":17,"transferAskedAt":null,"over":{"at":17,' +
  '"disposition":"completed","cause":"callee-hung-up","by":"callee","endedBy":"carrier","cause":"agent-ended-call","by":"agent",' +
  '"endedBy":"hangup-worker","proven":true,"code":null}}],"dials":1,"end":null,"answeredBy":null,"goodbye":"played","recording":' +
  '{"durationMs":},"measured":{"answerToFirstAudioMs":,"turnLatencyMs":[]},"late":{"durationSec":,"sipCode":200},"state":"ended",' +
  '"deadline":null,"endedAt":17';

const TIMELINE =
  '"source":"watchdog","event":"deadline-passed","verdict":"moved","state":"ending","detail":{"deadline":17' +
  '"event":"answered-by","detail":{"who":"human""event":"held","state":"scheduled","detail":{"until":17,"reason":"window"' +
  '"event":"unclear","verdict":"moved","state":"unconfirmed""event":"not-sent""status":"failed""status":"no-answer""status":"busy"' +
  '"verdict":"no-news""event":"media-closed","verdict":"noted","state":"ending","detail":{"streamSid":"MZ","why":"we","cause":"agent-ended-call","by":"agent"}' +
  '[{"version":1,"at":17,"source":"api","event":"created","verdict":"moved","state":"queued","detail":{"agentId":""}},' +
  '{"version":2,"at":17,"source":"dialer","event":"dial-started","verdict":"moved","state":"dialing","detail":{"n":1,"from":"+1500•••0006"}},' +
  '{"version":3,"at":17,"source":"dialer","event":"accepted","verdict":"moved","state":"placed","detail":{"n":1,"sid":"CA"}},' +
  '{"version":4,"at":17,"source":"callback","event":"carrier","verdict":"noted","state":"placed","detail":{"n":1,"sid":"CA","status":"initiated","via":"callback"}},' +
  '"verdict":"moved","state":"ringing","detail":{"n":1,"sid":"CA","status":"ringing","via":"callback"}},' +
  '"verdict":"moved","state":"answered","detail":{"n":1,"sid":"CA","status":"in-progress","via":"callback"}},' +
  '"at":17,"source":"gateway","event":"stream-started","verdict":"moved","state":"bridged","detail":{"n":1,"sid":"CA","streamSid":"MZ","gatewayId":"gw_01k"}},' +
  '"at":17,"source":"gateway","event":"end-asked","verdict":"moved","state":"ending","detail":{"n":1,"cause":"agent-ended-call","by":"agent","goodbye":"played"}},' +
  '"at":17,"source":"hangup","event":"carrier","verdict":"moved","state":"settling","detail":{"n":1,"sid":"CA","status":"completed","via":"look","durationSec":,"endedBy":"hangup-worker"}},' +
  '"at":17,"source":"gateway","event":"media-closed","verdict":"moved","state":"ending","detail":{"streamSid":"MZ","why":"stop"}},' +
  '"at":17,"source":"callback","event":"carrier","verdict":"noted","state":"ended","detail":{"n":1,"sid":"CA","status":"completed","via":"callback","sipCode":200,"durationSec":,"priceMicroUsd":}},' +
  '"at":17,"source":"hangup","event":"settled","verdict":"moved","state":"ended","detail":{"n":1}},' +
  '"at":17,"source":"gateway","event":"noted","verdict":"noted","state":"ended","detail":{"n":1,"recordingMs":}}]';

const TRANSCRIPT =
  ' appointment number tomorrow morning afternoon Monday Tuesday Wednesday Thursday Friday o’clock please could you would like about because' +
  ' speak again later call back thanks for your time today with this that have what when where there their from will not are the and you' +
  'Sorry, Okay. Alright. Sure. Thank you. Thank you very much. Goodbye. Bye. No. Yes. Yes, please. Hello, this is Hi, I am calling ' +
  'How can I help you? Is there anything else? One moment. Have a nice day. Is that right? Good morning.[1][2][3][4][5][6][7][8][9][0][*][#]' +
  '","cleared":""}],"truncated":true}' +
  '{"v":1,"attempt":1,"lines":[{"who":"agent","text":"","fromMs":,"toMs":},{"who":"callee","text":"","fromMs":,"toMs":},' +
  '{"who":"agent","text":"","fromMs":,"toMs":,"latencyMs":}],"truncated":false}';

export const DICTIONARIES: Readonly<Record<Packable, Buffer>> = {
  record: Buffer.from(RECORD),
  timeline: Buffer.from(TIMELINE),
  transcript: Buffer.from(TRANSCRIPT),
};
