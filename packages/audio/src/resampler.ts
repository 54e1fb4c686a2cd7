/**
 * Telephone speech at another rate and back, as a stream: the filter's state is kept from one piece to the next, so that pieces of any
 * length give the same samples as the whole. The signal is neither delayed nor lengthened: what the filter has to wait for comes with the
 * next piece, or with `flush`.
 */
export interface Resampler {
  /** As many samples as are certain by now. */
  push(samples: Int16Array): Int16Array;
  /** Silence follows: the rest. Then it begins anew. */
  flush(): Int16Array;
  /** So long a sample waits for those behind it. */
  readonly waitsMs: number;
}

/** The lower of the two rates. */
const RATE_HZ = 8_000;
/** Samples of the lower rate on each side of the one that is computed. */
const REACH = 18;
/** A voice on the telephone ends at 3400 Hz; from 4180 Hz on less than a thousandth is left. */
const CUTOFF_HZ = 3_750;
/** Of Kaiser's window: 63 dB. */
const BETA = 6;

/** From 8 kHz to so many times as much. */
export function createUpsampler(factor: number): Resampler {
  const taps = lowPass(factor);
  let line = new Int16Array(REACH);

  function push(samples: Int16Array): Int16Array {
    const all = join(line, samples);
    const ready = Math.max(0, all.length - 2 * REACH);
    const out = new Int16Array(ready * factor);
    for (let i = 0; i < ready; i++) {
      for (let phase = 0; phase < factor; phase++) {
        // Between `i + REACH` and the next sample; of the zeros that stand between samples nothing has to be added.
        let sum = 0;
        for (let j = phase === 0 ? 0 : 1, tap = phase === 0 ? 0 : factor - phase; tap < taps.length; j++, tap += factor)
          sum += taps[tap]! * all[i + j]!;
        out[i * factor + phase] = toSample(sum * factor);
      }
    }
    line = all.slice(ready);
    return out;
  }

  return {
    waitsMs: (REACH * 1_000) / RATE_HZ,
    push,
    flush() {
      const rest = push(new Int16Array(REACH));
      line = new Int16Array(REACH);
      return rest;
    },
  };
}

/** From so many times 8 kHz to 8 kHz. */
export function createDownsampler(factor: number): Resampler {
  const taps = lowPass(factor);
  const reach = REACH * factor;
  let line = new Int16Array(reach);

  function push(samples: Int16Array): Int16Array {
    const all = join(line, samples);
    const ready = Math.max(0, Math.ceil((all.length - 2 * reach) / factor));
    const out = new Int16Array(ready);
    for (let i = 0; i < ready; i++) {
      let sum = 0;
      const from = i * factor;
      for (let tap = 0; tap < taps.length; tap++) sum += taps[tap]! * all[from + tap]!;
      out[i] = toSample(sum);
    }
    line = all.slice(ready * factor);
    return out;
  }

  return {
    waitsMs: (REACH * 1_000) / RATE_HZ,
    push,
    flush() {
      const rest = push(new Int16Array(reach));
      line = new Int16Array(reach);
      return rest;
    },
  };
}

/** A windowed sinc, one for each factor: its sum is 1. */
function lowPass(factor: number): Float64Array {
  const half = REACH * factor;
  const taps = new Float64Array(2 * half + 1);
  const cutoff = CUTOFF_HZ / (RATE_HZ * factor);
  let sum = 0;
  for (let i = 0; i < taps.length; i++) {
    const x = i - half;
    const sinc = x === 0 ? 2 * cutoff : Math.sin(2 * Math.PI * cutoff * x) / (Math.PI * x);
    taps[i] = sinc * (bessel(BETA * Math.sqrt(1 - (x / half) ** 2)) / bessel(BETA));
    sum += taps[i]!;
  }
  return taps.map((tap) => tap / sum);
}

/** Of the first kind, modified, order 0. */
function bessel(x: number): number {
  let sum = 1;
  for (let k = 1, term = 1; term > 1e-12 * sum; k++) {
    term *= (x / (2 * k)) ** 2;
    sum += term;
  }
  return sum;
}

function join(first: Int16Array, second: Int16Array): Int16Array {
  const all = new Int16Array(first.length + second.length);
  all.set(first);
  all.set(second, first.length);
  return all;
}

function toSample(value: number): number {
  return Math.max(-32_768, Math.min(32_767, Math.round(value)));
}
