/** The few pieces of HTML that the documentation is made of. */

export const code = (text: string): string => `<code>${escape(text)}</code>`;

export function escape(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** `like this` becomes code; everything else is text. */
export function prose(text: string): string {
  return text
    .split('`')
    .map((part, i) => (i % 2 === 1 ? code(part) : escape(part)))
    .join('');
}

export const block = (text: string): string => `<pre>${escape(text)}</pre>`;

/** `anchor`: each row can be linked to as `#anchor-<first cell>`. */
export function table(head: readonly string[], rows: readonly (readonly string[])[], anchor?: string): string {
  const id = (row: readonly string[]): string => (anchor ? ` id="${anchor}-${(row[0] ?? '').replace(/<[^>]+>/g, '')}"` : '');
  const cells = (row: readonly string[], tag: string): string => row.map((cell) => `<${tag}>${cell}</${tag}>`).join('');
  return `<table><thead><tr>${cells(head, 'th')}</tr></thead><tbody>${rows.map((row) => `<tr${id(row)}>${cells(row, 'td')}</tr>`).join('')}</tbody></table>`;
}
