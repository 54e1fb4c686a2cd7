/** Which column of a file holds what. Positions; -1 = none. */
export interface ContactColumns {
  readonly to: number;
  readonly name: number;
  readonly externalId: number;
  readonly timeZone: number;
  /** Every other column is a variable. */
  readonly variables: readonly { readonly at: number; readonly name: string }[];
}

export type ContactField = 'to' | 'name' | 'externalId' | 'timeZone';

export type HeaderRead =
  | { readonly ok: true; readonly columns: ContactColumns }
  | { readonly ok: false; readonly code: 'no-number-column' | 'unknown-column' | 'double-column'; readonly message: string };

/** By the name without case and separators. */
const KNOWN: Readonly<Record<string, ContactField>> = {
  to: 'to',
  number: 'to',
  phone: 'to',
  phonenumber: 'to',
  contactnumber: 'to',
  telephone: 'to',
  mobile: 'to',
  tel: 'to',
  name: 'name',
  fullname: 'name',
  externalid: 'externalId',
  timezone: 'timeZone',
  tz: 'timeZone',
};

/** What a `{{placeholder}}` can be. */
const VARIABLE_NAME = /[^\w-]+/g;
const LONGEST_NAME = 64;

/**
 * @param mapping what a column is, by its name, where its name does not say so
 */
export function readHeader(names: readonly string[], mapping: ReadonlyMap<string, string> = new Map()): HeaderRead {
  const unknown = [...mapping.keys()].find((column) => !names.includes(column));
  if (unknown !== undefined)
    return { ok: false, code: 'unknown-column', message: 'columns names one that the file does not have' };

  const found: Record<ContactField, number> = { to: -1, name: -1, externalId: -1, timeZone: -1 };
  const variables = new Map<string, number>();
  for (const [at, name] of names.entries()) {
    const mapped = mapping.get(name);
    const field = mapped === undefined ? KNOWN[plain(name)] : isField(mapped) ? mapped : undefined;
    if (field !== undefined && (found[field] < 0 || mapped !== undefined)) {
      found[field] = at;
      continue;
    }
    const variable = variableName(mapped ?? name);
    if (variable === '') continue;
    if (variables.has(variable)) return { ok: false, code: 'double-column', message: 'Two columns have the same name' };
    variables.set(variable, at);
  }
  if (found.to < 0) {
    const message = 'No column holds the number: name one "to", "number" or "phone", or say which one with columns';
    return { ok: false, code: 'no-number-column', message };
  }
  return { ok: true, columns: { ...found, variables: [...variables].map(([name, at]) => ({ at, name })) } };
}

export function variableName(text: string): string {
  return text
    .trim()
    .replace(VARIABLE_NAME, '_')
    .replace(/^_+|_+$/g, '')
    .slice(0, LONGEST_NAME);
}

function plain(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, '');
}

function isField(text: string): text is ContactField {
  return text === 'to' || text === 'name' || text === 'externalId' || text === 'timeZone';
}
