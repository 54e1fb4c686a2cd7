import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { agentLines, calleeLines } from '../speech/index.js';
import { createScriptPlayer, wordsAskedFor, type Asked } from './script-player.js';
import { readModel } from './model-choice.js';
import { builtInScripts, createScriptTable, linesOf, scriptSchema } from './scripts.js';

const asked: Asked = { toolChoice: 'auto', tools: ['end_call', 'look_up'] };
const script = (name: string): (typeof builtInScripts)[number] => builtInScripts.find((one) => one.name === name)!;

describe('the script player', () => {
  it('greets with its own words unless it is told others', () => {
    expect(createScriptPlayer(script('demo')).next(asked)).toEqual([{ type: 'say', text: agentLines.greeting, farewell: false }]);
    const told = createScriptPlayer(script('demo')).next({ ...asked, instructions: 'Say exactly: "Good day."' });
    expect(told).toEqual([{ type: 'say', text: 'Good day.', farewell: false }]);
  });

  it('does not understand three times, and then says goodbye', () => {
    const player = createScriptPlayer(script('demo'));
    for (const text of [agentLines.misheard, agentLines.misheard]) {
      player.hear('Mumble.');
      expect(player.next(asked)).toEqual([{ type: 'say', text, farewell: false }]);
    }
    player.hear('Mumble.');
    expect(player.next(asked).map(({ type }) => type)).toEqual(['say', 'call']);
  });

  it('says goodbye again to somebody who talks on', () => {
    const player = createScriptPlayer(script('goodbye-at-once'));
    player.hear(calleeLines.hello);
    const end = player.next(asked);
    expect(end.map(({ type }) => type)).toEqual(['say', 'call']);
    expect(player.next(asked)).toEqual([]);
    player.hear(calleeLines.goodbye);
    expect(player.next(asked)).toEqual(end);
  });

  it('calls end_call when it must, and never when it must not', () => {
    const player = createScriptPlayer(script('demo'));
    expect(player.next({ ...asked, toolChoice: 'required' }).map(({ type }) => type)).toEqual(['call']);
    const quiet = createScriptPlayer(script('call-only'));
    for (const text of [calleeLines.thatIsMe, calleeLines.confirm, calleeLines.thatIsAll]) quiet.hear(text);
    expect(quiet.next({ ...asked, toolChoice: 'none' })).toEqual([{ type: 'say', text: agentLines.farewell, farewell: true }]);
  });

  it('calls the tool of a reply after its words, goes on in the next response, and leaves out a tool that is not there', () => {
    const calls = { name: 'look_up', arguments: { day: 'tomorrow' }, thenSays: 'It is at three.' };
    const source = { name: 'looks-up', greeting: 'Hi.', steps: { any: [{ says: 'One moment.', calls }] } };
    const player = createScriptPlayer(scriptSchema.parse(source));
    player.hear('When is it?');
    expect(player.next(asked)).toEqual([
      { type: 'say', text: 'One moment.', farewell: false },
      { type: 'call', name: 'look_up', arguments: '{"day":"tomorrow"}' },
    ]);
    expect(player.next(asked)).toEqual([{ type: 'say', text: 'It is at three.', farewell: false }]);
    player.hear('When is it?');
    expect(player.next({ ...asked, tools: [] }).map(({ type }) => type)).toEqual(['say']);
    expect(player.next({ ...asked, toolChoice: { type: 'function', name: 'look_up' } })).toEqual([
      { type: 'call', name: 'look_up', arguments: '{}' },
    ]);
    const silent = createScriptPlayer(scriptSchema.parse({ ...source, steps: { any: [{ calls }] } }));
    silent.hear('When is it?');
    expect(silent.next(asked).map(({ type }) => type)).toEqual(['call']);
  });

  it('comes to its end with a callee who always agrees, and never throws whatever is said', () => {
    const words = fc.oneof(fc.constantFrom(...Object.values(calleeLines)), fc.string());
    fc.assert(
      fc.property(fc.constantFrom(...builtInScripts), fc.array(words, { maxLength: 20 }), (one, turns) => {
        const player = createScriptPlayer(one);
        for (const text of turns) {
          player.hear(text);
          expect(player.next(asked).length).toBeLessThanOrEqual(2);
        }
      }),
    );
  });

  it('reads the words it is to say from instructions', () => {
    expect(wordsAskedFor('Say exactly: “Hello there.” and nothing else')).toBe('Hello there.');
    expect(wordsAskedFor('Greet them. Say exactly this, in English: Hello there. Bye.')).toBe('Hello there. Bye.');
    expect(wordsAskedFor('Open with "Hi, it\'s me."')).toBe("Hi, it's me.");
    expect(wordsAskedFor("Don't be rude, it's important.")).toBeUndefined();
    expect(wordsAskedFor('Say one short goodbye.')).toBeUndefined();
    expect(wordsAskedFor('Say exactly: ""')).toBeUndefined();
    expect(wordsAskedFor(undefined)).toBeUndefined();
  });
});

describe('scripts', () => {
  it('are checked: unknown fields, patterns that are none, and steps that lead nowhere are refused', () => {
    const good = { name: 'one', greeting: 'Hi.', steps: { a: [{ hears: 'x', next: 'end' }] } };
    expect(scriptSchema.parse(good)).toMatchObject({ ending: 'same-response', pace: 6, faults: {} });
    for (const bad of [
      { ...good, extra: 1 },
      { ...good, steps: {} },
      { ...good, steps: { a: [{ hears: '(' }] } },
      { ...good, steps: { a: [{ next: 'b' }] } },
      { ...good, faults: { explode: 1 } },
      { ...good, name: 'Not Kebab' },
    ]) {
      expect(scriptSchema.safeParse(bad).success).toBe(false);
    }
  });

  it('say only lines that are rendered ahead', () => {
    expect(linesOf(script('demo'))).toEqual(
      expect.arrayContaining([agentLines.greeting, agentLines.reminder, agentLines.farewell, agentLines.misheard]),
    );
    expect(createScriptTable().names()).toEqual([
      'demo',
      'call-then-audio',
      'call-only',
      'farewell-only',
      'never-ends',
      'goodbye-at-once',
    ]);
  });

  it('are chosen, with faults, behind the model name', () => {
    expect(readModel('gpt-realtime')).toEqual({ model: 'gpt-realtime', faults: {} });
    expect(readModel('m#script=never-ends&dropAfterMs=800')).toEqual({
      model: 'm',
      script: 'never-ends',
      faults: { dropAfterMs: 800 },
    });
    expect(readModel('m#failChance=0.5&failCode=rate_limit_exceeded&closeAfterMs=9&closeCode=1012&refuseConnect=429')).toEqual({
      model: 'm',
      faults: { failChance: 0.5, failCode: 'rate_limit_exceeded', closeAfterMs: 9, closeCode: 1012, refuseConnect: 429 },
    });
    for (const wrong of ['closeCode=1006', 'failChance=2', 'failCode=mood', 'refuseConnect=200'])
      expect(readModel(`m#${wrong}`)).toHaveProperty('mistake');
    expect(readModel('m#dance=1')).toHaveProperty('mistake');
    expect(readModel('m#dropAfterMs=soon')).toHaveProperty('mistake');
  });
});
