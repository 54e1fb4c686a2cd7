/** An entry of one of our streams: one field that holds JSON. */
export interface StreamEntry {
  readonly id: string;
  /** Null: it is none of ours. */
  readonly json: unknown;
}

/** As XRANGE answers. */
export function readEntries(raw: readonly (readonly [id: string, fields: string[]])[], field: string): StreamEntry[] {
  return raw.map(([id, fields]) => ({ id, json: parsed(fields[fields.indexOf(field) + 1]) }));
}

function parsed(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? '');
  } catch {
    // The caller leaves it out, and counts it.
    return null;
  }
}
