import { describe, expect, it } from 'vitest';
import type { Call } from './call.js';
import type { Effect } from './effect.js';
import type { CallEvent, CallEventBody } from './event.js';
import { event } from './testing/events.js';
import { CALLS, T0, type CallName } from './testing/fixtures.js';
import { transition } from './transition.js';

/*
 * The law, written out by hand. A cell is what the event (row) does to a call in that state (column):
 *   .   no news      =   noted, same state      !   refused      else the state it moves to
 *   +   effects: a alarm, d wake-dialer, h wake-hangup, o order, p place-call, r redirect, s stray
 */
const COLUMNS: readonly CallName[] = [
  'scheduled',
  'queued',
  'waitingAgain',
  'dialing',
  'unconfirmed',
  'placed',
  'ringing',
  'answered',
  'bridged',
  'speakingLastWords',
  'transferring',
  'transferred',
  'ending',
  'endingUnbound',
  'settling',
  'settlingUnproven',
  'settlingConcluded',
  'ended',
  'endedConcluded',
];

const LAW = `
                    sched  queued again  dialing unconf placed ringing answ  bridged words  xfer   transd ending unbound settl  unprov concl  ended  endedc
deadline-passed   | que+d  =+d    =+d    unc+h  =+h    =+h    end+h  end+h  end+h  end+h  end+h  end+h  =+h    =+h    =+h    =+h    =+h    .      .
another-deadline  | .      .      .      .      .      .      .      .      .      .      .      .      .      .      .      .      .      .      .
held              | .      sch    sch    .      .      .      .      .      .      .      .      .      .      .      .      .      .      .      .
dial-started-1    | .      dia+p  .      .      .      .      .      .      .      .      .      .      .      .      .      .      .      .      .
dial-started-2    | .      .      dia+p  .      .      .      .      .      .      .      .      .      .      .      .      .      .      .      .
not-sent          | .      .      .      que+d  que+d  .      .      .      .      .      .      .      .      set+h  .      .      .      .      .
refused           | .      .      .      set+h  set+h  .      .      .      .      .      .      .      .      set+h  .      .      .      .      .
accepted          | pla+a  pla+a  .      pla    pla    .      .      .      .      .      .      .      .      =+h    .      =+s    .      .      .
unclear           | unc+ah unc+ah .      unc+h  .      .      .      .      .      .      .      .      .      .      .      .      .      .      .
queued            | pla+a  pla+a  .      pla    pla    =      .      .      .      .      .      .      .      =+h    .      =+s    .      .      .
initiated         | pla+a  pla+a  .      pla    pla    =      .      .      .      .      .      .      .      =+h    .      =+s    .      .      .
ringing           | rin+a  rin+a  .      rin    rin    rin    .      .      .      .      .      .      .      =+h    .      =+s    .      .      .
in-progress       | ans+a  ans+a  .      ans    ans    ans    ans    .      .      .      .      .      .      =+h    .      =+s    .      .      .
completed         | set+ah set+ah .      set+h  set+h  set+h  set+h  set+h  set+h  set+h  set+h  set+h  set+h  set+h  .      =      .      .      .
busy              | set+ah set+ah .      set+h  set+h  set+h  set+h  set+h  set+h  set+h  set+h  set+h  set+h  set+h  .      =      .      .      .
no-answer         | set+ah set+ah .      set+h  set+h  set+h  set+h  set+h  set+h  set+h  set+h  set+h  set+h  set+h  .      =      .      .      .
failed            | set+ah set+ah .      set+h  set+h  set+h  set+h  set+h  set+h  set+h  set+h  set+h  set+h  set+h  .      =      .      .      .
canceled          | set+ah set+ah .      set+h  set+h  set+h  set+h  set+h  set+h  set+h  set+h  set+h  set+h  set+h  .      =      .      .      .
not-found         | .      .      .      .      set+h  .      .      .      .      .      .      .      .      set+h  .      .      .      .      .
stream-started    | bri+a  bri+a  !      bri    bri    bri    bri    bri    !      !      !      !      !      !+h    !      !+s    !      !      !
media-stopped     | .      .      .      .      .      .      .      .      end+h  end+h  tra    .      =      .      .      .      =+h    .      =
media-lost        | .      .      .      .      .      .      .      .      end+h  end+h  tra    .      =      .      .      .      =+h    .      =
we-closed         | .      .      .      .      .      .      .      .      end+h  end+h  end+h  .      =      .      .      .      =+h    .      =
owner-lost        | .      .      .      .      .      .      .      .      end+h  end+h  .      .      .      .      .      .      .      .      .
human-answered    | ans+a  ans+a  .      ans    ans    ans    ans    =      =+o    =+o    =+o    =      =      =+h    .      =+s    .      .      .
machine-answered  | end+ah end+ah .      end+h  end+h  end+h  end+h  end+h  end+h  end+h  end+h  =      =      =+h    .      =+s    .      .      .
operator-ends     | set+h  set+h  set+h  end+h  end+h  end+h  end+h  end+h  end+h  end+h  end+h  end+h  =      =      =      =      =      .      .
canceled-waiting  | set+h  set+h  set+h  .      .      .      .      .      .      .      .      .      .      .      .      .      .      .      .
ends-with-words   | set+h  set+h  set+h  end+h  end+h  end+h  end+h  end+h  =+o    .      end+h  end+h  =      =      =      =      =      .      .
agent-ends        | .      .      =      end+h  end+h  end+h  end+h  end+h  end+h  end+h  end+h  end+h  =      =      =      =      =      =      =
gateway-ends      | .      .      .      .      .      .      .      .      end+h  end+h  end+h  end+h  .      .      .      .      .      .      .
transfer-asked    | .      .      .      .      .      .      .      .      =+r    .      .      .      .      .      .      .      .      .      .
transfer-failed   | .      .      .      .      .      .      .      .      .      .      =      .      .      .      .      .      .      .      .
transfer-joined   | .      .      .      .      .      .      .      .      .      .      tra    .      .      .      .      .      .      .      .
transfer-reached  | .      .      .      .      .      .      .      .      .      .      tra    .      .      .      .      .      .      .      .
transfer-in-vain  | .      .      .      .      .      .      .      .      .      .      tra    =      .      .      .      .      .      .      .
settled           | .      .      .      .      .      .      .      .      .      .      .      .      .      .      ended  ended  ended  .      .
recorded          | .      .      =      =      =      =      =      =      =      =      =      =      =      =      =      =      =      =      =
said-goodbye      | .      .      =      =      =      =      =      =      =      =      =      =      =      =      =      =      =      =      =
amended           | =      =      =      .      .      .      .      .      .      .      .      .      .      .      .      .      .      .      .
amended-now       | que+d  =+d    =+d    .      .      .      .      .      .      .      .      .      .      .      .      .      .      .      .
amended-later     | =      sch    sch    .      .      .      .      .      .      .      .      .      .      .      .      .      .      .      .
erased            | .      .      .      .      .      .      .      .      .      .      .      .      .      .      .      .      .      =      =
`;

