/** Half the length of the filter, in samples of the lower rate. */
const REACH = 24;
/** The pass band ends here, in parts of the lower rate's half: 8 kHz speech keeps all up to 3.6 kHz. */
const CUTOFF = 0.92;

/**
 * Changes the sample rate of a whole sound by a windowed sinc (Kaiser, β 8): what does not fit into the lower rate is
 * filtered out (−70 dB and less) instead of folding back as hiss.
 *
 * @param fromHz, toHz whole numbers
 */
export function resample(samples: Int16Array, fromHz: number, toHz: number): Int16Array {
  if (fromHz === toHz) return samples;
  const lowHz = Math.min(fromHz, toHz);
  const scale = (lowHz / fromHz) * CUTOFF;
  const half = Math.ceil((REACH * fromHz) / lowHz);
  const out = new Int16Array(Math.floor((samples.length * toHz) / fromHz));
  const divisor = greatestCommonDivisor(fromHz, toHz);
  const phases = Array.from({ length: toHz / divisor }, (_, phase) => filterAt((phase * divisor) / toHz, half, scale));
  const step = fromHz / divisor;
  for (let n = 0; n < out.length; n++) {
    const filter = phases[(n * step) % phases.length]!;
    const centre = Math.floor((n * step) / phases.length);
    let sum = 0;
    for (let k = -half + 1; k <= half; k++) sum += (samples[centre + k] ?? 0) * filter[k + half - 1]!;
    out[n] = Math.max(-32_768, Math.min(32_767, Math.round(sum)));
  }
  return out;
}

/**
 * Lowers the sample rate of a stream by a whole number, piece after piece, with the same filter. What comes out lags behind by
 * half the filter: 3 ms from 24 kHz to 8.
 */
export function createDownsampler(factor: number): (samples: Int16Array) => Int16Array {
  const half = REACH * factor;
  const taps = filterAt(0, half, CUTOFF / factor);
  let held = new Int16Array(taps.length - 1);
  return (samples) => {
    const all = new Int16Array(held.length + samples.length);
    all.set(held);
    all.set(samples, held.length);
    const out = new Int16Array(Math.max(0, Math.floor((all.length - taps.length) / factor) + 1));
    for (let n = 0; n < out.length; n++) {
      let sum = 0;
      for (let k = 0; k < taps.length; k++) sum += all[n * factor + k]! * taps[k]!;
      out[n] = Math.max(-32_768, Math.min(32_767, Math.round(sum)));
    }
    held = all.slice(out.length * factor);
    return out;
  };
}

/** The taps for an output sample that lies `fraction` (0 … 1) of an input sample after its centre; their sum is 1. */
function filterAt(fraction: number, half: number, scale: number): Float64Array {
  const taps = new Float64Array(2 * half);
  let sum = 0;
  for (let i = 0; i < taps.length; i++) {
    const x = i - half + 1 - fraction;
    taps[i] = sinc(x * scale) * kaiser(x / half);
    sum += taps[i]!;
  }
  return taps.map((tap) => tap / sum);
}

const sinc = (x: number): number => (x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x));

const kaiser = (x: number): number => (Math.abs(x) >= 1 ? 0 : bessel0(8 * Math.sqrt(1 - x * x)) / bessel0(8));

function bessel0(x: number): number {
  let sum = 1;
  let term = 1;
  for (let k = 1; k < 30; k++) sum += term *= (x / (2 * k)) ** 2;
  return sum;
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
