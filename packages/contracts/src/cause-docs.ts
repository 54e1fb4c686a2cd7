import { CAUSE_GROUPS, CAUSE_NAMES, CAUSES, type Cause } from './causes.js';

interface CauseDoc {
  /** Why it mostly happens. */
  readonly likely: string;
  /** What to do about it. */
  readonly remedy: string;
}

/** What `/docs#cause-<cause>` and `docs/causes.md` say beyond the hint. The compiler asks for every cause. */
export const CAUSE_DOCS: Readonly<Record<Cause, CauseDoc>> = {
  'callee-hung-up': {
    likely: 'The conversation was over, or the callee did not want one.',
    remedy: 'Nothing. If many hang up within seconds, listen to the first words and to `latency.answerToFirstAudioMs`.',
  },
  'agent-ended-call': { likely: 'The agent had done what it was there for.', remedy: 'Nothing.' },
  transferred: { likely: 'The agent, or its rules, handed the call over.', remedy: 'Nothing.' },
  voicemail: {
    likely: 'Nobody was there, and a mailbox answered.',
    remedy: 'Call again at another time (`retry.on: ["voicemail"]`), or leave a message (`voicemail.action`).',
  },
  'voicemail-message-left': { likely: 'Nobody was there, and a mailbox answered.', remedy: 'Nothing.' },
  'silence-timed-out': {
    likely: 'The callee put the phone down without hanging up, or was not heard.',
    remedy: 'Listen to the recording: if the callee speaks on it, the voice provider did not hear; see the transcript.',
  },
  'max-duration': {
    likely: 'A long conversation, or an agent that does not come to an end.',
    remedy: 'Raise `limits.maxDurationSeconds`, or tell the agent when to say goodbye.',
  },
  'no-answer': {
    likely: 'Nobody was near the phone, or the call was declined.',
    remedy:
      'Let it be dialed again later (`retry`), at another time of day; a longer `ringTimeoutSeconds` reaches more mailboxes.',
  },
  busy: { likely: 'The callee was on the phone, or blocks unknown numbers.', remedy: 'Let it be dialed again later (`retry`).' },
  'invalid-number': {
    likely: 'The number is not in service, or has a digit too many or too few.',
    remedy: 'Correct or remove the number. It is not dialed again.',
  },
  'carrier-rejected': {
    likely: 'The account may not call there (geo permissions), the caller id is not verified, or money is out.',
    remedy: 'Look up `attempts[].carrierErrorCode` (twilio.com/docs/api/errors/<code>) and correct the account.',
  },
  'dial-failed': {
    likely: 'A fault of the carrier or of a network behind it; some networks answer so for numbers that do not exist.',
    remedy: 'Let it be dialed again (`retry.on: ["failed"]`). If one network always fails, ask the carrier.',
  },
  'dial-expired': {
    likely: 'The carrier’s account dials more slowly than calls are handed to it.',
    remedy: 'Lower CALLS_PER_SECOND to what the carrier allows, or have the carrier raise it.',
  },
  'submission-lost': {
    likely: 'The network to the carrier, or the process that dialed, broke at the one moment in which nobody can know.',
    remedy: 'Look at the carrier’s own log for the number. If nothing is there, ask for the call again.',
  },
  canceled: { likely: 'Somebody canceled it, or its campaign.', remedy: 'Nothing. POST /v1/calls/{id}/retry takes it up again.' },
  expired: {
    likely: 'Limits, calling windows or missing workers kept it waiting; its timeline says which.',
    remedy: 'Give it a later `schedule.latestAt`, or raise the limit that held it.',
  },
  'do-not-call': {
    likely: 'The callee asked not to be called.',
    remedy: 'Do not call. Who is on the list by mistake is removed by DELETE /v1/do-not-call/{number}.',
  },
  'country-not-allowed': {
    likely: 'By default only the countries of FROM_NUMBERS are called: that stops toll fraud.',
    remedy: 'Allow the country: ALLOWED_COUNTRIES, or PUT /v1/limits.',
  },
  'number-type-not-allowed': {
    likely: 'Premium, satellite and shared-cost numbers are expensive, and what fraud calls.',
    remedy: 'Use another number of the callee, or allow the type: ALLOWED_NUMBER_TYPES.',
  },
  'operator-ended-call': {
    likely: 'Somebody pressed “End”, or the kill switch.',
    remedy: 'Nothing. `endedParty` is `operator`.',
  },
  'worker-shutdown': {
    likely: 'A deployment took longer than the gateway’s time to drain.',
    remedy: 'Give the gateway a longer STOP_WITHIN_MS (and the orchestrator a longer grace period).',
  },
  'agent-connect-failed': {
    likely: 'A wrong or exhausted key of the voice provider, a wrong model name, or its outage.',
    remedy: 'Run `onhook doctor`; see the gateway’s log for the provider’s own word.',
  },
  'agent-lost': {
    likely: 'An outage or a limit of the voice provider in the middle of the call.',
    remedy: 'See the gateway’s log. Calls are not dialed again by themselves: the callee heard us.',
  },
  'no-media': {
    likely: 'MEDIA_PUBLIC_URL does not lead to a gateway, or what stands before it does not pass WebSockets on.',
    remedy: 'Run `onhook doctor`: it opens a WebSocket through the public address.',
  },
  'media-lost': {
    likely: 'A network between carrier and gateway, or a proxy that closes long connections.',
    remedy: 'Raise the proxy’s idle timeout beyond the longest call.',
  },
  'gateway-lost': {
    likely: 'The gateway was killed (out of memory, a crash), or its machine froze.',
    remedy: 'See why it died. The call was ended by a layer behind it, as promised.',
  },
  'transfer-failed': {
    likely: 'Nobody answered at the target, or the target’s number is wrong.',
    remedy: 'Check the agent’s transfer targets, and who answers there.',
  },
  'internal-error': { likely: 'A fault of ours.', remedy: 'Report it with the call’s timeline and the log lines of its id.' },
};

/** `docs/causes.md`, which `npm run openapi` writes. */
export function causesPage(): string {
  const groups = CAUSE_GROUPS.map((group) => {
    const causes = CAUSE_NAMES.filter((cause) => CAUSES[cause].group === group).map((cause) => {
      const { likely, remedy } = CAUSE_DOCS[cause];
      return `### ${cause}\n\n${CAUSES[cause].hint}\n\n- **Likely reason:** ${likely}\n- **What to do:** ${remedy}\n`;
    });
    return `## ${group}\n\n${causes.join('\n')}`;
  });
  return `# Why calls end\n\nEvery call ends with one \`cause\`, in one of five groups (\`causeGroup\`). \`endedParty\` says who wanted the end, \`endedBy\` which layer brought it about.\n\n${groups.join('\n')}`;
}