const EVENTS: Record<string, (call: Call) => CallEvent> = {
  'deadline-passed': (call) => event.deadlinePassed(call.deadline ?? T0),
  'another-deadline': (call) => event.deadlinePassed((call.deadline ?? T0) - 1, T0 + 10_000_000),
  held: () => event.held(),
  'dial-started-1': () => event.dialStarted(),
  'dial-started-2': () => event.dialStarted({ n: 2 }),
  'not-sent': () => event.notSent(),
  refused: () => event.refused(),
  accepted: () => event.accepted(),
  unclear: () => event.unclear(),
  queued: () => event.carrier('queued'),
  initiated: () => event.carrier('initiated'),
  ringing: () => event.carrier('ringing'),
  'in-progress': () => event.carrier('in-progress'),
  completed: () => event.carrier('completed'),
  busy: () => event.carrier('busy'),
  'no-answer': () => event.carrier('no-answer'),
  failed: () => event.carrier('failed'),
  canceled: () => event.carrier('canceled'),
  'not-found': () => event.notFound(),
  'stream-started': () => event.streamStarted(),
  'media-stopped': () => event.mediaClosed('stop'),
  'media-lost': () => event.mediaClosed('lost'),
  'we-closed': () => event.mediaClosed('we', { cause: 'agent-lost' }),
  'owner-lost': () => event.ownerLost(),
  'human-answered': () => event.answeredBy('human'),
  'machine-answered': () => event.answeredBy('machine'),
  'operator-ends': () => event.endAsked(),
  'canceled-waiting': () => event.endAsked({ cause: 'canceled', ifWaiting: true }),
  'ends-with-words': () => event.endAsked({ words: 'We must end here.' }),
  'agent-ends': () => event.agentEnded(),
  'gateway-ends': () => ({ type: 'end-asked', cause: 'agent-lost', by: 'platform', at: T0 + 100_000, source: 'gateway' }),
  'transfer-asked': () => event.transferAsked(),
  'transfer-failed': () => event.transferFailed(),
  'transfer-joined': () => event.transferJoined(),
  'transfer-reached': () => event.transferEnded(true),
  'transfer-in-vain': () => event.transferEnded(false),
  settled: () => event.settled(),
  recorded: () => event.noted(),
  'said-goodbye': () => ({ type: 'noted', n: 1, goodbye: 'played', at: T0 + 100_000, source: 'gateway' }),
  amended: () => event.amended(),
  'amended-now': () => event.amended({ notBefore: T0 + 100_000 }),
  'amended-later': () => event.amended({ notBefore: T0 + 200_000 }),
  erased: () => event.erased(),
};

