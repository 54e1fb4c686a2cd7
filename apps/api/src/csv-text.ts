/** One line of CSV (RFC 4180). */
export function csvLine(cells: readonly string[]): string {
  return `${cells.map(quoted).join(',')}\r\n`;
}

/**
 * Text of strangers that begins like a formula would be one in a spreadsheet: it gets an apostrophe in front (OWASP, CSV injection).
 * Not for numbers of ours, which begin with `+` and are digits.
 */
export function harmless(text: string): string {
  return /^[\s]*[=+\-@\t\r|%]/.test(text) ? `'${text}` : text;
}

function quoted(cell: string): string {
  return /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
