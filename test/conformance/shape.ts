/** What a field may be: a string that matches (a list: its JSON), `null`, a number, or a table of its own. An array: one of these. */
export type Kind = RegExp | null | 'number' | Table | readonly Kind[];
/** Every field must be there unless its name ends in `?`; no other field may. */
export interface Table {
  readonly [field: string]: Kind;
}

/** What is wrong with a value, in words; nothing if it has the shape. */
export function complaints(table: Table, value: unknown, at = ''): string[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [`${at || 'value'} is no object`];
  const record = value as Record<string, unknown>;
  const known = new Set<string>();
  const found: string[] = [];
  for (const [name, kind] of Object.entries(table)) {
    const isOptional = name.endsWith('?');
    const field = isOptional ? name.slice(0, -1) : name;
    known.add(field);
    const path = at === '' ? field : `${at}.${field}`;
    if (Object.hasOwn(record, field)) found.push(...unfit(kind, record[field], path));
    else if (!isOptional) found.push(`${path} is missing`);
  }
  for (const field of Object.keys(record))
    if (!known.has(field)) found.push(`${at === '' ? '' : `${at}.`}${field} is not in the table`);
  return found;
}

function unfit(kind: Kind, value: unknown, at: string): string[] {
  if (isOneOf(kind)) return kind.some((one) => unfit(one, value, at).length === 0) ? [] : [`${at} is ${JSON.stringify(value)}`];
  if (kind === null) return value === null ? [] : [`${at} is not null`];
  if (kind === 'number') return typeof value === 'number' ? [] : [`${at} is not a number: ${JSON.stringify(value)}`];
  if (kind instanceof RegExp) {
    if (Array.isArray(value)) return kind.test(JSON.stringify(value)) ? [] : [`${at} is ${JSON.stringify(value)}`];
    if (typeof value !== 'string') return [`${at} is not a string: ${JSON.stringify(value)}`];
    return kind.test(value) ? [] : [`${at} is ${JSON.stringify(value)}`];
  }
  return complaints(kind, value, at);
}

const isOneOf = (kind: Kind): kind is readonly Kind[] => Array.isArray(kind);
