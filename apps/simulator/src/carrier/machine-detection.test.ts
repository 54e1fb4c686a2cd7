import { describe, expect, it } from 'vitest';
import { answeredByValues, readMachineDetection, verdictOf } from './machine-detection.js';

const read = (form: Record<string, string>) => readMachineDetection({ MachineDetection: 'Enable', ...form });

describe('answering machine detection', () => {
  it('is off unless asked for, and switched off by SendDigits', () => {
    expect(readMachineDetection({})).toBeUndefined();
    expect(read({ SendDigits: '1' })).toBeUndefined();
  });

  it('waits 30 s and keeps the document waiting unless told otherwise', () => {
    expect(read({})).toEqual({ mode: 'Enable', timeoutMs: 30_000, isAsync: false });
    expect(
      read({
        MachineDetection: 'DetectMessageEnd',
        MachineDetectionTimeout: '5',
        AsyncAmd: 'true',
        AsyncAmdStatusCallback: 'http://a.example/',
      }),
    ).toEqual({
      mode: 'DetectMessageEnd',
      timeoutMs: 5_000,
      isAsync: true,
      callback: { url: 'http://a.example/', method: 'POST' },
    });
  });

  it.each([
    { MachineDetection: 'Maybe' },
    { MachineDetectionTimeout: '2' },
    { MachineDetectionTimeout: '61' },
    { MachineDetectionSpeechThreshold: '999' },
    { MachineDetectionSpeechEndThreshold: '5001' },
    { MachineDetectionSilenceTimeout: 'long' },
    { AsyncAmd: 'yes' },
    { AsyncAmdStatusCallback: 'nowhere' },
  ])('refuses %j', (form) => {
    expect(read(form)).toHaveProperty('refused.status', 400);
  });

  it('tells a machine by its beginning or by the end of its greeting, as the mode asks', () => {
    const timeoutMs = 30_000;
    const told = (mode: 'Enable' | 'DetectMessageEnd') =>
      answeredByValues.map((answeredBy) => verdictOf({ mode, timeoutMs }, { answeredBy, amdDelayMs: 9 }).answeredBy);
    expect(told('Enable')).toEqual([
      'human',
      'machine_start',
      'machine_start',
      'machine_start',
      'machine_start',
      'fax',
      'unknown',
    ]);
    expect(told('DetectMessageEnd')).toEqual([
      'human',
      'machine_end_beep',
      'machine_end_beep',
      'machine_end_silence',
      'machine_end_other',
      'fax',
      'unknown',
    ]);
  });

  it('says unknown when its time is over, or machine_end_other in the middle of a greeting', () => {
    const late = { answeredBy: 'machine_end_beep', amdDelayMs: 10_000 } as const;
    expect(verdictOf({ mode: 'Enable', timeoutMs: 4_000 }, late)).toEqual({ answeredBy: 'unknown', afterMs: 4_000 });
    expect(verdictOf({ mode: 'DetectMessageEnd', timeoutMs: 4_000 }, late)).toEqual({
      answeredBy: 'machine_end_other',
      afterMs: 4_000,
    });
  });
});
