import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createDice } from '../dice.js';
import { agentLines } from '../speech/index.js';
import { createScriptPlayer, type Asked, type ScriptPlayer } from './script-player.js';
import { linesOf, scriptSchema } from './scripts.js';
import { drawTurns, turnsSchema, type Turn } from './turns.js';
import { createTurnPlayer } from './turn-player.js';

const asked: Asked = { toolChoice: 'auto', tools: ['end_call', 'look_up'] };
const said = (text: string) => ({ type: 'say', text, farewell: false });

function greeted(turns: unknown, more: object = {}): ScriptPlayer {
  const player = createScriptPlayer(scriptSchema.parse({ name: 'turns', greeting: 'Hi.', turns, ...more }));
  expect(player.next(asked)).toEqual([said('Hi.')]);
  return player;
}
function answer(player: ScriptPlayer, text: string, how: Asked = asked): unknown[] {
  player.hear(text);
  return player.next(how);
}

describe('the turns of a script', () => {
  it('are said one response after another, a tool call ending one, and go before the replies', () => {
    const player = greeted(
      [
        { listen: 'turn-over' },
        { say: 'One moment.' },
        { wait: 300 },
        { call: { name: 'look_up', arguments: { day: 'tomorrow' } } },
        { say: 'It is at three.' },
        { listen: { until: 'heard', line: 'yes|fine' } },
        { say: 'Good.' },
        { listen: 'turn-over' },
      ],
      { steps: { any: [{ says: 'Cracker.' }] } },
    );
    expect(answer(player, 'When?')).toEqual([
      said('One moment.'),
      { type: 'wait', ms: 300 },
      { type: 'call', name: 'look_up', arguments: '{"day":"tomorrow"}' },
    ]);
    expect(player.next(asked)).toEqual([said('It is at three.')]);
    expect(player.next(asked)).toEqual([said(agentLines.stillThere)]);
    expect(answer(player, 'Pardon?')).toEqual([said(agentLines.misheard)]);
    expect(answer(player, 'Yes, fine.')).toEqual([said('Good.')]);
    expect(answer(player, 'Anything else?')).toEqual([said(agentLines.stillThere)]);
    expect(answer(player, 'Hm.')).toEqual([said('Cracker.')]);
  });

  it('come to the ending of the script by hangUp, with the words before it as the farewell', () => {
    const turns = [{ listen: 'turn-over' }, { say: 'Right.' }, { say: 'Bye bye.' }, { hangUp: true }];
    const farewell = { type: 'say', text: 'Bye bye.', farewell: true };
    expect(answer(greeted(turns), 'Yes.')).toEqual([said('Right.'), farewell, expect.objectContaining({ name: 'end_call' })]);
    expect(answer(greeted(turns, { ending: 'farewell-only' }), 'Yes.')).toEqual([said('Right.'), farewell]);
    const later = greeted(turns, { ending: 'call-then-audio' });
    expect(answer(later, 'Yes.')).toEqual([said('Right.'), expect.objectContaining({ name: 'end_call' })]);
    expect(later.next(asked)).toEqual([farewell]);
  });

  it('leave out a tool that is not there, and the rest after talk', () => {
    const turns = [{ listen: 'turn-over' }, { call: { name: 'fly' } }, { say: 'Well.' }, { talk: true }, { say: 'Never.' }];
    const player = greeted(turns);
    expect(answer(player, 'Yes.')).toEqual([said('Well.')]);
    expect(answer(player, 'Bye.').map((part) => (part as { type: string }).type)).toEqual(['say', 'call']);
  });

  it('are repeated, and drawn alike by the same seed', () => {
    const turns = turnsSchema.parse([
      {
        repeat: {
          times: 20,
          steps: [{ listen: 'turn-over' }, { oneOf: [{ weight: 3, steps: [{ say: 'A' }] }, { steps: [{ say: 'B' }] }] }],
        },
      },
    ]);
    const drawn = (seed: number): Turn[] => drawTurns(turns, createDice(seed).of('x'));
    expect(drawn(7)).toEqual(drawn(7));
    expect(new Set(Array.from({ length: 30 }, (_, seed) => JSON.stringify(drawn(seed)))).size).toBe(2);
    const player = createTurnPlayer(drawn(7));
    for (let i = 0; i < 20; i++) {
      player.hear('x');
      expect(player.next(() => true).parts).toHaveLength(1);
    }
    player.hear('last');
    expect(player.next(() => true)).toEqual({ parts: [], end: { why: 'over', heard: 'last' } });
  });

  it('may be rendered ahead, all of them', () => {
    const turns = [{ say: 'One.' }, { repeat: { steps: [{ oneOf: [{ steps: [{ say: 'Two.' }] }] }] } }];
    expect(linesOf(scriptSchema.parse({ name: 'x', greeting: 'Hi.', turns }))).toEqual(expect.arrayContaining(['One.', 'Two.']));
  });

  it('of any kind never hold up the session', () => {
    const turn = fc.letrec<{ turn: unknown }>((tie) => ({
      turn: fc.oneof(
        { maxDepth: 4 },
        fc.constantFrom(
          { say: 'A' },
          { listen: 'turn-over' },
          { listen: { until: 'heard', line: 'b' } },
          { hangUp: true },
          { talk: true },
          { wait: 0 },
        ),
        fc.array(tie('turn'), { maxLength: 3 }).map((steps) => ({ repeat: { steps } })),
        fc.array(tie('turn'), { maxLength: 3 }).map((steps) => ({ oneOf: [{ steps }] })),
      ),
    })).turn;
    fc.assert(
      fc.property(fc.array(turn, { maxLength: 6 }), fc.array(fc.constantFrom('a', 'b'), { maxLength: 12 }), (turns, words) => {
        const player = greeted(turns);
        for (const word of words) expect(answer(player, word).length).toBeLessThanOrEqual(1_010);
      }),
    );
  });
});
