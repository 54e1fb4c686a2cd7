import { faultNames, faults, type Faults } from './faults.js';

export interface ModelChoice {
  model: string;
  script?: string;
  faults: Faults;
}

/** Reads `gpt-realtime#script=never-ends&dropAfterMs=8000`: what stands behind the `#` is for the simulator. */
export function readModel(given: string): ModelChoice | { mistake: string } {
  const [model = '', options = ''] = given.split('#', 2);
  const chosen = new URLSearchParams(options);
  const unknown = [...chosen.keys()].find((key) => key !== 'script' && !(faultNames as readonly string[]).includes(key));
  if (unknown) return { mistake: `unknown option '${unknown}' behind the model` };
  const read = faults.safeParse(
    Object.fromEntries(faultNames.flatMap((name) => (chosen.has(name) ? [[name, asValue(chosen.get(name)!)]] : []))),
  );
  if (!read.success) {
    const [issue] = read.error.issues;
    return { mistake: `option '${String(issue!.path[0])}' behind the model: ${issue!.message}` };
  }
  const script = chosen.get('script');
  return { model, faults: read.data, ...(script !== null && { script }) };
}

const asValue = (text: string): number | string => (/^\d+(\.\d+)?$/.test(text) ? Number(text) : text);
