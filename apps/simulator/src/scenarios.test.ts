import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createDice } from './dice.js';
import { readScenariosFile } from './scenarios-file.js';
import { createScenarioTable, magicNumbers, personas, type Scenario } from './scenarios.js';

describe('scenarios', () => {
  it('gives every persona a number of its own, and every other number to the one that chats', () => {
    expect(new Set(Object.values(magicNumbers))).toEqual(new Set(Object.keys(personas)));
    const table = createScenarioTable();
    for (const [to, persona] of Object.entries(magicNumbers))
      expect(table.behaviourOf(to)).toEqual({ persona, behaviour: personas[persona] });
    expect(table.behaviourOf('+4915112345678').persona).toBe('chats');
  });

  it('prefers the exact number, then the longest prefix, then the magic number', () => {
    const table = createScenarioTable([
      { to: '+1415*', persona: 'busy' },
      { to: '+14155550*', persona: 'silent', answerAfterMs: 5 },
      { to: '+14155550100', persona: 'declines' },
    ]);
    expect(table.behaviourOf('+14155550100').behaviour.outcome).toBe('declines');
    expect(table.behaviourOf('+14155550101')).toMatchObject({ persona: 'silent', behaviour: { answerAfterMs: 5 } });
    expect(table.behaviourOf('+14150000000').persona).toBe('busy');
    table.clear();
    expect(table.behaviourOf('+14155550103').persona).toBe('busy');
  });

  it('refuses what it does not know', () => {
    const table = createScenarioTable();
    expect(() => table.set({ to: '4155550100' })).toThrow(/E\.164/);
    expect(() => table.set({ to: '+14155550100', quietOnceHeard: '(' })).toThrow(/regular expression/);
    expect(() => table.set({ to: '+14155550100', mood: 'bad' } as never)).toThrow(/mood/);
  });

  it('knows patterns: a ? for one digit, a * for the rest, the closest first', () => {
    const table = createScenarioTable([
      { to: '+49301234567?', persona: 'busy' },
      { to: '+4930*', persona: 'silent' },
      { to: '+?9*', persona: 'declines' },
    ]);
    expect(table.behaviourOf('+493012345678').persona).toBe('busy');
    expect(table.behaviourOf('+4930123456789').persona).toBe('silent');
    expect(table.behaviourOf('+3912').persona).toBe('declines');
  });

  it('lets chance choose among callees and waits, and the same seed choose the same for the nth call to a number', () => {
    const scenario: Scenario = {
      to: '+4930*',
      answerAfterMs: { fromMs: 1_000, toMs: 3_000 },
      oneOf: [
        { weight: 3 },
        { persona: 'busy' },
        { persona: 'silent', steps: [{ oneOf: [{ steps: [{ wait: 1 }] }, { steps: [{ wait: 2 }] }] }] },
      ],
    };
    const run = (seed: number, calls: string[]) => {
      const table = createScenarioTable([scenario], { dice: createDice(seed) });
      return calls.map((to) => ({ to, ...table.behaviourOf(to) })).filter(({ to }) => to === '+49301');
    };
    const forty = Array.from({ length: 40 }, () => '+49301');
    const met = run(5, forty);
    expect(
      run(
        5,
        forty.flatMap((to) => [to, '+49302']),
      ),
    ).toEqual(met);
    expect(run(6, forty)).not.toEqual(met);
    const count = (persona: string): number => met.filter((one) => one.persona === persona).length;
    expect(count('chats')).toBeGreaterThan(count('busy'));
    expect(count('busy') * count('silent')).toBeGreaterThan(0);
    const steps = met.filter((one) => one.persona === 'silent').map((one) => one.behaviour.steps[0]);
    for (const step of steps) expect([{ wait: 1 }, { wait: 2 }]).toContainEqual(step);
    for (const { behaviour } of met) expect(Math.abs(behaviour.answerAfterMs - 2_000)).toBeLessThanOrEqual(1_000);
  });

  it('reads a list of scenarios from JSON or YAML, and names every mistake', () => {
    const dir = mkdtempSync(join(tmpdir(), 'scenarios-'));
    const write = (name: string, text: string): string => {
      writeFileSync(join(dir, name), text);
      return join(dir, name);
    };
    const yaml = write('a.yaml', 'Who: nothing\n');
    expect(() => readScenariosFile(yaml)).toThrow(/SCENARIOS_FILE/);
    const good = write(
      'b.yml',
      [
        "- to: '+4930*'",
        '  answerAfterMs: { fromMs: 1000, toMs: 3000 }',
        '  steps:',
        '    - say: Please say your name.',
        '    - listen: turn-over',
        '    - repeat: { times: 2, steps: [{ press: 1w2 }, { beep: {} }] }',
        '    - hangUp: true',
        '  faults: [{ kind: callback-twice, probability: 0.1 }]',
      ].join('\n'),
    );
    const [scenario] = readScenariosFile(good);
    expect(scenario).toMatchObject({ to: '+4930*', steps: [{ say: 'Please say your name.' }, { listen: 'turn-over' }, {}, {}] });
    const json = write('c.json', JSON.stringify([{ to: '+4930*' }, { to: '1', steps: [{ sing: 'la' }] }]));
    expect(() => readScenariosFile(json)).toThrow(/1\.steps\.0: must be one of say[^]*1\.to: must be a number/);
    rmSync(dir, { recursive: true });
  });

  it('reads the example that its page shows', () => {
    const page = readFileSync(new URL('../SCENARIOS.md', import.meta.url), 'utf8');
    const example = /```yaml\n([^]*?)```/.exec(page)?.[1] ?? '';
    const dir = mkdtempSync(join(tmpdir(), 'scenarios-'));
    writeFileSync(join(dir, 'example.yaml'), example);
    const table = createScenarioTable(readScenariosFile(join(dir, 'example.yaml')));
    expect(table.behaviourOf('+49301234567').behaviour.steps[0]).toEqual({ say: 'Please say your name.' });
    rmSync(dir, { recursive: true });
  });
});
