/** What people write who know another product, by the name without case and separators. */
const ALIASES: Readonly<Record<string, string>> = {
  phone: 'to',
  phonenumber: 'to',
  number: 'to',
  tonumber: 'to',
  destination: 'to',
  callee: 'to',
  customer: 'to',
  called: 'to',
  recipient: 'to',
  fromnumber: 'from',
  callerid: 'from',
  caller: 'from',
  phonenumberid: 'from',
  agent: 'agentId',
  assistant: 'agentId',
  assistantid: 'agentId',
  agentname: 'agentId',
  bot: 'agentId',
  botid: 'agentId',
  dynamicvariables: 'variables',
  variablevalues: 'variables',
  vars: 'variables',
  parameters: 'variables',
  data: 'variables',
  tags: 'metadata',
  customdata: 'metadata',
  meta: 'metadata',
  scheduleplan: 'schedule',
  startat: 'earliestAt',
  notbefore: 'earliestAt',
  after: 'earliestAt',
  deadline: 'latestAt',
  notafter: 'latestAt',
  endat: 'latestAt',
  before: 'latestAt',
  ringtimeout: 'ringTimeoutSeconds',
  timeout: 'ringTimeoutSeconds',
  maxduration: 'maxDurationSeconds',
  timelimit: 'maxDurationSeconds',
  maxcalldurationms: 'maxDurationSeconds',
  text: 'message',
  words: 'message',
  lastwords: 'message',
  reason: 'message',
  pagesize: 'limit',
  perpage: 'limit',
  count: 'limit',
  page: 'cursor',
  aftercursor: 'cursor',
  offset: 'cursor',
};

/** The name that was probably meant, if one of `known` is near enough. */
export function didYouMean(given: string, known: readonly string[]): string | undefined {
  const plain = simplify(given);
  if (plain === '' || plain.length > 64) return undefined;
  const alias = Object.hasOwn(ALIASES, plain) ? ALIASES[plain] : undefined;
  if (alias && known.includes(alias)) return alias;
  let best: { name: string; distance: number } | undefined;
  for (const name of known) {
    const distance = editDistance(plain, simplify(name));
    if (!best || distance < best.distance) best = { name, distance };
  }
  return best && best.distance <= Math.floor(best.name.length / 3) ? best.name : undefined;
}

function simplify(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, '');
}

/** Levenshtein's distance, one row at a time. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const changed = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(changed, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
