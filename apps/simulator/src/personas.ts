import type { Behaviour } from './behaviour.js';
import { calleeLines } from './speech/demo-lines.js';

const chats: Behaviour = {
  outcome: 'answers',
  queuedMs: 40,
  postDialMs: 150,
  answerAfterMs: 600,
  steps: [],
  // An agent that speaks at once is heard out; only a silent line is asked "Hello?".
  hello: { say: calleeLines.hello, afterMs: 1_500, when: 'if-quiet' },
  replies: [calleeLines.thatIsMe, calleeLines.confirm, calleeLines.thatIsAll],
  voice: null,
  pauseMs: 700,
  replyAfterMs: 100,
  bargeInAfterMs: null,
  quietOnceHeard: 'goodbye',
  hangUp: null,
  answeredBy: 'human',
  amdDelayMs: 1_000,
  lateHangup: '21220',
  earlyHangup: 'canceled',
};

const silent: Behaviour = { ...chats, hello: null, replies: [] };
const machine: Behaviour = { ...silent, voice: 'awb', answeredBy: 'machine_end_beep', amdDelayMs: 4_000 };

const screeningQuestion =
  'Hi. The person you are calling is using a call screening service. Please say your name and why you are calling.';

export const personas = {
  /** Answers, replies to each turn of the agent, hears the farewell and stays on the line. */
  chats,
  'says-hello': { ...chats, hello: { say: calleeLines.hello, afterMs: 300, when: 'always' } },
  /** Answers and says nothing for ever. */
  silent,
  busy: { ...silent, outcome: 'busy', answerAfterMs: 300 },
  /** Rings until the ring timeout, or until answered by hand. */
  'no-answer': { ...silent, outcome: 'rings' },
  declines: { ...silent, outcome: 'declines', answerAfterMs: 800 },
  /** The carrier cannot connect it. */
  fails: { ...silent, outcome: 'fails' },
  'hangs-up-on-agent': { ...chats, hangUp: { when: 'mid-agent-turn', turn: 2, ms: 800 } },
  'hangs-up-mid-line': { ...chats, hangUp: { when: 'mid-reply', reply: 1, ms: 500 } },
  'hangs-up-at-once': { ...silent, hangUp: { when: 'after-answer', ms: 300 } },
  'barges-in': {
    ...chats,
    bargeInAfterMs: 1_200,
    replies: [calleeLines.interrupt, calleeLines.thatIsMe, calleeLines.confirm, calleeLines.thatIsAll],
  },
  'answers-late': { ...chats, answerAfterMs: 8_000 },
  /** Says goodbye itself and hangs up. */
  'says-goodbye': {
    ...chats,
    replies: [calleeLines.thatIsMe, calleeLines.confirm, calleeLines.goodbye],
    hangUp: { when: 'after-lines', ms: 300 },
  },
  'wrong-number': { ...chats, replies: [calleeLines.wrongNumber] },
  reschedules: { ...chats, replies: [calleeLines.thatIsMe, calleeLines.reschedule, calleeLines.thatIsAll] },
  'waits-in-queue': { ...chats, queuedMs: 5_000 },
  /** Never lets the agent have the last word. */
  'talks-on': {
    ...chats,
    quietOnceHeard: null,
    replies: Array.from({ length: 200 }, (_, i) => (i % 2 ? calleeLines.confirm : calleeLines.thatIsMe)),
  },
  /** A greeting, a beep, a tape of a minute that stops after five seconds of silence. */
  voicemail: {
    ...machine,
    steps: [
      { wait: 300 },
      { say: 'Hello. You have reached my voicemail. Please leave a message after the tone.' },
      { wait: 400 },
      { beep: {} },
      { listen: { until: 'quiet', ms: 5_000, atMostMs: 60_000 } },
      { hangUp: true },
    ],
  },
  /** A greeting, no beep, and the line is dead. */
  'voicemail-full': {
    ...machine,
    answeredBy: 'machine_end_other',
    steps: [{ wait: 300 }, { say: 'The mailbox you have reached is full. Goodbye.' }, { wait: 500 }, { hangUp: true }],
  },
  /** Key 1 brings a person who chats; without it the menu comes three times. */
  ivr: {
    ...chats,
    answeredBy: 'machine_end_silence',
    steps: [
      {
        repeat: {
          times: 3,
          steps: [
            {
              menu: {
                say: 'Thank you for calling. To speak with the front desk, press one.',
                choices: { '1': [{ say: 'One moment. I will connect you.' }, { wait: 1_500 }, { talk: true }] },
                otherwise: [{ say: 'Sorry, that is not a valid choice.' }],
              },
            },
          ],
        },
      },
      { say: 'Goodbye.' },
      { hangUp: true },
    ],
  },
  /** A screening assistant asks who is calling; then the person comes and chats. */
  screens: {
    ...chats,
    hello: { say: calleeLines.hello, afterMs: 300, when: 'always' },
    answeredBy: 'unknown',
    steps: [
      { wait: 200 },
      { say: screeningQuestion },
      { listen: { until: 'turn-over', atMostMs: 20_000 } },
      { say: 'Thank you. Please stay on the line.' },
      { wait: 2_000 },
      { talk: true },
    ],
  },
  /** The same assistant, and nobody wants the call. */
  'screens-out': {
    ...silent,
    answeredBy: 'unknown',
    steps: [
      { wait: 200 },
      { say: screeningQuestion },
      { listen: { until: 'turn-over', atMostMs: 20_000 } },
      { say: 'I am sorry, this person is not available. Goodbye.' },
      { hangUp: true },
    ],
  },
  /** Another bot: answers every turn, does not wait longer than four seconds for one, and never ends. */
  'another-bot': {
    ...silent,
    voice: 'kal',
    answeredBy: 'unknown',
    steps: [
      { say: 'Hello, this is your virtual assistant. How can I help you today?' },
      {
        repeat: {
          steps: [
            { listen: { until: 'turn-over', atMostMs: 4_000 } },
            { say: 'I see. Could you please tell me more about that?' },
            { listen: { until: 'turn-over', atMostMs: 4_000 } },
            { say: 'Thank you for sharing. Is there anything else?' },
          ],
        },
      },
    ],
  },
  /** Answers the agent's first turn with a key and its second with five, then chats. */
  'presses-digits': {
    ...chats,
    hello: null,
    steps: [{ listen: 'turn-over' }, { press: '1' }, { listen: 'turn-over' }, { press: '4711#' }],
  },
  /** A fax machine: its answering tone of 2 100 Hz, again and again. */
  fax: {
    ...silent,
    answeredBy: 'fax',
    steps: [
      { wait: 500 },
      { repeat: { times: 5, steps: [{ beep: { hz: 2_100, ms: 3_000 } }, { wait: 1_000 }] } },
      { hangUp: true },
    ],
  },
} as const satisfies Record<string, Behaviour>;

export type PersonaName = keyof typeof personas;

/** The number that calls each persona without configuration; every other number reaches `chats`. */
export const magicNumbers: Readonly<Record<string, PersonaName>> = {
  '+14155550100': 'chats',
  '+14155550101': 'says-hello',
  '+14155550102': 'silent',
  '+14155550103': 'busy',
  '+14155550104': 'no-answer',
  '+14155550105': 'declines',
  '+14155550106': 'fails',
  '+14155550107': 'hangs-up-on-agent',
  '+14155550108': 'hangs-up-mid-line',
  '+14155550109': 'hangs-up-at-once',
  '+14155550110': 'barges-in',
  '+14155550111': 'answers-late',
  '+14155550112': 'says-goodbye',
  '+14155550113': 'wrong-number',
  '+14155550114': 'reschedules',
  '+14155550115': 'waits-in-queue',
  '+14155550116': 'talks-on',
  '+14155550117': 'voicemail',
  '+14155550118': 'voicemail-full',
  '+14155550119': 'ivr',
  '+14155550120': 'screens',
  '+14155550121': 'screens-out',
  '+14155550122': 'another-bot',
  '+14155550123': 'presses-digits',
  '+14155550124': 'fax',
};