/** So that a new event cannot be forgotten here: the compiler asks for its row. */
const ROWS_OF: Record<CallEventBody['type'], readonly string[]> = {
  'deadline-passed': ['deadline-passed', 'another-deadline'],
  held: ['held'],
  'dial-started': ['dial-started-1', 'dial-started-2'],
  'not-sent': ['not-sent'],
  refused: ['refused'],
  accepted: ['accepted'],
  unclear: ['unclear'],
  carrier: ['queued', 'initiated', 'ringing', 'in-progress', 'completed', 'busy', 'no-answer', 'failed', 'canceled'],
  'not-found': ['not-found'],
  'stream-started': ['stream-started'],
  'media-closed': ['media-stopped', 'media-lost', 'we-closed'],
  'owner-lost': ['owner-lost'],
  'answered-by': ['human-answered', 'machine-answered'],
  'end-asked': ['operator-ends', 'canceled-waiting', 'ends-with-words', 'agent-ends', 'gateway-ends'],
  'transfer-asked': ['transfer-asked'],
  'transfer-failed': ['transfer-failed'],
  'transfer-joined': ['transfer-joined'],
  'transfer-ended': ['transfer-reached', 'transfer-in-vain'],
  settled: ['settled'],
  noted: ['recorded', 'said-goodbye'],
  amended: ['amended', 'amended-now', 'amended-later'],
  erased: ['erased'],
};

const STATE_OF: Record<string, Call['state']> = {
  sch: 'scheduled',
  que: 'queued',
  dia: 'dialing',
  unc: 'unconfirmed',
  pla: 'placed',
  rin: 'ringing',
  ans: 'answered',
  bri: 'bridged',
  tra: 'transferred',
  end: 'ending',
  set: 'settling',
  ended: 'ended',
};

const LETTER_OF: Record<Effect['type'], string> = {
  alarm: 'a',
  'wake-dialer': 'd',
  'wake-hangup': 'h',
  order: 'o',
  'place-call': 'p',
  redirect: 'r',
  stray: 's',
};

const rows = LAW.trim()
  .split('\n')
  .slice(1)
  .map((line) => {
    const [name = '', cells = ''] = line.split('|');
    return { name: name.trim(), cells: cells.trim().split(/\s+/) };
  });

describe('every state meets every event', () => {
  it('has a row for every event and a column for every state', () => {
    expect(rows.map(({ name }) => name).sort()).toEqual(Object.values(ROWS_OF).flat().sort());
    expect(Object.keys(EVENTS).sort()).toEqual(rows.map(({ name }) => name).sort());
    expect([...COLUMNS].sort()).toEqual(Object.keys(CALLS).sort());
    expect(new Set(COLUMNS.map((name) => CALLS[name].state)).size).toBe(12);
    for (const { cells } of rows) expect(cells).toHaveLength(COLUMNS.length);
  });

  for (const { name, cells } of rows) {
    describe(name, () => {
      for (const [i, cell] of cells.entries()) {
        const column = COLUMNS[i] as CallName;
        it(`${column} → ${cell}`, () => {
          const before: Call = CALLS[column];
          const happened = EVENTS[name]?.(before);
          if (!happened) throw new Error(`no event for row ${name}`);
          const { call, verdict, effects } = transition(before, happened);
          const [what = '', letters = ''] = cell.split('+');
          expect(
            effects
              .map(({ type }) => LETTER_OF[type])
              .sort()
              .join(''),
          ).toBe(letters);
          if (what === '.') expect([verdict, call === before]).toEqual(['no-news', true]);
          else if (what === '!') expect([verdict, call.state]).toEqual(['refused', before.state]);
          else if (what === '=') expect([verdict, call.state, call !== before]).toEqual(['noted', before.state, true]);
          else expect([verdict, call.state]).toEqual(['moved', STATE_OF[what]]);
        });
      }
    });
  }
});
